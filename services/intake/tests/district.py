"""Intake as its tests use it: callers, commands, events in, jobs; with memory for the case."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter
from dataclasses import dataclass, field, replace
from io import BytesIO

import grpc
import pytest
from google.protobuf.message_factory import GetMessageClass
from liandong.common.v1 import common_pb2 as common
from liandong.delivery.v1 import delivery_events_pb2 as delivery
from liandong.intake.v1 import intake_service_pb2 as pb
from liandong.intake.v1 import intake_service_pb2_grpc as pb_grpc
from liandong.metrics.v1 import metrics_events_pb2 as metrics
from liandong.review.v1 import review_events_pb2 as review
from pypdf import PdfReader
from sqlalchemy import select

from servicekit.grpc_errors import refusal_of
from servicekit.identity import Caller
from servicekit.roles.jobs import job_runner
from servicekit.stream import Outcome, Streams
from servicekit.testing import Harness, envelope, harness
from services.intake.bootstrap import DEFINITION, event_handlers
from services.intake.config import IntakeSettings
from services.intake.entrypoints import jobs
from services.intake.entrypoints.api import registering
from services.intake.tests.fakes import (
    CENTRE_PATH,
    DEPARTMENT,
    ITEM,
    W01,
    W02,
    FakeCatalog,
    FakeReview,
)


def clerk(person="p-clerk", unit=W01):
    return Caller(
        person=person, assignment=f"as-{person}", post_kind="WINDOW",
        roles=frozenset({"WINDOW_CLERK"}), unit=unit, unit_path=f"{CENTRE_PATH}{unit}/",
    )  # fmt: skip


def official(person, role, authority=DEPARTMENT):
    return Caller(
        person=person, assignment=f"as-{person}", post_kind="DEPARTMENT",
        roles=frozenset({role}), unit=authority, authority=authority,
        unit_path=f"/370000000000/370300000000/370306000000/{authority}/",
    )  # fmt: skip


def account(person):
    return Caller(
        person=person, assignment="self", post_kind="APPLICANT", roles=frozenset({"APPLICANT"})
    )


CLERK, COLLEAGUE, FOREIGN = clerk(), clerk("p-colleague"), clerk("p-foreign", W02)
REVIEWER = official("p-reviewer", "REVIEWER")
DECIDER = official("p-decider", "DECIDER")
OTHER_AUTHORITY = official("p-other", "REVIEWER", "370306000000-D02")
APPLICANT, STRANGER = account("a-1"), account("a-2")
NUMBER = "370306198503150022"
PNG = b"\x89PNG\r\n\x1a\n" + b"layout of the kitchen"


def request_class(method):
    """Return the request of a method whose messages are in a file of their own."""
    service = pb.DESCRIPTOR.services_by_name["IntakeService"]
    return GetMessageClass(service.methods_by_name[method].input_type)


def due(year, month, day):
    message = common.DueDate()
    message.on.year, message.on.month, message.on.day = year, month, day
    return message


@dataclass
class IntakeDistrict:
    """One intake, its fakes, and the case the test is about."""

    harness: Harness
    catalog: FakeCatalog
    review: FakeReview
    streams: Streams
    runner: object
    number: str = ""
    revision: int = 0
    query_code: str = ""
    _requests: object = field(default_factory=lambda: itertools.count(1))
    _seqs: Counter = field(default_factory=Counter)

    @classmethod
    def open(cls, folder, *, database_url=None, **more):
        catalog, review_ = FakeCatalog(), FakeReview()
        built = {}

        def register(resources, registrar):
            settings = resources.settings
            own = IntakeSettings(**settings.model_dump(), **more)
            built["resources"] = replace(resources, settings=own)
            registering({"catalog": catalog})(built["resources"], registrar)

        house = harness(DEFINITION, register, folder, database_url=database_url)
        house = replace(house, resources=built["resources"])
        events = event_handlers(house.resources)
        runner = job_runner(
            DEFINITION, house.resources,
            jobs.handling({"review": review_, "catalog": catalog})(house.resources),
            jobs.sweeps(house.resources), events,
        )  # fmt: skip
        streams = Streams(house.resources.engine, "intake", events)
        return cls(house, catalog, review_, streams, runner)

    def close(self):
        self.harness.resources.close()

    @property
    def stub(self):
        return pb_grpc.IntakeServiceStub(self.harness.channel)

    @property
    def clock(self):
        return self.harness.clock

    def request_id(self):
        return f"request-{next(self._requests):06}"

    def call(self, method, caller, request_type, **fields):
        kind = getattr(pb, request_type, None) or request_class(method)
        request = kind(**fields)
        return self.harness.call(getattr(self.stub, method), request, caller)

    def command(self, method, caller, **fields):
        """Send a command on the case with the revision the caller saw last."""
        fields.setdefault("request_id", self.request_id())
        if method != "ReceiveApplication":
            fields.setdefault("case_number", self.number)
            fields.setdefault("revision", self.revision)
        answer = self.call(method, caller, f"{method}Request", **fields)
        self.number, self.revision = answer.case_number, answer.revision
        return answer

    def refusal(self, method, caller, **fields):
        with pytest.raises(grpc.RpcError) as caught:
            self.command(method, caller, **fields)
        return refusal_of(caught.value)

    def upload(self, content=PNG, caller=APPLICANT, media_type="image/png"):
        begun = self.call(
            "BeginUpload", caller, "BeginUploadRequest",
            request_id=self.request_id(), media_type=media_type, size=len(content),
        )  # fmt: skip
        self.call(
            "AppendUpload", caller, "AppendUploadRequest",
            upload=begun.upload, offset=0, chunk=content,
        )  # fmt: skip
        digest = hashlib.sha256(content).hexdigest()
        return self.call(
            "FinishUpload", caller, "FinishUploadRequest", upload=begun.upload, sha256=digest
        ).sha256

    def application(self, **changes):
        fields = {
            "item_code": ITEM,
            "applicant": applicant(),
            "materials": [
                pb.HandedIn(material_code="M01", paper_pieces=1),
                pb.HandedIn(
                    material_code="M05", paper_pieces=1, defect=pb.DEFECT_NOT_IN_LEGAL_FORM
                ),
            ],
            "channel": pb.CHANNEL_WINDOW,
            "result_delivery": pb.RESULT_DELIVERY_COLLECTION,
            "summary": "周村区丝市街小吃店食品经营",
        }
        return fields | changes

    def receive(self, caller=CLERK, **changes):
        answer = self.command("ReceiveApplication", caller, **self.application(**changes))
        self.query_code = answer.query_code
        return answer

    def receive_complete(self, **changes):
        materials = [
            pb.HandedIn(material_code=code, paper_pieces=1) for code in ("M01", "M04", "M05")
        ]
        return self.receive(**({"materials": materials} | changes))

    def notify(self, *codes, caller=CLERK, **fields):
        return self.command("GiveOneTimeNotice", caller, **self.notice(*codes), **fields)

    @staticmethod
    def notice(*codes):
        return {
            "entries": [
                pb.NoticeEntry(
                    material_code=code,
                    defect=pb.DEFECT_MISSING,
                    what_to_do="请补交",
                    legal_basis="食品经营许可和备案管理办法第十四条",
                )
                for code in codes
            ],
            "means": pb.NOTICE_MEANS_SIGNED_AT_WINDOW,
        }

    def correct(self, *codes, caller=APPLICANT, channel=pb.CHANNEL_ONLINE):
        digest = self.upload(caller=caller)
        return self.command(
            "SubmitCorrection", caller, channel=channel,
            materials=[pb.HandedIn(material_code=code, sha256=digest) for code in codes],
        )  # fmt: skip

    def accept(self, caller=CLERK):
        return self.command("AcceptCase", caller)

    def seal(self, caller, document, seal):
        return self.command(
            "SealDocument", caller, document=document, seal=seal, scan_sha256="a" * 64
        )

    def read(self, caller=CLERK):
        view = self.call("GetCase", caller, "GetCaseRequest", case_number=self.number).case
        self.revision = view.revision
        return view

    def documents(self, caller=CLERK):
        answer = self.call("ListDocuments", caller, "ListDocumentsRequest", case_number=self.number)
        return {each.kind: each for each in answer.documents}

    def timeline(self, caller=CLERK):
        answer = self.call("GetTimeline", caller, "GetTimelineRequest", case_number=self.number)
        return answer.entries

    def work(self):
        """Do the jobs that are due."""
        while self.runner.run_once():
            continue

    def sweep(self, name):
        """Look after what time does."""
        swept = jobs.sweeps(self.harness.resources)
        [found] = [each for each in swept if each.name == name]
        found.work()

    def text_of(self, document, caller=CLERK):
        """Return what is printed on a document."""
        piece = self.call(
            "ReadDocument", caller, "ReadDocumentRequest",
            case_number=self.number, document=document,
        )  # fmt: skip
        pages = PdfReader(BytesIO(piece.chunk)).pages
        return "".join(page.extract_text() for page in pages).replace("\n", "")

    def dead_or_waiting(self):
        table = DEFINITION.tables.job
        with self.harness.resources.read_engine.connect() as connection:
            query = select(table.c.key, table.c.failure).where(table.c.state != "DONE")
            return connection.execute(query).all()

    def hear(self, kind, payload, stream_id=None):
        stream = stream_id or self.number
        source = kind.partition(".")[0]
        self._seqs[source, stream] += 1
        body = envelope(
            kind, payload, stream_id=stream, seq=self._seqs[source, stream], at=self.clock.now()
        )
        assert self.streams.take(body) is Outcome.APPLIED
        return body

    def decide(self, outcome="GRANTED"):
        fact = review.DecisionMade(
            case_number=self.number, authority=DEPARTMENT, decider="p-decider", outcome=outcome,
            promise_due=due(2026, 9, 29), statutory_due=due(2026, 10, 13),
            promise_kept=True, statutory_kept=True,
        )  # fmt: skip
        fact.decide_time.FromDatetime(self.clock.now())
        self.hear("review.decision_made.v1", fact)
        self.read()

    def check_site(self, findings, *checkers, complies=True):
        """Let the review record a check on the site, and intake hear of it."""
        self.review.check(findings, *checkers, complies=complies)
        fact = review.SiteCheckRecorded(
            case_number=self.number, checkers=checkers, complies=complies
        )
        return self.hear("review.site_check_recorded.v1", fact)

    def answer_courier(self, *, by_courier):
        fact = delivery.CourierOfferAnswered(case_number=self.number, by_courier=by_courier)
        self.hear("delivery.courier_offer_answered.v1", fact)

    def turn_red(self):
        fact = metrics.ItemLightChanged(
            item_code=ITEM, red=True, case_number=self.number, visits=2, visits_by_courier=1
        )
        self.hear("metrics.item_light_changed.v1", fact, ITEM)

    def bring_back(self, outcome="GRANTED", certificate="JY13703060000001"):
        """Bring the decided result back to the window."""
        self.decide(outcome)
        self.work()
        kind = "GRANT_DECISION" if outcome == "GRANTED" else "DENIAL_DECISION"
        self.seal(DECIDER, self.documents()[kind].document, f"{DEPARTMENT}-AUTHORITY")
        self.command("ReturnResult", REVIEWER, certificate_number=certificate, bag="B-2")
        self.command("ReceiveResult", COLLEAGUE, bag="B-2")

    def hand_out(self, caller=COLLEAGUE, **changes):
        return self.command("HandOut", caller, **self.collection(**changes))

    @staticmethod
    def collection(**changes):
        return {"recipient": pb.RECIPIENT_ADDRESSEE, "signed_by": "王小丽"} | changes

    def events(self):
        """Return the types of the published facts of the case, in order."""
        outbox = DEFINITION.tables.outbox.outbox
        query = (
            select(outbox.c.type).where(outbox.c.stream_id == self.number).order_by(outbox.c.seq)
        )
        with self.harness.resources.read_engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def rows(self, query):
        with self.harness.resources.read_engine.connect() as connection:
            return connection.execute(query).all()


def applicant(**changes):
    fields = {
        "person": "a-1",
        "kind": pb.APPLICANT_KIND_NATURAL_PERSON,
        "name": "王小丽",
        "identity_number": NUMBER,
        "phone": "13864351234",
        "address": "山东省淄博市周村区丝绸路街道丝市街12号",
    }
    return pb.Applicant(**(fields | changes))
