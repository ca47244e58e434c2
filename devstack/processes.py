from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from devstack.accounts import Account
from devstack.errors import DevstackError, NotReadyError, ProcessDiedError
from devstack.identity import Ending, ProcessIdentity, end_process, kill_process
from devstack.ports import is_listening
from devstack.state import ProcessRecord

ReadyCheck = Callable[[], str | None]
"""Returns None when the process is ready, else in a few words what is still lacking."""

POLL_SECONDS: Final = 0.05
READY_SECONDS: Final = 90.0
TAIL_BYTES: Final = 64 * 1024


class ManagedProcess:
    """One program that we started: watched until it is ready, and ended with its children.

    It runs in a session of its own, so that Ctrl-C at the terminal reaches us and not it. Its
    output is appended to `log`. With `account` it runs as that user, without further groups.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        account: Account | None = None,
        pid_file: Path | None = None,
        stop_signal: int = signal.SIGTERM,
        stop_timeout: float = 30.0,
    ) -> None:
        self.name = name
        self.command = [str(word) for word in command]
        self.log = log
        self._env = env
        self._cwd = cwd
        self._account = account
        self._pid_file = pid_file
        self._stop_signal = stop_signal
        self._stop_timeout = stop_timeout
        self._popen: subprocess.Popen[bytes] | None = None
        self._identity: ProcessIdentity | None = None

    def start(self) -> None:
        """Start the program; an error when it runs already. It need not be ready yet."""
        if self.alive():
            raise DevstackError(f"{self.name} runs already, pid {self.pid}")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self._popen = subprocess.Popen(  # noqa: S603 - our own command, no shell
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=None if self._env is None else dict(self._env),
                cwd=self._cwd,
                start_new_session=True,
                user=self._account.uid if self._account else None,
                group=self._account.gid if self._account else None,
                extra_groups=[] if self._account else None,
            )
        self._identity = ProcessIdentity.of(self._popen.pid)
        if self._pid_file is not None:
            self._pid_file.write_text(f"{self._popen.pid}\n", encoding="ascii")

    def wait_ready(self, check: ReadyCheck, *, deadline: float = READY_SECONDS) -> None:
        """Return when the check is content; an error with the log's end when it never will be."""
        limit = time.monotonic() + deadline
        while True:
            if not self.alive():
                raise ProcessDiedError(
                    f"{self.name} ended with exit code {self.exit_code} before it was ready"
                    f"{self._log_excerpt()}"
                )
            lacking = check()
            if lacking is None:
                return
            if time.monotonic() >= limit:
                raise NotReadyError(
                    f"{self.name} was not ready after {deadline:.0f} s: {lacking}"
                    f"{self._log_excerpt()}"
                )
            time.sleep(POLL_SECONDS)

    def alive(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    @property
    def pid(self) -> int | None:
        return self._popen.pid if self._popen else None

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative for a signal; None while it runs or was never started."""
        return self._popen.poll() if self._popen else None

    def record(self) -> ProcessRecord | None:
        """Return what another process needs to end this one; None when it does not run."""
        if self._identity is None or not self.alive():
            return None
        return ProcessRecord(
            self.name, self._identity, str(self.log), self._stop_signal, self._stop_timeout
        )

    def stop(self) -> Ending:
        """Ask it to end, wait, kill it if it does not; also when it has ended already."""
        ending = Ending.GONE
        if self._identity is not None and self.alive():
            ending = end_process(
                self._identity, stop_signal=self._stop_signal, timeout=self._stop_timeout
            )
        self._reap()
        return ending

    def kill(self) -> None:
        """Kill it and its children with SIGKILL, without a warning."""
        if self._identity is not None and self.alive():
            kill_process(self._identity)
        self._reap()

    def log_tail(self, lines: int = 20) -> list[str]:
        """Return the last lines of its log."""
        try:
            with self.log.open("rb") as stream:
                size = stream.seek(0, os.SEEK_END)
                stream.seek(max(0, size - TAIL_BYTES))
                text = stream.read().decode("utf-8", errors="replace")
        except FileNotFoundError:
            return []
        return text.splitlines()[-lines:]

    def _reap(self) -> None:
        if self._popen is not None:
            self._popen.wait()
        if self._pid_file is not None:
            self._pid_file.unlink(missing_ok=True)

    def _log_excerpt(self) -> str:
        tail = self.log_tail()
        if not tail:
            return f"; its log {self.log} is empty"
        return f"; the end of {self.log}:\n" + "\n".join(f"  | {line}" for line in tail)


def listens_on(port: int) -> ReadyCheck:
    """Return a check that is content when the port of 127.0.0.1 accepts connections."""
    return lambda: None if is_listening(port) else f"nothing listens on port {port}"
