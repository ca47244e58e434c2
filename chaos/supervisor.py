"""Starts again whatever has ended, as Kubernetes would, and keeps what ended by itself."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Final

from chaos.district import ChaosDistrict
from devstack.processes import ManagedProcess

__all__ = ["Key", "Supervisor"]

Key = tuple[str, str]

LOOK_S: Final = 0.2
BACK_OFF_S: Final = 1.0  # between two starts of the same process


@dataclass(slots=True)
class Supervisor:
    """Watches the processes of a district from a thread of its own."""

    district: ChaosDistrict
    restarts: int = 0
    by_themselves: list[str] = field(default_factory=list)
    _resting: set[Key] = field(default_factory=set)
    _killed: set[int] = field(default_factory=set)
    _started: dict[Key, float] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def kill(self, key: Key) -> bool:
        """Kill a process with SIGKILL; False if it does not run just now."""
        process = self.district.running()[key]
        if process.pid is None or not process.alive():
            return False
        self._killed.add(process.pid)
        process.kill()
        return True

    def rest(self, key: Key) -> None:
        """Leave a process alone that somebody else stops and starts."""
        with self.district.lock:
            self._resting.add(key)

    def resume(self, key: Key) -> None:
        with self.district.lock:
            self._resting.discard(key)

    def _watch(self) -> None:
        while not self._stop.wait(LOOK_S):
            for key, process in self.district.running().items():
                if not process.alive():
                    self._start_again(key, process)

    def _start_again(self, key: Key, ended: ManagedProcess) -> None:
        with self.district.lock:
            if key in self._resting or self.district.processes.get(key) is not ended:
                return
            if time.monotonic() - self._started.get(key, 0.0) < BACK_OFF_S:
                return
            if ended.pid not in self._killed:
                self.by_themselves.append(f"{ended.name} ended with exit code {ended.exit_code}")
            self._started[key] = time.monotonic()
            self.restarts += 1
            self.district.start_one(*key)
