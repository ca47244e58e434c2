from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from devstack import packages
from devstack.errors import DevstackError, MissingPackagesError
from devstack.packages import DebianMachine, Program, Programs, require_programs

POSTGRES = Program(Path("/opt/pg"), (15, 8))
RABBITMQ = Program(Path("/opt/rabbitmq"), (3, 12))


@dataclass
class FakeMachine:
    """A machine with what the test puts on it, and packages that hold `brings`."""

    postgres: Program | None = None
    rabbitmq: Program | None = None
    refusal: str | None = None
    brings: dict[str, Program] = field(default_factory=dict)
    installed: list[str] = field(default_factory=list)

    def find_postgres(self) -> Program | None:
        return self.postgres

    def find_rabbitmq(self) -> Program | None:
        return self.rabbitmq

    def why_not_install(self) -> str | None:
        return self.refusal

    def install(self, names: Sequence[str]) -> None:
        self.installed += names
        self.postgres = self.brings.get("postgresql", self.postgres)
        self.rabbitmq = self.brings.get("rabbitmq-server", self.rabbitmq)


def test_what_is_there_is_used_and_nothing_is_installed():
    machine = FakeMachine(POSTGRES, RABBITMQ)

    assert require_programs(machine=machine) == Programs(POSTGRES, RABBITMQ)
    assert machine.installed == []


def test_what_was_not_asked_for_is_not_missed():
    assert require_programs(rabbitmq=False, machine=FakeMachine(POSTGRES)).rabbitmq is None
    assert require_programs(postgres=False, machine=FakeMachine(None, RABBITMQ)).postgres is None


def test_only_what_is_missing_is_installed_when_we_may():
    machine = FakeMachine(POSTGRES, brings={"rabbitmq-server": RABBITMQ})

    assert require_programs(machine=machine) == Programs(POSTGRES, RABBITMQ)
    assert machine.installed == ["rabbitmq-server"]


def test_one_message_names_all_that_is_missing_and_how_to_get_it():
    machine = FakeMachine(refusal="this user is not root and has no passwordless sudo")

    with pytest.raises(MissingPackagesError) as caught:
        require_programs(machine=machine)

    text = str(caught.value)
    assert "PostgreSQL 15 or newer was not found" in text
    assert "RabbitMQ 3.10 or newer was not found" in text
    assert "not root and has no passwordless sudo" in text
    assert "apt-get install -y --no-install-recommends postgresql rabbitmq-server" in text
    assert machine.installed == []


def test_a_version_that_is_too_old_is_named_with_its_place():
    machine = FakeMachine(Program(Path("/opt/pg14"), (14, 0)), RABBITMQ, refusal="no apt-get")

    with pytest.raises(MissingPackagesError, match="15 or newer is needed; /opt/pg14 holds 14"):
        require_programs(machine=machine)


def test_packages_that_bring_an_old_version_do_not_pass():
    old = Program(Path("/usr/lib/rabbitmq/bin"), (3, 9))
    machine = FakeMachine(POSTGRES, brings={"rabbitmq-server": old})

    with pytest.raises(MissingPackagesError, match=r"holds 3\.9"):
        require_programs(machine=machine)


def test_the_newest_postgres_of_the_machine_is_taken(tmp_path: Path, monkeypatch):
    for version in ("9.6.24", "15.8 (Debian 15.8-0+deb12u1)", "13.16"):
        folder = tmp_path / version.split(".", maxsplit=1)[0] / "bin"
        folder.mkdir(parents=True)
        for name in ("postgres", "initdb"):
            (folder / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
            (folder / name).chmod(0o755)
    monkeypatch.setattr(packages, "POSTGRES_FOLDERS", f"{tmp_path}/*/bin")
    monkeypatch.setenv("PATH", "/nowhere")

    assert DebianMachine().find_postgres() == Program(tmp_path / "15" / "bin", (15, 8))


def test_debians_wrapper_on_the_path_is_not_taken_for_rabbitmq(tmp_path: Path, monkeypatch):
    (tmp_path / "rabbitmq-server").write_text("#!/bin/sh\n")
    (tmp_path / "rabbitmq-server").chmod(0o755)
    monkeypatch.setattr(packages, "RABBITMQ_FOLDER", str(tmp_path / "absent"))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    assert DebianMachine().find_rabbitmq() is None


def test_a_machine_without_apt_says_so(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")

    assert DebianMachine().why_not_install() == "there is no apt-get on this machine"


@pytest.mark.skipif(os.geteuid() != 0, reason="the policy file is root's")
class TestWhilePackagesInstall:
    def test_no_service_may_start_and_afterwards_it_may_again(self, tmp_path, monkeypatch):
        policy = tmp_path / "policy-rc.d"
        monkeypatch.setattr(packages, "POLICY_FILE", policy)

        def install() -> None:
            with packages._no_service_starts():
                assert "exit 101" in policy.read_text()
                assert policy.stat().st_mode & 0o777 == 0o755
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            install()

        assert not policy.exists()

    def test_a_policy_that_somebody_else_made_stays(self, tmp_path, monkeypatch):
        policy = tmp_path / "policy-rc.d"
        policy.write_text("theirs")
        monkeypatch.setattr(packages, "POLICY_FILE", policy)

        with packages._no_service_starts():
            pass

        assert policy.read_text() == "theirs"

    def test_a_failed_command_is_reported_with_its_output(self):
        with pytest.raises(DevstackError, match=r"failed \(7\)(?s:.*)no such package"):
            packages._as_root(["sh", "-c", "echo no such package; exit 7"])
