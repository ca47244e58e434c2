"""Journey 1: 食品经营许可 at the district's comprehensive window, with one correction.

Received with the floor plan missing and the rules' list not in legal form,
corrected by upload, accepted, checked on the site, decided, handed out,
rated, counted. On the way everything is attempted that the law forbids.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from journeys.recorder import Journey, Recorder, expect
from journeys.world import Actor, World
from servicekit.clock import CHINA_STANDARD_TIME

__all__ = ["ITEM", "JOURNEY", "drive"]

ITEM = "370306-01-001"
FLOOR_PLAN, RULES_LIST, LICENCE = "M04", "M05", "M02"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def china(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """Return an instant of 2026 by the clock on the hall's wall."""
    return datetime(2026, month, day, hour, minute, tzinfo=CHINA_STANDARD_TIME).astimezone(UTC)


@dataclass(slots=True)
class Course:
    """One run of the journey: who acts, and the case they act on."""

    world: World
    log: Recorder
    clerk: Actor
    applicant: Actor
    case_number: str = ""
    query_code: str = ""

    def case(self, actor: Actor) -> Any:
        return self.world.do(actor, "intake", "GetCase", case_number=self.case_number).case

    def review(self, actor: Actor) -> Any:
        return self.world.do(actor, "review", "GetReviewCase", case_number=self.case_number).review

    def on_case(self, actor: Actor, method: str, **fields: Any) -> Any:
        """Command intake on the case at the revision the window sees now."""
        revision = self.case(self.clerk).revision
        return self.world.do(
            actor, "intake", method, case_number=self.case_number, revision=revision, **fields
        )

    def refused_on_case(self, actor: Actor, method: str, **fields: Any) -> Any:
        revision = self.case(self.clerk).revision
        return self.world.refused(
            actor, "intake", method, case_number=self.case_number, revision=revision, **fields
        )

    def document(self, actor: Actor, kind: str, state: int) -> Any:
        """Wait until the case has a document of `kind` that is as far as `state`."""
        found = self.world.wait(
            f"document {kind}",
            lambda: [
                each
                for each in self.world.do(
                    actor, "intake", "ListDocuments", case_number=self.case_number
                ).documents
                if each.kind == kind and each.state >= state
            ],
            bool,
        )
        return found[-1]

    def seal(self, actor: Actor, kind: str, seal: str) -> Any:
        """Print, seal and register: the document is issued with it."""
        document = self.document(actor, kind, state=2)
        scan = self.world.upload(self.clerk, PDF + document.document.encode(), "application/pdf")
        self.on_case(actor, "SealDocument", document=document.document, seal=seal, scan_sha256=scan)
        return self.document(actor, kind, state=3)


def drive(world: World, log: Recorder) -> str:
    """Drive the journey; return the case number."""
    world.at(china(9, 21, 9, 30))
    course = Course(world, log, world.staff("p-0101"), world.applicant("a-0001", "申请人账户"))
    receive(course)
    correct(course)
    accept(course)
    hand_over(course)
    review(course)
    decide(course)
    hand_out(course)
    rate(course)
    return course.case_number


def application(course: Course) -> dict[str, Any]:
    return {
        "item_code": ITEM,
        "applicant": {
            "person": course.applicant.caller.person,
            "kind": "APPLICANT_KIND_NATURAL_PERSON",
            "name": "李示例",
            "identity_number": "370306195001010018",
            "phone": "13800003210",
            "address": "山东省淄博市周村区丝绸路街道车站社区1号",
        },
        "materials": [
            {"material_code": "M01", "paper_pieces": 1},
            {"material_code": FLOOR_PLAN, "defect": "DEFECT_MISSING"},
            {
                "material_code": RULES_LIST,
                "paper_pieces": 1,
                "defect": "DEFECT_NOT_IN_LEGAL_FORM",
            },
        ],
        "channel": "CHANNEL_WINDOW",
        "result_delivery": "RESULT_DELIVERY_COLLECTION",
        "summary": "新开小餐饮店申请食品经营许可（示例）",
    }


def receive(course: Course) -> None:
    world, log, clerk = course.world, course.log, course.clerk
    unknown = world.refused(
        clerk,
        "intake",
        "ReceiveApplication",
        **{**application(course), "item_code": "370306-99-999"},
    )
    log.refusal("申请一个不存在的事项", unknown, rule="", reason="ITEM_UNKNOWN")
    malformed = world.refused(
        clerk, "intake", "ReceiveApplication", **{**application(course), "summary": ""}
    )
    log.refusal("申请书缺少摘要", malformed, rule="", reason="MALFORMED_REQUEST")
    request_id = f"{world.run}-receive"
    answers = world.at_once(
        lambda: world.do(
            clerk, "intake", "ReceiveApplication", request_id=request_id, **application(course)
        ),
        3,
    )
    expect("the same command three times is one case", holds=answers.count(answers[0]) == 3)
    course.case_number, course.query_code = answers[0].case_number, answers[0].query_code
    course.document(clerk, "MATERIALS_RECEIPT", state=3)
    log.step(
        f"{clerk.name}收件，出具收件凭证，办件编号{course.case_number}"
        "（同一请求同时重复三次，只有一个办件）；到厅第1次"
    )


