"""Valid but arbitrary sequences of commands get an answer or a named refusal, never a bug."""

from __future__ import annotations

import random

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from journeys.errors import RefusedError
from journeys.food_licence import application, china

STAFF = ("p-0102", "p-0101", "p-0103", "p-0201", "p-0202", "p-0301", "p-0302", "p-0401", "p-0701",
         "p-0702", "p-0801", "p-0901")  # fmt: skip
BUGS = {"UNKNOWN", "INTERNAL", "DATA_LOSS", "UNIMPLEMENTED"}
STEPS = 100
CLERK, REVIEWER, DECIDER, APPLICANT = 0, 3, 5, 12
LIKELY = {
    "ReceiveApplication": CLERK, "GiveOneTimeNotice": CLERK, "AcceptCase": CLERK,
    "SubmitCorrection": APPLICANT, "HandOverBundle": CLERK, "ReceiveBundle": REVIEWER,
    "SubmitOpinion": REVIEWER, "RecordSiteCheck": REVIEWER, "Decide": DECIDER,
    "ReturnResult": REVIEWER, "ReceiveResult": CLERK, "HandOut": CLERK, "RateCase": APPLICANT,
}  # fmt: skip


class Monkey:
    """Acts at random; remembers the cases it has seen."""

    def __init__(self, world, seed):
        self.world = world
        self.random = random.Random(seed)
        self.cases = ["370306-01-20260921-99999-X"]
        self.documents = ["nothing"]
        self.actors = [world.staff(person) for person in STAFF]
        world.clock(china(10, 9, 10))
        self.actors += [world.applicant(f"a-{n:04d}", "申请人") for n in (1, 2)]
        self.codes = set()

    def begin(self):
        """There is a case to act on."""
        account = self.actors[APPLICANT].caller.person
        answer = self.world.do(
            self.actors[CLERK], "intake", "ReceiveApplication", **application(account)
        )
        self.cases.append(answer.case_number)

    def step(self):
        service, method, fields = self.random.choice(self.moves())()
        actor = self.random.choice(self.actors)
        if self.random.random() < 0.7:  # mostly whoever would do this, else anybody
            actor = self.actors[LIKELY.get(method, CLERK)]
        if "revision" in fields and self.random.random() < 0.7:
            fields["revision"] = self.revision(service, fields["case_number"]) or 1
        refusal = None
        try:
            answer = self.world.do(actor, service, method, **fields)
        except RefusedError as error:
            refusal = error.refusal
        if refusal is not None:
            self.codes.add(refusal.code)
            assert refusal.code not in BUGS, f"{method} {fields}: {refusal}"
            assert refusal.text, f"{method} is refused without a sentence"
            return
        self.codes.add("OK")
        if number := getattr(answer, "case_number", ""):
            self.cases.append(number)
        if document := getattr(answer, "document", ""):
            self.documents.append(str(document))

    def revision(self, service, number):
        """The revision as whoever may read the case sees it, None if nobody does."""
        method, field = {"intake": ("GetCase", "case"), "review": ("GetReviewCase", "review"),
                         "delivery": ("GetCourierOffer", "offer")}[service]  # fmt: skip
        reader = self.actors[REVIEWER if service == "review" else CLERK]
        try:
            answer = self.world.do(reader, service, method, case_number=number)
        except RefusedError:
            return None
        return getattr(answer, field).revision

    def moves(self):
        number = self.random.choice(self.cases[-3:])
        on_case = {"case_number": number, "revision": self.random.randint(1, 12)}
        document = self.random.choice(self.documents)
        return [
            self.receive,
            lambda: ("intake", "GiveOneTimeNotice", {**on_case, **self.notice()}),
            lambda: ("intake", "SubmitCorrection", {**on_case, **self.correction()}),
            lambda: ("intake", "AcceptCase", on_case),
            lambda: ("intake", "HandOverBundle", {**on_case, "bag": "B", "pieces": 1}),
            lambda: ("intake", "ReceiveBundle", {**on_case, "bag": "B", "pieces": 1}),
            lambda: ("intake", "ReturnResult", {**on_case, "bag": "R", "certificate_number": "1"}),
            lambda: ("intake", "ReceiveResult", {**on_case, "bag": "R"}),
            lambda: ("intake", "HandOut", {**on_case, "recipient": self.random.randint(1, 2),
                                           "signed_by": "李示例"}),
            lambda: ("intake", "SealDocument", {**on_case, "document": document, "seal": "S",
                                                "scan_sha256": "0" * 64}),
            lambda: ("review", "SubmitOpinion", {**on_case, "proposes_grant": True, "text": "可"}),
            lambda: ("review", "RecordSiteCheck", {**on_case, **self.check()}),
            lambda: ("review", "Decide", {**on_case, "outcome": self.random.randint(1, 2),
                                          "facts": "事实", "legal_bases": ["行政许可法"],
                                          "content": "准予", "reasons": "理由"}),
            lambda: ("delivery", "AnswerCourierOffer", {**on_case, "by_courier": True}),
            lambda: ("metrics", "RateCase", {"case_number": number, "grade": 1}),
            lambda: ("intake", "GetCase", {"case_number": number}),
            lambda: ("intake", "ListCases", {"page_token": self.random.choice(["", "x", "W10="])}),
            lambda: ("intake", "ReadDocument", {"case_number": number, "document": document}),
            lambda: ("intake", "GetProgress", {"case_number": number, "query_code": "AAAA"}),
            lambda: ("metrics", "ListViolations", {"page_token": self.random.choice(["", "W10="])}),
            lambda: ("review", "ListWork", {"page_token": self.random.choice(["", "W10="])}),
        ]  # fmt: skip

    def receive(self):
        fields = application(self.actors[-1].caller.person)
        fields["materials"] = self.random.sample(fields["materials"], self.random.randint(0, 3))
        fields["applicant"] = {
            **fields["applicant"],
            "identity_number": self.random.choice(
                ["370306195001010018", "370306195001010019", "N2370306MA3TE5T03G"]
            ),
        }
        fields["channel"] = self.random.randint(1, 3)
        return "intake", "ReceiveApplication", fields

    def notice(self):
        entries = [
            {"material_code": code, "defect": 1, "what_to_do": "补交。", "legal_basis": "第一条"}
            for code in self.random.sample(["M01", "M02", "M04", "M05", "M99"], 2)
        ]
        return {"entries": entries, "means": self.random.randint(1, 3)}

    def correction(self):
        codes = self.random.sample(["M01", "M04", "M05", "M99"], 2)
        return {"channel": 2, "materials": [{"material_code": code} for code in codes]}

    def check(self):
        at = Timestamp()
        at.FromDatetime(china(9, 21, 11))
        return {
            "check_time": at,
            "place": "现场",
            "findings": "符合",
            "complies": True,
            "checkers": self.random.sample(list(STAFF), self.random.randint(1, 3)),
        }


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_arbitrary_sequences_get_an_answer_or_a_named_refusal(playground, seed):
    world = playground.world
    world.clock(china(10, 9, 10))
    monkey = Monkey(world, seed)
    monkey.begin()
    for _ in range(STEPS):
        monkey.step()
    assert {"OK", "FAILED_PRECONDITION", "PERMISSION_DENIED"} <= monkey.codes
