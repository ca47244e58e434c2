"""What is refused after acceptance: service of the result, notices on the way, the register."""

from __future__ import annotations

from servicekit.errors import NotFoundError, RuleViolationError

SERVICE_CLAUSE = "行政许可法 第四十四条"


class CourierNotChosenError(RuleViolationError):
    """The applicant wants to collect the result; nobody sends it anywhere instead."""

    reason = "COURIER_NOT_CHOSEN"
    rule = "R2.7"


class ServiceNotOpenError(RuleViolationError):
    """Nothing about the service of this result is open."""

    reason = "SERVICE_NOT_OPEN"
    rule = SERVICE_CLAUSE


class WitnessesMissingError(RuleViolationError):
    """A result is left behind only before two witnesses."""

    reason = "WITNESSES_MISSING"
    rule = "民事诉讼法 第八十九条"


class RefusalReasonMissingError(RuleViolationError):
    """The proof of service says why the addressee refused, or why they cannot be reached."""

    reason = "REFUSAL_REASON_MISSING"
    rule = "民事诉讼法 第八十九条"


class ServicePlaceMissingError(RuleViolationError):
    """The proof of service says where the result was left, or where it was announced."""

    reason = "SERVICE_PLACE_MISSING"
    rule = "民事诉讼法 第八十九条、第九十五条"


class AlreadyAnnouncedError(RuleViolationError):
    """The period of an announcement runs already."""

    reason = "ALREADY_ANNOUNCED"
    rule = "民事诉讼法 第九十五条"


class NotAProcessNoticeError(RuleViolationError):
    """The document is no notice of the procedure."""

    reason = "NOT_A_PROCESS_NOTICE"


class NoticeNotIssuedError(RuleViolationError):
    """What is not issued yet cannot be given."""

    reason = "NOTICE_NOT_ISSUED"
    rule = "行政许可法 第四十二条、第四十五条"


class ProcessNoticeGivenBeforeError(RuleViolationError):
    """The notice was given; when it was given stays what it was."""

    reason = "PROCESS_NOTICE_GIVEN_BEFORE"


class EmsNumberMissingError(RuleViolationError):
    """What is handed to EMS has a number by which it is followed."""

    reason = "EMS_NUMBER_MISSING"
    rule = SERVICE_CLAUSE


class NotThisAuthorityError(RuleViolationError):
    """Another authority answers for this."""

    reason = "NOT_THIS_AUTHORITY"
    rule = "R4.6"


class ExplanationUnknownError(NotFoundError):
    """Nobody asked for this explanation."""

    reason = "EXPLANATION_UNKNOWN"


class AlreadyExplainedError(RuleViolationError):
    """The explanation was given before."""

    reason = "ALREADY_EXPLAINED"


class DecidedAlreadyError(RuleViolationError):
    """The case is decided; an explanation no longer changes anything."""

    reason = "DECIDED_ALREADY"
    rule = "行政许可法 第三十八条"


class NotNumberedError(RuleViolationError):
    """The document bears no number of a series."""

    reason = "NOT_NUMBERED"


class VoidedBeforeError(RuleViolationError):
    """The document is voided; another took its place."""

    reason = "VOIDED_BEFORE"


class IssuedNotLostError(RuleViolationError):
    """An issued document holds; only its loss lets it be made anew."""

    reason = "ISSUED_NOT_LOST"


class ServedDocumentVoidedError(RuleViolationError):
    """What was served is the applicant's; it is not voided but revoked by law."""

    reason = "SERVED_DOCUMENT_VOIDED"
    rule = "行政许可法 第六十九条"


class MaterialFileUnknownError(NotFoundError):
    """No such file belongs to the case."""

    reason = "MATERIAL_FILE_UNKNOWN"
