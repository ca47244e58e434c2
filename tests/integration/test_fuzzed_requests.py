"""Every command, filled at random within its contract, is answered or refused by name.

What is filled in is valid by the protos' own constraints, and mostly about
things that exist; so it is the domain that has to know what to say.
"""

from __future__ import annotations

import hashlib
import random
from datetime import timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from liandong.common.v1.constraints_pb2 import constraint

from journeys.calls import methods_of
from journeys.errors import RefusedError
from journeys.food_licence import application, china
from servicekit.errors import InvalidRequestError
from servicekit.validation import validate
from services.standalone.registry import parts

PERSONS = (
    "p-0102", "p-0103", "p-0104", "p-0105", "p-0201", "p-0202", "p-0301", "p-0302", "p-0401",
    "p-0402", "p-0701", "p-0702", "p-0731", "p-0732", "p-0741", "p-0801", "p-0802", "p-0901",
)  # fmt: skip
ACCOUNTS = ("a-0001", "a-0002")
BUGS = {"UNKNOWN", "INTERNAL", "DATA_LOSS", "UNIMPLEMENTED"}
PACKAGES = ("intake", "review", "delivery", "metrics")
STEPS = 150
NOW = china(10, 9, 10)
UNITS = (
    "370306000000-C1-W01", "370306000000-C1-W02", "370306001000-C1-W01", "370306001001-P1",
    "370306000000-D01",
)  # fmt: skip
AUTHORITIES = tuple(f"370306000000-D0{n}" for n in range(1, 7))
ITEMS = ("370306-01-001", "370306-01-008", "370306-20-001", "370306-05-002", "370306-01-011",
         "370306-01-013")  # fmt: skip
MATERIALS = ("M01", "M02", "M04", "M05", "M99")
# What the name of a field says of its content.
POOLS = {
    "item_code": ITEMS,
    "authority": ("", *AUTHORITIES),
    "competent_authority": AUTHORITIES,
    "consulted": AUTHORITIES,
    "to_unit": UNITS,
    "to_window": UNITS,
    "material_code": MATERIALS,
    "identity_number": ("370306195001010018", "370306195001010019", "N2370306MA3TE5T03G"),
    "phone": ("13800003210",),
    "person": ("", *ACCOUNTS),
    "checkers": PERSONS,
    "second_person": PERSONS,
    "seal": ("370306000000-D01-SPECIAL", "370306000000-D01-AUTHORITY"),
    "name": ("at_most_one_visit_cases", "张示例"),
    "carrier": ("", "EMS", "SF"),
}
# What is learnt from answers, by the name of the field it stands in.
LEARNT = ("case_number", "document", "shipment", "assistance", "enquiry", "explanation",
          "procedure", "upload", "sha256")  # fmt: skip


def commands():
    """Every method that changes something, with the roles that may call it."""
    for package in PACKAGES:
        rows = parts()[package].definition.policy.rows()
        for service, methods in methods_of(package).items():
            for name, method in methods.items():
                if method.asks("request_id"):
                    yield package, service, name, method, sorted(rows[method.path].roles)


class Filler:
    """Fills requests; remembers what it has heard of."""

    def __init__(self, dice):
        self.dice = dice
        self.known = {name: [f"{name}-unknown"] for name in LEARNT}
        self.known["case_number"] = ["370306-01-20260921-99999-X"]
        self.known["sha256"] = [hashlib.sha256(b"unknown").hexdigest()]

    def learn(self, message):
        for field, value in message.ListFields():
            values = value if field.is_repeated else [value]
            for each in values:
                if field.message_type is not None:
                    self.learn(each)
                elif field.name in self.known and each:
                    self.known[field.name].append(each)

    def fill(self, message):
        for field in message.DESCRIPTOR.fields:
            rule = field.GetOptions().Extensions[constraint]
            if field.name == "request_id" or (not rule.required and self.dice.random() < 0.3):
                continue
            if field.is_repeated:
                times = self.dice.randint(1 if rule.required else 0, 2)
                values = [self.value(field, rule) for _ in range(times)]
                getattr(message, field.name).extend(each for each in values if each is not None)
            elif field.message_type is not None:
                getattr(message, field.name).CopyFrom(self.value(field, rule))
            else:
                setattr(message, field.name, self.value(field, rule))
        return message

    def value(self, field, rule):
        if field.message_type is not None:
            return self.message(field.message_type)
        if field.enum_type is not None:
            return self.dice.choice([each.number for each in field.enum_type.values if each.number])
        if field.cpp_type == field.CPPTYPE_BOOL:
            return self.dice.random() < 0.5
        if field.type == field.TYPE_BYTES:
            return b"x" * max(rule.min_len, 1)
        if field.cpp_type != field.CPPTYPE_STRING:
            low = rule.min if rule.HasField("min") else 0
            return self.dice.choice([low, low, low + 1, min(low + 7, rule.max or low + 7)])
        return self.text(field, rule)

    def message(self, descriptor):
        if descriptor.full_name == "google.protobuf.Timestamp":
            stamp = Timestamp()
            stamp.FromDatetime(NOW + timedelta(hours=self.dice.randint(-200, 200)))
            return stamp
        if descriptor.full_name == "google.type.Date":
            day = NOW + timedelta(days=self.dice.randint(-5, 60))
            return Date(year=day.year, month=day.month, day=day.day)
        return self.fill(descriptor._concrete_class())

    def text(self, field, rule):
        if field.name in self.known:
            return self.dice.choice(self.known[field.name][-6:])
        if field.name in POOLS:
            return self.dice.choice(POOLS[field.name])
        if field.name.endswith("sha256"):
            return self.dice.choice(self.known["sha256"])
        if field.name.endswith("phone"):
            return "13800003210"
        # What is said of one element of a list is not said in the protos: keep it short.
        longest = 20 if field.is_repeated else rule.max_len or 200
        return ("依法办理。" * 40)[: max(min(self.dice.randint(1, 30), longest), rule.min_len)]


