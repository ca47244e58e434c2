"""One real run of one case through the five services, copied and damaged by each test."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import importlib
import json
import shutil
import sqlite3
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from checker import CheckInput, check
from servicekit.client import bearer
from servicekit.clock import CHINA_STANDARD_TIME, FixedClock
from servicekit.grpc_errors import refusal_of
from servicekit.identity import Caller, TokenIssuer
from services.standalone.district import District
from services.standalone.seed import seed_catalogue

PATH = "/370000000000/370300000000/370306000000/"
CENTRE = "370306000000-C1"
DEPARTMENT = "370306000000-D01"
ITEM = "370306-01-001"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def clerk(number: str, window: str) -> Caller:
    unit = f"{CENTRE}-{window}"
    return Caller(
        person=f"p-{number}", assignment=f"a-{number}-1", post_kind="WINDOW",
        roles=frozenset({"WINDOW_CLERK"}), unit=unit, unit_path=f"{PATH}{CENTRE}/{unit}/",
    )  # fmt: skip


def official(number: str, *roles: str, held: int = 1) -> Caller:
    return Caller(
        person=f"p-{number}", assignment=f"a-{number}-{held}", post_kind="DEPARTMENT",
        roles=frozenset(roles), unit=DEPARTMENT, unit_path=f"{PATH}{DEPARTMENT}/",
        authority=DEPARTMENT,
    )  # fmt: skip


CLERK, COLLEAGUE, OTHER_WINDOW = clerk("0101", "W01"), clerk("0102", "W01"), clerk("0103", "W02")
REVIEWER, DECIDER = official("0201", "REVIEWER"), official("0301", "DECIDER")
MOVED = official("0101", "REVIEWER", held=2)
APPLICANT = Caller(
    person="a-1", assignment="self", post_kind="APPLICANT", roles=frozenset({"APPLICANT"})
)
SUPERVISOR = Caller(
    person="p-0401", assignment="a-0401-1", post_kind="SUPERVISION",
    roles=frozenset({"SUPERVISOR"}), unit="370306000000", unit_path=PATH,
)  # fmt: skip


@dataclass
class Driver:
    """Calls the district as people would, and keeps the ledger of it."""

    district: District
    clock: FixedClock
    ledger: Path
    case_number: str = ""
    count: int = 0

    def at(self, day: int, hour: int) -> None:
        self.clock.instant = datetime(2026, 9, day, hour, tzinfo=CHINA_STANDARD_TIME)

    def call(self, caller: Caller, service: str, method: str, **fields: Any) -> Any:
        messages = importlib.import_module(f"liandong.{service}.v1.{service}_service_pb2")
        stubs = importlib.import_module(f"liandong.{service}.v1.{service}_service_pb2_grpc")
        request = getattr(messages, f"{method}Request")(**fields)
        if "request_id" in request.DESCRIPTOR.fields_by_name:
            self.count += 1
            request.request_id = f"request-{self.count:03}"
        stub = getattr(stubs, f"{service.capitalize()}ServiceStub")(self.district.channel)
        token = TokenIssuer(self.district.keyring).issue(caller, lifetime=timedelta(hours=1))
        try:
            answer = getattr(stub, method)(request, metadata=bearer(token), timeout=10)
        except grpc.RpcError as error:
            refusal = refusal_of(error)
            self.note(caller, service, method, request, code=refusal.code, reason=refusal.reason)
            raise
        self.note(caller, service, method, request, code="OK", answer=answer)
        if getattr(request, "request_id", "") and method != "BeginUpload":
            self.pump()
        return answer

    def note(self, caller, service, method, request, *, code, reason="", answer=None) -> None:
        if not getattr(request, "request_id", ""):
            return
        content = b"" if answer is None else answer.SerializeToString()
        line = {
            "method": f"/liandong.{service}.v1.{service.capitalize()}Service/{method}",
            "request_id": request.request_id,
            "caller_key": caller.key,
            "code": code,
            "reason": reason,
            "response": base64.b64encode(content).decode(),
            "case_number": getattr(answer or request, "case_number", ""),
        }
        with self.ledger.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def refused(self, reason: str, caller: Caller, service: str, method: str, **fields) -> None:
        with pytest.raises(grpc.RpcError) as caught:
            self.call(caller, service, method, **fields)
        assert refusal_of(caught.value).reason == reason

    def pump(self) -> None:
        """Deliver and do everything that is due."""
        while self.district.dispatcher.publish_all() + sum(
            runner.run_once() for runner in self.district.runners
        ):
            continue

    def seen(self, service: str = "intake", caller: Caller = CLERK) -> dict[str, Any]:
        """Return what names the case as it stands now in a command."""
        if service == "intake":
            found = self.call(caller, "intake", "GetCase", case_number=self.case_number).case
        else:
            found = self.call(caller, "review", "GetReviewCase", case_number=self.case_number)
            found = found.review
        return {"case_number": self.case_number, "revision": found.revision}

    def act(self, caller: Caller, method: str, **fields: Any) -> Any:
        return self.call(caller, "intake", method, **self.seen(), **fields)

    def upload(self, caller: Caller, content: bytes) -> str:
        begun = self.call(
            caller, "intake", "BeginUpload", media_type="application/pdf", size=len(content)
        )
        digest = hashlib.sha256(content).hexdigest()
        self.call(caller, "intake", "AppendUpload", upload=begun.upload, chunk=content)
        self.call(caller, "intake", "FinishUpload", upload=begun.upload, sha256=digest)
        return digest

    def seal(self, caller: Caller, kind: str, seal: str) -> None:
        papers = self.call(caller, "intake", "ListDocuments", case_number=self.case_number)
        [document] = [each.document for each in papers.documents if each.kind == kind]
        scan = self.upload(caller, PDF + document.encode())
        self.act(caller, "SealDocument", document=document, seal=seal, scan_sha256=scan)


def drive(driver: Driver) -> None:
    """Take one case from the window to the applicant's hands, with what the law forbids."""
    front_half(driver)
    back_half(driver)


