from __future__ import annotations

import enum
import errno
import os
import signal
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from devstack.errors import DevstackError

PROC: Final = Path("/proc")
POLL_SECONDS: Final = 0.02
KILL_SECONDS: Final = 20.0
ENDED_STATES: Final = frozenset("ZX")  # a zombie only waits to be reaped: it does nothing any more
NO_PIDFD: Final = frozenset({errno.ENOSYS, errno.EPERM})  # old kernels and some sandboxes


class Ending(enum.StrEnum):
    """How a process came to its end."""

    GONE = "gone"  # it had ended before, or its pid belongs to another process now
    ENDED = "ended"
    KILLED = "killed"  # it did not end in time when asked


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """One process, told apart from a later one that was given the same pid.

    `started` is field 22 of /proc/<pid>/stat, in clock ticks since the boot `boot`.
    """

    pid: int
    started: int
    boot: str

    @classmethod
    def of(cls, pid: int) -> ProcessIdentity | None:
        """Return who has this pid now; None when nobody has, or only a zombie."""
        stat = _stat(pid)
        if stat is None or stat.state in ENDED_STATES:
            return None
        return cls(pid, stat.started, boot_id())

    def alive(self) -> bool:
        return ProcessIdentity.of(self.pid) == self

    def send(self, signum: int) -> bool:
        """Signal this very process; False when it is gone.

        The pidfd is opened before the identity is checked, so the pid cannot pass to another
        process between the check and the signal.
        """
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return False
        except OSError as error:
            if error.errno not in NO_PIDFD:
                raise
            return self._send_by_pid(signum)
        try:
            if not self.alive():
                return False
            signal.pidfd_send_signal(handle, signum)
        except ProcessLookupError:
            return False
        finally:
            os.close(handle)
        return True

    def _send_by_pid(self, signum: int) -> bool:
        if not self.alive():
            return False
        try:
            os.kill(self.pid, signum)
        except ProcessLookupError:
            return False
        return True

    def descendants(self) -> list[ProcessIdentity]:
        """Return all children and their children, also those that left the process group."""
        children: dict[int, list[ProcessIdentity]] = defaultdict(list)
        for pid, stat in _all_stats():
            children[stat.parent].append(ProcessIdentity(pid, stat.started, boot_id()))
        found: list[ProcessIdentity] = []
        waiting = list(children[self.pid]) if self.alive() else []
        while waiting:
            child = waiting.pop()
            found.append(child)
            waiting.extend(children[child.pid])
        return found


def end_process(identity: ProcessIdentity, *, stop_signal: int, timeout: float) -> Ending:
    """End a process and everything it started: first asked, after `timeout` seconds killed."""
    family = identity.descendants()
    if not identity.send(stop_signal):
        return Ending.GONE
    ending = Ending.ENDED
    if not _all_gone_within([identity], timeout):
        family += identity.descendants()
        identity.send(signal.SIGKILL)
        ending = Ending.KILLED
    for member in family:
        member.send(signal.SIGKILL)
    _require_gone([identity, *family])
    return ending


def kill_process(identity: ProcessIdentity) -> None:
    """Kill a process and everything it started at one stroke, as a power cut would.

    The process is stopped first, so that it starts no child between the count and the kill.
    """
    identity.send(signal.SIGSTOP)
    family = [identity, *identity.descendants()]
    for member in family:
        member.send(signal.SIGKILL)
    _require_gone(family)


@cache
def boot_id() -> str:
    """Return what changes with every boot: start times count from there."""
    return (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def _require_gone(family: Iterable[ProcessIdentity]) -> None:
    if not _all_gone_within(family, KILL_SECONDS):
        left = ", ".join(str(member.pid) for member in family if member.alive())
        raise DevstackError(f"still running {KILL_SECONDS:.0f} s after SIGKILL: pid {left}")


def _all_gone_within(family: Iterable[ProcessIdentity], seconds: float) -> bool:
    members = list(family)
    deadline = time.monotonic() + seconds
    while any(member.alive() for member in members):
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


@dataclass(frozen=True, slots=True)
class _Stat:
    state: str
    parent: int
    started: int


def _stat(pid: int) -> _Stat | None:
    try:
        text = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the name in brackets and may hold blanks and brackets itself.
    fields = text[text.rindex(")") + 2 :].split()
    return _Stat(state=fields[0], parent=int(fields[1]), started=int(fields[19]))


def _all_stats() -> Iterator[tuple[int, _Stat]]:
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            stat = _stat(int(entry.name))
            if stat is not None:
                yield int(entry.name), stat
