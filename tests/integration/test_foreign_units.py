"""Every read refuses a foreign unit, and every list leaves out what a single read would refuse."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from liandong.common.v1.constraints_pb2 import constraint

from journeys.calls import methods_of
from journeys.errors import RefusedError
from journeys.reread import pages
from servicekit.calls import Scope
from servicekit.identity import Caller
from services.standalone.registry import parts

FOREIGN = {
    "WINDOW_CLERK": Caller(
        person="x-1", assignment="x", post_kind="WINDOW", roles=frozenset({"WINDOW_CLERK"}),
        unit="370305000000-C1-W01", authority="",
        unit_path="/370000000000/370300000000/370305000000/370305000000-C1/370305000000-C1-W01/",
    ),
    "REVIEWER": Caller(
        person="x-2", assignment="x", post_kind="DEPARTMENT", roles=frozenset({"REVIEWER"}),
        unit="370305000000-D01", authority="370305000000-D01",
        unit_path="/370000000000/370300000000/370305000000/370305000000-D01/",
    ),
    "DECIDER": Caller(
        person="x-3", assignment="x", post_kind="DEPARTMENT", roles=frozenset({"DECIDER"}),
        unit="370305000000-D01", authority="370305000000-D01",
        unit_path="/370000000000/370300000000/370305000000/370305000000-D01/",
    ),
    "SUPERVISOR": Caller(
        person="x-4", assignment="x", post_kind="SUPERVISION", roles=frozenset({"SUPERVISOR"}),
        unit="370305000000", unit_path="/370000000000/370300000000/370305000000/",
    ),
    "APPLICANT": Caller(
        person="a-9999", assignment="self", post_kind="APPLICANT", roles=frozenset({"APPLICANT"}),
    ),
}  # fmt: skip


# What a read may be about, and how its owners find one: the method, the field of its answer.
ABOUT = {
    "case_number": None,
    "shipment": ("delivery", "ListShipments", "shipments"),
    "assistance": ("intake", "ListAssistances", "assistances"),
    "enquiry": ("intake", "ListEnquiries", "enquiries"),
}
# A register of numbers that is open to every window and to supervision, and shows no person.
OPEN = {("ListDocumentRegister", "WINDOW_CLERK"), ("ListDocumentRegister", "SUPERVISOR")}


@dataclass(frozen=True)
class Read:
    """A method that reads, a role that may call it, and what it is asked about."""

    package: str
    service: str
    rpc: str
    role: str
    about: str


def reads():
    """Every RPC that reads something about cases, with each role that may call it."""
    for name, part in parts().items():
        if name == "catalog":  # the catalogue is public data for everybody who is signed in
            continue
        rows = part.definition.policy.rows()
        for service, methods in methods_of(name).items():
            for rpc, method in methods.items():
                access = rows[method.path]
                is_read = rpc.startswith(("Get", "List", "Read", "Reveal"))
                if access.public or rpc == "ReadEvents" or not is_read:
                    continue
                about = next((field for field in ABOUT if is_required(method, field)), "")
                for role in sorted(access.roles):
                    if (rpc, role) not in OPEN:
                        read = Read(name, service, rpc, role, about)
                        yield pytest.param(read, id=f"{rpc}-{role}")


def is_required(method, field):
    if not method.asks(field):
        return False
    found = method.request.DESCRIPTOR.fields_by_name[field]
    return found.GetOptions().Extensions[constraint].required


def test_the_property_covers_the_reads_of_every_service():
    assert {param.values[0].package for param in reads()} == {
        "intake",
        "review",
        "delivery",
        "metrics",
    }


def foreigner(role: str) -> Caller:
    return FOREIGN.get(role) or Caller(
        person="x-5", assignment="x", post_kind="DEPARTMENT", roles=frozenset({role}),
        unit="370305000000-D01", authority="370305000000-D01",
        unit_path="/370000000000/370300000000/370305000000/370305000000-D01/",
    )  # fmt: skip


@pytest.mark.parametrize("read", list(reads()))
def test_a_foreign_unit_reads_nothing_of_the_case(embedded_district, read):
    embedded_district.drive()
    world, number = embedded_district.world, embedded_district.journey("1").case_number
    stranger = world.sign_in("stranger", foreigner(read.role))
    if read.about:
        fields = _fields(world, read, number)
        with pytest.raises(RefusedError) as caught:
            world.do(stranger, read.package, read.rpc, service=read.service, **fields)
        told = "NOT_FOUND" if read.role == "APPLICANT" else "PERMISSION_DENIED"
        assert caught.value.refusal.code == told
    else:
        fields = _others(read)
        answer = world.do(stranger, read.package, read.rpc, service=read.service, **fields)
        assert number not in str(answer)
        if read.rpc == "GetRatios":
            cases = [each for each in answer.ratios if each.name.endswith("_cases")]
            assert all(each.proven.denominator == 0 for each in cases)


def _fields(world, read: Read, number: str) -> dict[str, object]:
    """What the owner would be answered to: so only the scope can refuse it."""
    supervisor = world.staff("p-0401")
    if ABOUT[read.about] is not None:
        package, listing, within = ABOUT[read.about]
        every = {"include_answered": True} if read.about == "enquiry" else {}
        found = list(
            pages(lambda **page: world.do(supervisor, package, listing, **every, **page), within)
        )
        assert found, f"no journey has left a {read.about}"
        number = getattr(found[0], read.about)
    if read.rpc == "ReadDocument":
        papers = world.do(supervisor, "intake", "ListDocuments", case_number=number).documents
        return {"case_number": number, "document": papers[0].document}
    if read.rpc == "ReadMaterial":
        case = world.do(supervisor, "intake", "GetCase", case_number=number).case
        return {"case_number": number, "sha256": next(m.sha256 for m in case.materials if m.sha256)}
    more = {"RevealApplicant": {"purpose": "foreign read"}, "GetLabel": {"purpose": "foreign read"}}
    return {read.about: number, **more.get(read.rpc, {})}


def _others(read: Read) -> dict[str, object]:
    return {
        "ListRatioCases": {"name": "at_most_one_visit_cases"},
        "ListDocumentRegister": {
            "authority": "370305000000-D01",
            "kind": "ACCEPTANCE_NOTICE",
            "year": 2026,
        },
    }.get(read.rpc, {})


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
    for number in (embedded_district.journey("1").case_number, "370306-01-20260921-77777-X"):
        with pytest.raises(RefusedError) as caught:
            world.do(stranger, service, rpc, case_number=number)
        refusal = caught.value.refusal
        text = refusal.text.replace(number, "…")
        answers.append((refusal.code, refusal.reason, text, str(caught.value.__cause__.details())))
    assert answers[0] == answers[1]
