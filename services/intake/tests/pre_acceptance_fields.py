"""What the tests before acceptance send, and how they steer the item and the timers."""

from __future__ import annotations

from liandong.catalog.v1 import catalog_service_pb2 as catalog
from liandong.common.v1 import common_pb2 as common
from liandong.intake.v1 import intake_service_pb2 as pb

from servicekit.identity import Caller
from services.intake.entrypoints import jobs

SUPERVISOR = Caller(
    person="p-s", assignment="as-s", post_kind="SUPERVISION", roles=frozenset({"SUPERVISOR"}),
    unit="370306000000", unit_path="/370000000000/370300000000/370306000000/",
)  # fmt: skip
WHY = {"reason": "该事项已经取消。", "legal_basis": "国务院决定"}
ELSEWHERE = {"competent_authority": "淄博市市场监督管理局"} | WHY
SPOT = {
    "facts": "申请材料齐全，符合法定形式。",
    "legal_bases": ["行政许可法 第三十四条第二款"],
    "certificate_number": "JY1",
    "outcome": pb.DECISION_OUTCOME_GRANTED,
}
WANTING = {"materials": [pb.WantingMaterial(material_code="M04", defect=pb.DEFECT_MISSING)]}


def at_once(district):
    """Make the item one that is decided on the spot."""
    version = district.catalog.version
    version.handling = catalog.HANDLING_KIND_ON_THE_SPOT
    version.ClearField("statutory_limit")
    version.promised_limit.CopyFrom(
        common.Limit(unit=common.LIMIT_UNIT_ON_THE_SPOT, start=common.LIMIT_START_ACCEPTED)
    )
    version.verification_limit.CopyFrom(
        common.Limit(
            amount=3, unit=common.LIMIT_UNIT_WORKING_DAY, start=common.LIMIT_START_ACCEPTED
        )
    )


def proposal(*codes):
    return {
        "entries": [
            pb.NoticeEntry(
                material_code=code, defect=pb.DEFECT_WRONG_CONTENT, what_to_do="请标注更衣室。",
                legal_basis="第十四条",
            )
            for code in codes
        ],
        "means": pb.NOTICE_MEANS_SIGNED_AT_WINDOW,
        "reason": "首次未提交。",
    }  # fmt: skip


def sweep(district, name):
    [found] = [each for each in jobs.sweeps(district.harness.resources) if each.name == name]
    found.work()
