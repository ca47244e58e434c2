"""The dashboards of those who govern: case flow, promises and lights, ratios of the plan.

Every panel here has its number checked against the databases (`tests/integration`).
"""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana.kit import WRONG, Board, Query, bars, number, one, rows
from services.metrics.domain.ratios import RATIOS, CaseRatio

__all__ = ["flow", "plan", "promises"]

CASES = "level, township, unit, stage"
NAME_OF_TOWNSHIP = (
    " * on (township) group_left (name) label_replace(max by (unit, name) (liandong_unit_info"
    '{level="township", kind="DIVISION"}), "township", "$1", "unit", "(.*)")'
)
NAME_OF_UNIT = " * on (unit) group_left (name) max by (unit, name) (liandong_unit_info)"
NAME_OF_AUTHORITY = (
    " * on (authority) group_left (name) label_replace("
    'max by (unit, name) (liandong_unit_info), "authority", "$1", "unit", "(.*)")'
)
STAGES = (
    "RECEIVED 收件，NOTICED 已告知，ACCEPTED 受理，DECIDED 已决定，SERVED 已送达，FILED 备案，"
    "ENDED 终止。"
)
CHOSEN = '{township=~"$township"}'
NOT_OF_THE_DISTRICT = '{level!="district"}'
CARRIED = "township, unit, state"


def flow() -> Dashboard:
    """Cases by level, down to the township and to the village."""
    board = Board("liandong-flow", "联动 · 办件流转", "区、街镇、村三级；点选街镇下钻。")
    board.variable(
        "township",
        "街镇",
        'query_result(liandong_unit_info{level="township",kind="DIVISION"})',
        '/name="(?<text>[^"]+)".*unit="(?<value>[^"]+)"/',
    )
    cases = one("liandong_cases", CASES)
    board.row(
        "全区",
        number("各级办件", Query(f"sum by (level) ({cases})", "{{level}}"),
               "按收件窗口所在的层级：district 区，township 街镇。"),
        bars("各环节办件", Query(f"sum by (stage) ({cases})", "{{stage}}"), STAGES),
        bars("明日视为受理",
             Query(one("liandong_cases_deemed_accepted_tomorrow", "level, township, unit"),
                   "{{unit}}"),
             "今天是一次性告知的最后一日，仍未答复的申请。", steps=WRONG,
             runbook="DeemedAcceptedTomorrow"),
    )  # fmt: skip
    board.row(
        "街镇",
        rows("各街镇办件",
             Query("sum by (township) (" + one("liandong_cases", CASES, NOT_OF_THE_DISTRICT) + ")"
                   + NAME_OF_TOWNSHIP),
             "点街镇代码下钻。", names={"township": "街镇代码", "name": "街镇"},
             drill=("街镇代码", "/d/liandong-flow?var-township=${__value.raw}")),
        rows("窗口办件（所选街镇）",
             Query(f'sum by (unit, stage) ({one("liandong_cases", CASES, CHOSEN)})'
                   + NAME_OF_UNIT),
             "所选街镇各窗口各环节；未选时为全区。",
             names={"unit": "窗口代码", "name": "窗口", "stage": "环节"}),
    )  # fmt: skip
    board.row(
        "村",
        rows("村级代办（所选街镇）",
             Query("sum by (unit, state) (" + one("liandong_assistances", CARRIED, CHOSEN) + ")"
                   + NAME_OF_UNIT),
             "TAKEN 已接件，PASSED_ON 已转窗口，RECEIVED 窗口已收。",
             names={"unit": "代办点代码", "name": "代办点", "state": "进度"}),
        rows("各事项办件",
             Query(f'sum by (item, stage) ({one("liandong_item_cases", "item, authority, stage")})'
                   " * on (item) group_left (name) max by (item, name) (liandong_item_info)"),
             "全区各事项各环节。", names={"item": "事项编码", "name": "事项", "stage": "环节"}),
    )  # fmt: skip
    return board.build()