def correct(course: Course) -> None:
    world, log, clerk = course.world, course.log, course.clerk
    world.at(china(9, 21, 10, 10))
    entries = [
        {
            "material_code": FLOOR_PLAN,
            "defect": "DEFECT_MISSING",
            "what_to_do": "补交经营场所设备设施布局图和操作流程。",
            "legal_basis": "食品经营许可和备案管理办法 第十二条",
        },
        {
            "material_code": RULES_LIST,
            "defect": "DEFECT_NOT_IN_LEGAL_FORM",
            "what_to_do": "制度目录清单须由申请人签名并注明日期。",
            "legal_basis": "食品经营许可和备案管理办法 第十二条",
        },
    ]
    shared = {**entries[0], "material_code": LICENCE, "what_to_do": "请提交营业执照。"}
    refusal = course.refused_on_case(
        clerk,
        "GiveOneTimeNotice",
        entries=[*entries, shared],
        means="NOTICE_MEANS_SIGNED_AT_WINDOW",
    )
    log.refusal(
        "要求申请人提交可以共享的营业执照", refusal,
        rule="国务院令第716号 第七条", reason="SHARED_DATA_ASKED_FOR",
    )  # fmt: skip
    course.on_case(
        clerk, "GiveOneTimeNotice", entries=entries, means="NOTICE_MEANS_SIGNED_AT_WINDOW"
    )
    notice = course.seal(clerk, "ONE_TIME_NOTICE", "370306000000-D01-SPECIAL")
    log.step(f"一次性告知两处问题，出具{notice.title} {notice.document_number}，当场签收")
    refusal = course.refused_on_case(
        clerk, "GiveOneTimeNotice", entries=entries[:1], means="NOTICE_MEANS_SIGNED_AT_WINDOW"
    )
    log.refusal("再次要求补正", refusal, rule="R1.2", reason="NOTICE_ALREADY_GIVEN")
    world.at(china(9, 22, 15))
    corrections = [
        {
            "material_code": code,
            "sha256": world.upload(course.applicant, content, "application/pdf"),
        }
        for code, content in ((FLOOR_PLAN, PDF + b"%1"), (RULES_LIST, PDF + b"%2"))
    ]
    answer = course.on_case(
        course.applicant, "SubmitCorrection", materials=corrections, channel="CHANNEL_ONLINE"
    )
    expect("nothing is outstanding", holds=not answer.outstanding)
    log.step("申请人网上上传补正材料，问题全部消除；未到厅")


def accept(course: Course) -> None:
    world, log = course.world, course.log
    world.at(china(9, 23, 9, 5))
    reviewer = world.staff("p-0201")
    refusal = course.refused_on_case(reviewer, "AcceptCase")
    log.refusal("部门岗位自行受理", refusal, rule="R4.4", reason="ACCEPTED_BY_DEPARTMENT")
    stale = world.refused(
        course.clerk, "intake", "AcceptCase", case_number=course.case_number, revision=1
    )
    log.refusal("按过时的页面操作", stale, rule="", reason="STALE_REVISION")
    answer = course.on_case(course.clerk, "AcceptCase")
    expect(
        "accepted as of the arrival of the last cured entry",
        holds=answer.accept_time.ToDatetime(tzinfo=UTC).date() == china(9, 22, 15).date(),
    )
    notice = course.seal(course.clerk, "ACCEPTANCE_NOTICE", "370306000000-D01-SPECIAL")
    due = answer.promise_due.on
    log.step(
        f"{course.clerk.name}受理（自补正材料到达之时起算），出具{notice.title} "
        f"{notice.document_number}并登记用印；承诺{due.month}月{due.day}日前办结"
    )
    offer = world.wait(
        "courier offer",
        lambda: (
            world.do(
                course.applicant, "delivery", "GetCourierOffer", case_number=course.case_number
            ).offer
        ),
        lambda found: bool(found.case_number),
    )
    world.do(
        course.applicant, "delivery", "AnswerCourierOffer",
        case_number=course.case_number, revision=offer.revision, by_courier=False,
    )  # fmt: skip
    log.step("告知可由EMS免费寄递（费用由区财政承担），申请人选择到窗口领取")


def hand_over(course: Course) -> None:
    world, log = course.world, course.log
    world.at(china(9, 23, 11))
    course.on_case(course.clerk, "HandOverBundle", bag="B-0001", pieces=2)
    receiver = world.staff("p-0202")
    course.on_case(receiver, "ReceiveBundle", bag="B-0001", pieces=2)
    log.step(f"纸质材料2件装袋移交，{receiver.name}清点签收，双方签字")


