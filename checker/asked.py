"""What a check is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Protocol, Self

from checker.graph import SERVICES

__all__ = ["Blobs", "CheckInput"]

_FILES: Final = ("ledger", "ratios")
_PLACES: Final = ("blobs", "checkpoints", "keystores")


class Blobs(Protocol):
    """A store of files that is not a directory; a simulation has one."""

    def names(self) -> Iterable[str]: ...
    def read(self, sha256: str) -> bytes: ...


@dataclass(frozen=True, kw_only=True)
class CheckInput:
    """What to check.

    All mappings but `explained_dead` are by service. `databases` are URLs;
    `blobs` the directories of the file stores (or a store itself);
    `checkpoints` those of the audit; `keystores` the files with the audit keys.

    `settled` says that the run is over and everything was given the time to
    arrive; `swept` that orphaned files were removed. `explained_dead` counts, by
    parking queue, the unreadable bodies that were sent on purpose. `ledger` is
    what the driver of the run was answered, `ratios` what metrics answered.
    """

    databases: Mapping[str, str]
    blobs: Mapping[str, Path | Blobs] = field(default_factory=dict)
    checkpoints: Mapping[str, Path] = field(default_factory=dict)
    keystores: Mapping[str, Path] = field(default_factory=dict)
    amqp_url: str | None = None
    ledger: Path | None = None
    settled: bool = True
    swept: bool = False
    explained_dead: Mapping[str, int] = field(default_factory=dict)
    ratios: Path | None = None

    @classmethod
    def from_json(cls, content: Mapping[str, Any], *, folder: Path | None = None) -> Self:
        """Return the input that these fields describe; relative paths count from `folder`."""
        unknown = sorted(content.keys() - {each.name for each in fields(cls)})
        if unknown:
            raise ValueError(f"a check is not given: {', '.join(unknown)}")
        base, given = folder or Path(), dict(content)
        for name in _FILES:
            given[name] = base / given[name] if given.get(name) else None
        for name in _PLACES:
            places = given.get(name) or {}
            given[name] = {service: base / place for service, place in places.items()}
        return cls(**given)

    @classmethod
    def embedded(cls, folder: Path) -> Self:
        """Return the input for an embedded district that was opened on `folder` and settled."""
        ledger = folder / "ledger.jsonl"
        return cls(
            databases={name: f"sqlite:///{folder / name}.db" for name in SERVICES},
            blobs={"intake": folder / "blobs"},
            checkpoints=dict.fromkeys(SERVICES, folder / "checkpoints"),
            keystores=dict.fromkeys(SERVICES, folder / "keystore.json"),
            ledger=ledger if ledger.exists() else None,
        )
