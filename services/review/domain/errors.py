"""Everything that this service refuses, each with the rule that refuses it.

A violation is an attempt that supervision and appraisal must hear of.
"""

from __future__ import annotations

from servicekit.errors import InvalidRequestError, NotFoundError, RuleViolationError

__all__ = [
    "AlreadyDecidedError",
    "BundleNotReceivedError",
    "CallerNotACheckerError",
    "CaseEndedError",
    "CheckInFutureError",
    "CheckerFromElsewhereError",
    "ContentMissingError",
    "DecidedByReviewerError",
    "NotADepartmentPostError",
    "NotTheAuthorityError",
    "OpinionAlreadyGivenError",
    "OpinionMissingError",
    "PrerequisiteNotGrantedError",
    "ReasonsMissingError",
    "RemediesMissingError",
    "ReviewUnknownError",
    "ReviewedByFrontError",
    "SiteCheckByOneError",
    "SiteCheckMissingError",
    "TooFewPersonsError",
    "ValidUntilPastError",
]


class ReviewUnknownError(NotFoundError):
    """No case of this number has been accepted, as far as this service knows."""

    reason = "REVIEW_UNKNOWN"


class NotADepartmentPostError(RuleViolationError):
    """Review and decision belong to the department; a window may do neither.

    Source: R4.6.
    """

    reason = "NOT_A_DEPARTMENT_POST"
    rule = "R4.6"
    violation = True


class NotTheAuthorityError(RuleViolationError):
    """A permit is granted within its powers by the authority that has the power, and by no other.

    The scope of the caller says so first; this holds for a caller whose scope is wider.

    Source: 行政许可法 第二十二条.
    """

    reason = "NOT_THE_AUTHORITY"
    rule = "行政许可法 第二十二条"


class ReviewedByFrontError(RuleViolationError):
    """Who received, noticed or accepted the case may not review or decide it, ever.

    Source: R4.1; readings 1.
    """

    reason = "REVIEWED_BY_FRONT"
    rule = "R4.1"
    violation = True


class DecidedByReviewerError(RuleViolationError):
    """Who gave the opinion may not decide as well.

    Source: readings 2.
    """

    reason = "DECIDED_BY_REVIEWER"
    rule = "R4.6a"
    violation = True


class TooFewPersonsError(RuleViolationError):
    """The item asks for more different persons than took part.

    Source: readings 2.
    """

    reason = "TOO_FEW_PERSONS"
    rule = "R4.6a"


class SiteCheckByOneError(RuleViolationError):
    """A check of the substance needs two persons at least.

    Source: 行政许可法 第三十四条第三款.
    """

    reason = "SITE_CHECK_BY_ONE"
    rule = "行政许可法 第三十四条第三款"


class CallerNotACheckerError(RuleViolationError):
    """Only somebody who checked may record the check.

    Source: 行政许可法 第三十四条第三款.
    """

    reason = "CALLER_NOT_A_CHECKER"
    rule = "行政许可法 第三十四条第三款"


class CheckerFromElsewhereError(RuleViolationError):
    """Everybody who checks holds a department post of the authority.

    Source: 行政许可法 第三十四条第三款; R4.6.
    """

    reason = "CHECKER_FROM_ELSEWHERE"
    rule = "行政许可法 第三十四条第三款"


class CheckInFutureError(InvalidRequestError):
    """A check cannot have taken place after it is recorded."""

    reason = "CHECK_IN_FUTURE"


class SiteCheckMissingError(RuleViolationError):
    """The item asks for a check on the site before the opinion.

    Source: 行政许可法 第三十四条第三款.
    """

    reason = "SITE_CHECK_MISSING"
    rule = "行政许可法 第三十四条第三款"


class OpinionAlreadyGivenError(RuleViolationError):
    """A case has one opinion; whoever reads it later reads that one."""

    reason = "OPINION_ALREADY_GIVEN"


class OpinionMissingError(RuleViolationError):
    """The substance is reviewed before the authority decides.

    Source: 行政许可法 第三十四条, 第三十七条.
    """

    reason = "OPINION_MISSING"
    rule = "行政许可法 第三十七条"


class BundleNotReceivedError(RuleViolationError):
    """The case has paper, and the department has not signed for it.

    Source: readings 13.
    """

    reason = "BUNDLE_NOT_RECEIVED"
    rule = "R4.5"


class ReasonsMissingError(RuleViolationError):
    """A denial tells the applicant why.

    Source: 行政许可法 第三十八条第二款.
    """

    reason = "REASONS_MISSING"
    rule = "行政许可法 第三十八条第二款"


class AlreadyDecidedError(RuleViolationError):
    """The authority decides once; both clocks have stopped.

    Source: 行政许可法 第三十七条.
    """

    reason = "ALREADY_DECIDED"
    rule = "行政许可法 第三十七条"


class CaseEndedError(RuleViolationError):
    """The case was withdrawn or ended; nothing is decided about it any more.

    Source: domain.md 1.8.
    """

    reason = "CASE_ENDED"


class ContentMissingError(RuleViolationError):
    """A grant says what it grants.

    Source: 行政许可法 第三十七条, 第三十八条第一款.
    """

    reason = "CONTENT_MISSING"
    rule = "行政许可法 第三十七条"


class ValidUntilPastError(InvalidRequestError):
    """A grant cannot end before it begins."""

    reason = "VALID_UNTIL_PAST"


class RemediesMissingError(RuleViolationError):
    """A denial tells where to turn; this authority's reviewing body or court is not recorded.

    Source: 行政许可法 第三十八条第二款; readings 11.
    """

    reason = "REMEDIES_MISSING"
    rule = "行政许可法 第三十八条第二款"


class PrerequisiteNotGrantedError(RuleViolationError):
    """Another authority must have granted before this one may.

    Source: readings 21.
    """

    reason = "PREREQUISITE_NOT_GRANTED"
    rule = "行政许可法 第二十六条第二款"
