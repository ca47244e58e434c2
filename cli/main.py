"""The command line: `liandong COMMAND --help` explains each."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from google.protobuf import json_format

from cli.installation import Installation, InstallationError
from devstack.errors import DevstackError
from journeys.errors import JourneyError

__all__ = ["main"]

Command = Callable[[argparse.Namespace], int]
Add = Callable[..., argparse.ArgumentParser]
BUILD = Path("build")
ELSE_ENVIRONMENT = "区所在的文件夹；不写则按各服务的环境变量"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code."""
    chosen = _parser().parse_args(arguments)
    command: Command = chosen.command
    try:
        return command(chosen)
    except (InstallationError, JourneyError, DevstackError, OSError) as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="liandong", description="联动：区级政务服务系统的命令行。每个命令都有 --help。"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(
        name: str, command: Command, text: str, *, located: bool = False
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(command=command)
        if located:
            sub.add_argument(
                "--folder",
                type=Path,
                default=BUILD / "run",
                help="区所在的文件夹（默认 %(default)s）",
            )
        return sub

    _add_for_everybody(add)
    _add_for_operators(add)
    return parser


def _add_for_everybody(add: Add) -> None:
    demo = add("demo", _demo, "演示：各类办件从申请到结果送达（嵌入式，单进程）")
    demo.add_argument("--build", type=Path, default=BUILD / "demo", help="输出文件夹")
    add("run", _run, "运行嵌入式的区，直到 Ctrl-C", located=True)
    up = add("up", _up, "以独立进程运行整个区（PostgreSQL、RabbitMQ）")
    up.add_argument("--folder", type=Path, default=BUILD / "up", help="区所在的文件夹")
    watched = add(
        "observe", _observe, "同 up，并启动 Prometheus、Alertmanager，走一遍流程，保持运行"
    )
    watched.add_argument("--folder", type=Path, default=BUILD / "up", help="区所在的文件夹")
    down = add("down", _down, "停止 up 启动的全部进程")
    down.add_argument("--folder", type=Path, default=BUILD / "up", help="区所在的文件夹")
    token = add("token", _token, "为一个岗位或申请人签发令牌", located=True)
    token.add_argument("person", nargs="?", help="人员标识，如 p-0102")
    token.add_argument("--applicant", help="申请人账户，如 a-0001")
    call = add("call", _call, "以某人身份调用一个方法，打印答复", located=True)
    call.add_argument("person", help="人员标识，如 p-0102；a- 开头的是申请人")
    call.add_argument("service", help="catalog、intake、review、delivery 或 metrics")
    call.add_argument("method", help="方法名，如 ListCases")
    call.add_argument("request", nargs="?", default="{}", help="请求（JSON）")
    add("journey", _journey, "在运行中的区走一遍演示流程（会移动该区的时钟）", located=True)


def _add_for_operators(add: Add) -> None:
    dead = add("dead-letters", _dead_letters, "列出停住的事件流和已放弃的作业；--replay 重新处理")
    dead.add_argument("--folder", type=Path, help=ELSE_ENVIRONMENT)
    dead.add_argument(
        "--replay", action="store_true", help="从停住之处重新处理，重新安排作业，不会重复生效"
    )
    dead.add_argument("--requeue", action="store_true", help="把无法识别的消息放回原来的队列")
    _add_probe(add)
    _add_group(
        add("audit", _help, "审计"), "verify", _audit, "核对审计链：已封存、未封存、改动、截断"
    )
    calendar = _add_group(
        add("calendar", _help, "工作日日历"), "import", _calendar, "导入年度放假安排"
    )
    calendar.add_argument("file", type=Path, help="放假安排文件（格式见 docs/runbook.md）")
    _add_keys(add)
    _add_rebuild(add)
    _add_backups(add)
    migrate = add("migrate", _migrate, "按环境变量迁移各服务的数据库和队列")
    migrate.add_argument("services", nargs="*", help="服务名；不写则全部")


def _add_probe(add: Add) -> None:
    probing = add("probe", _probe, "探测一处安装：各服务健康、无令牌的查询；演示环境可走办件流程")
    probing.add_argument("targets", nargs="+", help="服务=主机:端口,健康检查端口")
    probing.add_argument("--tls", type=Path, help="有 tls.crt、tls.key、ca.crt 的文件夹")
    probing.add_argument("--journey", action="append", default=[], help="要走的办件流程的编号")
    probing.add_argument("--issuer", type=Path, help="签发令牌的私钥（演示环境）")
    probing.add_argument("--clock", type=Path, help="调整时间的文件（演示环境）")


def _add_keys(add: Add) -> None:
    keys = add("keys", _help, "密钥").add_subparsers(required=True, metavar="COMMAND")
    create = keys.add_parser("create", help="为新的安装生成密钥和服务令牌")
    create.set_defaults(command=_create_keys)
    create.add_argument("folder", type=Path, help="存放密钥的文件夹")
    _in_group(keys, "rotate", _rotate, "换用新的数据密钥并重新加密")
    _add_signing(
        keys.add_parser("signing", help="更换令牌的签名密钥：add、switch、retire，依次进行")
    )


def _add_signing(group: argparse.ArgumentParser) -> None:
    steps = group.add_subparsers(required=True, metavar="STEP")
    for name, text in (
        ("add", "增加一把新密钥，先只用于验证；把打印的文件分发给各进程"),
        ("switch", "改由另一把密钥签发，并重新签发服务令牌；再做一次即撤回"),
        ("retire", "停用不再签发的密钥；须在旧令牌全部过期之后"),
    ):
        step = steps.add_parser(name, help=text, description=text)
        step.set_defaults(command=_signing, step=name)
        step.add_argument("folder", type=Path, help="存放密钥的文件夹（有 issuer.json）")


def _add_rebuild(add: Add) -> None:
    rebuild = _add_group(
        add("metrics", _help, "统计"),
        "rebuild",
        _rebuild,
        "按各服务的事件日志重新统计，列出不符并替换",
    )
    rebuild.add_argument("--token", type=Path, help="签发机构签发的 metrics-rebuild.token")
    rebuild.add_argument(
        "--at",
        action="append",
        default=[],
        type=_place,
        metavar="SERVICE=HOST:PORT",
        help="服务的地址，每个服务一次",
    )


def _add_backups(add: Add) -> None:
    for name, act, text in (
        ("backup", _back_up, "备份各数据库、文件和审计检查点（同一时刻，不停机）"),
        ("restore", _restore, "把备份恢复到空的数据库和文件夹"),
    ):
        copy = add(name, act, text)
        copy.add_argument("backup", type=Path, help="备份所在的文件夹")
        copy.add_argument("--folder", type=Path, help=ELSE_ENVIRONMENT)
    again = add("republish", _republish, "恢复之后：重新发送备份前后已发布的事件")
    again.add_argument(
        "--hours", type=float, default=48.0, help="各日志最后多少小时（默认 %(default)s）"
    )
    again.add_argument("--folder", type=Path, help=ELSE_ENVIRONMENT)


def _add_group(
    group: argparse.ArgumentParser, name: str, command: Command, text: str
) -> argparse.ArgumentParser:
    return _in_group(group.add_subparsers(required=True, metavar="COMMAND"), name, command, text)


def _in_group(group: Any, name: str, command: Command, text: str) -> argparse.ArgumentParser:
    sub: argparse.ArgumentParser = group.add_parser(name, help=text, description=text)
    sub.set_defaults(command=command)
    sub.add_argument("--folder", type=Path, help=ELSE_ENVIRONMENT)
    return sub


def _installation(chosen: argparse.Namespace) -> Installation:
    folder: Path | None = chosen.folder
    return Installation.from_environment() if folder is None else Installation.load(folder)


def _place(text: str) -> tuple[str, str]:
    service, _, address = text.partition("=")
    if not service or ":" not in address:
        raise argparse.ArgumentTypeError(f"{text} 不是 服务=主机:端口")
    return service, address


def _help(_chosen: argparse.Namespace) -> int:
    raise AssertionError("a group always has a command")


def _demo(chosen: argparse.Namespace) -> int:
    from cli.demo import run_demo  # noqa: PLC0415 -- each command loads only what it needs

    logging.basicConfig(level=logging.ERROR)  # what is only to be warned of belongs to the story
    return run_demo(chosen.build)


def _run(chosen: argparse.Namespace) -> int:
    from cli.running import run_embedded  # noqa: PLC0415

    return run_embedded(chosen.folder)


def _up(chosen: argparse.Namespace) -> int:
    from cli.running import bring_up  # noqa: PLC0415

    return bring_up(chosen.folder.resolve())


def _observe(chosen: argparse.Namespace) -> int:
    from cli.observing import observe  # noqa: PLC0415

    return observe(chosen.folder.resolve())


def _down(chosen: argparse.Namespace) -> int:
    from cli.running import take_down  # noqa: PLC0415

    return take_down(chosen.folder.resolve())


def _token(chosen: argparse.Namespace) -> int:
    world = _installation(chosen).world()
    if chosen.applicant:
        print(world.applicant(chosen.applicant, chosen.applicant).token)
    elif chosen.person:
        print(world.staff(chosen.person).token)
    else:
        print("请写明人员标识，或 --applicant 账户。", file=sys.stderr)
        return 2
    return 0


def _call(chosen: argparse.Namespace) -> int:
    world = _installation(chosen).world()
    person: str = chosen.person
    actor = world.applicant(person, person) if person.startswith("a-") else world.staff(person)
    try:
        request = world.request(chosen.service, chosen.method, {})
    except (ImportError, AttributeError):
        print(f"没有 {chosen.service} 的方法 {chosen.method}。", file=sys.stderr)
        return 2
    try:
        json_format.Parse(chosen.request, request)
    except json_format.ParseError as error:
        print(f"请求不是该方法的JSON：{error}", file=sys.stderr)
        return 2
    fields = {field.name: value for field, value in request.ListFields()}
    answer = world.do(actor, chosen.service, chosen.method, **fields)
    print(json.dumps(json_format.MessageToDict(answer), ensure_ascii=False, indent=2))
    return 0


def _journey(chosen: argparse.Namespace) -> int:
    from cli.demo import drive_all  # noqa: PLC0415

    return 0 if drive_all(_installation(chosen).world()) else 1


def _probe(chosen: argparse.Namespace) -> int:
    from cli.probe import Steering, Target, probe  # noqa: PLC0415

    lent = chosen.issuer and chosen.clock
    return probe(
        [Target.read(each) for each in chosen.targets],
        tls=chosen.tls,
        journeys=chosen.journey,
        steered_by=Steering(chosen.issuer, chosen.clock) if lent else None,
    )


def _dead_letters(chosen: argparse.Namespace) -> int:
    from cli import upkeep  # noqa: PLC0415

    if chosen.requeue:
        upkeep.requeue_parked(_installation(chosen))
    if chosen.requeue and not chosen.replay:
        return 0
    act = upkeep.replay_dead_letters if chosen.replay else upkeep.list_dead_letters
    return 1 if act(_installation(chosen)) else 0


def _audit(chosen: argparse.Namespace) -> int:
    from cli.upkeep import verify_audit  # noqa: PLC0415

    return 1 if verify_audit(_installation(chosen)) else 0


def _rebuild(chosen: argparse.Namespace) -> int:
    from cli.recount import rebuild_metrics  # noqa: PLC0415

    differing = rebuild_metrics(
        _installation(chosen), token=chosen.token, addresses=dict(chosen.at)
    )
    return 1 if differing else 0


def _calendar(chosen: argparse.Namespace) -> int:
    from cli.upkeep import import_calendar  # noqa: PLC0415

    return import_calendar(_installation(chosen), chosen.file)


def _rotate(chosen: argparse.Namespace) -> int:
    from cli.upkeep import refuse_while_running, rotate_keys  # noqa: PLC0415

    if chosen.folder is not None:
        refuse_while_running(chosen.folder)
    return 1 if rotate_keys(_installation(chosen)) else 0


def _create_keys(chosen: argparse.Namespace) -> int:
    from cli.keys import make_keys  # noqa: PLC0415

    for path in make_keys(chosen.folder):
        print(path)
    return 0


def _signing(chosen: argparse.Namespace) -> int:
    from cli import keys  # noqa: PLC0415

    act = {
        "add": keys.announce_signing_key,
        "switch": keys.switch_signing_key,
        "retire": keys.retire_signing_key,
    }[chosen.step]
    for path in act(chosen.folder):
        print(path)
    return 0


def _back_up(chosen: argparse.Namespace) -> int:
    from cli.backup import back_up  # noqa: PLC0415

    back_up(_installation(chosen), chosen.backup)
    return 0


def _restore(chosen: argparse.Namespace) -> int:
    from cli.backup import restore  # noqa: PLC0415

    restore(_installation(chosen), chosen.backup)
    return 0


def _republish(chosen: argparse.Namespace) -> int:
    from cli.backup import republish  # noqa: PLC0415

    republish(_installation(chosen), chosen.hours)
    return 0


def _migrate(chosen: argparse.Namespace) -> int:
    import importlib  # noqa: PLC0415

    from services import graph  # noqa: PLC0415

    for name in chosen.services or graph.SERVICES:
        importlib.import_module(f"services.{name}.entrypoints.migrate").main()
    return 0
