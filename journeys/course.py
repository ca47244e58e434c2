"""The steps that journeys share, from the receipt of a case to the rating of it.

Every step calls what a clerk, an official or a citizen would call, waits for
what it needs from other services, and tells what happened. `say` replaces the
sentence that is told; it may name the facts in braces that the step's
docstring names, and an empty one tells nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journeys.forms import PDF, Citizen, china, day, entry, paper, stamp
from journeys.one_case import DISTRICT, MEDIA_TYPE, SUPERVISOR, OneCase
from journeys.world import Actor

__all__ = [
    "DISTRICT",
    "PDF",
    "SUPERVISOR",
    "Citizen",
    "Course",
    "china",
    "day",
    "entry",
    "paper",
    "stamp",
]


@dataclass(slots=True)
class Course(OneCase):
    """One case on its way, a step at a time."""

    # --- before acceptance -------------------------------------------------------------------

    def application(self, materials: Sequence[Mapping[str, Any]], **more: Any) -> dict[str, Any]:
        """Return the fields of an application: at the window, collected there."""
        return {
            "item_code": self.item,
            "applicant": self.citizen.form,
            "materials": list(materials),
            "channel": "CHANNEL_WINDOW",
            "result_delivery": "RESULT_DELIVERY_COLLECTION",
            **more,
        }

    def receive_at_window(
        self,
        materials: Sequence[Mapping[str, Any]],
        summary: str,
        *,
        say: str = "{clerk}收件，出具收件凭证，办件编号{case}",
        **more: Any,
    ) -> Any:
        """Receive an application at the window of `clerk`. Facts: clerk, case."""
        asked = self.application(materials, summary=summary, **more)
        self.pieces = sum(each.get("paper_pieces", 0) for each in materials)
        return self._received(self.clerk, asked, say)

    def receive_online(
        self,
        files: Mapping[str, bytes],
        summary: str,
        *,
        say: str = "申请人网上提交申请并上传材料，办件编号{case}；未到厅",
        **more: Any,
    ) -> Any:
        """Apply online from the applicant's account, with a file for each material. Facts: case."""
        materials = self.uploaded(files)
        asked = self.application(materials, summary=summary, channel="CHANNEL_ONLINE")
        return self._received(self.applicant, {**asked, **more}, say)

    def uploaded(self, files: Mapping[str, bytes]) -> list[dict[str, Any]]:
        """Upload files from the applicant's account; return the materials they are."""
        return [
            {
                "material_code": code,
                "sha256": self.world.upload(self.applicant, content, MEDIA_TYPE),
            }
            for code, content in files.items()
        ]

    def _received(self, actor: Actor, asked: Mapping[str, Any], say: str) -> Any:
        answer = self.world.do(actor, "intake", "ReceiveApplication", **asked)
        self.case_number, self.query_code = answer.case_number, answer.query_code
        self.document("MATERIALS_RECEIPT")
        self._say(say, clerk=self.clerk.name)
        return answer

    def give_notice(
        self,
        entries: Sequence[Mapping[str, Any]],
        *,
        means: str = "SIGNED_AT_WINDOW",
        seal: str = "SPECIAL",
        say: str = "{clerk}一次性告知需要补正的全部内容，出具{title} {number}",
    ) -> Any:
        """Give the one-time notice and issue it. Facts: clerk, title, number."""
        self.on_case(
            self.clerk, "GiveOneTimeNotice", entries=list(entries), means=f"NOTICE_MEANS_{means}"
        )
        notice = self.seal(self.clerk, "ONE_TIME_NOTICE", seal)
        self._say_document(say, notice)
        return notice

    def correct_online(
        self,
        files: Mapping[str, bytes],
        *,
        say: str = "申请人网上上传补正材料；未到厅",
    ) -> Any:
        """Correct from the applicant's account, with a file for each material."""
        answer = self.on_case(
            self.applicant,
            "SubmitCorrection",
            materials=self.uploaded(files),
            channel="CHANNEL_ONLINE",
        )
        self._say(say)
        return answer

    def accept(
        self,
        *,
        seal: str = "SPECIAL",
        say: str = "{clerk}受理，出具{title} {number}并登记用印；承诺{due}前办结",
    ) -> Any:
        """Accept the case and issue the notice. Facts: clerk, title, number, due."""
        answer = self.on_case(self.clerk, "AcceptCase")
        notice = self.seal(self.clerk, "ACCEPTANCE_NOTICE", seal)
        due = answer.promise_due.on
        self._say_document(say, notice, due=f"{due.month}月{due.day}日")
        return answer

    def answer_offer(
        self,
        *,
        by_courier: bool,
        say: str = "",
    ) -> None:
        """Answer the offer of free delivery from the applicant's account."""
        number = self.case_number
        offer = self.world.wait(
            "courier offer",
            lambda: (
                self.world.do(
                    self.applicant, "delivery", "GetCourierOffer", case_number=number
                ).offer
            ),
            lambda found: bool(found.case_number),
        )
        self.world.do(
            self.applicant, "delivery", "AnswerCourierOffer",
            case_number=number, revision=offer.revision, by_courier=by_courier,
        )  # fmt: skip
        self._say(say)

    # --- at the department -------------------------------------------------------------------

    def hand_over(
        self,
        receiver: Actor,
        bag: str,
        *,
        pieces: int | None = None,
        say: str = "纸质材料{pieces}件装袋移交，{receiver}清点签收，双方签字",
    ) -> None:
        """Hand the paper bundle over and have it received. Facts: pieces, receiver."""
        counted = self.pieces if pieces is None else pieces
        self.on_case(self.clerk, "HandOverBundle", bag=bag, pieces=counted)
        self.on_case(receiver, "ReceiveBundle", bag=bag, pieces=counted)
        self.world.wait("the bundle in review", self.review, lambda found: not found.awaits_bundle)
        self._say(say, pieces=str(counted), receiver=receiver.name)

    def check_site(
        self,
        reviewer: Actor,
        second: Actor,
        at: datetime,
        *,
        place: str = "周村区丝绸路街道车站社区1号",
        findings: str = "与申请材料一致，符合要求。",
        complies: bool = True,
        authority: str = "",
        say: str = "{reviewer}、{second}两人现场核查并制作笔录（不停止计时）",
    ) -> Any:
        """Record a check by two persons. Facts: reviewer, second."""
        answer = self.on_review(
            reviewer, "RecordSiteCheck", authority=authority,
            checkers=[reviewer.caller.person, second.caller.person],
            check_time=stamp(at), place=place, findings=findings, complies=complies,
        )  # fmt: skip
        self._say(say, reviewer=reviewer.name, second=second.name)
        return answer

    def give_opinion(
        self,
        reviewer: Actor,
        text: str = "申请材料齐全，符合法定条件，建议准予。",
        *,
        grant: bool = True,
        authority: str = "",
        say: str = "{reviewer}提出审核意见：{opinion}",
    ) -> Any:
        """Submit an opinion. Facts: reviewer, opinion."""
        answer = self.on_review(
            reviewer, "SubmitOpinion", authority=authority, proposes_grant=grant, text=text
        )
        opinion = "建议准予" if grant else "建议不予许可"
        self._say(say, reviewer=reviewer.name, opinion=opinion)
        return answer

    def decide(
        self,
        decider: Actor,
        *,
        facts: str,
        legal_bases: Sequence[str],
        grant: bool = True,
        content: str = "准予按申请的内容和范围办理。",
        authority: str = "",
        kind: str = "",
        say: str = "{decider}作出{outcome}的决定，{title} {number} 加盖机关印章",
        **more: Any,
    ) -> Any:
        """Decide, and issue the decision under the seal of the authority.

        Facts: decider, outcome, title, number.
        """
        if grant:
            more["content"] = content
        answer = self.on_review(
            decider, "Decide", authority=authority, facts=facts, legal_bases=list(legal_bases),
            outcome="DECISION_OUTCOME_GRANTED" if grant else "DECISION_OUTCOME_DENIED", **more,
        )  # fmt: skip
        printed = kind or ("GRANT_DECISION" if grant else "DENIAL_DECISION")
        document = self.seal(decider, printed, "AUTHORITY", authority=authority)
        outcome = "准予" if grant else "不予许可"
        self._say_document(say, document, decider=decider.name, outcome=outcome)
        return answer

    # --- the result --------------------------------------------------------------------------

    def return_result(
        self,
        sender: Actor,
        bag: str,
        *,
        certificate_number: str = "",
        say: str = "{sender}回传结果，受理窗口{clerk}签收",
    ) -> None:
        """Return the result to the accepting window and have it received. Facts: sender, clerk."""
        self.on_case(sender, "ReturnResult", certificate_number=certificate_number, bag=bag)
        self.on_case(self.clerk, "ReceiveResult", bag=bag)
        self._say(say, sender=sender.name, clerk=self.clerk.name)

    def hand_out(
        self,
        *,
        signed_by: str = "",
        recipient: str = "ADDRESSEE",
        say: str = "受理窗口发证，{signed_by}在送达回证上签名",
        **more: Any,
    ) -> Any:
        """Hand the result out at the window. Facts: signed_by."""
        signer = signed_by or self.citizen.name
        answer = self.on_case(
            self.clerk, "HandOut", recipient=f"RECIPIENT_{recipient}", signed_by=signer, **more
        )
        self.document("PROOF_OF_SERVICE")
        self._say(say, signed_by=signer)
        return answer

    def rate(self, grade: str = "SATISFIED", *, say: str = "申请人自愿评价：满意") -> None:
        """Rate the case from the applicant's account, once metrics knows of its end."""
        number = self.case_number
        self.world.wait(
            "service of the result in metrics",
            lambda: (
                self.world.do(self.applicant, "metrics", "GetCaseFacts", case_number=number).facts
            ),
            lambda found: found.HasField("serve_time"),
        )
        self.world.do(
            self.applicant, "metrics", "RateCase", case_number=number, grade=f"GRADE_{grade}"
        )
        self._say(say)

    # --- telling -----------------------------------------------------------------------------

    def _say_document(self, say: str, document: Any, **facts: str) -> None:
        self._say(say, title=document.title, number=document.document_number, **facts)

    def _say(self, say: str, **facts: str) -> None:
        if say:
            told = {"clerk": self.clerk.name, "case": self.case_number, **facts}
            self.log.step(say.format(**told))
