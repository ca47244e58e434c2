"""Reads what windows may do, for whom, and what became of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, bindparam, or_, select, tuple_

from servicekit.paging import Page, page_of
from services.catalog.adapters.orm import (
    assignment,
    authorisation_letter,
    authority,
    item_version,
    post,
    service_item,
    unit,
)
from services.catalog.adapters.queries import UnitView, get_unit, unit_view
from services.catalog.domain.days import civil_day
from services.catalog.domain.errors import ItemUnknownError
from services.catalog.domain.items import ItemVersion
from services.catalog.domain.letters import AuthorisationLetter, ItemPowers, Power, letter_for
from services.catalog.domain.units import Merger, predecessors_of

__all__ = [
    "AuthorityView",
    "LetterView",
    "WindowPowers",
    "find_authority",
    "find_competent_windows",
    "get_window_powers",
    "list_window_letters",
]

MOST_WINDOWS: Final = 100
_letters = authorisation_letter.c
_LETTERS = select(authorisation_letter).where(
    _letters.from_date <= bindparam("day"), _letters.until_date > bindparam("day")
)
_LETTERS_OF_WINDOW = _LETTERS.where(_letters.window_unit == bindparam("window"))
_MERGED = select(unit.c.code, unit.c.merged_into, unit.c.merged_from_date).where(
    unit.c.merged_from_date.is_not(None)
)


@dataclass(frozen=True, slots=True)
class WindowPowers:
    """What a window may do for an item, under which letter, by whose hand, and for whom."""

    letter: str
    powers: tuple[Power, ...]
    window: UnitView
    on_the_spot_deciders: tuple[str, ...] = ()
    predecessors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LetterView:
    """A signed letter as a reader sees it."""

    letter: str
    authority: str
    window_unit: str
    signatory: str
    from_date: date
    until_date: date
    item_powers: tuple[ItemPowers, ...]
    on_the_spot_deciders: tuple[str, ...]
    sign_time: datetime


@dataclass(frozen=True, slots=True)
class AuthorityView:
    """What is known of an authority at an instant; all empty if nobody registered it."""

    authority: str = ""
    authority_name: str = ""
    authority_prefix: str = ""
    review_body: str = ""
    court: str = ""
    served: bool = False


def get_window_powers(
    connection: Connection, window_unit: str, item_code: str, at: datetime
) -> WindowPowers:
    """Return what a window may do for an item; without a letter in force, nothing.

    Any unit may be asked about: a department that tries to accept has no powers, and the service
    that refuses it says why. A window that was merged into another has ended.

    Source: R3.4; readings 3, 4, 6.
    """
    window = get_unit(connection, window_unit)
    day, mergers = civil_day(at), _mergers(connection)
    predecessors = predecessors_of(window_unit, mergers, day)
    if window_unit in _ended(mergers, day):
        return WindowPowers("", (), window, predecessors=predecessors)
    known = _in_force(connection, day, window_unit)
    acting = letter_for(known, item_code, at)
    if acting is None:
        return WindowPowers("", (), window, predecessors=predecessors)
    named = acting.deciders(item_code, at)
    return WindowPowers(
        acting.letter,
        acting.powers(item_code, at),
        window,
        _still_there(connection, window_unit, named, day) if named else (),
        predecessors,
    )


def find_competent_windows(
    connection: Connection, item_code: str, at: datetime
) -> tuple[UnitView, ...]:
    """Return the windows that may accept the item at the instant, by code.

    Source: R1.3; readings 4.
    """
    item = service_item.c.item_code
    if connection.execute(select(item).where(item == item_code)).one_or_none() is None:
        raise ItemUnknownError("There is no such item", item=item_code)
    codes = [
        window
        for window, letters in _by_window(connection, civil_day(at)).items()
        if (acting := letter_for(letters, item_code, at)) is not None
        and Power.ACCEPT in acting.powers(item_code, at)
    ]
    rows = connection.execute(
        select(unit).where(unit.c.code.in_(codes)).order_by(unit.c.code).limit(MOST_WINDOWS)
    )
    return tuple(unit_view(row) for row in rows)


def list_window_letters(
    connection: Connection, window_unit: str, page_size: int, page_token: str
) -> Page[LetterView]:
    """Return a page of the letters of a window, by number.

    Source: R3.4.
    """
    get_unit(connection, window_unit)
    query = (
        select(
            _letters.letter,
            _letters.authority,
            _letters.window_unit,
            _letters.signatory,
            _letters.from_date,
            _letters.until_date,
            _letters.item_powers,
            _letters.on_the_spot_deciders,
            _letters.signed_at.label("sign_time"),
        )
        .where(_letters.window_unit == window_unit)
        .order_by(_letters.letter)
    )
    return page_of(
        connection,
        query,
        key=tuple_(_letters.letter),
        key_of=lambda row: (row.letter,),
        view=lambda row: LetterView(**row._asdict()),
        page_size=page_size,
        page_token=page_token,
    )


def find_authority(connection: Connection, name_or_code: str, at: datetime) -> AuthorityView:
    """Return what is known of an authority, and whether a window accepts for it.

    It is found by the code of its unit, or by its name as printed, blanks and widths of
    characters disregarded.

    Source: 行政许可法 第三十二条第一款第二项; readings 4, 11.
    """
    wanted, day = _folded(name_or_code), civil_day(at)
    rows = connection.execute(select(authority).order_by(authority.c.unit))
    found = next((row for row in rows if wanted in (_folded(row.unit), _folded(row.name))), None)
    if found is None:
        return AuthorityView()
    begun = [record for record in found.records if record.from_date <= day]
    return AuthorityView(
        authority=found.unit,
        authority_name=found.name,
        authority_prefix=found.prefix,
        review_body=begun[-1].review_body if begun else "",
        court=begun[-1].court if begun else "",
        served=_is_served(connection, found.unit, at),
    )


def _is_served(connection: Connection, authority_unit: str, at: datetime) -> bool:
    """Tell whether a window may accept an item of which the authority decides at least a part.

    Source: readings 4, 21.
    """
    own = frozenset(_items_with_part_of(connection, authority_unit, civil_day(at)))
    for letters in _by_window(connection, civil_day(at)).values():
        for letter in letters:
            for each in letter.item_powers:
                if Power.ACCEPT in each.powers and each.item_code in own:
                    return True
    return False


def _items_with_part_of(connection: Connection, authority_unit: str, day: date) -> Iterator[str]:
    version = item_version.c
    newest: dict[str, ItemVersion] = {}
    rows = connection.execute(
        select(version.item_code, version.content)
        .where(
            version.in_force_from_date <= day,
            or_(version.in_force_until_date.is_(None), version.in_force_until_date > day),
        )
        .order_by(version.item_code, version.number)
    )
    for row in rows:
        newest[row.item_code] = row.content
    for item_code, content in newest.items():
        if authority_unit in content.authorities:
            yield item_code


def _by_window(connection: Connection, day: date) -> dict[str, list[AuthorisationLetter]]:
    """Return the letters in force on a day by window; of windows that have ended, none."""
    ended = _ended(_mergers(connection), day)
    found: dict[str, list[AuthorisationLetter]] = {}
    for letter in _in_force(connection, day):
        if letter.window_unit not in ended:
            found.setdefault(letter.window_unit, []).append(letter)
    return found


def _in_force(
    connection: Connection, day: date, window_unit: str | None = None
) -> list[AuthorisationLetter]:
    asked = _LETTERS if window_unit is None else _LETTERS_OF_WINDOW
    rows = connection.execute(asked, {"day": day, "window": window_unit})
    return [AuthorisationLetter(**row._asdict()) for row in rows]


def _mergers(connection: Connection) -> list[Merger]:
    rows = connection.execute(_MERGED)
    return [Merger(row.code, row.merged_into, row.merged_from_date) for row in rows]


def _ended(mergers: list[Merger], day: date) -> frozenset[str]:
    return frozenset(each.window_unit for each in mergers if each.from_date <= day)


def _still_there(
    connection: Connection, window_unit: str, named: tuple[str, ...], day: date
) -> tuple[str, ...]:
    """Return those of the named persons who hold a post at the window on the day.

    Source: readings 1, 2.
    """
    held = assignment.c
    rows = connection.execute(
        select(held.person)
        .join(post, post.c.post == held.post)
        .where(
            post.c.unit == window_unit,
            held.person.in_(named),
            held.from_date <= day,
            or_(held.until_date.is_(None), held.until_date > day),
        )
        .order_by(held.person)
    )
    return tuple(rows.scalars())


def _folded(name: str) -> str:
    """Return a name without blanks, its characters of one width."""
    return "".join(unicodedata.normalize("NFKC", name).split())
