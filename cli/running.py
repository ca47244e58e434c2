"""`liandong run`, `up`, `down`: districts that stay up."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from carrier.process import CarrierProcess
from cli.installation import Installation, InstallationError
from cli.processes import ProcessDistrict
from devstack.ports import free_port
from devstack.processes import ManagedProcess
from devstack.stack import Stack
from devstack.state import end_state, load_state, save_state
from journeys.embedded import delivery_settings
from servicekit.clock import SteeredClock, SystemClock, steer
from services import graph
from services.standalone.district import LIMITS, District
from services.standalone.seed import seed_catalogue

__all__ = ["bring_up", "run_embedded", "take_down"]

ADDRESS = "127.0.0.1:50051"
HEALTH_ADDRESS = "127.0.0.1:50052"
ROLES_HELP = """取得各岗位的令牌（在另一个终端）：
  窗口受理员   .venv/bin/liandong token p-0102 --folder {folder}
  部门审核     .venv/bin/liandong token p-0201 --folder {folder}
  部门审批     .venv/bin/liandong token p-0301 --folder {folder}
  监督         .venv/bin/liandong token p-0401 --folder {folder}
  申请人       .venv/bin/liandong token --applicant a-0001 --folder {folder}
可直接粘贴的三个调用：
  .venv/bin/liandong call p-0102 catalog GetServiceItem '{{"itemCode":"370306-01-001"}}' \\
      --folder {folder}
  .venv/bin/liandong call p-0102 intake ListCases '{{}}' --folder {folder}
  .venv/bin/liandong call p-0401 metrics GetRatios '{{}}' --folder {folder}"""


def run_embedded(folder: Path) -> int:
    """Serve the embedded district until Ctrl-C.

    The addresses come first: a second run must not set back the clock of one that runs.
    """
    _assert_free(ADDRESS, HEALTH_ADDRESS)
    folder.mkdir(parents=True, exist_ok=True)
    control = folder / "clock.json"
    steer(control, SystemClock().now())
    with CarrierProcess(free_port()) as couriers:
        district = District.open(
            folder, clock=SteeredClock(control), own={"delivery": delivery_settings(couriers)}
        )
        try:
            _serve(district, folder, control, couriers.url)
        finally:
            print("正在停止……")
            district.close()
    return 0


def _assert_free(*addresses: str) -> None:
    for address in addresses:
        host, _, port = address.rpartition(":")
        with socket.socket() as probe:
            # As the server will bind it: connections that just ended are no hindrance.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, int(port)))
            except OSError as error:
                raise InstallationError(
                    f"无法监听 {address}：{error.strerror}。是否已有一个区在运行？"
                ) from error


def _serve(district: District, folder: Path, control: Path, carrier: str) -> None:
    seed_catalogue(district.resources["catalog"])
    try:
        server = district.serve(address=ADDRESS, health=HEALTH_ADDRESS)
    except RuntimeError as error:  # grpc has no kind of its own for an address that is taken
        raise InstallationError(f"无法监听 {ADDRESS} 和 {HEALTH_ADDRESS}：{error}") from error
    address = f"127.0.0.1:{server.port}"
    Installation(
        addresses=dict.fromkeys(graph.SERVICES, address),
        databases={name: f"sqlite:///{folder / name}.db" for name in graph.SERVICES},
        keystores={name: str(folder / "keystore.json") for name in graph.SERVICES},
        checkpoints=str(folder / "checkpoints"),
        blobs=str(folder / "blobs"),
        issuer=str(folder / "keyring.json"),
        clock=str(control),
        carrier=carrier,
    ).save(folder)
    print(
        f"嵌入式区已启动。五个服务的 gRPC 地址 {address}，健康检查 127.0.0.1:{server.health_port}"
    )
    print(f"模拟承运方在 {carrier}（独立进程，仅供演示）。")
    print(LIMITS)
    print(ROLES_HELP.format(folder=folder))
    asked = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.set())
    asked.wait()


Beside = Callable[[ProcessDistrict], Sequence[ManagedProcess]]


def bring_up(folder: Path, *, beside: Beside = lambda _district: ()) -> int:
    """Start the district as separate processes; return when all report healthy.

    `beside` starts what shall run with it and returns it: `make down` ends that too.
    """
    state = folder / "processes.json"
    if state.exists() and any(record.alive() for record in load_state(state).processes):
        print(f"该区已在运行（{folder}）。先执行 make down。")
        return 1
    shutil.rmtree(folder / "logs", ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    stack = Stack(folder / "servers")
    district = ProcessDistrict(folder, stack)
    # On Ctrl-C too: what runs has a session of its own and would stay.
    with contextlib.ExitStack() as undo:
        undo.callback(stack.stop)
        undo.callback(district.stop)
        print("启动 PostgreSQL 和 RabbitMQ……")
        stack.start(guarded=False)
        print("建立数据库、队列和目录……")
        district.prepare()
        print("启动各服务进程……")
        district.start(lambda name: print(f"  {name} 正常"))
        more = beside(district)
        undo.pop_all()
    records = [process.record() for process in (*district.processes.values(), *more)]
    save_state(state, [*stack.records(), *(record for record in records if record)])
    district.installation().save(folder)
    print(f"全部{len(district.processes)}个进程正常，日志在 {folder / 'logs'}。")
    print(ROLES_HELP.format(folder=folder))
    return 0


def take_down(folder: Path) -> int:
    """End exactly the processes that `up` started."""
    state = folder / "processes.json"
    if not state.exists():
        print(f"{folder} 中没有运行中的区。")
        return 0
    for record, ending in end_state(state):
        print(f"  {record.name} {ending.name}")
    (folder / "district.json").unlink(missing_ok=True)
    return 0
