"""Requests that village posts carry: taken in, passed on, received at the window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from servicekit.unit_of_work import check_revision
from services.intake.domain import assistance, counter_rules, receipt
from services.intake.domain.assistance import Assistance, Mandate
from services.intake.domain.case import Case
from services.intake.domain.counter_errors import AssistanceUnknownError
from services.intake.domain.counter_rules import Destinations, MandateOnFile
from services.intake.domain.identity_numbers import check_number
from services.intake.domain.values import (
    Act,
    Applicant,
    Channel,
    HandedIn,
    ItemTerms,
    Power,
    ResultDelivery,
    WindowUnit,
    civil_day,
)
from services.intake.handlers.loading import act_of, require_files
from services.intake.ports import Blobs, IntakeUnitOfWork
from workdays import Due

__all__ = [
    "SLIP",
    "AcknowledgeAssistance",
    "AssistanceGround",
    "PassOnAssistance",
    "SlipRendered",
    "TakeAssistance",
    "acknowledge_assistance",
    "mandate_on_file",
    "mark_slip_rendered",
    "pass_on_assistance",
    "received_at_window",
    "take_assistance",
    "tell_overdue_assistance",
]

SLIP = "render_assistance_slip"
_NO_MANDATE = Mandate(scan_sha256="", scope="", may_collect=False, agent_name="")


@dataclass(frozen=True, slots=True)
class TakeAssistance:
    """A village agent takes a request in."""

    item_code: str
    applicant: Applicant
    materials: tuple[HandedIn, ...]
    mandate: Mandate | None
    result_delivery: ResultDelivery
    summary: str
    fee_fen: int


@dataclass(frozen=True, slots=True)
class AssistanceGround:
    """What was asked before the transaction: the version, who may accept it, numbers."""

    terms: ItemTerms
    windows: tuple[WindowUnit, ...]
    number: str
    case_number: str
    query_code: str


@dataclass(frozen=True, slots=True)
class PassOnAssistance:
    """The agent passes the request on."""

    assistance: str
    revision: int
    to_unit: str


@dataclass(frozen=True, slots=True)
class AcknowledgeAssistance:
    """The window takes over what a receiving point passed on."""

    assistance: str
    revision: int


@dataclass(frozen=True, slots=True)
class SlipRendered:
    """The 代办接件单 was printed and its file stored."""

    assistance: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Taken:
    """The taken request, and the case that began with it at a receiving point."""

    assistance: str
    revision: int
    take_time: datetime
    pass_on_due: Due
    received_case: str
    case_revision: int
    query_code: str


@dataclass(frozen=True, slots=True)
class PassedOn:
    """The request on its way to the window."""

    assistance: str
    revision: int
    in_time: bool


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The request that the window took over."""

    assistance: str
    revision: int


def take_assistance(
    command: TakeAssistance, ground: AssistanceGround, *, uow: IntakeUnitOfWork, blobs: Blobs
) -> Taken:
    """Take the request in; where the post is a receiving point, the case begins with it."""
    act = act_of(uow.call)
    mandate = command.mandate or _NO_MANDATE
    scan = HandedIn(material_code="", sha256=mandate.scan_sha256)
    require_files((*command.materials, scan), blobs)
    applicant = command.applicant
    checked = check_number(applicant.kind, applicant.identity_number, civil_day(act.at))
    taken = assistance.take(
        assistance.Request(
            applicant_person=applicant.person,
            applicant_kind=applicant.kind,
            materials=command.materials,
            mandate=mandate,
            result_delivery=command.result_delivery,
            summary=command.summary,
            fee_fen=command.fee_fen,
        ),
        ground.terms,
        ground.windows,
        act,
        number=ground.number,
        unit_path=uow.call.caller.unit_path,
        calendar=uow.calendar,
    )
    who = Applicant(
        person=applicant.person,
        kind=applicant.kind,
        name=applicant.name.strip(),
        identity_number=checked.number,
        phone=applicant.phone,
        address=applicant.address,
    )
    uow.assistances.add(taken)
    uow.assisted.add(taken.number, who, mandate.agent_name.strip())
    uow.ask(SLIP, f"{SLIP}:{taken.number}", assistance=taken.number)
    case_revision, query_code = _received_here(taken, command, ground, who, uow=uow)
    return Taken(
        assistance=taken.number,
        revision=taken.revision,
        take_time=taken.taken_at,
        pass_on_due=taken.pass_on_due,
        received_case=taken.case_number,
        case_revision=case_revision,
        query_code=query_code,
    )


