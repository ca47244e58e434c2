"""What this service refuses about procedures, extensions, questions and waivers."""

from __future__ import annotations

from servicekit.errors import InvalidRequestError, NotFoundError, RuleViolationError

__all__ = [
    "AlreadyAnsweredError",
    "AlreadyAskedError",
    "AlreadyExtendedError",
    "AnswerByDatePastError",
    "DesignationMissingError",
    "EndDateImpossibleError",
    "ExtensionNotAllowedError",
    "ExtensionTooLateError",
    "ExtensionTooLongError",
    "NotAskedError",
    "NotTheHeadError",
    "NotToBeConsultedError",
    "NothingToWaiveError",
    "ProcedureAlreadyEndedError",
    "ProcedureNotAllowedError",
    "ProcedureTooLongError",
    "ProcedureUnknownError",
    "StartDateImpossibleError",
    "WaivedByOtherError",
]


class ProcedureNotAllowedError(RuleViolationError):
    """The version of the item does not allow this procedure to stop a clock.

    Source: 行政许可法 第四十五条.
    """

    reason = "PROCEDURE_NOT_ALLOWED"
    rule = "行政许可法 第四十五条"


class ProcedureTooLongError(RuleViolationError):
    """The version of the item allows fewer days.

    Source: 行政许可法 第四十五条.
    """

    reason = "PROCEDURE_TOO_LONG"
    rule = "行政许可法 第四十五条"


class ProcedureUnknownError(NotFoundError):
    """The task has no such procedure."""

    reason = "PROCEDURE_UNKNOWN"


class ProcedureAlreadyEndedError(RuleViolationError):
    """A procedure ends once; what comes after it is another one, with a notice of its own.

    Source: readings 18.
    """

    reason = "PROCEDURE_ALREADY_ENDED"


class StartDateImpossibleError(InvalidRequestError):
    """A procedure begins neither before the case was accepted nor in a distant year."""

    reason = "START_DATE_IMPOSSIBLE"


class EndDateImpossibleError(InvalidRequestError):
    """A procedure ends neither before it begins nor in the future."""

    reason = "END_DATE_IMPOSSIBLE"


class ExtensionNotAllowedError(RuleViolationError):
    """The version of the item has no extension.

    Source: 行政许可法 第四十二条.
    """

    reason = "EXTENSION_NOT_ALLOWED"
    rule = "行政许可法 第四十二条"


class NotTheHeadError(RuleViolationError):
    """An extension is approved by the head whom the law names, and by nobody else.

    Source: 行政许可法 第四十二条.
    """

    reason = "NOT_THE_HEAD"
    rule = "行政许可法 第四十二条"


class DesignationMissingError(RuleViolationError):
    """The government never designated this to be handled jointly, so its head extends nothing.

    Source: 行政许可法 第二十六条第二款; readings 21.
    """

    reason = "DESIGNATION_MISSING"
    rule = "行政许可法 第二十六条第二款"


class AlreadyExtendedError(RuleViolationError):
    """A limit is extended once.

    Source: 行政许可法 第四十二条.
    """

    reason = "ALREADY_EXTENDED"
    rule = "行政许可法 第四十二条"


class ExtensionTooLateError(RuleViolationError):
    """A limit that has passed cannot be extended.

    Source: 行政许可法 第四十二条.
    """

    reason = "EXTENSION_TOO_LATE"
    rule = "行政许可法 第四十二条"


class ExtensionTooLongError(RuleViolationError):
    """The law allows a shorter extension.

    Source: 行政许可法 第四十二条.
    """

    reason = "EXTENSION_TOO_LONG"
    rule = "行政许可法 第四十二条"


class NotToBeConsultedError(RuleViolationError):
    """The version of the item does not name this authority to be asked.

    Source: readings 21.
    """

    reason = "NOT_TO_BE_CONSULTED"


class AlreadyAskedError(RuleViolationError):
    """An authority is asked once."""

    reason = "ALREADY_ASKED"


class AnswerByDatePastError(InvalidRequestError):
    """Nobody can answer by a day that has passed."""

    reason = "ANSWER_BY_DATE_PAST"


class NotAskedError(RuleViolationError):
    """Only an authority that was asked answers.

    Source: readings 21.
    """

    reason = "NOT_ASKED"


class AlreadyAnsweredError(RuleViolationError):
    """An authority answers once; whoever decides reads that answer."""

    reason = "ALREADY_ANSWERED"


class WaivedByOtherError(RuleViolationError):
    """Only the head of the department waives paper.

    Source: readings 13.
    """

    reason = "WAIVED_BY_OTHER"
    rule = "R4.5"


class NothingToWaiveError(RuleViolationError):
    """No paper is awaited: the case has none, or it is received or waived.

    Source: readings 13.
    """

    reason = "NOTHING_TO_WAIVE"