class Crowd:
    """Everybody of the district, who does whatever comes to mind."""

    def __init__(self, world, seed):
        self.world = world
        self.dice = random.Random(seed)
        self.filler = Filler(self.dice)
        world.clock(NOW)
        self.people = [world.staff(person) for person in PERSONS]
        self.people += [world.applicant(account, "申请人") for account in ACCOUNTS]
        self.commands = list(commands())
        self.codes = set()

    def begin(self):
        for account in ACCOUNTS:
            clerk = self.people[0]
            fields = application(account)
            self.filler.learn(self.world.do(clerk, "intake", "ReceiveApplication", **fields))
        self.filler.known["sha256"].append(
            self.world.upload(self.people[0], b"%PDF-1.4\n%%EOF\n", "application/pdf")
        )

    def step(self):
        package, service, name, method, roles = self.dice.choice(self.commands)
        fitting = [each for each in self.people if each.caller.roles & {*roles}]
        actor = self.dice.choice(fitting if fitting and self.dice.random() < 0.8 else self.people)
        request = self.filler.fill(method.request())
        if method.asks("revision") and self.dice.random() < 0.8:
            request.revision = self.revision(package, request) or 1
        fields = {field.name: value for field, value in request.ListFields()}
        if self.world_would_refuse(method, fields):
            return
        refusal = None
        try:
            answer = self.world.do(actor, package, name, service=service, **fields)
        except RefusedError as error:
            refusal = error.refusal
        if refusal is None:
            self.codes.add("OK")
            self.filler.learn(answer)
            return
        self.codes.add(refusal.code)
        assert refusal.code not in BUGS, f"{name} {fields}: {refusal}"
        assert refusal.text, f"{name} is refused without a sentence: {refusal}"
        assert refusal.reason != "MALFORMED_REQUEST", f"{name} {fields}: {refusal}"

    def world_would_refuse(self, method, fields):
        """Tell whether the constraints contradict what was drawn; such a request is not sent."""
        request = method.request(**fields)
        if method.asks("request_id"):
            request.request_id = "12345678"
        try:
            validate(request)
        except InvalidRequestError:
            return True
        return False

    def revision(self, package, request):
        """The revision of what the request is about, as whoever may read it sees it."""
        looks = {
            ("intake", "case_number"): ("GetCase", "case", 0),
            ("intake", "assistance"): ("GetAssistance", "assistance", 15),
            ("intake", "enquiry"): ("GetEnquiry", "enquiry", 8),
            ("review", "case_number"): ("GetReviewCase", "review", 8),
            ("delivery", "case_number"): ("GetCourierOffer", "offer", 8),
            ("delivery", "shipment"): ("GetShipment", "shipment", 8),
        }
        for (where, field), (method, within, reader) in looks.items():
            if where != package or field not in request.DESCRIPTOR.fields_by_name:
                continue
            asked = {field: getattr(request, field) or "?"}
            try:
                answer = self.world.do(self.people[reader], package, method, **asked)
            except RefusedError as error:
                refusal = error.refusal
            else:
                return getattr(answer, within).revision
            assert refusal.code not in BUGS, f"{method} {asked}: {refusal}"
        return None


def test_every_command_of_the_contract_can_be_drawn():
    names = {name for _, _, name, _, _ in commands()}
    assert {
        "ReceiveApplication", "Decide", "RateCase", "RequestPickup", "TakeAssistance",
        "RegisterEnquiry", "TransferCase", "DispatchResult", "PlanSpecialProcedure",
    } <= names  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_is_asked_within_the_contract_gets_an_answer_or_a_named_refusal(playground, seed):
    crowd = Crowd(playground.world, seed)
    crowd.begin()
    for _ in range(STEPS):
        crowd.step()
    assert {"OK", "FAILED_PRECONDITION", "PERMISSION_DENIED", "NOT_FOUND"} <= crowd.codes


def test_what_is_filled_in_is_mostly_valid():
    filler = Filler(random.Random(1))
    crowd = Crowd.__new__(Crowd)
    drawn = [
        (method, {f.name: v for f, v in filler.fill(method.request()).ListFields()})
        for _, _, _, method, _ in commands()
        for _ in range(5)
    ]
    invalid = [1 for method, fields in drawn if crowd.world_would_refuse(method, fields)]
    assert len(invalid) < len(drawn) / 4
