"""What every event and every aggregate is. No infrastructure here: the domain imports this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

__all__ = ["Aggregate", "Event", "Ownership"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact that has happened; named in the past tense, never changed.

    Identity, place in the stream and time belong to the envelope and are
    added when the transaction that caused the event is committed.
    """

    type: ClassVar[str]


@dataclass(frozen=True, slots=True)
class Ownership:
    """Whose a thing is: what the scope of a caller is compared with.

    `unit_path` is the materialised path of `unit` in the tree, with a slash
    at both ends, so that a subtree is a prefix. Empty strings never match.
    `others` are the authorities that deal with it beside `authority`.
    """

    person: str = ""
    unit: str = ""
    unit_path: str = ""
    authority: str = ""
    others: tuple[str, ...] = ()


class Aggregate:
    """Something that changes as a whole and remembers what happened to it.

    `revision` grows by one with every committed change; a command names the
    revision it saw. Subclasses tell the stream their events belong to, the
    unit in which they arise, and whose they are.
    """

    revision: int
    events: list[Event]

    @property
    def stream_id(self) -> str:
        raise TypeError(f"{type(self).__name__} does not say which stream it is")

    @property
    def ownership(self) -> Ownership:
        raise TypeError(f"{type(self).__name__} does not say whose it is")

    def happened(self, event: Event) -> None:
        """Remember `event`; it is published if and only if the change is committed."""
        self.events.append(event)
