"""Well-formed commands in any order are answered or refused by name; never INTERNAL."""

from __future__ import annotations

import random

import grpc
import pytest
from liandong.intake.v1 import intake_service_pb2 as pb

from servicekit.grpc_errors import refusal_of
from services.intake.tests.district import (
    APPLICANT,
    CLERK,
    COLLEAGUE,
    DECIDER,
    FOREIGN,
    OTHER_AUTHORITY,
    REVIEWER,
    STRANGER,
)
from services.intake.tests.fakes import DEPARTMENT

CALLERS = (
    APPLICANT, CLERK, CLERK, COLLEAGUE, DECIDER, FOREIGN, OTHER_AUTHORITY, REVIEWER, STRANGER,
)  # fmt: skip
NAMED = {
    "ABORTED", "FAILED_PRECONDITION", "INVALID_ARGUMENT", "NOT_FOUND", "PERMISSION_DENIED",
}  # fmt: skip


def commands(district, chance):
    documents = [each.document for each in district.documents().values()]
    codes = chance.sample(["M01", "M02", "M04", "M05", "M06", "M99"], k=chance.randint(1, 3))
    return {
        "GiveOneTimeNotice": district.notice(*codes),
        "SubmitCorrection": {
            "materials": [pb.HandedIn(material_code=code, paper_pieces=1) for code in codes],
            "channel": chance.choice([pb.CHANNEL_WINDOW, pb.CHANNEL_ONLINE]),
        },
        "AcceptCase": {},
        "SealDocument": {
            "document": chance.choice(documents),
            "seal": f"{DEPARTMENT}-{chance.choice(['SPECIAL', 'AUTHORITY', 'NONE'])}",
            "scan_sha256": "a" * 64,
        },
        "HandOverBundle": {"bag": "B-1", "pieces": 2},
        "ReceiveBundle": {"bag": "B-1", "pieces": chance.randint(1, 2)},
        "ReturnResult": {"certificate_number": chance.choice(["", "JY1"]), "bag": "B-2"},
        "ReceiveResult": {"bag": "B-2"},
        "HandOut": district.collection(
            signed_by=chance.choice(["王小丽", "李四"]), mandate=chance.choice(["", "委-1"])
        ),
    }


@pytest.mark.parametrize("seed", range(6))
def test_any_order_of_commands_is_answered_or_refused_by_name(district, seed):
    chance = random.Random(seed)
    chance.choice([district.receive, district.receive_complete])()
    refused = 0
    for _ in range(60):
        method, fields = chance.choice(list(commands(district, chance).items()))
        try:
            district.command(method, chance.choice(CALLERS), **fields)
        except grpc.RpcError as error:
            refusal = refusal_of(error)
            assert refusal.code in NAMED, f"{method}: {refusal}"
            assert refusal.reason
            refused += 1
        view = district.read()
        if view.state == pb.CASE_STATE_ACCEPTED and chance.random() < 0.2:
            district.decide(chance.choice(["GRANTED", "DENIED"]))
        district.work()
    assert refused > 0
