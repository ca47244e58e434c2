"""What is refused before a department begins: refusals, corrections, the spot, filings."""

from __future__ import annotations

from servicekit.errors import RuleViolationError
from services.intake.domain.errors import ACCEPTANCE_CLAUSE, NOTICE_CLAUSE

__all__ = [
    "AlreadyDecidedError",
    "ApprovedByProposerError",
    "CaseEndedError",
    "CompetentAuthorityIsServedError",
    "CorrectionPeriodRunsError",
    "DeniedOnTheSpotError",
    "FilingNotAcceptedError",
    "MeansNotProvenError",
    "NewDefectError",
    "NoConsentOnFileError",
    "NoCorrectionLimitError",
    "NoProposalError",
    "NotASupervisorError",
    "NotCorrectedYetError",
    "NotNamedToDecideError",
    "NotNewlySubmittedError",
    "NotOnTheSpotError",
    "NothingOutstandingError",
    "OnTheSpotItemError",
    "ProposalWaitsError",
    "SignedRequestMissingError",
    "TurnedIntoPromisedError",
]


class CaseEndedError(RuleViolationError):
    """The case ended without a decision: not required, refused, withdrawn, terminated or filed."""

    reason = "CASE_ENDED"


class CompetentAuthorityIsServedError(RuleViolationError):
    """The windows serve the competent authority: the case is transferred, not refused."""

    reason = "COMPETENT_AUTHORITY_IS_SERVED"
    rule = "行政许可法 第三十二条第一款第二项"


class AlreadyDecidedError(RuleViolationError):
    """It is decided; a decision is not withdrawn by the applicant."""

    reason = "ALREADY_DECIDED"


class SignedRequestMissingError(RuleViolationError):
    """At a window the applicant withdraws in writing; the signed request is scanned."""

    reason = "SIGNED_REQUEST_MISSING"


class NoCorrectionLimitError(RuleViolationError):
    """No law ends this item's cases for want of correction; they wait."""

    reason = "NO_CORRECTION_LIMIT"


class CorrectionPeriodRunsError(RuleViolationError):
    """The period for correction that the law gives is not over."""

    reason = "CORRECTION_PERIOD_RUNS"


class NothingOutstandingError(RuleViolationError):
    """Everything that the notice asked for is there."""

    reason = "NOTHING_OUTSTANDING"
    rule = ACCEPTANCE_CLAUSE


class NotCorrectedYetError(RuleViolationError):
    """The notice asked for it and nothing was handed in that could be found wanting."""

    reason = "NOT_CORRECTED_YET"
    rule = ACCEPTANCE_CLAUSE


class NewDefectError(RuleViolationError):
    """The notice did not name this defect: only a further notice may."""

    reason = "NEW_DEFECT"
    rule = "R1.2"


class NotNewlySubmittedError(RuleViolationError):
    """The material was there when the notice was given: the notice had to name it."""

    reason = "NOT_NEWLY_SUBMITTED"
    rule = "R1.2"


class ProposalWaitsError(RuleViolationError):
    """A further notice is proposed already and waits for its approval."""

    reason = "PROPOSAL_WAITS"
    rule = "R1.2"


class NoProposalError(RuleViolationError):
    """No such further notice waits for approval."""

    reason = "NO_PROPOSAL"
    rule = "R1.2"


class NotASupervisorError(RuleViolationError):
    """A further notice is approved by a supervisor, never by a window."""

    reason = "NOT_A_SUPERVISOR"
    rule = "R1.2"
    violation = True


class ApprovedByProposerError(RuleViolationError):
    """Who proposed a further notice, from whatever post, does not approve it."""

    reason = "APPROVED_BY_PROPOSER"
    rule = "R1.2"
    violation = True


class NoConsentOnFileError(RuleViolationError):
    """The applicant did not consent to electronic service, so an account proves nothing."""

    reason = "NO_CONSENT_ON_FILE"
    rule = NOTICE_CLAUSE


class MeansNotProvenError(RuleViolationError):
    """A message or a number of the post proves that the notice was given that day."""

    reason = "MEANS_NOT_PROVEN"
    rule = NOTICE_CLAUSE


class FilingNotAcceptedError(RuleViolationError):
    """A filing is complete when the full information is there; nobody accepts it."""

    reason = "FILING_NOT_ACCEPTED"
    rule = "企业投资项目核准和备案管理条例 第十三条"


class NotOnTheSpotError(RuleViolationError):
    """The item is not one that is decided on the spot."""

    reason = "NOT_ON_THE_SPOT"
    rule = "R4.6a"


class DeniedOnTheSpotError(RuleViolationError):
    """Only a grant is decided on the spot; a denial needs review, facts and reasons."""

    reason = "DENIED_ON_THE_SPOT"
    rule = "R4.6a"


class NotNamedToDecideError(RuleViolationError):
    """The letter in force does not name this person to decide on the spot."""

    reason = "NOT_NAMED_TO_DECIDE"
    rule = "R4.6a"
    violation = True


class OnTheSpotItemError(RuleViolationError):
    """An on-the-spot item is decided at once, or turned into a promised one first."""

    reason = "ON_THE_SPOT_ITEM"
    rule = "行政许可法 第三十四条第二款"


class TurnedIntoPromisedError(RuleViolationError):
    """The case goes the promised way: its substance is being verified."""

    reason = "TURNED_INTO_PROMISED"
    rule = "行政许可法 第三十四条第三款"
