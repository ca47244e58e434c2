"""A request that a village post carries (代办): free, under a mandate, passed on in a day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from servicekit.events import Aggregate, Event, Ownership
from servicekit.naming import named
from services.intake.domain import counter_errors as errors
from services.intake.domain import counter_rules, rules
from services.intake.domain.counter_events import (
    AssistanceOverdue,
    AssistancePassedOn,
    AssistanceReceived,
    AssistanceTaken,
)
from services.intake.domain.counter_rules import Destinations
from services.intake.domain.receipt import by_code
from services.intake.domain.values import (
    Act,
    ApplicantKind,
    HandedIn,
    ItemTerms,
    ResultDelivery,
    WindowUnit,
)
from workdays import Due, WorkCalendar

__all__ = [
    "Assistance",
    "AssistanceState",
    "CarriedMaterial",
    "Mandate",
    "Request",
    "acknowledge",
    "become",
    "overdue",
    "pass_on",
    "receive",
    "take",
]


class AssistanceState(Enum):
    """Where a carried request stands."""

    TAKEN = "TAKEN"
    PASSED_ON = "PASSED_ON"
    RECEIVED = "RECEIVED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """What the applicant signed (代办委托书): the scan, what may be done, by whom."""

    scan_sha256: str
    scope: str
    may_collect: bool
    agent_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an applicant asks a village agent to carry, without who they are."""

    applicant_person: str
    applicant_kind: ApplicantKind
    materials: tuple[HandedIn, ...]
    mandate: Mandate
    result_delivery: ResultDelivery
    summary: str
    fee_fen: int


@dataclass(eq=False, kw_only=True)
class CarriedMaterial:
    """One material that the agent carries."""

    assistance: str
    ordinal: int
    material_code: str
    name: str
    sha256: str
    paper_pieces: int


@dataclass(eq=False, kw_only=True)
class Assistance(Aggregate):
    """One carried request, from the applicant's door to the window."""

    number: str
    village_post: str
    unit_path: str
    terms: ItemTerms
    item_code: str
    applicant_person: str
    applicant_kind: ApplicantKind
    result_delivery: ResultDelivery
    summary: str
    mandate_sha256: str
    mandate_scope: str
    may_collect: bool
    taken_at: datetime
    taken_by: str
    pass_on_due_on: date
    pass_on_due_provisional: bool
    revision: int = 1
    state: AssistanceState = AssistanceState.TAKEN
    to_unit: str = ""
    passed_on_at: datetime | None = None
    passed_on_by: str = ""
    received_at: datetime | None = None
    received_by: str = ""
    case_number: str = ""
    overdue_told_at: datetime | None = None
    # The printed 代办接件单.
    slip_sha256: str = ""
    slip_size: int = 0

    materials: list[CarriedMaterial] = field(default_factory=list)
    events: list[Event] = field(default_factory=list, repr=False)

    @property
    def stream_id(self) -> str:
        return self.number

    @property
    def ownership(self) -> Ownership:
        return Ownership(
            person=self.applicant_person, unit=self.village_post, unit_path=self.unit_path
        )

    @property
    def pass_on_due(self) -> Due:
        return Due(self.pass_on_due_on, self.pass_on_due_provisional)

    @property
    def paper_pieces(self) -> int:
        return sum(each.paper_pieces for each in self.materials)

    def is_overdue(self, at: datetime) -> bool:
        """Tell whether it was not passed on by the end of its last day.

        Source: R5.5; readings 5 (一个工作日).
        """
        return (self.passed_on_at or at) >= self.pass_on_due.at


def take(
    request: Request,
    terms: ItemTerms,
    windows: Collection[WindowUnit],
    act: Act,
    *,
    number: str,
    unit_path: str,
    calendar: WorkCalendar,
) -> Assistance:
    """Return the request as the village agent took it in.

    Source: R1.6, R5.5; readings 5; 行政许可法 第二十九条第二款.
    """
    _require_takeable(request, terms, windows, act)
    mandate = request.mandate
    due = counter_rules.pass_on_due(act.at, calendar)
    taken = Assistance(
        number=number,
        village_post=act.unit,
        unit_path=unit_path,
        terms=terms,
        item_code=terms.item_code,
        applicant_person=request.applicant_person,
        applicant_kind=request.applicant_kind,
        result_delivery=request.result_delivery,
        summary=request.summary,
        mandate_sha256=mandate.scan_sha256,
        mandate_scope=mandate.scope.strip(),
        may_collect=mandate.may_collect,
        taken_at=act.at,
        taken_by=act.person,
        pass_on_due_on=due.on,
        pass_on_due_provisional=due.provisional,
        materials=_carried(number, terms, request.materials),
    )
    taken.happened(
        AssistanceTaken(
            assistance=number,
            village_post=act.unit,
            unit_path=unit_path,
            item_code=terms.item_code,
            take_time=act.at,
            pass_on_due=due,
        )
    )
    return taken