def front_half(driver: Driver) -> None:
    driver.at(21, 9)
    application = {
        "item_code": ITEM,
        "applicant": {
            "person": "a-1", "kind": "APPLICANT_KIND_NATURAL_PERSON", "name": "李示例",
            "identity_number": "370306195001010018", "phone": "13800003210", "address": "周村区",
        },
        "materials": [
            {"material_code": "M01", "paper_pieces": 1},
            {"material_code": "M05", "paper_pieces": 1, "defect": "DEFECT_NOT_IN_LEGAL_FORM"},
        ],
        "channel": "CHANNEL_WINDOW",
        "result_delivery": "RESULT_DELIVERY_COLLECTION",
        "summary": "新开小餐饮店",
    }  # fmt: skip
    answer = driver.call(CLERK, "intake", "ReceiveApplication", **application)
    driver.case_number = answer.case_number
    driver.at(21, 10)
    entries = [
        {"material_code": code, "defect": defect, "what_to_do": "补交。", "legal_basis": "第十二条"}
        for code, defect in (("M04", "DEFECT_MISSING"), ("M05", "DEFECT_NOT_IN_LEGAL_FORM"))
    ]
    notice = {"entries": entries, "means": "NOTICE_MEANS_SIGNED_AT_WINDOW"}
    driver.act(CLERK, "GiveOneTimeNotice", **notice)
    driver.seal(CLERK, "ONE_TIME_NOTICE", f"{DEPARTMENT}-SPECIAL")
    driver.refused(
        "NOTICE_ALREADY_GIVEN", CLERK, "intake", "GiveOneTimeNotice", **driver.seen(), **notice
    )
    driver.at(22, 15)
    corrections = [
        {"material_code": code, "sha256": driver.upload(APPLICANT, PDF + code.encode())}
        for code in ("M04", "M05")
    ]
    driver.act(APPLICANT, "SubmitCorrection", materials=corrections, channel="CHANNEL_ONLINE")
    driver.at(23, 9)
    driver.refused("ACCEPTED_BY_DEPARTMENT", REVIEWER, "intake", "AcceptCase", **driver.seen())
    driver.refused(
        "STALE_REVISION", CLERK, "intake", "AcceptCase",
        case_number=driver.case_number, revision=1,
    )  # fmt: skip
    driver.act(CLERK, "AcceptCase")
    driver.seal(CLERK, "ACCEPTANCE_NOTICE", f"{DEPARTMENT}-SPECIAL")
    driver.call(
        APPLICANT, "delivery", "AnswerCourierOffer",
        case_number=driver.case_number, revision=1, by_courier=False,
    )  # fmt: skip
    driver.act(CLERK, "HandOverBundle", bag="B-1", pieces=2)
    driver.act(REVIEWER, "ReceiveBundle", bag="B-1", pieces=2)