def review(course: Course) -> None:
    world, log = course.world, course.log
    number = course.case_number
    world.at(china(9, 24, 9))
    moved = world.staff("p-0101")  # the clerk who accepted holds a department post by now
    seen = world.wait(
        "review of the case", lambda: course.review(moved), lambda found: not found.awaits_bundle
    )
    refusal = world.refused(
        moved, "review", "SubmitOpinion", case_number=number, revision=seen.revision,
        proposes_grant=True, text="同意。",
    )  # fmt: skip
    log.refusal("受理人员调入部门后审查本件", refusal, rule="R4.1", reason="REVIEWED_BY_FRONT")
    world.at(china(9, 24, 14))
    reviewer, second = world.staff("p-0201"), world.staff("p-0202")
    checked = Timestamp()
    checked.FromDatetime(china(9, 24, 13, 30))
    check: dict[str, Any] = {
        "case_number": number,
        "check_time": checked,
        "place": "周村区丝绸路街道车站社区1号",
        "findings": "布局与图纸一致，设备设施齐全。",
        "complies": True,
    }
    alone = world.refused(
        reviewer, "review", "RecordSiteCheck",
        revision=seen.revision, checkers=[reviewer.caller.person], **check,
    )  # fmt: skip
    log.refusal(
        "一人进行现场核查", alone,
        rule="行政许可法 第三十四条第三款", reason="SITE_CHECK_BY_ONE",
    )  # fmt: skip
    world.do(
        reviewer, "review", "RecordSiteCheck", revision=seen.revision,
        checkers=[reviewer.caller.person, second.caller.person], **check,
    )  # fmt: skip
    log.step(f"{reviewer.name}、{second.name}两人现场核查并制作笔录（不停止计时）")
    world.at(china(9, 28, 10))
    world.do(
        reviewer, "review", "SubmitOpinion", case_number=number,
        revision=course.review(reviewer).revision, proposes_grant=True,
        text="申请材料齐全，现场核查符合要求，建议准予。",
    )  # fmt: skip
    log.step(f"{reviewer.name}提出审核意见：建议准予")


def decide(course: Course) -> None:
    world, log, number = course.world, course.log, course.case_number
    world.at(china(9, 29, 10))
    reviewer, decider = world.staff("p-0201"), world.staff("p-0301")
    decision: dict[str, Any] = {
        "case_number": number,
        "revision": course.review(decider).revision,
        "outcome": "DECISION_OUTCOME_GRANTED",
        "facts": "申请人具备与所经营食品相适应的场所、设备和制度。",
        "legal_bases": ["食品安全法 第三十五条", "行政许可法 第三十八条第一款"],
    }
    refusal = world.refused(reviewer, "review", "Decide", **decision)
    log.refusal("审核人员自行审批", refusal, rule="R4.6a", reason="DECIDED_BY_REVIEWER")
    answer = world.do(decider, "review", "Decide", **decision)
    expect("the promise was kept", holds=answer.promise_kept and answer.statutory_kept)
    document = course.seal(decider, "GRANT_DECISION", "370306000000-D01-AUTHORITY")
    log.step(
        f"{decider.name}决定准予，{document.title} {document.document_number} 加盖机关印章；"
        "在承诺时限内办结"
    )


def hand_out(course: Course) -> None:
    world, log = course.world, course.log
    world.at(china(9, 29, 15))
    sender = world.staff("p-0202")
    course.clerk = world.staff("p-0102")  # another clerk of the accepting window
    course.on_case(sender, "ReturnResult", certificate_number="JY23703060000001", bag="R-0001")
    course.on_case(course.clerk, "ReceiveResult", bag="R-0001")
    log.step(f"{sender.name}回传证照，受理窗口{course.clerk.name}签收")
    world.at(china(9, 30, 9, 30))
    signed: dict[str, Any] = {"recipient": "RECIPIENT_ADDRESSEE", "signed_by": "李示例"}
    refusal = course.refused_on_case(sender, "HandOut", **signed)
    log.refusal("部门直接发证", refusal, rule="R4.8", reason="HANDED_OUT_BY_DEPARTMENT")
    refusal = course.refused_on_case(world.staff("p-0103"), "HandOut", **signed)
    log.refusal("其他窗口发证", refusal, rule="R4.7", reason="NOT_THE_ACCEPTING_WINDOW")
    answer = course.on_case(course.clerk, "HandOut", **signed)
    expect("two visits", holds=answer.visits == 2)
    course.document(course.clerk, "PROOF_OF_SERVICE", state=3)
    log.step("受理窗口发证，申请人在送达回证上签名；到厅第2次")


def rate(course: Course) -> None:
    world, log, number = course.world, course.log, course.case_number
    world.at(china(9, 30, 9, 40))
    world.wait(
        "service of the result in metrics",
        lambda: world.do(course.applicant, "metrics", "GetCaseFacts", case_number=number).facts,
        lambda found: found.HasField("serve_time"),
    )
    world.do(course.applicant, "metrics", "RateCase", case_number=number, grade="GRADE_SATISFIED")
    log.step("申请人自愿评价：满意")
    entry = world.wait(
        "explanation of the red item",
        lambda: [
            each
            for each in world.do(course.clerk, "intake", "GetTimeline", case_number=number).entries
            if each.code == "ITEM_TURNED_RED"
        ],
        bool,
    )
    log.step(f"统计：{entry[-1].text}")


JOURNEY = Journey("1", "食品经营许可：窗口申请、一次补正、现场核查、窗口领取", drive)
