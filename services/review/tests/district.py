"""Review on SQLite behind its guard, with the people of the journey and the facts of the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from liandong.catalog.v1 import catalog_events_pb2 as catalog
from liandong.common.v1 import common_pb2 as common
from liandong.common.v1 import item_terms_pb2 as terms
from liandong.intake.v1 import intake_events_pb2 as intake
from liandong.review.v1 import review_acts_pb2 as acts
from liandong.review.v1 import review_service_pb2 as pb
from liandong.review.v1 import review_service_pb2_grpc as pb_grpc
from sqlalchemy import func, select

from servicekit.grpc_errors import refusal_of
from servicekit.identity import Caller
from servicekit.stream import Outcome, Streams
from servicekit.testing import MONDAY, Harness, envelope
from services.review.bootstrap import DEFINITION
from services.review.tests.builders import AUTHORITY, UNIT_PATH
from services.review.tests.fakes import FakeCatalog

CASE = "370306-20260921-0001"
OTHER_AUTHORITY = "370306000000-D02"
DISTRICT = "/370000000000/370300000000/370306000000/"


def staff(person: str, post_kind: str, role: str, authority: str = AUTHORITY) -> Caller:
    unit = authority if post_kind == "DEPARTMENT" else "370306000000-C1-W01"
    path = f"{DISTRICT}{unit}/" if post_kind == "DEPARTMENT" else UNIT_PATH
    return Caller(
        person=person, assignment=f"as-{person}", post_kind=post_kind, roles=frozenset({role}),
        unit=unit, unit_path=path, authority=authority,
    )  # fmt: skip


CLERK = staff("p-clerk", "WINDOW", "WINDOW_CLERK")
MOVED_CLERK = staff("p-clerk", "DEPARTMENT", "REVIEWER")
REVIEWER = staff("p-reviewer", "DEPARTMENT", "REVIEWER")
DECIDER = staff("p-decider", "DEPARTMENT", "DECIDER")
HEAD = staff("p-head", "DEPARTMENT", "DEPARTMENT_HEAD")
GOVERNMENT = Caller(
    person="p-government", assignment="as-government", post_kind="SUPERVISION",
    roles=frozenset({"GOVERNMENT_HEAD"}), unit="370306000000", unit_path=DISTRICT,
)  # fmt: skip
ELSEWHERE_REVIEWER = staff("p-d02-reviewer", "DEPARTMENT", "REVIEWER", OTHER_AUTHORITY)
ELSEWHERE_DECIDER = staff("p-d02-decider", "DEPARTMENT", "DECIDER", OTHER_AUTHORITY)
FOREIGN = staff("p-foreign", "DEPARTMENT", "DEPARTMENT_HEAD", OTHER_AUTHORITY)
TWO_HATS = Caller(
    person="p-hats", assignment="as-hats", post_kind="DEPARTMENT",
    roles=frozenset({"REVIEWER", "WINDOW_CLERK"}),
    unit=OTHER_AUTHORITY, unit_path=f"{DISTRICT}{OTHER_AUTHORITY}/", authority=OTHER_AUTHORITY,
)  # fmt: skip
SUPERVISOR = Caller(
    person="p-super", assignment="as-super", post_kind="SUPERVISION",
    roles=frozenset({"SUPERVISOR"}), unit="370306000000", unit_path=DISTRICT,
)  # fmt: skip
SUPERVISOR_ELSEWHERE = Caller(
    person="p-super2", assignment="as-super2", post_kind="SUPERVISION",
    roles=frozenset({"SUPERVISOR"}), unit="370305000000",
    unit_path="/370000000000/370300000000/370305000000/",
)  # fmt: skip
APPLICANT = Caller(
    person="a-1", assignment="self", post_kind="APPLICANT", roles=frozenset({"APPLICANT"})
)
INTAKE = Caller(service="intake", purpose="准予行政许可决定书")


def stamp(instant: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(instant)
    return made


def last_day(year: int, month: int, day: int, *, provisional: bool = False) -> common.DueDate:
    return common.DueDate(on=Date(year=year, month=month, day=day), provisional=provisional)


def limit(amount: int, source: str = "") -> common.Limit:
    return common.Limit(
        amount=amount,
        unit=common.LIMIT_UNIT_WORKING_DAY,
        start=common.LIMIT_START_ACCEPTED,
        source=source,
    )


def due_on(year: int, month: int, day: int) -> Date:
    return Date(year=year, month=month, day=day)


def extension(approver: str = "AUTHORITY_HEAD", amount: int = 10, **more: Any) -> terms.Extension:
    return terms.Extension(
        amount=amount,
        unit=common.LIMIT_UNIT_WORKING_DAY,
        approver=terms.ExtensionApprover.Value(f"EXTENSION_APPROVER_{approver}"),
        source="行政许可法第四十二条第一款",
        **more,
    )


def expert_review(most: int = 30, *, stops_promise: bool = True) -> terms.SpecialProcedureTerms:
    return terms.SpecialProcedureTerms(
        kind=terms.SPECIAL_PROCEDURE_KIND_EXPERT_REVIEW,
        max_days=most,
        stops_promise=stops_promise,
        source="行政许可法第四十五条",
    )


def part(authority: str, **changes: Any) -> terms.AuthorityTask:
    """The part of one authority: the limits of the law and the promise as of `accepted`."""
    facts: dict[str, Any] = {
        "authority": authority,
        "name": f"{authority}的许可",
        "statutory_limit": limit(20, "行政许可法第四十二条第一款"),
        "promised_limit": limit(5),
        "statutory_due": last_day(2026, 10, 26),
        "promise_due": last_day(2026, 9, 29),
        "persons_required": 2,
        "remedies_known": True,
    }
    return terms.AuthorityTask(**(facts | changes))


def joint(**of_the_other: Any) -> dict[str, Any]:
    """What makes an acceptance one of two authorities."""
    return {
        "handling": "PROMISED",
        "joint_form": terms.JOINT_FORM_JOINT_HANDLING,
        "tasks": [part(AUTHORITY), part(OTHER_AUTHORITY, **of_the_other)],
    }


def accepted(number: str = CASE, at: datetime = MONDAY, **changes: Any) -> intake.CaseAccepted:
    """The event of a case accepted on Monday 21 September 2026, with a law and a promise."""
    facts: dict[str, Any] = {
        "case_number": number,
        "item_code": "370306-01-001",
        "item_version": "370306-01-001@1",
        "authority": AUTHORITY,
        "window_unit": "370306000000-C1-W01",
        "unit_path": UNIT_PATH,
        "receive_time": stamp(at),
        "complete_time": stamp(at),
        "accept_time": stamp(at),
        "front_persons": [CLERK.person],
        "statutory_limit": limit(20, "行政许可法第四十二条第一款"),
        "promised_limit": limit(5),
        "statutory_due": last_day(2026, 10, 26),
        "promise_due": last_day(2026, 9, 29),
        "persons_required": 2,
    }
    return intake.CaseAccepted(**(facts | changes))


def calendar_imported(year: int, notice: str) -> catalog.CalendarYearImported:
    return catalog.CalendarYearImported(year=year, notice=notice, source="国办发明电〔2026〕1号")


HEAD_OF = {OTHER_AUTHORITY: FOREIGN}
ACTS: dict[str, dict[str, Any]] = {
    "PlanSpecialProcedure": {
        "kind": terms.SPECIAL_PROCEDURE_KIND_EXPERT_REVIEW,
        "days": 6,
        "start_date": Date(year=2026, month=9, day=28),
        "institution": "淄博市食品安全专家委员会",
    },
    "EndSpecialProcedure": {
        "procedure": f"{CASE}-S1",
        "end_date": Date(year=2026, month=10, day=8),
    },
    "ExtendLimit": {"amount": 10, "reasons": "案情复杂，需补充调查。"},
    "RequestExplanation": {"question": "请说明操作间排烟管道的走向。"},
    "AskAuthorities": {
        "consulted": [OTHER_AUTHORITY],
        "question": "对选址有无意见？",
        "answer_by_date": Date(year=2026, month=9, day=24),
    },
    "AnswerConsultation": {"agrees": True, "text": "无意见。"},
    "WaiveBundle": {"reason": "纸质材料在途遗失，电子卷宗齐全。"},
}


@dataclass
class District:
    """What the tests do with review, in one place."""

    built: Harness
    streams: Streams
    catalog: FakeCatalog
    seqs: dict[tuple[str, str], int] = field(default_factory=dict)

    def take(self, kind: str, message: Any, stream_id: str = CASE) -> Outcome:
        """Deliver the next event of a stream."""
        key = (kind.partition(".")[0], stream_id)
        self.seqs[key] = self.seqs.get(key, 0) + 1
        return self.streams.take(envelope(kind, message, stream_id=stream_id, seq=self.seqs[key]))

    def accept(self, number: str = CASE, **changes: Any) -> Outcome:
        return self.take("intake.case_accepted.v1", accepted(number, **changes), number)

    @property
    def stub(self) -> pb_grpc.ReviewServiceStub:
        return pb_grpc.ReviewServiceStub(self.built.channel)

    def get(
        self, caller: Caller = REVIEWER, number: str = CASE, authority: str = ""
    ) -> pb.ReviewCase:
        request = pb.GetReviewCaseRequest(case_number=number, authority=authority)
        return self.built.call(self.stub.GetReviewCase, request, caller).review

    def list(self, caller: Caller = REVIEWER, **page: Any) -> pb.ListWorkResponse:
        return self.built.call(self.stub.ListWork, pb.ListWorkRequest(**page), caller)

    def check_site(self, caller: Caller = REVIEWER, **changes: Any) -> Any:
        facts = {
            "request_id": "check-0001",
            "case_number": CASE,
            "revision": 1,
            "check_time": stamp(self.built.clock.now() - timedelta(hours=1)),
            "place": "周村区新建东路1号",
            "checkers": ["p-reviewer", "p-colleague"],
            "findings": "布局与图纸一致",
            "complies": True,
        }
        request = pb.RecordSiteCheckRequest(**(facts | changes))
        return self.built.call(self.stub.RecordSiteCheck, request, caller)

    def opine(self, caller: Caller = REVIEWER, **changes: Any) -> Any:
        facts = {
            "request_id": "opinion-0001",
            "case_number": CASE,
            "revision": 1,
            "proposes_grant": True,
            "text": "符合条件，拟准予",
        }
        request = pb.SubmitOpinionRequest(**(facts | changes))
        return self.built.call(self.stub.SubmitOpinion, request, caller)

    def decide(self, caller: Caller = DECIDER, **changes: Any) -> Any:
        facts = {
            "request_id": "decision-0001",
            "case_number": CASE,
            "revision": 2,
            "outcome": pb.DECISION_OUTCOME_GRANTED,
            "facts": "经审查，申请材料齐全",
            "reasons": "符合法定条件",
            "legal_bases": ["行政许可法第三十八条第一款"],
            "content": "准予食品经营许可",
        }
        request = pb.DecideRequest(**(facts | changes))
        return self.built.call(self.stub.Decide, request, caller)

    def act(self, rpc: str, caller: Caller, **changes: Any) -> Any:
        """Call one of the further acts on the case, at its revision unless another is given."""
        facts = {"request_id": f"{rpc}-0001", "case_number": CASE, **ACTS[rpc], **changes}
        if "revision" not in facts:
            authority = facts.get("authority", "")
            facts["revision"] = self.get(HEAD_OF.get(authority, HEAD), authority=authority).revision
        request = getattr(acts, f"{rpc}Request")(**facts)
        return self.built.call(getattr(self.stub, rpc), request, caller)

    def give_notice(self, reference: str, at: datetime, kind: str = "SPECIAL_PROCEDURE") -> Outcome:
        """Tell that the applicant was told of a procedure or an extension."""
        notice = intake.ProcessNoticeGiven(
            case_number=CASE, document="D-1", kind=kind, reference=reference,
            give_time=stamp(at), authority=AUTHORITY,
        )  # fmt: skip
        return self.take("intake.process_notice_given.v1", notice)

    def withdraw(self, at: datetime) -> Outcome:
        withdrawn = intake.CaseWithdrawn(case_number=CASE, withdraw_time=stamp(at))
        return self.take("intake.case_withdrawn.v1", withdrawn)

    def count(self, table: Any) -> int:
        with self.built.resources.read_engine.connect() as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()

    def published(self) -> list[str]:
        """The types of what was left in the outbox, in order."""
        outbox = DEFINITION.tables.outbox.outbox
        with self.built.resources.read_engine.connect() as connection:
            return list(connection.scalars(select(outbox.c.type).order_by(outbox.c.id)))


def refused(call: Any) -> Any:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return refusal_of(caught.value)


def attempted(call: Any) -> str:
    """Return the reason of a refusal, or nothing."""
    try:
        call()
    except grpc.RpcError as error:
        return refusal_of(error).reason
    return ""


def china(month: int, day: int, hour: int = 10, minute: int = 0) -> datetime:
    """An instant of 2026 by the clock on the wall in China."""
    return datetime.fromisoformat(f"2026-{month:02}-{day:02}T{hour:02}:{minute:02}:00+08:00")


def december() -> datetime:
    """A Monday from which twenty working days reach into the next year."""
    return datetime(2026, 12, 21, 1, 0, tzinfo=UTC)