def back_half(driver: Driver) -> None:
    driver.at(24, 14)
    opinion = {"proposes_grant": True, "text": "建议准予。"}
    driver.refused(
        "REVIEWED_BY_FRONT", MOVED, "review", "SubmitOpinion",
        **driver.seen("review", REVIEWER), **opinion,
    )  # fmt: skip
    checked = Timestamp()
    checked.FromDatetime(driver.clock.now() - timedelta(hours=1))
    driver.call(
        REVIEWER, "review", "RecordSiteCheck", **driver.seen("review", REVIEWER),
        check_time=checked, place="周村区", checkers=["p-0201", "p-0202"], findings="符合。",
        complies=True,
    )  # fmt: skip
    driver.call(REVIEWER, "review", "SubmitOpinion", **driver.seen("review", REVIEWER), **opinion)
    driver.at(29, 10)
    driver.call(
        DECIDER, "review", "Decide", **driver.seen("review", DECIDER),
        outcome="DECISION_OUTCOME_GRANTED", facts="符合。", legal_bases=["第三十八条"],
        content="准予。",
    )  # fmt: skip
    driver.seal(DECIDER, "GRANT_DECISION", f"{DEPARTMENT}-AUTHORITY")
    driver.act(REVIEWER, "ReturnResult", certificate_number="JY1", bag="R-1")
    driver.act(COLLEAGUE, "ReceiveResult", bag="R-1")
    driver.at(30, 9)
    signed = {"recipient": "RECIPIENT_ADDRESSEE", "signed_by": "李示例"}
    driver.refused(
        "HANDED_OUT_BY_DEPARTMENT", REVIEWER, "intake", "HandOut", **driver.seen(), **signed
    )
    driver.refused(
        "NOT_THE_ACCEPTING_WINDOW", OTHER_WINDOW, "intake", "HandOut", **driver.seen(), **signed
    )
    driver.act(COLLEAGUE, "HandOut", **signed)
    driver.call(
        APPLICANT, "metrics", "RateCase", case_number=driver.case_number, grade="GRADE_SATISFIED"
    )


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory) -> Path:
    """The folder of a district in which one case was driven to its end, everything settled."""
    folder = tmp_path_factory.mktemp("district")
    clock = FixedClock(datetime(2026, 9, 21, 8, tzinfo=CHINA_STANDARD_TIME))
    district = District.open(folder, clock=clock)
    with contextlib.closing(district):
        seed_catalogue(district.resources["catalog"])
        driver = Driver(district, clock, folder / "ledger.jsonl")
        drive(driver)
        write_ratios(driver, folder / "ratios.json")
        driver.pump()
        for runner in district.runners:
            runner.sweep()
    (folder / "case_number").write_text(driver.case_number, encoding="utf-8")
    for path in folder.glob("*.db"):
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


def write_ratios(driver: Driver, path: Path) -> None:
    answer = driver.call(SUPERVISOR, "metrics", "GetRatios")
    ratios = {}
    for ratio in answer.ratios:
        columns = {"proven": ratio.proven}
        if ratio.HasField("declared"):
            columns["declared"] = ratio.declared
        ratios[ratio.name] = {
            name: {
                "numerator": each.numerator,
                "denominator": each.denominator,
                "excluded": each.excluded,
            }
            for name, each in columns.items()
        }
    content = {"as_of": answer.as_of_time.ToJsonString(), "ratios": ratios}
    path.write_text(json.dumps(content), encoding="utf-8")


@dataclass
class Run:
    """A copy of the finished run that a test may damage."""

    folder: Path
    case: str

    def sql(self, service: str, *statements: str, **values: Any) -> None:
        """Change a database behind the back of its service, past triggers and constraints."""
        with contextlib.closing(sqlite3.connect(self.folder / f"{service}.db")) as connection:
            connection.execute("PRAGMA ignore_check_constraints=ON")
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                known = {k: v for k, v in values.items() if f":{k}" in statement}
                done = connection.execute(statement, known)
                assert done.rowcount != 0, f"changes nothing: {statement}"
            connection.commit()

    def one(self, service: str, query: str, **values: Any) -> Any:
        with contextlib.closing(sqlite3.connect(self.folder / f"{service}.db")) as connection:
            return connection.execute(query, values).fetchone()[0]

    def ledger(self) -> list[dict[str, Any]]:
        text = (self.folder / "ledger.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def write_ledger(self, lines: list[dict[str, Any]]) -> None:
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (self.folder / "ledger.jsonl").write_text(text, encoding="utf-8")

    def input(self, **more: Any) -> CheckInput:
        return replace(CheckInput.embedded(self.folder), **more)

    def check(self, **more: Any) -> Any:
        return check(self.input(**more))

    def found(self, **more: Any) -> set[str]:
        """The ids of the findings; the ledger is left out unless it is asked for."""
        asked = {"ledger": None, **more}
        return set(self.check(**asked).ids())


@pytest.fixture
def run(finished_run, tmp_path) -> Run:
    folder = tmp_path / "run"
    shutil.copytree(finished_run, folder)
    return Run(folder, (folder / "case_number").read_text(encoding="utf-8"))