def promises() -> Dashboard:
    """Whether the law and the promises are kept."""
    board = Board("liandong-promises", "联动 · 承诺与亮灯", "承诺、法定期限、告知、违规、邮件。")
    tasks = one("liandong_review_tasks", "authority, light")
    board.row(
        "现在",
        number("超过法定期限",
               Query("sum(" + one("liandong_review_tasks", "authority, light",
                                  '{light="PAST_LAW"}') + ") or vector(0)"),
               "未作决定且已过法定期限（行政许可法第四十二条）。", steps=WRONG,
               runbook="StatutoryOverdue"),
        number("红灯",
               Query("sum(" + one("liandong_review_tasks", "authority, light", '{light="RED"}')
                     + ") or vector(0)"), "已过承诺时限。", steps=WRONG, runbook="PromiseBroken"),
        number("黄灯",
               Query("sum(" + one("liandong_review_tasks", "authority, light", '{light="YELLOW"}')
                     + ") or vector(0)"), "承诺时限将至。",
               steps=((None, "green"), (1, "yellow")), runbook="PromiseNear"),
        number("停滞的邮件",
               Query("sum(" + one("liandong_parcels_stuck", "direction, step")
                     + ") or vector(0)"),
               "下单、揽收、签收超时。", steps=WRONG, runbook="ParcelStuck"),
    )  # fmt: skip
    board.row(
        "部门",
        rows("各部门亮灯", Query(tasks + NAME_OF_AUTHORITY),
             "在办任务；GREEN 绿，YELLOW 黄，RED 红，PAST_LAW 超法定，SUSPENDED 特别程序中。",
             names={"authority": "部门代码", "name": "部门", "light": "灯"},
             runbook="PromiseBroken"),
        bars("逾期未办结", Query(one("liandong_cases_overdue", "authority"), "{{authority}}"),
             "已受理、过承诺日仍未办结的办件，按决定机关。", steps=WRONG, runbook="PromiseBroken"),
        bars("“最多跑一次”红灯事项", Query(one("liandong_items_red", "authority"),
                                            "{{authority}}"),
             "曾使申请人多跑的事项（R2.5）。", steps=WRONG, runbook="ItemTurnedRed"),
    )  # fmt: skip
    board.row(
        "记录",
        bars("告知", Query(f'sum by (kind) ({one("liandong_notices", "authority, kind")})',
                           "{{kind}}"), "one_time 一次性告知，further 经批准再次告知。"),
        bars("违规尝试", Query(f'sum by (rule) ({one("liandong_violations_kept", "rule, source")})',
                               "{{rule}}"), "按规则；均已拒绝。", runbook="ViolationKept"),
        bars("告警记录", Query(one("liandong_alarms", "kind"), "{{kind}}"), "监督应当过问的事。"),
        bars("邮件", Query(one("liandong_parcels", "direction, state"),
                           "{{direction}} {{state}}"), "INBOUND 取件，OUTBOUND 寄出。"),
    )  # fmt: skip
    return board.build()


def plan() -> Dashboard:
    """The ratios of the plan beside their goals: as published, and as the cases prove."""
    board = Board("liandong-plan", "联动 · 方案比率", "申报与实证分列；分母为零没有比率。")

    def ratio(column: str, which: str = "") -> str:
        where = f'{{column="{column}"{which}}}'
        over = one("liandong_plan_ratio_denominator", "ratio", where)
        return f"{one('liandong_plan_ratio_numerator', 'ratio', where)} / ({over} > 0)"

    goal = one("liandong_plan_ratio_goal_ratio", "ratio")
    share = ((None, "red"), (0.8, "orange"), (0.9, "green"))
    of_cases = {name: each for name, each in RATIOS.items() if isinstance(each, CaseRatio)}
    means = "|".join(name for name, each in of_cases.items() if each.unit)
    fewer = "|".join(name for name, each in of_cases.items() if each.fewer_is_better)
    board.row(
        "目标",
        bars("方案目标", Query(goal, "{{ratio}}"), "方案写明的目标。", unit="percentunit",
             highest=1),
        bars("与目标之差（申报）", Query(f"({ratio('declared')}) - on (ratio) {goal}", "{{ratio}}"),
             "负数：公布的还没有达到。", unit="percentunit",
             steps=((None, "red"), (0, "green")), runbook="GoalMissed"),
        bars("与目标之差（实证）", Query(f"({ratio('proven')}) - on (ratio) {goal}", "{{ratio}}"),
             "负数：办件证明的还没有达到。", unit="percentunit",
             steps=((None, "red"), (0, "green")), runbook="GoalMissed"),
    )  # fmt: skip
    board.row(
        "全部比率",
        bars("申报", Query(ratio("declared"), "{{ratio}}"), "按公布的事项版本。",
             unit="percentunit", steps=share, highest=1),
        bars("实证", Query(ratio("proven", f',ratio!~"{means}|{fewer}"'), "{{ratio}}"),
             "按办件的事实。", unit="percentunit", steps=share, highest=1),
        bars("实证：越低越好", Query(ratio("proven", f',ratio=~"{fewer}"'), "{{ratio}}"),
             "按办件的事实：视为受理、超期、退回、返工。", unit="percentunit",
             steps=((None, "green"), (0.05, "orange"), (0.1, "red")), highest=1),
        bars("平均数（实证）", Query(ratio("proven", f',ratio=~"{means}"'), "{{ratio}}"),
             "平均用时，以工作日计，不是百分比。"),
        rows("分子与分母（实证）",
             Query(one("liandong_plan_ratio_denominator", "ratio", '{column="proven"}')),
             "分母为零时没有比率。", names={"ratio": "比率", "Value": "分母"}),
    )  # fmt: skip
    return board.build()
