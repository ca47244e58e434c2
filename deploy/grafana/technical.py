"""The dashboards of the operators: overview, one for each service, messaging and outbox."""

from __future__ import annotations

from grafana_foundation_sdk.models.dashboard import Dashboard

from deploy.grafana.kit import WRONG, Board, Query, bars, lines, number, one
from services import graph

__all__ = ["messaging", "overview", "service"]

NAMES = {"catalog": "事项目录", "intake": "办件", "review": "审查", "delivery": "寄递",
         "metrics": "统计"}  # fmt: skip
COUNTING = {"intake", "review", "delivery", "metrics"}  # the services that have figures
RATE = "[$__rate_interval]"
TENTHS = ((None, "green"), (0.7, "orange"), (0.9, "red"))
MINUTE = ((None, "green"), (10, "orange"), (60, "red"))
BUDGET = ((None, "green"), (0.001, "orange"), (0.0144, "red"))


def overview() -> Dashboard:
    """Whether all is well, on one screen."""
    board = Board("liandong-overview", "联动 · 运行总览", "一屏看清：告警、调用、事件、审计。")
    _now(board)
    _all_calls(board)
    _events_and_audit(board)
    return board.build()


def _now(board: Board) -> None:
    board.row(
        "现在",
        number("告警中", Query('sum(ALERTS{alertstate="firing"}) or vector(0)'),
               "正在触发的告警数。", steps=WRONG),
        number("无应答的进程", Query('count(up{job=~".*liandong.*"} == 0) or vector(0)'),
               "两分钟没有应答的进程。", steps=WRONG, runbook="ProcessDown"),
        number("停住的事件流", Query(f"sum({one('liandong_stopped_streams', 'consumer')})"),
               "每条停住的流是一件不再更新的办件。", steps=WRONG, runbook="StreamStopped"),
        number("已放弃的作业",
               Query(f"sum({one('liandong_jobs_dead', 'service, kind')}) or vector(0)"),
               "超过期限、等人处理的作业。", steps=WRONG, runbook="JobsDead"),
        number("审计链不符", Query(f"sum({one('liandong_audit_chain_broken', 'service')})"),
               "任何一处都是安全事件。", steps=WRONG, runbook="AuditChainBroken"),
        number("明日视为受理",
               Query("sum(" + one("liandong_cases_deemed_accepted_tomorrow",
                                  "level, township, unit") + ") or vector(0)"),
               "今天不答复，明日起视为受理。", steps=WRONG, runbook="DeemedAcceptedTomorrow"),
    )  # fmt: skip


def _all_calls(board: Board) -> None:
    by_service = '"service", "$1", "method", "/liandong[.]([a-z]+)[.].*"'
    board.row(
        "调用",
        lines("每秒调用",
              Query(f"sum by (service) (label_replace(rate(liandong_rpcs_total{RATE}), "
                    f"{by_service}))", "{{service}}"),
              about="各服务每秒答复的调用。", unit="reqps"),
        lines("失败的比例（5分钟）",
              Query("service:liandong_rpcs_failed:ratio5m", "{{service}}"),
              about="拒绝不算失败。", unit="percentunit", steps=BUDGET,
              runbook="ErrorBudgetBurnsFast"),
        lines("答复时间（99%）",
              Query("histogram_quantile(0.99, sum by (service, le) (label_replace("
                    f"rate(liandong_rpc_duration_seconds_bucket{RATE}), {by_service})))",
                    "{{service}}"),
              about="百分之九十九的调用在此时间内得到答复。", unit="s",
              steps=((None, "green"), (0.5, "orange"), (2, "red")), runbook="AnswersSlowFast"),
    )  # fmt: skip


def _events_and_audit(board: Board) -> None:
    board.row(
        "事件与审计",
        lines("最早的未发布事件",
              Query(one("liandong_outbox_oldest_unpublished_seconds", "service"), "{{service}}"),
              about="超过一分钟，其他服务就看不到办件的变化。", unit="s", steps=MINUTE,
              runbook="OutboxOld"),
        lines("队列中的事件",
              Query("sum by (consumer) (" + one("liandong_queue_messages",
                    "consumer, source, queue", '{queue="stream"}') + ")", "{{consumer}}"),
              about="等待接收的事件。", runbook="QueueGrows"),
        lines("未封存的审计", Query(one("liandong_audit_unsealed_seconds", "service"),
                                    "{{service}}"),
              about="最早一条未封存的审计记录的年龄。", unit="s",
              steps=((None, "green"), (120, "orange"), (300, "red")), runbook="AuditUnsealed"),
    )  # fmt: skip


def service(name: str) -> Dashboard:
    """One service: calls, events, jobs, pools."""
    board = Board(f"liandong-{name}", f"联动 · 服务 · {NAMES[name]}", f"服务 {name} 的四种进程。")
    _calls(board, name)
    _refusals(board, name)
    _events_in(board, name)
    _room(board, name)
    _jobs_and_pools(board, name)
    return board.build()


