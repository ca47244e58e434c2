"""Every read refuses a foreign unit, and every list leaves out what a single read would refuse."""

from __future__ import annotations

import importlib

import pytest

from journeys.errors import RefusedError
from servicekit.calls import Scope
from servicekit.identity import Caller
from services.standalone.registry import parts

FOREIGN = {
    "WINDOW_CLERK": Caller(
        person="x-1", assignment="x", post_kind="WINDOW", roles=frozenset({"WINDOW_CLERK"}),
        unit="370306001000-C1-W01", authority="",
        unit_path="/370000000000/370300000000/370306000000/370306001000/370306001000-C1/370306001000-C1-W01/",
    ),
    "REVIEWER": Caller(
        person="x-2", assignment="x", post_kind="DEPARTMENT", roles=frozenset({"REVIEWER"}),
        unit="370306000000-D02", authority="370306000000-D02",
        unit_path="/370000000000/370300000000/370306000000/370306000000-D02/",
    ),
    "DECIDER": Caller(
        person="x-3", assignment="x", post_kind="DEPARTMENT", roles=frozenset({"DECIDER"}),
        unit="370306000000-D02", authority="370306000000-D02",
        unit_path="/370000000000/370300000000/370306000000/370306000000-D02/",
    ),
    "SUPERVISOR": Caller(
        person="x-4", assignment="x", post_kind="SUPERVISION", roles=frozenset({"SUPERVISOR"}),
        unit="370305000000", unit_path="/370000000000/370300000000/370305000000/",
    ),
    "APPLICANT": Caller(
        person="a-9999", assignment="self", post_kind="APPLICANT", roles=frozenset({"APPLICANT"}),
    ),
}  # fmt: skip


def reads():
    """Every RPC that reads something about cases, with each role that may call it."""
    for name, part in parts().items():
        if name == "catalog":  # the catalogue is public data for everybody who is signed in
            continue
        messages = importlib.import_module(f"liandong.{name}.v1.{name}_service_pb2")
        for method, access in part.definition.policy.rows().items():
            rpc = method.rpartition("/")[2]
            fields = getattr(messages, f"{rpc}Request").DESCRIPTOR.fields_by_name
            is_read = rpc.startswith(("Get", "List", "Read", "Reveal"))
            if access.public or rpc == "ReadEvents" or not is_read:
                continue
            for role in sorted(access.roles):
                yield pytest.param(name, rpc, role, "case_number" in fields, id=f"{rpc}-{role}")


def test_the_property_covers_the_reads_of_every_service():
    assert {param.values[0] for param in reads()} == {"intake", "review", "delivery", "metrics"}


@pytest.mark.parametrize(("service", "rpc", "role", "single"), list(reads()))
def test_a_foreign_unit_reads_nothing_of_the_case(embedded_district, service, rpc, role, single):
    world, number = embedded_district.world, embedded_district.case_number
    if role not in FOREIGN:
        caller = Caller(
            person="x-5", assignment="x", post_kind="DEPARTMENT", roles=frozenset({role}),
            unit="370306000000-D02", authority="370306000000-D02",
            unit_path="/370000000000/370300000000/370306000000/370306000000-D02/",
        )  # fmt: skip
    else:
        caller = FOREIGN[role]
    stranger = world.sign_in("stranger", caller)
    fields = _fields(world, rpc, number) if single else _others(rpc)
    if single:
        with pytest.raises(RefusedError) as caught:
            world.do(stranger, service, rpc, **fields)
        told = "NOT_FOUND" if role == "APPLICANT" else "PERMISSION_DENIED"
        assert caught.value.refusal.code == told
    else:
        answer = world.do(stranger, service, rpc, **fields)
        assert number not in str(answer)
        if rpc == "GetRatios":
            cases = [each for each in answer.ratios if each.name.endswith("_cases")]
            assert all(each.proven.denominator == 0 for each in cases)


def _fields(world, rpc: str, number: str) -> dict[str, object]:
    """What the owner would be answered to: so only the scope can refuse it."""
    if rpc == "ReadDocument":
        supervisor = world.staff("p-0401")
        papers = world.do(supervisor, "intake", "ListDocuments", case_number=number).documents
        return {"case_number": number, "document": papers[0].document}
    more = {"RevealApplicant": {"purpose": "foreign read"}}
    return {"case_number": number, **more.get(rpc, {})}


def _others(rpc: str) -> dict[str, object]:
    return {"name": "at_most_one_visit_cases"} if rpc == "ListRatioCases" else {}


def test_the_scopes_of_this_test_are_those_of_the_kit():
    assert {scope.name for scope in Scope} == {
        "NONE", "OWN", "UNIT", "AUTHORITY", "SUBTREE", "ANY",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("service", "rpc"),
    [("intake", "GetCase"), ("delivery", "GetCourierOffer"), ("metrics", "GetCaseFacts")],
)
def test_a_citizen_cannot_tell_a_foreign_case_from_one_that_does_not_exist(
    embedded_district, service, rpc
):
    world = embedded_district.world
    stranger = world.sign_in("stranger", FOREIGN["APPLICANT"])
    answers = []
    for number in (embedded_district.case_number, "370306-01-20260921-77777-X"):
        with pytest.raises(RefusedError) as caught:
            world.do(stranger, service, rpc, case_number=number)
        refusal = caught.value.refusal
        text = refusal.text.replace(number, "…")
        answers.append((refusal.code, refusal.reason, text, str(caught.value.__cause__.details())))
    assert answers[0] == answers[1]
