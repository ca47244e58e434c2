"""Signing letters of authorisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from servicekit.events import Ownership
from services.catalog.domain.errors import LetterExistsError, UnitUnknownError
from services.catalog.domain.letters import AuthorisationLetter, ItemPowers
from services.catalog.handlers.places import in_a_town_below
from services.catalog.ports import CatalogUnitOfWork

__all__ = ["LetterIdentity", "SignAuthorisationLetter", "sign_authorisation_letter"]


@dataclass(frozen=True, slots=True)
class SignAuthorisationLetter:
    """Let a window act for an authority, item by item, over a period."""

    letter: str
    authority: str
    window_unit: str
    signatory: str
    from_date: date
    until_date: date
    item_powers: tuple[ItemPowers, ...]
    scan_sha256: str
    on_the_spot_deciders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LetterIdentity:
    """The number of the signed letter."""

    letter: str


def sign_authorisation_letter(
    command: SignAuthorisationLetter, *, uow: CatalogUnitOfWork
) -> LetterIdentity:
    """Sign a letter in the name of the authority of the caller's post."""
    uow.rule_on(
        Ownership(unit=command.authority, authority=command.authority), authority=command.authority
    )
    window = uow.units.look(command.window_unit)
    if window is None:
        raise UnitUnknownError("there is no such unit", unit=command.window_unit)
    if uow.letters.look(command.letter) is not None:
        raise LetterExistsError("the letter is signed already", letter=command.letter)
    letter = AuthorisationLetter.sign(
        letter=command.letter,
        authority=command.authority,
        window=window,
        signatory=command.signatory,
        from_date=command.from_date,
        until_date=command.until_date,
        item_powers=command.item_powers,
        scan_sha256=command.scan_sha256,
        signed_at=uow.call.at,
        on_the_spot_deciders=command.on_the_spot_deciders,
        posted=uow.officers.posted_at(window.code, command.from_date, command.until_date),
        not_for_towns=_not_for_towns(command, uow),
        deciding=uow.items.authorities_of(each.item_code for each in command.item_powers),
        untrained=_untrained(command, uow),
    )
    uow.letters.add(letter)
    return LetterIdentity(letter.letter)


def _not_for_towns(command: SignAuthorisationLetter, uow: CatalogUnitOfWork) -> frozenset[str]:
    """Return the items of the letter that no town receives, if the window is one of a town."""
    if not in_a_town_below(command.window_unit, command.authority, uow):
        return frozenset()
    listed = frozenset(each.item_code for each in command.item_powers)
    return listed - uow.items.received_by_towns(listed)


def _untrained(command: SignAuthorisationLetter, uow: CatalogUnitOfWork) -> Mapping[str, str]:
    """Return the items of the letter, named, that nobody at the window is trained for that day.

    Source: R4.9.
    """
    listed = frozenset(each.item_code for each in command.item_powers)
    missing = listed - uow.officers.taught_at(command.window_unit, command.from_date)
    return uow.items.names_of(missing) if missing else {}
