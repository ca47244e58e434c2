"""A case in the form of the exchange tables `up_pro_*`, as the provincial net takes them.

Pure mappings: what is known of the case becomes columns of text, what is not
known here (codes of the national catalogue) stays empty and is filled by the
gateway. The same case gives the same rows.

Source: R3.6, R4.5; domain.md 2.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Final

from services.intake.domain.case import Case, CaseMaterial
from services.intake.domain.document import DocumentKind
from services.intake.domain.records import CaseDecision, ProcessNotice
from services.intake.domain.values import (
    Applicant,
    ApplicantKind,
    Channel,
    DecisionOutcome,
    Handling,
    ResultDelivery,
)
from workdays import CHINA_STANDARD_TIME

__all__ = ["Applied", "ExchangeRow", "ExchangeTable", "Operation", "rows_of"]


class ExchangeTable(Enum):
    """The tables of the exchange that a case fills."""

    ACCEPT = "up_pro_accept"
    PROCESS = "up_pro_process"
    RESULT = "up_pro_result"
    SPECIAL_PROCEDURE = "up_pro_special_procedure"
    MATERIAL = "up_pro_material"


class Operation(Enum):
    """What a row does to the one sent before it (cd_operation)."""

    INSERT = "I"
    UPDATE = "U"
    DELETE = "D"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRow:
    """One row of one table; `guid` names it for good."""

    table: ExchangeTable
    guid: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """Who applies, as what, and under which number of the provincial net."""

    applicant: Applicant
    exchange_number: str


# GB/T 39046 A.5 (办理形式) and A.6 (办件类型).
_APPLY_TYPES: Final = {Channel.WINDOW: "1", Channel.ONLINE: "2", Channel.ASSISTANCE: "9"}
_PROJECT_TYPES: Final = {
    Handling.ON_THE_SPOT: "1",
    Handling.PROMISED: "2",
    Handling.FILING: "9",
}
# GB/T 39046 A.4 (服务对象) and the usual codes of certificates.
_APPLICANT_TYPES: Final = {ApplicantKind.NATURAL_PERSON: "1", ApplicantKind.ORGANISATION: "2"}
_PAGE_TYPES: Final = {ApplicantKind.NATURAL_PERSON: "111", ApplicantKind.ORGANISATION: "001"}
_RESULTS: Final = {DecisionOutcome.GRANTED: "准予", DecisionOutcome.DENIED: "不予许可"}
_CERTIFICATE, _DOCUMENT = "10", "20"  # 结果类型: 证照, 批文
_EXTENSION, _OTHER_PROCEDURE = "1", "2"  # GB/T 39046 A.7
_SPECIAL: Final = {
    DocumentKind.SPECIAL_PROCEDURE: (_OTHER_PROCEDURE, "特别程序"),
    DocumentKind.EXTENSION_NOTICE: (_EXTENSION, "延长审批"),
}


def rows_of(case: Case, applied: Applied) -> tuple[ExchangeRow, ...]:
    """Return all that the provincial net is told of a case.

    Source: R3.6, R4.5; domain.md 2.4.
    """
    return (
        _accept(case, applied),
        *_processes(case),
        *(_result(case, each) for each in case.decisions if each.decided_at is not None),
        *(_special(case, each) for each in case.process_notices if each.kind in _SPECIAL),
        *(_material(case, each) for each in case.materials),
    )


def _row(table: ExchangeTable, case: Case, part: str, columns: Mapping[str, str]) -> ExchangeRow:
    guid = f"{case.number}/{part}" if part else case.number
    named = {"row_guid": guid, "project_no": case.number, **columns}
    return ExchangeRow(table=table, guid=guid, columns=named)


def _accept(case: Case, applied: Applied) -> ExchangeRow:
    who = applied.applicant
    notice = [each for each in case.documents if each.kind is DocumentKind.ACCEPTANCE_NOTICE]
    return _row(
        ExchangeTable.ACCEPT,
        case,
        "",
        {
            "exchange_no": applied.exchange_number,
            "catalog_code": "",
            "local_catalog_code": "",
            "task_code": "",
            "local_task_code": case.item_code,
            "task_handle_item": "",
            "task_name": case.item_name,
            "task_version": case.item_version.rpartition("@")[2],
            "project_name": case.summary,
            "applyer_name": who.name,
            "applyer_type": _APPLICANT_TYPES[who.kind],
            "applyer_page_type": _PAGE_TYPES[who.kind],
            "applyer_page_code": who.identity_number,
            "contact_name": who.name,
            "contact_type": _PAGE_TYPES[who.kind],
            "contact_code": who.identity_number,
            "contact_mobile": who.phone,
            "legal": "",
            "address": who.address,
            "zip_code": "",
            "apply_date": _instant(case.received_at),
            "apply_type": _APPLY_TYPES[case.channel],
            "org_name": case.terms.authority_name,
            "org_code": case.authority,
            "handle_user_name": case.accepted_by,
            "accept_date": _instant(case.accepted_at),
            "accept_doc_no": notice[-1].number if notice else "",
            "project_type": _PROJECT_TYPES[case.terms.handling],
            "promise_date": _day(case.promise_due_on),
        },
    )


def _processes(case: Case) -> list[ExchangeRow]:
    """Return the acts on the case, in the order of the law."""
    acts = (
        ("received", "收件", case.received_at, case.received_by),
        ("noticed", "一次性告知补正", case.noticed_at, case.noticed_by),
        ("accepted", "受理", case.accepted_at, case.accepted_by),
        ("decided", "决定", case.decided_at, case.decider),
        ("handed-out", "送达", case.handed_out_at, case.handed_out_by),
    )
    return [
        _row(
            ExchangeTable.PROCESS,
            case,
            part,
            {
                "process_name": name,
                "event_name": name,
                "event_start_time": _instant(at),
                "event_end_time": _instant(at),
                "handle_user_name": person,
                "handle_explain": "视为受理" if name == "受理" and case.deemed_accepted else "",
            },
        )
        for part, name, at, person in acts
        if at is not None
    ]


def _result(case: Case, decision: CaseDecision) -> ExchangeRow:
    return _row(
        ExchangeTable.RESULT,
        case,
        f"result/{decision.authority}",
        {
            "result_type": _CERTIFICATE if decision.certificate_number else _DOCUMENT,
            "result_date": _instant(decision.decided_at),
            "result_explain": _RESULTS.get(decision.outcome, ""),
            "result_cetr_name": case.terms.result_name if decision.certificate_number else "",
            "result_cetr_no": decision.certificate_number,
            "is_delivery_results": str(int(case.result_delivery is ResultDelivery.EMS)),
            "satisfaction": "",
        },
    )


def _special(case: Case, notice: ProcessNotice) -> ExchangeRow:
    kind, name = _SPECIAL[notice.kind]
    return _row(
        ExchangeTable.SPECIAL_PROCEDURE,
        case,
        f"special/{notice.reference}",
        {
            "special_type": kind,
            "special_name": name,
            "special_time": _instant(notice.given_at),
            "special_reason": notice.facts.get("source", ""),
            "applyer_user_name": "",
            "end_time": "",
            "result": "",
            "special_explain": notice.facts.get("days", ""),
            "handle_user": notice.given_by,
        },
    )


def _material(case: Case, material: CaseMaterial) -> ExchangeRow:
    return _row(
        ExchangeTable.MATERIAL,
        case,
        f"material/{material.material_code}",
        {
            "material_name": material.name,
            "get_type": _get_type(material),
            "get_num": str(material.paper_pieces or int(bool(material.sha256))),
            "material_attach_name": material.sha256,
        },
    )


def _get_type(material: CaseMaterial) -> str:
    """Return how it was obtained (收取方式): 1 on paper, 2 uploaded, 5 from a shared store."""
    if material.sharing_source:
        return "5"
    if material.paper_pieces:
        return "1"
    return "2" if material.sha256 else ""


def _instant(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(CHINA_STANDARD_TIME).strftime("%Y-%m-%d %H:%M:%S")


def _day(on: date | None) -> str:
    return "" if on is None else on.isoformat()
