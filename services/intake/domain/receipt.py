"""Receipt of an application (收件): never refused for an item in force."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.intake.domain import counter_rules, errors, filing, rules, transfer
from services.intake.domain.case import Case, CaseMaterial
from services.intake.domain.document import DocumentKind
from services.intake.domain.events import CaseReceived
from services.intake.domain.values import (
    Act,
    ApplicantKind,
    Channel,
    Defect,
    HandedIn,
    ItemMaterial,
    ItemTerms,
    PostKind,
    Power,
    ResultDelivery,
    VisitPurpose,
    WindowUnit,
)
from workdays import Due, WorkCalendar

__all__ = ["Application", "receive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What an applicant hands in, without who they are."""

    applicant_person: str
    applicant_kind: ApplicantKind
    materials: tuple[HandedIn, ...]
    channel: Channel
    result_delivery: ResultDelivery
    summary: str
    electronic_service_consent: bool = False
    # Which carried request it was (代办), empty without one.
    assistance: str = ""


def receive(
    application: Application,
    terms: ItemTerms,
    window: WindowUnit,
    act: Act,
    *,
    number: str,
    query_code: str,
    writer_unit: str,
    calendar: WorkCalendar,
    powers: frozenset[Power],
    in_force: bool = True,
) -> Case:
    """Return the case that begins with this receipt.

    Complete or not, with a letter or without, of an item in force or out of it:
    what was handed in is kept with its instant, and the limit of the notice runs
    from it.

    Source: 行政许可法 第二十九条, 第三十二条; R4.3; readings 4.
    """
    counter_rules.require_named_assistance(application.channel, application.assistance)
    if application.channel is not Channel.ONLINE:
        rules.require_receiving_post(terms, act)
    rules.require_channel(application.channel, act)
    rules.require_own_account(application.applicant_person, application.channel, act)
    case = _opened(
        application,
        terms,
        window,
        act,
        number=number,
        query_code=query_code,
        writer_unit=writer_unit,
        notice_due=rules.one_time_notice_due(act.at, calendar),
        in_force=in_force,
    )
    # An account that hands in its own application is no less barred from deciding it.
    case.remember_front(act.person)
    case.tell("CASE_RECEIVED", act.at, window.code, window=window.name)
    case.happened(_received(case, act))
    transfer.notice_competence(case, powers, act)
    if rules.is_visit(VisitPurpose.APPLICATION, application.channel):
        case.visit(VisitPurpose.APPLICATION, act)
    case.draft(DocumentKind.MATERIALS_RECEIPT, act)
    filing.record(case, act)
    return case


def _opened(
    application: Application,
    terms: ItemTerms,
    window: WindowUnit,
    act: Act,
    *,
    number: str,
    query_code: str,
    writer_unit: str,
    notice_due: Due,
    in_force: bool,
) -> Case:
    return Case(
        number=number,
        terms=terms,
        item_code=terms.item_code,
        item_version=terms.item_version,
        item_name=terms.name,
        authority=terms.authority,
        window_unit=window.code,
        window_name=window.name,
        unit_path=window.unit_path,
        channel=application.channel,
        result_delivery=application.result_delivery,
        summary=application.summary,
        applicant_person=application.applicant_person,
        applicant_kind=application.applicant_kind,
        query_code=query_code,
        received_at=act.at,
        received_by=act.person,
        notice_due_on=notice_due.on,
        notice_due_provisional=notice_due.provisional,
        silence_accepts=counter_rules.silence_accepts(terms, in_force=in_force),
        writer_unit=writer_unit,
        assistance=application.assistance,
        out_of_force=not in_force,
        electronic_service_consent=application.electronic_service_consent,
        materials=_preliminary_check(number, terms, application.materials, act),
    )


def _received(case: Case, act: Act) -> CaseReceived:
    return CaseReceived(
        case_number=case.number,
        item_code=case.item_code,
        item_version=case.item_version,
        authority=case.authority,
        window_unit=case.window_unit,
        unit_path=case.unit_path,
        channel=case.channel.name,
        receive_time=act.at,
        received_by=act.person,
        result_delivery=case.result_delivery.name,
        courier_offered=case.terms.result_physical and case.terms.courier_offered,
        notice_due=case.notice_due,
        applicant=case.applicant_person,
        handling=case.terms.handling.name,
        courier_inbound=case.terms.courier_inbound,
        assistance=case.assistance,
        out_of_force=case.out_of_force,
    )


def _preliminary_check(
    number: str, terms: ItemTerms, handed_in: Iterable[HandedIn], act: Act
) -> list[CaseMaterial]:
    """Return the materials of the version with what the preliminary check (初审) found.

    A demanded material that is not there is missing, whether or not the
    window said so. What can be shared, or may follow, is no defect.

    Source: R4.3; 国务院令第716号 第七条.
    """
    found = by_code(handed_in, terms)
    # An account cannot examine its own application: only what is absent counts.
    examined = act.post_kind == PostKind.WINDOW
    return [
        _checked(number, place, each, found.get(each.material_code), act, examined=examined)
        for place, each in enumerate(terms.materials, start=1)
    ]


def _checked(
    number: str,
    ordinal: int,
    material: ItemMaterial,
    handed_in: HandedIn | None,
    act: Act,
    *,
    examined: bool,
) -> CaseMaterial:
    there = handed_in is not None and handed_in.is_there
    defect = Defect.UNSPECIFIED
    if material.is_demanded:
        said = handed_in.defect if handed_in is not None and examined else Defect.UNSPECIFIED
        defect = said if there else Defect.MISSING
    in_form = there and defect is Defect.UNSPECIFIED
    return CaseMaterial(
        case_number=number,
        material_code=material.material_code,
        ordinal=ordinal,
        name=material.name,
        sharing_source=material.sharing_source,
        demanded=material.is_demanded,
        defect=defect,
        sha256=handed_in.sha256 if handed_in else "",
        paper_pieces=handed_in.paper_pieces if handed_in else 0,
        copies=handed_in.copies if handed_in else None,
        pages=handed_in.pages if handed_in else None,
        arrived_at=act.at if in_form else None,
    )


def by_code(materials: Iterable[HandedIn], terms: ItemTerms | None = None) -> dict[str, HandedIn]:
    """Return the materials by their codes, or refuse a code that comes twice or is unknown.

    Copies are among the pieces, so there are no more of them.
    """
    found: dict[str, HandedIn] = {}
    for each in materials:
        if each.copies is not None and each.copies > each.paper_pieces:
            raise errors.PaperMiscountedError(
                "More copies than pieces", material=each.material_code
            )
        if each.material_code in found:
            raise errors.MaterialRepeatedError(
                "One material came twice", material=each.material_code
            )
        found[each.material_code] = each
    if terms is not None:
        unknown = sorted(found.keys() - {each.material_code for each in terms.materials})
        if unknown:
            raise errors.MaterialUnknownError(
                "The item asks for no such material", material="、".join(unknown)
            )
    return found