def _calls(board: Board, name: str) -> None:
    mine = f'{{method=~"/liandong[.]{name}[.].*"}}'
    method = '"call", "$1", "method", ".*/(.*)"'

    def by_call(expression: str) -> str:
        return f"sum by (call) (label_replace({expression}, {method}))"

    board.row(
        "调用",
        lines("每秒调用", Query(by_call(f"rate(liandong_rpcs_total{mine}{RATE})"), "{{call}}"),
              about="按方法。", unit="reqps", service=name),
        lines("按结果",
              Query(f"sum by (code) (rate(liandong_rpcs_total{mine}{RATE}))", "{{code}}"),
              about="INTERNAL 是程序错误；UNAVAILABLE 是数据库或其他服务不在。", unit="reqps",
              runbook="ErrorBudgetBurnsFast", service=name),
        lines("答复时间",
              *(Query(f"histogram_quantile({share}, sum by (le) "
                      f"(rate(liandong_rpc_duration_seconds_bucket{mine}{RATE})))", f"{share:.0%}")
                for share in (0.5, 0.95, 0.99)),
              about="中位数、百分之九十五、百分之九十九。", unit="s",
              steps=((None, "green"), (0.5, "orange"), (2, "red")), runbook="AnswersSlowFast",
              service=name),
        bars("最慢的方法（99%）",
             Query("topk(8, histogram_quantile(0.99, sum by (call, le) (label_replace("
                   f"rate(liandong_rpc_duration_seconds_bucket{mine}[15m]), {method}))))",
                   "{{call}}"),
             "十五分钟内。", unit="s", steps=((None, "green"), (0.5, "orange"), (2, "red"))),
    )  # fmt: skip


def _refusals(board: Board, name: str) -> None:
    board.row(
        "拒绝与违规",
        lines("拒绝",
              Query("sum by (reason) (increase("
                    f'liandong_refusals_total{{service="{name}"}}{RATE}))', "{{reason}}"),
              about="按原因；某一原因突增，多半是窗口或流程出了问题。", service=name),
        lines("违规尝试",
              Query(f'sum by (rule) (increase(liandong_violations_total{{service="{name}"}}'
                    f"{RATE}))", "{{rule}}"),
              about="按规则；均已拒绝并登记。", runbook="ViolationKept", service=name),
    )  # fmt: skip


def _events_in(board: Board, name: str) -> None:
    board.row(
        "接收的事件",
        lines("每秒接收",
              Query("sum by (outcome) (rate("
                    f'liandong_events_taken_total{{consumer="{name}"}}{RATE}))', "{{outcome}}"),
              about="applied 生效，dropped 重复，held 等待前序，failed 失败。", unit="ops",
              service=name),
        lines("失败的事件",
              Query("sum by (type) (increase("
                    f'liandong_event_failures_total{{consumer="{name}"}}{RATE}))', "{{type}}"),
              about="每次失败停住一条流。", steps=WRONG, runbook="StreamStopped", service=name),
        lines("处理时间（99%）",
              Query("histogram_quantile(0.99, sum by (type, le) (rate("
                    f'liandong_event_handler_duration_seconds_bucket{{consumer="{name}"}}{RATE})))',
                    "{{type}}"), about="按事件类型。", unit="s", service=name),
        lines("生效时的年龄（99%）",
              Query("histogram_quantile(0.99, sum by (source, le) (rate("
                    f'liandong_event_age_seconds_bucket{{consumer="{name}"}}{RATE})))',
                    "{{source}}"),
              about="从记录到生效。", unit="s", steps=MINUTE, runbook="EventsLate", service=name),
    )  # fmt: skip


def _room(board: Board, name: str) -> None:
    board.row(
        "容量",
        lines("正在答复的调用",
              Query("sum by (role) (liandong_rpcs_in_flight"
                    f'{{app=~"{name}|"}})', "正在答复"),
              Query("sum by (role) (liandong_rpcs_capacity"
                    f'{{app=~"{name}|"}})', "容量"),
              about="超过容量即拒绝（THREADS + QUEUED）。", runbook="CallsCrowd", service=name),
    )  # fmt: skip


