"""What the catalogue refuses, each with a sentence in `texts/zh-CN/messages.toml`."""

from __future__ import annotations

from servicekit.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    RuleViolationError,
)

__all__ = [
    "AssignmentUnknownError",
    "AssignmentsOverlapError",
    "AuthorityRecordNotLaterError",
    "AuthorityUnknownError",
    "CalendarNoticeInvalidError",
    "DeciderMissingError",
    "DeciderNotAtWindowError",
    "DeciderWithoutPowerError",
    "ItemNotInForceError",
    "ItemOfAnotherAuthorityError",
    "ItemRepeatedError",
    "ItemUnknownError",
    "LetterExistsError",
    "LetterPeriodInvalidError",
    "LintFailedError",
    "MergedIntoItselfError",
    "MergerBackdatedError",
    "NobodyTrainedError",
    "NotAWindowError",
    "PeriodEmptyError",
    "PersonUnknownError",
    "PostRolesInvalidError",
    "PostUnitInvalidError",
    "PostUnknownError",
    "TownRecordMissingError",
    "TrainingNotHeldYetError",
    "TrainingWithoutItemsError",
    "UnitCodeInvalidError",
    "UnitMisplacedError",
    "UnitUnknownError",
    "VersionUnknownError",
    "WindowMergedError",
    "WorkRulesNotLaterError",
    "WorkRulesSupersededError",
    "WorkRulesUnknownError",
]


class ItemUnknownError(NotFoundError):
    """No service item has this code."""

    reason = "ITEM_UNKNOWN"


class ItemNotInForceError(RuleViolationError):
    """The item exists, and no version of it is in force on the day."""

    reason = "ITEM_NOT_IN_FORCE"
    rule = "R3.7"


class VersionUnknownError(NotFoundError):
    """No version was published under this identity."""

    reason = "VERSION_UNKNOWN"


class LintFailedError(RuleViolationError):
    """The version must not be published; one fact for each finding, by its code."""

    reason = "LINT_FAILED"
    rule = "R3.5"


class UnitUnknownError(NotFoundError):
    """No unit of the tree has this code."""

    reason = "UNIT_UNKNOWN"


class UnitMisplacedError(RuleViolationError):
    """A unit of this kind does not stand under that parent."""

    reason = "UNIT_MISPLACED"
    rule = "R5.1"


class UnitCodeInvalidError(RuleViolationError):
    """The code of a unit does not continue the code of its parent."""

    reason = "UNIT_CODE_INVALID"
    rule = "R5.1"


class AuthorityUnknownError(NotFoundError):
    """The unit is not registered as an authority."""

    reason = "AUTHORITY_UNKNOWN"


class AuthorityRecordNotLaterError(RuleViolationError):
    """A record of an authority begins after all earlier ones, so that none changes."""

    reason = "AUTHORITY_RECORD_NOT_LATER"


class AssignmentUnknownError(NotFoundError):
    """The person holds no post at this moment."""

    reason = "ASSIGNMENT_UNKNOWN"


class PersonUnknownError(NotFoundError):
    """The person never held a post."""

    reason = "PERSON_UNKNOWN"


class AssignmentsOverlapError(RuleViolationError):
    """The person would hold two posts at a time (readings 1)."""

    reason = "ASSIGNMENTS_OVERLAP"
    rule = "R4.2"


class PeriodEmptyError(RuleViolationError):
    """The period ends before it begins."""

    reason = "PERIOD_EMPTY"


class PostUnknownError(NotFoundError):
    """No post has this code."""

    reason = "POST_UNKNOWN"


class PostRolesInvalidError(RuleViolationError):
    """A post has roles that only a post of another kind may have."""

    reason = "POST_ROLES_INVALID"
    rule = "R4.1"


class PostUnitInvalidError(RuleViolationError):
    """A post of this kind does not exist in a unit of that kind."""

    reason = "POST_UNIT_INVALID"
    rule = "R4.2"


class LetterPeriodInvalidError(RuleViolationError):
    """A letter must end after it begins."""

    reason = "LETTER_PERIOD_INVALID"
    rule = "R3.4"


class LetterExistsError(ConflictError):
    """A letter of this number was signed already; a signed letter never changes."""

    reason = "LETTER_EXISTS"
    rule = "R3.4"


class NotAWindowError(RuleViolationError):
    """Only a window acts under a letter; to entrust another body is another act (readings 7)."""

    reason = "NOT_A_WINDOW"
    rule = "R3.4"


class ItemOfAnotherAuthorityError(RuleViolationError):
    """An authority can let a window act only for items that it decides itself."""

    reason = "ITEM_OF_ANOTHER_AUTHORITY"
    rule = "R3.4"


class ItemRepeatedError(RuleViolationError):
    """A letter lists each item once."""

    reason = "ITEM_REPEATED"
    rule = "R3.4"


class DeciderMissingError(RuleViolationError):
    """A letter that lets decide on the spot names who decides (readings 2)."""

    reason = "DECIDER_MISSING"
    rule = "R3.4"


class DeciderWithoutPowerError(RuleViolationError):
    """A letter names who decides on the spot, and lists that power for no item."""

    reason = "DECIDER_WITHOUT_POWER"
    rule = "R3.4"


class DeciderNotAtWindowError(RuleViolationError):
    """Who decides on the spot holds a post at that window in the time of the letter."""

    reason = "DECIDER_NOT_AT_WINDOW"
    rule = "R3.4"


class TownRecordMissingError(RuleViolationError):
    """A town's window receives an item of the district only where a record says so (readings 5)."""

    reason = "TOWN_RECORD_MISSING"
    rule = "R5.3"


class NobodyTrainedError(RuleViolationError):
    """Nobody who holds a post at the window on the letter's first day is trained for the items."""

    reason = "NOBODY_TRAINED"
    rule = "R4.9"


class WorkRulesUnknownError(NotFoundError):
    """No version of the acceptance rules was published under this identity."""

    reason = "WORK_RULES_UNKNOWN"
    rule = "R4.9"


class WorkRulesNotLaterError(RuleViolationError):
    """A version of rules begins after all earlier ones, so that none changes."""

    reason = "WORK_RULES_NOT_LATER"
    rule = "R4.9"


class WorkRulesSupersededError(RuleViolationError):
    """The rules had been replaced by others before the day of the training."""

    reason = "WORK_RULES_SUPERSEDED"
    rule = "R4.9"


class TrainingNotHeldYetError(RuleViolationError):
    """A training is recorded when it has taken place."""

    reason = "TRAINING_NOT_HELD_YET"
    rule = "R4.9"


class TrainingWithoutItemsError(RuleViolationError):
    """A training is for items; the named authorities have none, or nothing was named."""

    reason = "TRAINING_WITHOUT_ITEMS"
    rule = "R4.9"


class WindowMergedError(RuleViolationError):
    """The window was merged into another: it ends, and takes nothing over (readings 6)."""

    reason = "WINDOW_MERGED"
    rule = "R4.7"


class MergedIntoItselfError(RuleViolationError):
    """A window is merged into another one."""

    reason = "MERGED_INTO_ITSELF"
    rule = "R4.7"


class MergerBackdatedError(RuleViolationError):
    """A merger does not change by whom results were to be handed out on days gone by."""

    reason = "MERGER_BACKDATED"
    rule = "R4.7"


class CalendarNoticeInvalidError(InvalidRequestError):
    """The notice of a year has errors; all of them are named."""

    reason = "CALENDAR_NOTICE_INVALID"
