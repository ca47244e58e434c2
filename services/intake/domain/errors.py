"""Everything the case file refuses, each with the rule that refuses it."""

from __future__ import annotations

from servicekit.errors import InvalidRequestError, NotFoundError, RuleViolationError

NOTICE_CLAUSE = "行政许可法 第三十二条第一款第四项"
ACCEPTANCE_CLAUSE = "行政许可法 第三十二条第一款第五项"


class CaseUnknownError(NotFoundError):
    """There is no such case, or not for this caller."""

    reason = "CASE_UNKNOWN"


class ItemUnknownError(NotFoundError):
    """The catalogue has no such item."""

    reason = "ITEM_UNKNOWN"


class WindowUnknownError(NotFoundError):
    """The catalogue knows no such window."""

    reason = "WINDOW_UNKNOWN"


class DocumentUnknownError(NotFoundError):
    """The case has no such document."""

    reason = "DOCUMENT_UNKNOWN"


class BlobUnknownError(NotFoundError):
    """The file was not uploaded, or was never finished."""

    reason = "BLOB_UNKNOWN"


class ItemNotInForceError(RuleViolationError):
    """The item is not in force: a written answer names the successor (readings 4)."""

    reason = "ITEM_NOT_IN_FORCE"
    rule = "行政许可法 第三十二条第一款第一项"


class IdentityNumberInvalidError(InvalidRequestError):
    """The number of the applicant cannot be one."""

    reason = "IDENTITY_NUMBER_INVALID"


class MaterialUnknownError(InvalidRequestError):
    """The item asks for no such material."""

    reason = "MATERIAL_UNKNOWN"


class MaterialRepeatedError(InvalidRequestError):
    """One material is handed in twice in one request."""

    reason = "MATERIAL_REPEATED"


class PaperMiscountedError(InvalidRequestError):
    """More copies of a material are named than there are pieces of it."""

    reason = "PAPER_MISCOUNTED"


class ChannelMismatchError(InvalidRequestError):
    """The channel is not the one that the caller's post works in.

    Visits are counted by it, so nobody may choose it freely.
    """

    reason = "CHANNEL_MISMATCH"
    rule = "R2.5"


class NotYourAccountError(InvalidRequestError):
    """An account hands in for itself; for others it needs a window or a village agent."""

    reason = "NOT_YOUR_ACCOUNT"


class NotTheWriterError(RuleViolationError):
    """Another site writes this case now; here it is read only."""

    reason = "NOT_THE_WRITER"


class NotAWindowPostError(RuleViolationError):
    """Only a window post acts on the applicant before acceptance."""

    reason = "NOT_A_WINDOW_POST"
    rule = "R4.4"
    violation = True


class NotADepartmentPostError(RuleViolationError):
    """Only a department post does this."""

    reason = "NOT_A_DEPARTMENT_POST"
    rule = "R4.6"


class NotTheReceivingWindowError(RuleViolationError):
    """Another window received this case and goes on with it."""

    reason = "NOT_THE_RECEIVING_WINDOW"
    rule = "R4.1"


class NoticeAlreadyGivenError(RuleViolationError):
    """The applicant was told once already; the notice should have named everything."""

    reason = "NOTICE_ALREADY_GIVEN"
    rule = "R1.2"
    violation = True


class SharedDataAskedForError(RuleViolationError):
    """The material is obtained by data sharing and may not be asked for."""

    reason = "SHARED_DATA_ASKED_FOR"
    rule = "国务院令第716号 第七条"


class NoticeTooLateError(RuleViolationError):
    """The limit for a notice is over, or the case is accepted already."""

    reason = "NOTICE_TOO_LATE"
    rule = NOTICE_CLAUSE


class NoticeIncompleteError(RuleViolationError):
    """The notice leaves out a defect that the preliminary check recorded."""

    reason = "NOTICE_INCOMPLETE"
    rule = NOTICE_CLAUSE


class NoAccountChosenError(RuleViolationError):
    """The applicant has no account in which a notice could be placed."""

    reason = "NO_ACCOUNT_CHOSEN"
    rule = NOTICE_CLAUSE


class NoNoticeGivenError(RuleViolationError):
    """Nothing was asked for yet."""

    reason = "NO_NOTICE_GIVEN"
    rule = ACCEPTANCE_CLAUSE


class NotAskedForError(RuleViolationError):
    """The notice does not ask for this material, or it was cured before."""

    reason = "NOT_ASKED_FOR"
    rule = ACCEPTANCE_CLAUSE


class AcceptedByDepartmentError(RuleViolationError):
    """Departments do not accept since the windows were unified."""

    reason = "ACCEPTED_BY_DEPARTMENT"
    rule = "R4.4"
    violation = True