def _require_takeable(
    request: Request, terms: ItemTerms, windows: Collection[WindowUnit], act: Act
) -> None:
    counter_rules.require_village_post(act)
    counter_rules.require_free(request.fee_fen)
    counter_rules.require_no_presence(terms)
    mandate = request.mandate
    counter_rules.require_mandate(mandate.scan_sha256, mandate.scope, mandate.agent_name)
    if not windows:
        raise errors.NoCompetentWindowError("Nobody may accept this", item=terms.item_named)


def pass_on(
    carried: Assistance,
    to_unit: str,
    destinations: Destinations,
    act: Act,
    calendar: WorkCalendar,
    *,
    only: str = "",
) -> bool:
    """Send it to a window that may accept it; tell whether within a working day.

    `only` is the window of the case that it became at a receiving point.

    Source: R5.5; readings 5.
    """
    counter_rules.require_village_post(act)
    if carried.state is not AssistanceState.TAKEN:
        raise errors.AssistanceAlreadyPassedOnError(
            "It went on before",
            assistance=carried.number,
            window=destinations.named(carried.to_unit),
        )
    window = counter_rules.require_competent(carried.terms, to_unit, destinations, only=only)
    carried.to_unit = window.code
    carried.passed_on_at, carried.passed_on_by = act.at, act.person
    carried.state = AssistanceState.PASSED_ON
    in_time = act.at < counter_rules.pass_on_due(carried.taken_at, calendar).at
    carried.happened(
        AssistancePassedOn(
            assistance=carried.number, to_unit=window.code, pass_time=act.at, in_time=in_time
        )
    )
    return in_time


def overdue(carried: Assistance, at: datetime) -> AssistanceOverdue | None:
    """Return what supervision must hear of a request that was not passed on in time, once.

    Source: R5.5; readings 5 (一个工作日).
    """
    waits = carried.state is AssistanceState.TAKEN and carried.overdue_told_at is None
    if not (waits and carried.is_overdue(at)):
        return None
    carried.overdue_told_at = at
    return AssistanceOverdue(
        assistance=carried.number,
        village_post=carried.village_post,
        unit_path=carried.unit_path,
        pass_on_due=carried.pass_on_due,
    )


def receive(carried: Assistance, item_code: str, case_number: str, act: Act) -> None:
    """Note that the window received it as a case; its signature ends the way of the agent.

    Source: R5.5; readings 5.
    """
    if carried.case_number:
        raise errors.AssistanceAlreadyReceivedError(
            "It is a case already", assistance=carried.number, case=carried.case_number
        )
    _require_here(carried, act)
    if carried.item_code != item_code:
        raise errors.AssistanceOfAnotherItemError(
            "It is for another item",
            assistance=carried.number,
            item=named(carried.terms.name, carried.item_code),
        )
    become(carried, case_number)
    _signed(carried, act)


def become(carried: Assistance, case_number: str) -> None:
    """Note which case it became: at the window, or at a post that is a receiving point.

    Source: R5.5; readings 5.
    """
    carried.case_number = case_number
    carried.happened(AssistanceReceived(assistance=carried.number, case_number=case_number))


def acknowledge(carried: Assistance, act: Act) -> None:
    """Take over at the window what a receiving point had received as a case.

    Source: R5.5; readings 5, 13.
    """
    rules.require_window_post(carried.case_number, act)
    if not carried.case_number or carried.state is AssistanceState.TAKEN:
        raise errors.AssistanceNotPassedOnError(
            "It is not on its way as a case", assistance=carried.number
        )
    if carried.state is AssistanceState.RECEIVED:
        raise errors.AssistanceAlreadyReceivedError(
            "The window has it", assistance=carried.number, case=carried.case_number
        )
    rules.require_receiving_window(carried.case_number, carried.to_unit, act)
    _signed(carried, act)


def _require_here(carried: Assistance, act: Act) -> None:
    if carried.state is AssistanceState.TAKEN:
        raise errors.AssistanceNotPassedOnError(
            "It is still at the village post", assistance=carried.number
        )
    if carried.to_unit != act.unit:
        raise errors.AssistancePassedElsewhereError(
            "It went to another window", assistance=carried.number, window=carried.to_unit
        )


def _signed(carried: Assistance, act: Act) -> None:
    carried.received_at, carried.received_by = act.at, act.person
    carried.state = AssistanceState.RECEIVED


def _carried(
    number: str, terms: ItemTerms, materials: tuple[HandedIn, ...]
) -> list[CarriedMaterial]:
    """Return what the agent carries; an agent examines nothing."""
    named = {each.material_code: each.name for each in terms.materials}
    found = by_code(materials, terms)
    return [
        CarriedMaterial(
            assistance=number,
            ordinal=ordinal,
            material_code=code,
            name=named[code],
            sha256=each.sha256,
            paper_pieces=each.paper_pieces,
        )
        for ordinal, (code, each) in enumerate(found.items(), start=1)
    ]
