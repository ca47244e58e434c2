"""Letters of authorisation (授权书): what a window may do, for which item, until when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from servicekit.events import Aggregate, Event, Ownership
from services.catalog.domain.days import civil_day
from services.catalog.domain.errors import (
    DeciderMissingError,
    DeciderNotAtWindowError,
    DeciderWithoutPowerError,
    ItemOfAnotherAuthorityError,
    ItemRepeatedError,
    ItemUnknownError,
    LetterPeriodInvalidError,
    NobodyTrainedError,
    NotAWindowError,
    TownRecordMissingError,
    WindowMergedError,
)
from services.catalog.domain.events import LetterSigned
from services.catalog.domain.units import Unit, UnitKind

__all__ = ["AuthorisationLetter", "ItemPowers", "Power", "letter_for"]

ONE_DAY: Final = timedelta(days=1)


class Power(StrEnum):
    """What a letter may let a window do for an item.

    Source: readings 3.
    """

    RECEIVE = "RECEIVE"  # 收件
    ACCEPT = "ACCEPT"  # 受理
    NOT_REQUIRED = "NOT_REQUIRED"  # 不受理
    REFUSE_ACCEPTANCE = "REFUSE_ACCEPTANCE"  # 不予受理
    REQUEST_CORRECTION = "REQUEST_CORRECTION"  # 补正
    DECIDE_ON_THE_SPOT = "DECIDE_ON_THE_SPOT"  # 当场决定
    HAND_OUT = "HAND_OUT"  # 发证


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPowers:
    """The powers for one item."""

    item_code: str
    powers: tuple[Power, ...]


@dataclass(eq=False, kw_only=True)
class AuthorisationLetter(Aggregate):
    """An internal letter by which an authority lets a window act in its name.

    It transfers no competence: to devolve (下放) or to entrust (委托) are other acts. A signed
    letter never changes; another one takes its place.

    Source: R3.4, R4.9; readings 3, 7.
    """

    letter: str
    authority: str
    window_unit: str
    signatory: str
    from_date: date
    until_date: date
    item_powers: tuple[ItemPowers, ...]
    scan_sha256: str
    signed_at: datetime
    on_the_spot_deciders: tuple[str, ...] = ()
    revision: int = 1
    events: list[Event] = field(default_factory=list, repr=False)

    @classmethod
    def sign(
        cls,
        *,
        letter: str,
        authority: str,
        window: Unit,
        signatory: str,
        from_date: date,
        until_date: date,
        item_powers: tuple[ItemPowers, ...],
        scan_sha256: str,
        signed_at: datetime,
        deciding: Mapping[str, str],
        untrained: Mapping[str, str],
        on_the_spot_deciders: tuple[str, ...] = (),
        posted: frozenset[str] = frozenset(),
        not_for_towns: frozenset[str] = frozenset(),
    ) -> Self:
        """Sign a letter; `deciding` maps each known item to the authority that decides it.

        `untrained` those items, with their names, for which nobody who holds a post at the window
        on the letter's first day counts as trained. `posted` are the persons who hold one in the
        time of the letter; `not_for_towns` the items that this window, being one of a town, may
        not receive.
        """
        if until_date <= from_date:
            raise LetterPeriodInvalidError("the letter ends before it begins", letter=letter)
        if window.kind is not UnitKind.WINDOW:
            raise NotAWindowError("only a window acts under a letter", unit=window.code)
        if window.has_ended(until_date - ONE_DAY):
            raise WindowMergedError(
                "the window ends before the letter", unit=window.code, successor=window.merged_into
            )
        _check_items(authority, item_powers, deciding)
        for item_code in sorted(not_for_towns):
            raise TownRecordMissingError("towns do not receive this", item=item_code)
        _check_deciders(item_powers, on_the_spot_deciders, posted)
        _check_training(window, from_date, untrained)
        signed = cls(
            letter=letter,
            authority=authority,
            window_unit=window.code,
            signatory=signatory,
            from_date=from_date,
            until_date=until_date,
            item_powers=tuple(_in_order(powers) for powers in item_powers),
            scan_sha256=scan_sha256,
            signed_at=signed_at,
            on_the_spot_deciders=tuple(sorted(frozenset(on_the_spot_deciders))),
        )
        signed.happened(LetterSigned(letter=letter, authority=authority, window_unit=window.code))
        return signed

    def in_force(self, at: datetime) -> bool:
        """Tell whether the letter covers the instant: whole days in China."""
        return self.from_date <= civil_day(at) < self.until_date

    def powers(self, item_code: str, at: datetime) -> tuple[Power, ...]:
        """Return what the window may do for the item at the instant; nothing without the letter."""
        return self.listed(item_code) if self.in_force(at) else ()

    def listed(self, item_code: str) -> tuple[Power, ...]:
        """Return the powers that the letter lists for the item, in force or not."""
        return next((each.powers for each in self.item_powers if each.item_code == item_code), ())

    def deciders(self, item_code: str, at: datetime) -> tuple[str, ...]:
        """Return whom the letter names to decide the item on the spot at the instant.

        Source: 行政许可法 第三十四条第二款; readings 2.
        """
        if Power.DECIDE_ON_THE_SPOT not in self.powers(item_code, at):
            return ()
        return self.on_the_spot_deciders

    @property
    def stream_id(self) -> str:
        return self.letter

    @property
    def ownership(self) -> Ownership:
        return Ownership(unit=self.authority, authority=self.authority)


def letter_for(
    letters: Iterable[AuthorisationLetter], item_code: str, at: datetime
) -> AuthorisationLetter | None:
    """Return the letter under which a window acts for an item at an instant, if there is one.

    Of several in force the one signed last holds, whole: its powers replace the earlier ones.

    Source: R3.4; readings 4.
    """
    acting = [letter for letter in letters if letter.powers(item_code, at)]
    return max(acting, key=lambda letter: (letter.signed_at, letter.letter), default=None)


def _check_items(
    authority: str, item_powers: tuple[ItemPowers, ...], deciding: Mapping[str, str]
) -> None:
    listed = [each.item_code for each in item_powers]
    for item_code in listed:
        if item_code not in deciding:
            raise ItemUnknownError("there is no such item", item=item_code)
        if deciding[item_code] != authority:
            raise ItemOfAnotherAuthorityError("another authority decides this", item=item_code)
        if listed.count(item_code) > 1:
            raise ItemRepeatedError("the letter lists the item twice", item=item_code)


def _check_deciders(
    item_powers: tuple[ItemPowers, ...], deciders: tuple[str, ...], posted: frozenset[str]
) -> None:
    """Refuse a power to decide on the spot that nobody at the window could use.

    Who decides at once binds the authority, so the letter names the person and not the counter.

    Source: 行政许可法 第三十四条第二款; readings 2.
    """
    wanted = any(Power.DECIDE_ON_THE_SPOT in each.powers for each in item_powers)
    if wanted and not deciders:
        raise DeciderMissingError("nobody is named to decide on the spot")
    if deciders and not wanted:
        raise DeciderWithoutPowerError("no item of the letter is decided on the spot")
    for person in deciders:
        if person not in posted:
            raise DeciderNotAtWindowError("the person has no post at the window", person=person)


def _check_training(window: Unit, from_date: date, untrained: Mapping[str, str]) -> None:
    """Refuse to let a window begin with items that nobody there was trained for.

    Source: R4.9.
    """
    if untrained:
        raise NobodyTrainedError(
            "nobody at the window is trained for this",
            window=window.name,
            day=from_date.isoformat(),
            items="、".join(f"“{untrained[code]}”" for code in sorted(untrained)),
            item_codes=", ".join(sorted(untrained)),
        )


def _in_order(each: ItemPowers) -> ItemPowers:
    """Return the powers once each, in the order of the work."""
    return ItemPowers(
        item_code=each.item_code, powers=tuple(power for power in Power if power in each.powers)
    )