class PowerMissingError(RuleViolationError):
    """No letter in force gives the window this power for this item."""

    reason = "POWER_MISSING"
    rule = "R3.4"


class NotCompleteError(RuleViolationError):
    """Materials are missing or not in due form."""

    reason = "NOT_COMPLETE"
    rule = ACCEPTANCE_CLAUSE


class AlreadyAcceptedError(RuleViolationError):
    """The case is accepted already, by a window or by silence."""

    reason = "ALREADY_ACCEPTED"
    rule = ACCEPTANCE_CLAUSE


class NotAcceptedError(RuleViolationError):
    """The case is not accepted yet."""

    reason = "NOT_ACCEPTED"
    rule = "R4.5"


class RemediesMissingError(RuleViolationError):
    """The record of the authority names no reviewing body or no court."""

    reason = "REMEDIES_MISSING"
    rule = "行政许可法 第三十八条第二款"


class DocumentNotRenderedError(RuleViolationError):
    """The document is not printed yet."""

    reason = "DOCUMENT_NOT_RENDERED"


class AlreadySealedError(RuleViolationError):
    """The document is sealed already, or needs no seal."""

    reason = "ALREADY_SEALED"


class WrongSealKindError(RuleViolationError):
    """Documents before the decision carry the special seal, decisions that of the authority."""

    reason = "WRONG_SEAL_KIND"
    rule = "行政许可法 第三十二条第二款、第三十九条"


class NotTheDeciderError(RuleViolationError):
    """Who decided signs the decision."""

    reason = "NOT_THE_DECIDER"
    rule = "R4.6"


class NoPaperError(RuleViolationError):
    """The case has no physical material, so there is nothing to hand over."""

    reason = "NO_PAPER"
    rule = "R4.5"


class BundleOnItsWayError(RuleViolationError):
    """The paper was handed over before."""

    reason = "BUNDLE_ON_ITS_WAY"
    rule = "R4.5"


class NoBundleOnItsWayError(RuleViolationError):
    """No paper is on its way to the department."""

    reason = "NO_BUNDLE_ON_ITS_WAY"
    rule = "R4.5"


class SignedBySenderError(RuleViolationError):
    """Sender and receiver of paper are two persons."""

    reason = "SIGNED_BY_SENDER"
    rule = "R4.5"


class CountDiffersError(RuleViolationError):
    """Bag or number of pieces differ from what was sent, or from what was received."""

    reason = "COUNT_DIFFERS"
    rule = "R4.5"


class NotDecidedError(RuleViolationError):
    """There is no decision, so there is no result."""

    reason = "NOT_DECIDED"
    rule = "R1.11"


class ResultNotIssuedError(RuleViolationError):
    """The decision is not sealed, so it is not issued."""

    reason = "RESULT_NOT_ISSUED"
    rule = "行政许可法 第三十九条"


class CertificateNumberMissingError(RuleViolationError):
    """A granted item that issues a certificate comes back with its number."""

    reason = "CERTIFICATE_NUMBER_MISSING"
    rule = "行政许可法 第三十九条"


class CertificateWithoutGrantError(RuleViolationError):
    """No certificate belongs to this decision."""

    reason = "CERTIFICATE_WITHOUT_GRANT"
    rule = "R1.11"


class ResultAlreadyReturnedError(RuleViolationError):
    """The result was sent back before."""

    reason = "RESULT_ALREADY_RETURNED"
    rule = "R4.7"


class NoResultOnItsWayError(RuleViolationError):
    """No result is on its way to the window."""

    reason = "NO_RESULT_ON_ITS_WAY"
    rule = "R4.7"


class NotTheAcceptingWindowError(RuleViolationError):
    """Results go out where the case was accepted (谁受理谁发证)."""

    reason = "NOT_THE_ACCEPTING_WINDOW"
    rule = "R4.7"
    violation = True


class HandedOutByDepartmentError(RuleViolationError):
    """Departments never hand out results or certificates."""

    reason = "HANDED_OUT_BY_DEPARTMENT"
    rule = "R4.8"
    violation = True


class ResultNotHereError(RuleViolationError):
    """The result has not come back to the window."""

    reason = "RESULT_NOT_HERE"
    rule = "R4.7"


class AlreadyHandedOutError(RuleViolationError):
    """The result was handed out before."""

    reason = "ALREADY_HANDED_OUT"
    rule = "行政许可法 第四十四条"


class SignatureWithoutMandateError(RuleViolationError):
    """Another than the addressee signs, and no mandate says they may."""

    reason = "SIGNATURE_WITHOUT_MANDATE"
    rule = "行政许可法 第四十四条"
