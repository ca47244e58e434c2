"""What is refused around the counter: carried requests, questions, transfers, paper on its way."""

from __future__ import annotations

from servicekit.errors import InvalidRequestError, NotFoundError, RuleViolationError


class AssistanceUnknownError(NotFoundError):
    """There is no such assistance, or not for this caller."""

    reason = "ASSISTANCE_UNKNOWN"


class NotAVillagePostError(RuleViolationError):
    """Requests are taken in and passed on from a village post."""

    reason = "NOT_A_VILLAGE_POST"
    rule = "R5.5"


class PresenceRequiredError(RuleViolationError):
    """A law demands the applicant in person; nobody may carry this."""

    reason = "PRESENCE_REQUIRED"
    rule = "行政许可法 第二十九条第二款"


class AssistanceNotFreeError(RuleViolationError):
    """Assistance costs the applicant nothing."""

    reason = "ASSISTANCE_NOT_FREE"
    rule = "R1.6"
    violation = True


class MandateMissingError(RuleViolationError):
    """There is no signed mandate, or it does not say who may do what."""

    reason = "MANDATE_MISSING"
    rule = "行政许可法 第二十九条第二款"


class NoCompetentWindowError(RuleViolationError):
    """No window may accept the item now, so there is nowhere to carry it."""

    reason = "NO_COMPETENT_WINDOW"
    rule = "R3.4"


class NotACompetentWindowError(RuleViolationError):
    """That window may not accept the item."""

    reason = "NOT_A_COMPETENT_WINDOW"
    rule = "R3.4"


class AssistanceAlreadyPassedOnError(RuleViolationError):
    """It went on before."""

    reason = "ASSISTANCE_ALREADY_PASSED_ON"
    rule = "R5.5"


class AssistanceNotPassedOnError(RuleViolationError):
    """It is still at the village post."""

    reason = "ASSISTANCE_NOT_PASSED_ON"
    rule = "R5.5"


class AssistancePassedElsewhereError(RuleViolationError):
    """It was passed on to another window."""

    reason = "ASSISTANCE_PASSED_ELSEWHERE"
    rule = "R5.5"


class AssistanceAlreadyReceivedError(RuleViolationError):
    """The window has it already."""

    reason = "ASSISTANCE_ALREADY_RECEIVED"
    rule = "R5.5"


class AssistanceOfAnotherItemError(RuleViolationError):
    """What was carried is for another item."""

    reason = "ASSISTANCE_OF_ANOTHER_ITEM"
    rule = "R5.5"


class AssistanceUnnamedError(InvalidRequestError):
    """The channel says that an agent carried it, and nothing says which request; or the reverse.

    Visits are counted by the channel, so nobody may choose it freely.
    """

    reason = "ASSISTANCE_UNNAMED"
    rule = "R2.5"


class ApplicantMissingError(InvalidRequestError):
    """Nobody is named who applies."""

    reason = "APPLICANT_MISSING"


class TransferredToItselfError(RuleViolationError):
    """The case is in that window."""

    reason = "TRANSFERRED_TO_ITSELF"
    rule = "R1.3"


class CountedAloneError(RuleViolationError):
    """Originals are counted before two persons."""

    reason = "COUNTED_ALONE"
    rule = "R2.7"


class SecondPersonUnknownError(NotFoundError):
    """The catalogue knows no such person."""

    reason = "SECOND_PERSON_UNKNOWN"


class OriginalsAlreadyCountedError(RuleViolationError):
    """The originals of this shipment are registered."""

    reason = "ORIGINALS_ALREADY_COUNTED"
    rule = "R2.7"


class EnquiryUnknownError(NotFoundError):
    """There is no such enquiry, or not for this caller."""

    reason = "ENQUIRY_UNKNOWN"


class NotTheEnquiryOwnerError(RuleViolationError):
    """Somebody else was asked first and owns it."""

    reason = "NOT_THE_ENQUIRY_OWNER"
    rule = "R1.3"
    violation = True


class EnquiryUnansweredError(RuleViolationError):
    """It cannot be closed without an answer."""

    reason = "ENQUIRY_UNANSWERED"
    rule = "R1.3"
    violation = True


class EnquiryClosedError(RuleViolationError):
    """It is answered."""

    reason = "ENQUIRY_CLOSED"
    rule = "R1.3"


class NoHandOverError(RuleViolationError):
    """Nobody handed it over."""

    reason = "NO_HAND_OVER"
    rule = "R1.3"


class NotTheUnitAskedError(RuleViolationError):
    """It was handed over to another unit."""

    reason = "NOT_THE_UNIT_ASKED"
    rule = "R1.3"


class HandedOverToItselfError(RuleViolationError):
    """A question is handed over to another unit."""

    reason = "HANDED_OVER_TO_ITSELF"
    rule = "R1.3"


class UnitUnknownError(NotFoundError):
    """The catalogue knows no such unit."""

    reason = "UNIT_UNKNOWN"


class ExchangeContentDiffersError(RuleViolationError):
    """The provincial net sent other content under a number that is a case already."""

    reason = "EXCHANGE_CONTENT_DIFFERS"
