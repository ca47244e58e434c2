"""A result for somebody who cannot be found: sent in vain, announced, served by its period."""

from __future__ import annotations

from datetime import UTC, date
from typing import Any

from journeys.course import china, day
from journeys.fully_online import Online
from journeys.life_after import dispatched, opened
from journeys.recorder import expect

__all__ = ["announce", "send_to_nobody", "serve_by_announcement"]


def send_to_nobody(case: Online) -> str:
    """Return the result and send it by courier; return the waybill."""
    case.return_result(
        case.world.staff("p-0202"), "R-0602", certificate_number="370306202612220101", say=""
    )
    return dispatched(case, china(12, 22, 9))


def announce(case: Online, waybill: str) -> None:
    """Announce what came back from an address where nobody is found any more."""
    world, log = case.world, case.log
    world.carrier.arrive(waybill, china(12, 23, 9))
    world.carrier.refuse(waybill, china(12, 23, 10))
    world.carrier.return_to_sender(waybill, china(12, 25, 8, 30))
    opened(case, "REFUSED")
    account: dict[str, Any] = {
        "means": "OTHER_SERVICE_ANNOUNCED",
        "reason": "现住户拒收退回，称受送达人早已搬走；电话停机，下落不明。",
    }
    nowhere = case.refused_on_case(case.clerk, "ServeOtherwise", **account)
    log.refusal(
        "不写公告载体的公告送达", nowhere,
        rule="民事诉讼法 第八十九条、第九十五条", reason="SERVICE_PLACE_MISSING",
    )  # fmt: skip
    account["place"] = "周村区人民政府网站公告栏（示例）"
    case.on_case(case.clerk, "ServeOtherwise", **account)
    again = case.refused_on_case(case.clerk, "ServeOtherwise", **account)
    log.refusal("重复公告", again, rule="民事诉讼法 第九十五条", reason="ALREADY_ANNOUNCED")
    seen = case.case()
    expect("not served yet", holds=not seen.service_means)
    expect("a Sunday ends no period", holds=day(seen.announced_until_date) == date(2027, 1, 25))
    log.step(
        "施工许可决定被现住户退回，申请人下落不明，12月25日公告：30日期满为1月24日（周日），顺延至1月25日"
    )


def serve_by_announcement(case: Online) -> None:
    """Look when its period has run: served, whether or not any timer has noted it."""
    seen = case.case()
    expect("served by its period", holds=seen.service_means == "ANNOUNCED")
    end = china(1, 26, 0, year=2027)
    expect("at its end", holds=seen.serve_time.ToDatetime(tzinfo=UTC) == end)
    case.document("PROOF_OF_SERVICE")
    case.log.step("1月25日24时公告期满，视为送达；送达回证载明公告载体和日期")
