"""Refusals, corrections, filings and the spot in any order: lawful, or refused by name."""

from __future__ import annotations

import random
from datetime import timedelta

import grpc
import pytest
from liandong.catalog.v1 import catalog_service_pb2 as catalog
from liandong.intake.v1 import intake_service_pb2 as pb

from servicekit.grpc_errors import refusal_of
from services.intake.tests.district import APPLICANT, CLERK, COLLEAGUE, PNG, REVIEWER
from services.intake.tests.pre_acceptance_fields import (
    ELSEWHERE,
    SPOT,
    SUPERVISOR,
    WHY,
    at_once,
    proposal,
    sweep,
)
from services.intake.tests.test_sequences import NAMED, commands

CALLERS = (APPLICANT, CLERK, CLERK, CLERK, COLLEAGUE, REVIEWER, SUPERVISOR)
ENDED = {
    pb.CASE_STATE_NOT_REQUIRED, pb.CASE_STATE_REFUSED, pb.CASE_STATE_TERMINATED,
    pb.CASE_STATE_FILED, pb.CASE_STATE_WITHDRAWN,
}  # fmt: skip
UNACCEPTED = {*ENDED, pb.CASE_STATE_RECEIVED, pb.CASE_STATE_CORRECTION} - {pb.CASE_STATE_WITHDRAWN}


def pre_acceptance_commands(district, chance, signed):
    codes = chance.sample(["M01", "M02", "M04", "M05", "M99"], k=chance.randint(1, 2))
    defects = (pb.DEFECT_MISSING, pb.DEFECT_WRONG_CONTENT)
    return {
        "TellNotRequired": WHY,
        "RefuseAcceptance": ELSEWHERE,
        "WithdrawCase": {"request_sha256": chance.choice(["", signed])},
        "TerminateCase": {},
        "RejectCorrection": {
            "materials": [
                pb.WantingMaterial(material_code=code, defect=chance.choice(defects))
                for code in codes
            ]
        },
        "RemindCorrection": {},
        "ProposeFurtherNotice": proposal(*codes),
        "ApproveFurtherNotice": {"ordinal": chance.randint(1, 2), "reason": "新提交。"},
        "DecideOnTheSpot": SPOT,
        "TurnIntoPromised": {"reason": "需核实"},
    }


def prepare(district, chance, kind):
    if kind == "spot":
        at_once(district)
    if kind == "filing":
        district.catalog.version.handling = catalog.HANDLING_KIND_FILING
        district.catalog.version.deemed_acceptance = False
    chance.choice([district.receive, district.receive_complete])()


@pytest.mark.parametrize("kind", ["promised", "spot", "filing"])
@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_tried_is_lawful_or_refused_by_name(district, seed, kind):
    chance = random.Random(f"{seed}-{kind}")
    signed = district.upload(PNG + b"signed", caller=CLERK)
    prepare(district, chance, kind)
    before = district.read()
    for _ in range(50):
        asked = commands(district, chance) | pre_acceptance_commands(district, chance, signed)
        # What ends a case is tried more rarely, or nothing else would ever be tried.
        ends = chance.random() < 0.1
        method = chance.choice([each for each in asked if ends or each not in ENDING])
        try:
            district.command(method, chance.choice(CALLERS), **asked[method])
        except grpc.RpcError as error:
            refusal = refusal_of(error)
            assert refusal.code in NAMED, f"{method}: {refusal}"
            assert refusal.reason
        district.clock.advance(timedelta(hours=chance.randint(0, 12)))
        if chance.random() < 0.1:
            sweep(district, "watch_corrections")
        view = district.read()
        told = "intake.case_accepted.v1" in district.events()  # else no review has it
        if view.state == pb.CASE_STATE_ACCEPTED and told and chance.random() < 0.1:
            district.decide(chance.choice(["GRANTED", "DENIED"]))
        if before.state in ENDED:
            assert view.state == before.state
        if view.state in UNACCEPTED:
            assert not view.HasField("accept_time")
        if kind == "filing":
            assert view.state in UNACCEPTED | {pb.CASE_STATE_WITHDRAWN}
        district.work()
        before = view
    assert district.dead_or_waiting() == []


ENDING = frozenset({"TellNotRequired", "RefuseAcceptance", "WithdrawCase", "DecideOnTheSpot"})
