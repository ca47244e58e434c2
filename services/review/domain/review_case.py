"""The task of one authority on an accepted case: its facts, and whose it is.

What is done to it stands in a module for each act: `opening`, `reviewing`, `deciding`,
`procedures`, `extending`, `asking`, `paper`, `ending`, `dates`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from servicekit.errors import FieldViolation, InvalidRequestError
from servicekit.events import Aggregate, Event, Ownership
from services.review.domain import rules
from services.review.domain.acts import (
    BundleWaiver,
    Consultation,
    Explanation,
    ExtensionTerms,
    LimitExtension,
    ProcedureTerms,
    SpecialProcedure,
)
from services.review.domain.clocks import Clock
from services.review.domain.errors import (
    AlreadyDecidedError,
    CaseEndedError,
    NotADepartmentPostError,
    NotTheAuthorityError,
    ReviewedByFrontError,
)
from services.review.domain.facts import (
    Actor,
    BundleState,
    CaseEnd,
    ClockReading,
    Decision,
    Opinion,
    ReviewState,
    SiteCheck,
)
from workdays import WorkCalendar

__all__ = ["LONGEST_CLAUSE", "LONGEST_IDENTITY", "ReviewCase", "read_clock"]

LONGEST_IDENTITY: Final = 64  # characters
LONGEST_CLAUSE: Final = 200  # characters


def read_clock(
    clock: Clock, at: datetime, calendar: WorkCalendar, statutory: Clock | None = None
) -> ClockReading:
    """Return what `clock` shows at `at`; `statutory` is the clock of the law of the same task."""
    return ClockReading(
        due=clock.due,
        light=rules.shown_light(clock, statutory, at, calendar),
        limit=clock.limit,
        days_left=clock.days_left(rules.civil_day(at), calendar),
    )


@dataclass(eq=False, kw_only=True)
class ReviewCase(Aggregate):
    """An accepted case in the hands of one authority that decides about it.

    `task` is the case number for the lead or only authority, and
    "<case number>/<authority>" for every other one in 联合办理.
    `front_persons` are all who received, noticed or accepted it; none of them
    may review or decide it, for the life of the case.

    Source: 行政许可法 第三十四条, 第三十七条, 第三十八条; R4.1, R4.6; readings 1, 2, 21.
    """

    task: str
    case_number: str
    task_name: str = ""
    item_code: str
    item_version: str
    authority: str
    unit_path: str
    received_at: datetime
    accepted_at: datetime
    opened_at: datetime
    deemed: bool = False
    front_persons: tuple[str, ...]
    persons_required: int
    site_check_required: bool
    remedies_known: bool = True
    prerequisites: tuple[str, ...] = ()
    consulted: tuple[str, ...] = ()
    designation: str = ""
    extension_terms: ExtensionTerms | None = None
    procedure_terms: tuple[ProcedureTerms, ...] = ()
    bundle: BundleState
    handed_over_at: datetime | None = None
    bundle_overdue: bool = False
    waiver: BundleWaiver | None = None
    promise: Clock
    statutory: Clock | None
    state: ReviewState = ReviewState.IN_REVIEW
    site_checks: list[SiteCheck] = field(default_factory=list)
    procedures: list[SpecialProcedure] = field(default_factory=list)
    extension: LimitExtension | None = None
    explanations: list[Explanation] = field(default_factory=list)
    consultations: list[Consultation] = field(default_factory=list)
    opinion: Opinion | None = None
    decision: Decision | None = None
    end: CaseEnd | None = None
    lights_told: tuple[str, ...] = ()
    revision: int = 1
    events: list[Event] = field(default_factory=list, repr=False)

    @property
    def stream_id(self) -> str:
        return self.case_number

    @property
    def ownership(self) -> Ownership:
        """The authority's; a supervisor reaches it through the window it was accepted at."""
        return Ownership(unit=self.authority, unit_path=self.unit_path, authority=self.authority)

    @property
    def awaits_bundle(self) -> bool:
        return rules.awaits_bundle(self.bundle, waived=self.waiver is not None)

    @property
    def site_check(self) -> SiteCheck | None:
        """The last check on the site; all of them are kept."""
        return self.site_checks[-1] if self.site_checks else None

    @property
    def is_void(self) -> bool:
        """Whether the decision has no effect, because the case had ended before it."""
        return (
            self.decision is not None
            and self.end is not None
            and not rules.decision_stands(self.decision.decide_time, self.end.end_time)
        )

    @property
    def decided(self) -> Decision | None:
        """The decision, if it has effect."""
        return None if self.is_void else self.decision

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done by the authority."""
        return self.decision is None and self.end is None

    @property
    def reached_at(self) -> datetime | None:
        """When the department had the case: its paper left the window, or was waived.

        The opening, where there is no paper. None while the paper is with the window.

        Source: readings 17.
        """
        if self.bundle is BundleState.NONE:
            return self.opened_at
        waived_at = None if self.waiver is None else self.waiver.waive_time
        reached = [at for at in (self.handed_over_at, waived_at) if at is not None]
        return min(reached, default=None)

    def measured_at(self, now: datetime) -> datetime:
        """Return the instant at which the clocks are read: the decision stopped them.

        Source: readings 19.
        """
        if self.decided is not None:
            return self.decided.decide_time
        return now if self.end is None else min(now, self.end.end_time)

    def require_department(self, actor: Actor) -> None:
        """Refuse whoever does not act from a department post of the deciding authority."""
        self.require_department_post(actor)
        if not rules.is_deciding_authority(actor.authority, self.authority):
            raise NotTheAuthorityError("Another authority decides this", case=self.case_number)

    def require_department_post(self, actor: Actor) -> None:
        if not rules.is_department_post(actor.post_kind):
            raise NotADepartmentPostError(
                "Only a department post reviews and decides", case=self.case_number
            )

    def require_open(self, at: datetime) -> None:
        """Refuse what comes after the decision, or after the end of the case."""
        ended = self.end is not None and not rules.decision_stands(at, self.end.end_time)
        if ended and self.decided is None:
            raise CaseEndedError("The case has ended", case=self.case_number)
        if self.decision is not None:
            raise AlreadyDecidedError("The case is decided", case=self.case_number)

    def require_not_front(self, *persons: str) -> None:
        if rules.acted_at_front(persons, self.front_persons):
            raise ReviewedByFrontError(
                "Who accepted a case does not review or decide it", case=self.case_number
            )

    def require_well_formed(self, path: str, entries: tuple[str, ...], longest: int) -> None:
        """Refuse entries of a list that are empty or too long; each is named."""
        bad = [
            FieldViolation(f"{path}[{index}]", f"must have 1 to {longest} characters")
            for index, entry in enumerate(entries)
            if not entry.strip() or len(entry) > longest
        ]
        if bad:
            raise InvalidRequestError(
                f"malformed: {path}", fields=bad, fields_named=path, case=self.case_number
            )