def _received_here(
    taken: Assistance,
    command: TakeAssistance,
    ground: AssistanceGround,
    who: Applicant,
    *,
    uow: IntakeUnitOfWork,
) -> tuple[int, str]:
    """Begin the case where the post is a receiving point; return its revision and query code."""
    window = counter_rules.reporting_window(taken.unit_path, ground.windows)
    if window is None or not counter_rules.is_receiving_point(ground.terms, taken.village_post):
        return 0, ""
    case = receipt.receive(
        receipt.Application(
            applicant_person=who.person,
            applicant_kind=who.kind,
            materials=command.materials,
            channel=Channel.ASSISTANCE,
            result_delivery=command.result_delivery,
            summary=command.summary,
            assistance=taken.number,
        ),
        ground.terms,
        window,
        act_of(uow.call),
        number=ground.case_number,
        query_code=ground.query_code,
        writer_unit=uow.site_unit,
        calendar=uow.calendar,
        powers=frozenset({Power.ACCEPT}),
    )
    assistance.become(taken, case.number)
    uow.cases.add(case)
    uow.applicants.add(case.number, who)
    return case.revision, case.query_code


def received_at_window(case: Case, act: Act, *, uow: IntakeUnitOfWork) -> None:
    """Note that the window received what was carried; the agent dealt with the applicant."""
    carried = find(uow, case.assistance)
    assistance.receive(carried, case.item_code, case.number, act)
    case.remember_front(carried.taken_by)


def pass_on_assistance(
    command: PassOnAssistance, destinations: Destinations, *, uow: IntakeUnitOfWork
) -> PassedOn:
    """Pass the request on to a window that may accept it; to that of its case if there is one."""
    carried = _load(uow, command.assistance, command.revision)
    case = uow.cases.find(carried.case_number) if carried.case_number else None
    in_time = assistance.pass_on(
        carried,
        command.to_unit,
        destinations,
        act_of(uow.call),
        uow.calendar,
        only="" if case is None else case.window_unit,
    )
    return PassedOn(carried.number, carried.revision + 1, in_time)


def acknowledge_assistance(
    command: AcknowledgeAssistance, *, uow: IntakeUnitOfWork
) -> Acknowledged:
    """Take over at the window what a receiving point passed on."""
    carried = find(uow, command.assistance)
    check_revision(carried, command.revision)
    assistance.acknowledge(carried, act_of(uow.call))
    carried.revision += 1  # nothing that others must hear of: the case was told before
    return Acknowledged(carried.number, carried.revision)


def tell_overdue_assistance(number: str, *, uow: IntakeUnitOfWork) -> bool:
    """Make known, once, that a request lies at its village post for too long.

    What the agent saw of it still holds: the revision stays.
    """
    carried = find(uow, number)
    event = assistance.overdue(carried, uow.call.at)
    if event is not None:
        uow.tell_without_revision(carried, event)
    return event is not None


def mark_slip_rendered(fact: SlipRendered, *, uow: IntakeUnitOfWork) -> None:
    """Keep the printed 代办接件单."""
    carried = find(uow, fact.assistance)
    carried.slip_sha256, carried.slip_size = fact.sha256, fact.size


def mandate_on_file(uow: IntakeUnitOfWork, case: Case) -> MandateOnFile | None:
    """Return what the applicant signed for the village agent of the case; None without one."""
    if not case.assistance:
        return None
    carried = find(uow, case.assistance)
    return MandateOnFile(
        reference=carried.number,
        agent_name=uow.assisted.agent(carried.number),
        may_collect=carried.may_collect,
    )


def find(uow: IntakeUnitOfWork, number: str) -> Assistance:
    """Return the carried request, whoever asks; the rules say who may do what with it."""
    found = uow.assistances.find(number)
    if found is None:
        raise AssistanceUnknownError("There is no such assistance", assistance=number)
    return found


def _load(uow: IntakeUnitOfWork, number: str, revision: int) -> Assistance:
    carried = uow.assistances.get(number)
    check_revision(carried, revision)
    return carried
