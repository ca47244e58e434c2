"""Rules about where an item is handled and by whose hand: letters, towns, villages, presence."""

from __future__ import annotations

from typing import Final

from services.catalog.domain.items import ItemVersion
from services.catalog.domain.lint.findings import Circumstances, Finding, Rule

__all__ = ["RULES"]


def admitted_item_has_a_letter(version: ItemVersion, around: Circumstances) -> Finding | None:
    """Some window may accept an item that is admitted to the centre.

    Of a first version nothing can be known yet: a letter is signed for an item that exists.

    Source: R3.4, R3.7.
    """
    if around.is_first or not version.admitted or around.accepting_windows:
        return None
    return Finding("LETTER_MISSING")


def town_receives_by_record(version: ItemVersion, around: Circumstances) -> Finding | None:
    """An item of the district that a town or a village receives rests on a record that says so.

    Source: R5.3; readings 5.
    """
    offered = around.town_windows or version.receiving_posts
    if not offered or version.town_receiving_record.strip():
        return None
    return Finding("TOWN_RECEIVING_RECORD_MISSING")


def receiving_posts_are_in_villages(version: ItemVersion, around: Circumstances) -> Finding | None:
    """Only a registered post of a village is named as a receiving point.

    Source: R5.5; readings 5.
    """
    unknown = [code for code in version.receiving_posts if code not in around.village_posts]
    if not unknown:
        return None
    named = "、".join(unknown[:_MOST_NAMED])
    return Finding("RECEIVING_POST_INVALID", {"posts": named, "count": str(len(unknown))})


def presence_needs_a_visit(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """Whoever must come in person is told so: not fully online, and one visit at the least.

    Source: 行政许可法 第二十九条第二款; R2.1.
    """
    if not version.presence_basis.strip():
        return None
    if version.declared_visits and not version.declared_fully_online:
        return None
    return Finding("PRESENCE_WITHOUT_VISIT")


def courier_has_originals_to_fetch(version: ItemVersion, _around: Circumstances) -> Finding | None:
    """Courier to the centre is offered where something on paper is handed in.

    Source: R2.1, R2.7.
    """
    if not version.courier_inbound:
        return None
    if any(material.originals or material.copies for material in version.materials):
        return None
    return Finding("COURIER_INBOUND_WITHOUT_PAPER")


def successor_follows_an_end(version: ItemVersion, around: Circumstances) -> Finding | None:
    """Another item takes the place of one that ends, and is in the catalogue.

    Source: R3.7; readings 4.
    """
    if not version.successor_item:
        return None
    if version.in_force_until_date is None:
        return Finding("SUCCESSOR_WITHOUT_END")
    if version.successor_item != version.item_code and around.successor_known:
        return None
    return Finding("SUCCESSOR_UNKNOWN", {"item": version.successor_item})


_MOST_NAMED: Final = 20  # a sentence that names more is not read

RULES: Final[tuple[Rule, ...]] = (
    admitted_item_has_a_letter,
    town_receives_by_record,
    receiving_posts_are_in_villages,
    presence_needs_a_visit,
    courier_has_originals_to_fetch,
    successor_follows_an_end,
)
