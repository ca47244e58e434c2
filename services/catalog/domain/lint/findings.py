"""What a rule of the lint sees, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from services.catalog.domain.authorities import Authority
from services.catalog.domain.items import ItemVersion
from workdays import WorkCalendar

__all__ = ["Circumstances", "Finding", "Rule"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What besides the version decides whether it may be published.

    `authorities` are the registered ones of those that the version names, by code;
    `accepting_windows` may accept the item under a letter, `town_windows` are those of them in
    towns; `village_posts` are the registered ones of the receiving posts that the version names.
    """

    authorities: Mapping[str, Authority]
    calendar: WorkCalendar
    published_on: date
    is_first: bool
    accepting_windows: tuple[str, ...] = ()
    town_windows: tuple[str, ...] = ()
    village_posts: frozenset[str] = frozenset()
    successor_known: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason against publishing; `facts` fill the Chinese sentence of its code."""

    code: str
    facts: Mapping[str, str] = field(default_factory=dict)


Rule = Callable[[ItemVersion, Circumstances], Finding | None]
