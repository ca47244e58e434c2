"""The node's own small parts, without its namespaces."""

from __future__ import annotations

import os
import socket
import threading

import pytest

from deploy.cluster import cgroups, node
from deploy.cluster.components import Component
from deploy.cluster.errors import ClusterError
from deploy.cluster.layout import Layout


def echo(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        while content := connection.recv(1024):
            connection.sendall(content.upper())


def test_a_connection_is_carried_both_ways_until_one_side_ends_it(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(node, "API_PORT", server.getsockname()[1])
        threading.Thread(target=echo, args=(server,), daemon=True).start()
        listener = socket.create_server(("127.0.0.1", 0))
        node.forward(listener)
        with socket.create_connection(listener.getsockname(), timeout=60) as client:
            client.sendall(b"healthy")
            assert client.recv(1024) == b"HEALTHY"


def test_a_part_that_ends_is_named_with_its_last_words(tmp_path):
    layout = Layout(tmp_path)
    part = Component("kubelet", ("sh", "-c", "echo no such node; exit 3"))
    with pytest.raises(ClusterError, match=r"kubelet ended with exit code 3(?s:.*)no such node"):
        node.Node(layout, [part]).run()


def test_when_one_part_ends_no_other_stays(tmp_path):
    pid_file = tmp_path / "pid"
    stays = Component("etcd", ("sh", "-c", f"echo $$ >{pid_file}; exec sleep 600"))
    ends = Component("kubelet", ("sh", "-c", f"until [ -s {pid_file} ]; do sleep 0.1; done"))
    with pytest.raises(ClusterError, match="kubelet"):
        node.Node(Layout(tmp_path), [stays, ends]).run()
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text(encoding="ascii")), 0)


def test_only_orphans_are_taken_leave_of():
    pid = os.posix_spawn("/bin/true", ["true"], {})
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    node.reap_orphans({pid})
    assert os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    node.reap_orphans(set())
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, 0)


def test_a_group_of_the_first_version_can_run_something(tmp_path, monkeypatch):
    monkeypatch.setattr(cgroups, "ROOT", tmp_path)
    for name, files in {"cpuset": ("cpuset.cpus", "cpuset.mems"), "memory": ()}.items():
        (tmp_path / name).mkdir()
        for file in ("cgroup.procs", *files):
            (tmp_path / name / file).write_text("0\n", encoding="ascii")
    cgroups.make_cgroup("/x")
    assert (tmp_path / "cpuset" / "x" / "cpuset.mems").read_text(encoding="ascii") == "0\n"
    assert (tmp_path / "memory" / "x").is_dir()


def test_a_group_goes_with_the_groups_of_its_pods(tmp_path, monkeypatch):
    monkeypatch.setattr(cgroups, "ROOT", tmp_path)
    (tmp_path / "memory").mkdir()
    (tmp_path / "memory" / "cgroup.procs").touch()
    (tmp_path / "memory" / "x" / "kubepods" / "pod").mkdir(parents=True)
    cgroups.remove_cgroup("/x")
    assert [path.name for path in (tmp_path / "memory").iterdir()] == ["cgroup.procs"]