def _jobs_and_pools(board: Board, name: str) -> None:
    figures = [
        number("指标的年龄",
                   Query("time() - " + one("liandong_figures_counted_timestamp_seconds", "service",
                                           f'{{service="{name}"}}')),
                   "业务指标上次统计至今。", unit="s", runbook="FiguresOld",
                   steps=((None, "green"), (120, "orange"), (300, "red"))),
    ]  # fmt: skip
    board.row(
        "作业与连接",
        lines("作业",
              Query(f'sum by (kind, result) (increase(liandong_jobs_total{{service="{name}"}}'
                    f"{RATE}))", "{{kind}} {{result}}"),
              about="每次尝试的结果。", runbook="JobsDead", service=name),
        lines("等待的作业",
              Query(one("liandong_jobs_waiting", "kind", f'{{service="{name}"}}'), "{{kind}}"),
              about="等待尝试的作业。", runbook="JobsPileUp", service=name),
        lines("数据库连接",
              Query("max by (role, pool) ("
                    f'liandong_db_pool_connections_in_use{{service="{name}"}}'
                    f' / liandong_db_pool_size{{service="{name}"}})', "{{role}} {{pool}}"),
              about="已用的比例。", unit="percentunit", steps=TENTHS, runbook="PoolExhausted",
              service=name),
        *(figures if name in COUNTING else []),
    )  # fmt: skip


def messaging() -> Dashboard:
    """Events on their way: outbox, broker, streams."""
    board = Board("liandong-messaging", "联动 · 消息与发件箱", "事件从发件箱到生效的每一步。")
    _outboxes(board)
    _broker(board)
    _streams(board)
    _effects(board)
    return board.build()


def _outboxes(board: Board) -> None:
    board.row(
        "发件箱",
        lines("最早的未发布事件",
              Query(one("liandong_outbox_oldest_unpublished_seconds", "service"), "{{service}}"),
              about="由发布进程和作业进程各看一次。", unit="s", steps=MINUTE, runbook="OutboxOld"),
        lines("每秒发布",
              Query(f"sum by (service) (rate(liandong_outbox_published_total{RATE}))",
                    "{{service}}"), about="代理确认并记下的事件。", unit="ops"),
        bars("持有租约的发布进程", Query("sum by (service) (liandong_relay_active)", "{{service}}"),
             "应当恰好是一。", steps=((None, "red"), (1, "green"), (2, "red")),
             runbook="RelayNotOne"),
    )  # fmt: skip


def _broker(board: Board) -> None:
    both = "{{source}} → {{consumer}}"
    board.row(
        "代理",
        lines("等待的事件",
              Query(one("liandong_queue_messages", "consumer, source", '{queue="stream"}'), both),
              about="每个接收者、每个来源一个队列。", runbook="QueueGrows"),
        lines("最早的未接收事件",
              Query("max by (consumer, source) (liandong_queue_oldest_seconds "
                    "or liandong_event_in_hand_oldest_seconds)", both),
              about="在队列中或接收者手中的最早事件，自记录起的年龄；零：没有。", unit="s",
              steps=((None, "green"), (30, "orange"), (120, "red")), runbook="EventUntaken"),
        bars("接收者", Query(one("liandong_queue_consumers", "consumer, source"), both),
             "零：没有进程接收。", steps=((None, "red"), (1, "green")), runbook="ConsumerGone"),
        bars("无法读取的消息",
             Query(one("liandong_queue_messages", "consumer, source", '{queue="dead"}'), both),
             "没有可读的信封。", steps=WRONG, runbook="EventParked"),
    )  # fmt: skip


def _streams(board: Board) -> None:
    board.row(
        "事件流",
        lines("停住的流", Query(one("liandong_stopped_streams", "consumer"), "{{consumer}}"),
              about="等人重放。", steps=WRONG, runbook="StreamStopped"),
        lines("留住的事件", Query(one("liandong_held_events", "consumer"), "{{consumer}}"),
              about="等待失败或缺失的前序。", runbook="EventGap"),
        lines("最早的留住事件", Query(one("liandong_held_oldest_seconds", "consumer"),
                                      "{{consumer}}"),
              about="没有流停住而年龄增长：有事件丢失。", unit="s",
              steps=((None, "green"), (300, "red")), runbook="EventGap"),
    )  # fmt: skip


def _effects(board: Board) -> None:
    board.row(
        "生效",
        lines("每秒生效",
              Query("sum by (consumer) (rate("
                    f'liandong_events_taken_total{{outcome="applied"}}{RATE}))', "{{consumer}}"),
              about="已生效的事件。", unit="ops"),
        lines("生效时的年龄（99%）",
              Query("histogram_quantile(0.99, sum by (consumer, le) "
                    f"(rate(liandong_event_age_seconds_bucket{RATE})))", "{{consumer}}"),
              about="从记录到生效。", unit="s", steps=MINUTE, runbook="EventsLate"),
        lines("不认识的事件",
              Query(f"sum by (consumer) (increase(liandong_unknown_events_total{RATE}))",
                    "{{consumer}}"), about="接收者应当先升级。", runbook="UnknownEvents"),
    )  # fmt: skip


assert set(NAMES) == set(graph.SERVICES)  # noqa: S101 -- a service without a name has no dashboard
