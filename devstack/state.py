from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from devstack.errors import DevstackError
from devstack.identity import Ending, ProcessIdentity, end_process

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """What another process must know to end exactly this one."""

    name: str
    identity: ProcessIdentity
    log: str = ""
    stop_signal: int = signal.SIGTERM
    stop_timeout: float = 30.0

    def alive(self) -> bool:
        return self.identity.alive()


@dataclass(frozen=True, slots=True)
class State:
    """What runs, in the order it was started, and facts about it (addresses, folders)."""

    processes: tuple[ProcessRecord, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)


def save_state(
    path: Path, processes: Iterable[ProcessRecord], facts: Mapping[str, str] | None = None
) -> None:
    """Write the state whole or not at all, for its owner only: addresses hold passwords."""
    document = {
        "version": VERSION,
        "processes": [_as_json(record) for record in processes],
        "facts": dict(facts or {}),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(document, stream, ensure_ascii=False, indent=1)
    draft.replace(path)


def load_state(path: Path) -> State:
    """Read the state; an empty one when there is no file."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["version"] != VERSION:
            raise DevstackError(f"{path} was written by another version of this program")
        return State(
            processes=tuple(_from_json(entry) for entry in document["processes"]),
            facts={str(key): str(value) for key, value in document["facts"].items()},
        )
    except FileNotFoundError:
        return State()
    except (ValueError, KeyError, TypeError) as error:
        raise DevstackError(f"{path} is damaged: {error!r}") from error


def end_recorded(record: ProcessRecord) -> Ending:
    """End this process if it is still the one recorded; a pid given to another is left alone."""
    return end_process(record.identity, stop_signal=record.stop_signal, timeout=record.stop_timeout)


def end_state(path: Path) -> list[tuple[ProcessRecord, Ending]]:
    """End all that the file names, the last started first, and remove the file."""
    endings = [(record, end_recorded(record)) for record in reversed(load_state(path).processes)]
    path.unlink(missing_ok=True)
    return endings


def _as_json(record: ProcessRecord) -> dict[str, object]:
    return {
        "name": record.name,
        "pid": record.identity.pid,
        "started": record.identity.started,
        "boot": record.identity.boot,
        "log": record.log,
        "stop_signal": int(record.stop_signal),
        "stop_timeout": record.stop_timeout,
    }


def _from_json(entry: dict[str, object]) -> ProcessRecord:
    return ProcessRecord(
        name=str(entry["name"]),
        identity=ProcessIdentity(
            pid=int(str(entry["pid"])), started=int(str(entry["started"])), boot=str(entry["boot"])
        ),
        log=str(entry["log"]),
        stop_signal=int(str(entry["stop_signal"])),
        stop_timeout=float(str(entry["stop_timeout"])),
    )
