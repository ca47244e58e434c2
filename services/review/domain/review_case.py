"""A case in review: what the department did, and what it may still do."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Self

from servicekit.errors import FieldViolation, InvalidRequestError
from servicekit.events import Aggregate, Event, Ownership
from services.review.domain import rules
from services.review.domain.clocks import Clock, SourcedLimit, civil_day
from services.review.domain.errors import (
    AlreadyDecidedError,
    BundleNotReceivedError,
    CallerNotACheckerError,
    CheckInFutureError,
    DecidedByReviewerError,
    NotADepartmentPostError,
    NotTheAuthorityError,
    OpinionAlreadyGivenError,
    OpinionMissingError,
    ReasonsMissingError,
    ReviewedByFrontError,
    SiteCheckByOneError,
    SiteCheckMissingError,
    TooFewPersonsError,
)
from services.review.domain.events import (
    DatesRecomputed,
    DecisionMade,
    OpinionSubmitted,
    ReviewOpened,
    SiteCheckRecorded,
)
from services.review.domain.facts import (
    Acceptance,
    Actor,
    BundleState,
    ClockReading,
    Decision,
    DecisionOutcome,
    Opinion,
    ReviewState,
    SiteCheck,
)
from workdays import Due, WorkCalendar

__all__ = ["ReviewCase", "read_clock"]

_LONGEST_IDENTITY: Final = 64  # characters
_LONGEST_CLAUSE: Final = 200  # characters


def read_clock(clock: Clock, at: datetime, calendar: WorkCalendar) -> ClockReading:
    """Return what `clock` shows at `at`."""
    return ClockReading(
        due=clock.due,
        light=rules.light(clock, at, calendar),
        limit=clock.limit,
        days_left=clock.days_left(civil_day(at), calendar),
    )


@dataclass(eq=False, kw_only=True)
class ReviewCase(Aggregate):
    """An accepted case in the hands of the authority that decides it.

    `front_persons` are all who received, noticed or accepted it; none of them
    may review or decide it, for the life of the case.

    Source: 行政许可法 第三十四条, 第三十七条, 第三十八条; R4.1, R4.6; readings 1, 2.
    """

    case_number: str
    item_code: str
    item_version: str
    authority: str
    unit_path: str
    accepted_at: datetime
    front_persons: tuple[str, ...]
    persons_required: int
    site_check_required: bool
    bundle: BundleState
    promise: Clock
    statutory: Clock | None
    state: ReviewState = ReviewState.IN_REVIEW
    site_checks: list[SiteCheck] = field(default_factory=list)
    opinion: Opinion | None = None
    decision: Decision | None = None
    revision: int = 1
    events: list[Event] = field(default_factory=list, repr=False)

    @classmethod
    def open(cls, acceptance: Acceptance) -> Self:
        """Return the case as the department begins to work on it."""
        statutory = _statutory_clock(acceptance)
        case = cls(
            case_number=acceptance.case_number,
            item_code=acceptance.item_code,
            item_version=acceptance.item_version,
            authority=acceptance.authority,
            unit_path=acceptance.unit_path,
            accepted_at=acceptance.accept_time,
            front_persons=tuple(sorted(frozenset(acceptance.front_persons))),
            persons_required=acceptance.persons_required,
            site_check_required=acceptance.site_check_required,
            bundle=BundleState.AT_WINDOW if acceptance.has_paper else BundleState.NONE,
            promise=_clock(acceptance, acceptance.promised_limit, acceptance.promise_due),
            statutory=statutory,
        )
        case.happened(
            ReviewOpened(
                case_number=case.case_number,
                authority=case.authority,
                promise_due=case.promise.due,
            )
        )
        return case

    @property
    def stream_id(self) -> str:
        return self.case_number

    @property
    def ownership(self) -> Ownership:
        """The authority's; a supervisor reaches it through the window it was accepted at."""
        return Ownership(unit=self.authority, unit_path=self.unit_path, authority=self.authority)

    @property
    def awaits_bundle(self) -> bool:
        return rules.awaits_bundle(self.bundle)

    @property
    def site_check(self) -> SiteCheck | None:
        """The last check on the site; all of them are kept."""
        return self.site_checks[-1] if self.site_checks else None

    def measured_at(self, now: datetime) -> datetime:
        """Return the instant at which the clocks are read: the decision stopped them.

        Source: readings 19.
        """
        return now if self.decision is None else self.decision.decide_time

    def record_site_check(self, check: SiteCheck, actor: Actor, at: datetime) -> None:
        """Keep the record of a check on the site. No clock stops for it.

        Source: 行政许可法 第三十四条第三款; domain.md 1.4.
        """
        self._refuse_unless_department(actor)
        self._refuse_malformed("checkers", check.checkers, _LONGEST_IDENTITY)
        self._refuse_if_decided()
        self._refuse_front(actor.person, *check.checkers)
        if not rules.checked_by_enough(check.checkers):
            raise SiteCheckByOneError("Two persons must check", case=self.case_number)
        if not rules.may_be_recorded_by(actor.person, check.checkers):
            raise CallerNotACheckerError("The caller did not check", case=self.case_number)
        if check.check_time > at:
            raise CheckInFutureError(
                "The check is later than now",
                fields=[FieldViolation("check_time", "must not be after now")],
                case=self.case_number,
            )
        checkers = tuple(sorted(frozenset(check.checkers)))
        self.site_checks.append(replace(check, checkers=checkers))
        self.happened(
            SiteCheckRecorded(
                case_number=self.case_number,
                checkers=checkers,
                complies=check.complies,
            )
        )

    def submit_opinion(
        self, actor: Actor, at: datetime, *, proposes_grant: bool, text: str
    ) -> None:
        """Give the opinion of the review (审核).

        Source: 行政许可法 第三十四条; R4.1, R4.6; readings 1, 2.
        """
        self._refuse_unless_department(actor)
        self._refuse_if_decided()
        self._refuse_front(actor.person)
        if self.opinion is not None:
            raise OpinionAlreadyGivenError("The opinion is given", case=self.case_number)
        if rules.lacks_site_check(self.site_check_required, len(self.site_checks)):
            raise SiteCheckMissingError("Two persons must check first", case=self.case_number)
        self.opinion = Opinion(
            reviewer=actor.person, submit_time=at, proposes_grant=proposes_grant, text=text
        )
        self.state = ReviewState.DECISION_PENDING
        self.happened(
            OpinionSubmitted(
                case_number=self.case_number,
                reviewer=actor.person,
                proposes_grant=proposes_grant,
            )
        )

    def decide(
        self,
        actor: Actor,
        at: datetime,
        *,
        outcome: DecisionOutcome,
        facts: str,
        reasons: str,
        legal_bases: tuple[str, ...],
    ) -> DecisionMade:
        """Decide the case (审批), stop both clocks and return what was decided.

        Source: 行政许可法 第三十七条, 第三十八条; R4.6; readings 2, 13, 19.
        """
        self._refuse_unless_department(actor)
        self._refuse_malformed("legal_bases", legal_bases, _LONGEST_CLAUSE)
        self._refuse_if_decided()
        self._refuse_front(actor.person)
        self._refuse_unless_reviewed_by_another(actor)
        if self.awaits_bundle:
            raise BundleNotReceivedError("The paper is not received", case=self.case_number)
        if rules.lacks_reasons(outcome, reasons):
            raise ReasonsMissingError("A denial needs its reasons", case=self.case_number)
        self.decision = Decision(
            decider=actor.person,
            decide_time=at,
            outcome=outcome,
            facts=facts,
            reasons=reasons,
            legal_bases=legal_bases,
        )
        self.state = ReviewState.DECIDED
        made = self._decision_made(self.decision)
        self.happened(made)
        return made

    def bundle_handed_over(self) -> None:
        """Note that the paper left the window (R4.5)."""
        self.bundle = BundleState.ON_ITS_WAY

    def bundle_received(self) -> None:
        """Note that the department signed for the paper (R4.5)."""
        self.bundle = BundleState.RECEIVED

    def recompute(self, calendar: WorkCalendar) -> None:
        """Compute the last days again, because `calendar` may know more than before.

        A decision stopped the clocks: what it was measured by stays.

        Source: readings 16, 19; 行政许可法 第八十二条.
        """
        if self.decision is not None:
            return
        statutory = self.statutory
        if statutory is not None:
            statutory = statutory.with_due(statutory.computed_due(calendar))
        promise = self.promise.with_due(self.promise.computed_due(calendar))
        last = rules.promise_due(promise.due, None if statutory is None else statutory.due)
        promise = replace(promise, due=last)
        if (promise, statutory) == (self.promise, self.statutory):
            return
        self.promise, self.statutory = promise, statutory
        self.happened(
            DatesRecomputed(
                case_number=self.case_number,
                promise_due=promise.due,
                statutory_due=None if statutory is None else statutory.due,
            )
        )

    def _decision_made(self, decision: Decision) -> DecisionMade:
        return DecisionMade(
            case_number=self.case_number,
            authority=self.authority,
            decider=decision.decider,
            outcome=decision.outcome.name,
            decide_time=decision.decide_time,
            promise_due=self.promise.due,
            statutory_due=None if self.statutory is None else self.statutory.due,
            promise_kept=rules.is_kept(self.promise, decision.decide_time),
            statutory_kept=rules.is_kept(self.statutory, decision.decide_time),
        )

    def _refuse_unless_department(self, actor: Actor) -> None:
        if not rules.is_department_post(actor.post_kind):
            raise NotADepartmentPostError(
                "Only a department post reviews and decides", case=self.case_number
            )
        if not rules.is_deciding_authority(actor.authority, self.authority):
            raise NotTheAuthorityError("Another authority decides this", case=self.case_number)

    def _refuse_if_decided(self) -> None:
        if self.decision is not None:
            raise AlreadyDecidedError("The case is decided", case=self.case_number)

    def _refuse_front(self, *persons: str) -> None:
        if rules.acted_at_front(persons, self.front_persons):
            raise ReviewedByFrontError(
                "Who accepted a case does not review or decide it", case=self.case_number
            )

    def _refuse_unless_reviewed_by_another(self, actor: Actor) -> None:
        opinion = self.opinion
        if opinion is None:
            raise OpinionMissingError("The opinion comes first", case=self.case_number)
        if rules.decided_by_reviewer(actor.person, opinion.reviewer, self.persons_required):
            raise DecidedByReviewerError(
                "Who reviewed the case does not decide it", case=self.case_number
            )
        took_part = {actor.person, opinion.reviewer}
        took_part.update(*(check.checkers for check in self.site_checks))
        if rules.too_few_persons(took_part, self.persons_required):
            raise TooFewPersonsError(
                "More persons must take part",
                case=self.case_number,
                required=str(self.persons_required),
                took_part=str(len(took_part)),
            )

    def _refuse_malformed(self, path: str, entries: tuple[str, ...], longest: int) -> None:
        bad = [
            FieldViolation(f"{path}[{index}]", f"must have 1 to {longest} characters")
            for index, entry in enumerate(entries)
            if not entry.strip() or len(entry) > longest
        ]
        if bad:
            raise InvalidRequestError(
                f"malformed: {path}", fields=bad, fields_named=path, case=self.case_number
            )


def _statutory_clock(acceptance: Acceptance) -> Clock | None:
    if acceptance.statutory_limit is None or acceptance.statutory_due is None:
        return None
    return _clock(acceptance, acceptance.statutory_limit, acceptance.statutory_due)


def _clock(acceptance: Acceptance, limit: SourcedLimit, last: Due) -> Clock:
    started_at = rules.started_at(
        limit.start,
        deemed=acceptance.deemed,
        received_at=acceptance.receive_time,
        completed_at=acceptance.complete_time,
        accepted_at=acceptance.accept_time,
    )
    return Clock(limit=limit, started_at=started_at, due=last)
