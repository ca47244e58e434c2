"""The other services' voices, and the people who ask metrics."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import grpc
import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from liandong.catalog.v1 import catalog_events_pb2 as catalog
from liandong.common.v1.common_pb2 import Limit, LimitStart, LimitUnit
from liandong.common.v1.envelope_pb2 import Envelope
from liandong.common.v1.violation_events_pb2 import ViolationRecorded
from liandong.delivery.v1 import delivery_events_pb2 as delivery
from liandong.intake.v1 import intake_events_pb2 as intake
from liandong.metrics.v1 import metrics_service_pb2 as pb
from liandong.review.v1 import review_events_pb2 as review
from sqlalchemy import select

from servicekit.grpc_errors import refusal_of
from servicekit.identity import Caller
from servicekit.testing import MONDAY, envelope
from services.metrics.adapters import orm
from services.metrics.domain.facts import AuthorityFacts, CaseFacts, civil_day

CENTRE = "/370000000000/370300000000/370306000000/370306000000-C1/"
ITEM = "370306-01-001"


_EVENTS = {"intake": intake, "review": review, "delivery": delivery}


def limit(days):
    return Limit(
        amount=days, unit=LimitUnit.LIMIT_UNIT_WORKING_DAY, start=LimitStart.LIMIT_START_ACCEPTED
    )


def stamp(at):
    found = Timestamp()
    found.FromDatetime(at)
    return found


def counted_facts(
    case_number="C-1",
    *,
    decided_at=None,
    promise_kept=None,
    decided_early=False,
    outcome="GRANTED",
    days=(0, 0),
    **facts,
):
    """The facts of a case that one authority decided, if it is decided."""
    if decided_at is not None:
        at_window, at_department = days
        day = timedelta(days=1 if decided_early else 0)
        one = AuthorityFacts(
            authority="D01",
            promise_due_on=civil_day(decided_at) + day,
            decided_at=decided_at,
            outcome=outcome,
            promise_kept=promise_kept,
            days_at_window=at_window,
            days_at_department=at_department,
        )
        facts |= {"authorities": (one,), "decided_at": decided_at}
        facts |= {"days_at_window": at_window, "days_at_department": at_department}
    return CaseFacts(case_number=case_number, **facts)


class Voices:
    """The other services, telling what happened; each numbers its own streams."""

    def __init__(self):
        self._seqs = Counter()
        self.told = []  # (source, body), in the order of telling

    def tell(self, kind: str, payload: Message, stream_id: str, at=MONDAY) -> bytes:
        source = kind.partition(".")[0]
        self._seqs[source, stream_id] += 1
        seq = self._seqs[source, stream_id]
        body = envelope(kind, payload, stream_id=stream_id, seq=seq, at=at)
        self.told.append((source, body))
        return body

    def received(self, number, *, unit="W01", channel="WINDOW", item=ITEM, applicant="a-1"):
        fact = intake.CaseReceived(
            case_number=number,
            item_code=item,
            item_version=f"{item}@1",
            authority="D01",
            window_unit=unit,
            unit_path=f"{CENTRE}{unit}/",
            channel=channel,
            courier_offered=True,
            applicant=applicant,
        )
        fact.receive_time.FromDatetime(MONDAY)
        return self.tell("intake.case_received.v1", fact, number)

    def visit(self, number, ordinal, purpose="APPLICATION"):
        fact = intake.VisitRecorded(case_number=number, purpose=purpose, ordinal=ordinal)
        return self.tell("intake.visit_recorded.v1", fact, number)

    def noticed(self, number):
        fact = intake.OneTimeNoticeGiven(case_number=number, material_codes=["M04"])
        return self.tell("intake.one_time_notice_given.v1", fact, number)

    def accepted(self, number, *, unit="W01", due=28, deemed=False):
        fact = intake.CaseAccepted(
            case_number=number, window_unit=unit, unit_path="/", deemed=deemed
        )
        fact.accept_time.FromDatetime(MONDAY)
        _september(fact.promise_due.on, due)
        return self.tell("intake.case_accepted.v1", fact, number)

    def decided(self, number, *, kept=True, authority="D01", undecided=0, outcome="GRANTED"):
        fact = review.DecisionMade(
            case_number=number,
            authority=authority,
            outcome=outcome,
            promise_kept=kept,
            statutory_kept=True,
            undecided=undecided,
            days_at_window=1,
            days_at_department=2,
        )
        fact.decide_time.FromDatetime(MONDAY + timedelta(days=2))
        _september(fact.promise_due.on, 28)
        return self.tell("review.decision_made.v1", fact, number)

    def handed_out(self, number):
        fact = intake.ResultHandedOut(case_number=number, window_unit="W01", recipient="ADDRESSEE")
        return self.tell("intake.result_handed_out.v1", fact, number, MONDAY + timedelta(days=3))

    def offered(self, number):
        fact = delivery.CourierOffered(case_number=number, carrier="EMS")
        return self.tell("delivery.courier_offered.v1", fact, number)

    def answered(self, number, *, by_courier=False):
        fact = delivery.CourierOfferAnswered(case_number=number, by_courier=by_courier)
        return self.tell("delivery.courier_offer_answered.v1", fact, number)

    def violated(self, number, *, unit="D01-1", rule="R4.8", at=MONDAY):
        fact = ViolationRecorded(
            violation_id=f"v-{len(self.told)}",
            rule=rule,
            reason="HANDED_OUT_BY_DEPARTMENT",
            case_number=number,
            person="p-9",
            assignment="as-9",
            unit=unit,
            unit_path=f"{CENTRE}{unit}/",
            authority="D01",
        )
        return self.tell("intake.violation_recorded.v1", fact, number or unit, at)

    def published(self, item=ITEM, **facts):
        values = {
            "item_code": item, "item_version": f"{item}@1", "name": "食品经营许可",
            "authority": "D01", "item_type": "01", "admitted": True, "declared_visits": 1,
            "courier_offered": True, "handling": "PROMISED", "result_physical": True,
            "statutory_limit": limit(20), "promised_limit": limit(5),
        } | facts  # fmt: skip
        fact = catalog.ItemVersionPublished(**values)
        fact.in_force_from_date.year, fact.in_force_from_date.month = 2026, 1
        fact.in_force_from_date.day = 1
        return self.tell("catalog.item_version_published.v1", fact, item)

    def calendar(self, year, notice):
        fact = catalog.CalendarYearImported(year=year, notice=notice, source="国办发明电")
        return self.tell("catalog.calendar_year_imported.v1", fact, f"calendar-{year}")

    def say(self, kind, number, at=MONDAY, **facts):
        """Tell any event about a case, by the name of its message."""
        source, _, name = kind.partition(".")
        fact = getattr(_EVENTS[source], name)(case_number=number, **facts)
        snake = "".join(f"_{char.lower()}" if char.isupper() else char for char in name)
        return self.tell(f"{source}.{snake[1:]}.v1", fact, number, at)

    def alarms(self, number):
        """Everything that can alarm about a case, an hour apart."""
        told = (
            ("intake.CompetenceAlarmed",
             {"authority": "D01", "window_unit": "W09", "reason": "NO_LETTER"}),
            ("intake.BundleOverdue", {"bag": "B-1"}),
            ("intake.CorrectionUnconfirmed", {"window_unit": "W01"}),
            ("review.LightChanged", {"authority": "D06", "light": "RED"}),
            ("intake.ServiceLeftOpen", {"reason": "LOCKER"}),
        )  # fmt: skip
        for hours, (kind, facts) in enumerate(told):
            self.say(kind, number, MONDAY + timedelta(hours=hours), **facts)

    def registered(self, unit, kind):
        fact = catalog.UnitRegistered(unit=unit, name=unit, kind=kind, unit_path=f"{CENTRE}{unit}/")
        return self.tell("catalog.unit_registered.v1", fact, unit)

    def district(self):
        """One item, one authority, two windows."""
        self.published()
        for unit, kind in (("W01", "WINDOW"), ("W02", "WINDOW"), ("D01", "DEPARTMENT")):
            self.registered(unit, kind)

    def journey(self, number="A1", **facts):
        """A case at a window, corrected, decided, collected: two visits."""
        self.received(number, **facts)
        self.visit(number, 1)
        self.offered(number)
        self.noticed(number)
        self.accepted(number)
        self.answered(number)
        self.decided(number)
        self.handed_out(number)
        self.visit(number, 2, "COLLECTION")


def _september(day, number):
    day.year, day.month, day.day = 2026, 9, number


def _applicant(person):
    return Caller(
        person=person, assignment="self", post_kind="APPLICANT", roles=frozenset({"APPLICANT"})
    )


def _staff(role, unit, *, path=None, authority="", kind="WINDOW"):
    return Caller(
        person=f"p-{role}", assignment=f"as-{unit}", post_kind=kind, roles=frozenset({role}),
        unit=unit, unit_path=f"{CENTRE}{unit}/" if path is None else path, authority=authority,
    )  # fmt: skip


APPLICANT, STRANGER = _applicant("a-1"), _applicant("a-2")
CLERK, FOREIGN = _staff("WINDOW_CLERK", "W01"), _staff("WINDOW_CLERK", "W02")
DECIDER = _staff("DECIDER", "D01-1", authority="D01", kind="DEPARTMENT")
OTHER_DECIDER = _staff("DECIDER", "D02-1", authority="D02", kind="DEPARTMENT")
SUPERVISOR = _staff("SUPERVISOR", "370306000000-C1", path=CENTRE, kind="SUPERVISION")
FAR_SUPERVISOR = _staff("SUPERVISOR", "370302000000", path="/370302000000/", kind="SUPERVISION")
STAFF_ELSEWHERE = [
    pytest.param(FOREIGN, id="another-window"),
    pytest.param(OTHER_DECIDER, id="another-authority"),
    pytest.param(FAR_SUPERVISOR, id="another-district"),
]


def refused(call):
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return refusal_of(caught.value)


def rating(number="A1", *, request_id="request-1", grade=pb.GRADE_SATISFIED, comment="办得快"):
    return pb.RateCaseRequest(
        request_id=request_id, case_number=number, grade=grade, comment=comment
    )


def published(district, kind):
    outbox = orm.tables.outbox.outbox
    with district.resources.read_engine.connect() as connection:
        rows = connection.execute(select(outbox.c.envelope).where(outbox.c.type == kind))
        return [Envelope.FromString(row.envelope) for row in rows]


def ratio(answer, name):
    [found] = [each for each in answer.ratios if each.name == name]
    return found


def counted(fraction):
    return (fraction.numerator, fraction.denominator, fraction.excluded)
