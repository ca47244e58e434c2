"""The rules of what happens around the counter: one clause, one function."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from servicekit.naming import named
from services.intake.domain import counter_errors as errors
from services.intake.domain.errors import SignatureWithoutMandateError
from services.intake.domain.values import (
    Act,
    Channel,
    Handling,
    ItemTerms,
    PostKind,
    Power,
    Recipient,
    WindowUnit,
    civil_day,
)
from workdays import Due, WorkCalendar


def require_free(fee_fen: int) -> None:
    """Refuse assistance that costs the applicant anything.

    Source: R1.6 (全程无偿代办).
    """
    if fee_fen > 0:
        raise errors.AssistanceNotFreeError("Assistance is free", fee=str(fee_fen))


def require_no_presence(terms: ItemTerms) -> None:
    """Refuse to carry what a law demands of the applicant in person.

    Source: 行政许可法 第二十九条第二款; readings 5.
    """
    if terms.presence_basis:
        raise errors.PresenceRequiredError(
            "The applicant must come", item=terms.item_named, basis=terms.presence_basis
        )


def require_mandate(scan_sha256: str, scope: str, agent_name: str) -> None:
    """Refuse to carry anything without a mandate that says who may do what.

    Source: 行政许可法 第二十九条第二款; R5.5; readings 5.
    """
    missing = [
        name
        for name, said in (("扫描件", scan_sha256), ("委托事项", scope), ("代办人", agent_name))
        if not said.strip()
    ]
    if missing:
        raise errors.MandateMissingError("No mandate was signed", missing="、".join(missing))


def require_village_post(act: Act) -> None:
    """Refuse to take in or pass on a carried request from any other post.

    Source: R5.5; readings 5.
    """
    if act.post_kind != PostKind.VILLAGE:
        raise errors.NotAVillagePostError("This is done from a village post")


def is_receiving_point(terms: ItemTerms, village_post: str) -> bool:
    """Tell whether the signed receipt at the post is the receipt of the application.

    Source: 行政许可法 第三十二条; readings 5.
    """
    return village_post in terms.receiving_posts


def pass_on_due(taken_at: datetime, calendar: WorkCalendar) -> Due:
    """Return the last day on which the agent passes the request on.

    Source: R5.5; readings 5 (一个工作日).
    """
    return calendar.add(civil_day(taken_at), 1)


def reporting_window(post_path: str, windows: Collection[WindowUnit]) -> WindowUnit | None:
    """Return the competent window that a post reports to: the nearest in the tree of units.

    Source: R5.1, R5.5; readings 5.
    """

    def distance(window: WindowUnit) -> tuple[int, str]:
        return -_shared(post_path, window.unit_path), window.code

    return min(windows, key=distance, default=None)


def _shared(one: str, other: str) -> int:
    """Return how many units two paths have in common."""
    count = 0
    for left, right in zip(one.strip("/").split("/"), other.strip("/").split("/"), strict=False):
        if left != right:
            break
        count += 1
    return count


@dataclass(frozen=True, slots=True)
class Destinations:
    """Which windows may accept what goes on, and the name of the unit it was asked to go to."""

    windows: tuple[WindowUnit, ...] = ()
    asked: str = ""
    asked_name: str = ""

    def named(self, unit: str) -> str:
        """Return a unit as a sentence names it; by its code where the catalogue named it not."""
        names = {self.asked: self.asked_name} | {each.code: each.name for each in self.windows}
        return named(names.get(unit), unit)


def require_competent(
    terms: ItemTerms, to_unit: str, destinations: Destinations, *, only: str = ""
) -> WindowUnit:
    """Return the window, or refuse one that may not accept the item.

    `only` is the window of a case that there is already: no other one may have it.

    Source: R1.3, R3.4; readings 4, 5.
    """
    windows = [each for each in destinations.windows if only in ("", each.code)]
    for window in windows:
        if window.code == to_unit:
            return window
    raise errors.NotACompetentWindowError(
        "That window may not accept this",
        item=terms.item_named,
        window=destinations.named(to_unit),
        competent="、".join(sorted(window.name for window in windows)) or "暂无",
    )


def require_named_assistance(channel: Channel, assistance: str) -> None:
    """Refuse the channel of the agents without what an agent carried, and the reverse.

    Source: R2.5, R5.5; readings 5, 22.
    """
    if (channel is Channel.ASSISTANCE) != bool(assistance):
        raise errors.AssistanceUnnamedError("Which request was carried?", channel=channel.name)


def silence_accepts(terms: ItemTerms, *, in_force: bool) -> bool:
    """Tell whether silence would accept the application: no filing, nothing out of force.

    Source: 行政许可法 第三十二条第一款第四项; readings 4, 14.
    """
    return terms.deemed_acceptance and terms.handling is not Handling.FILING and in_force


def alarm(powers: Collection[Power], *, in_force: bool) -> str | None:
    """Return why the department must hear of a receipt, or None.

    Source: R3.4; readings 4.
    """
    if not in_force:
        return "ITEM_OUT_OF_FORCE"
    return None if Power.ACCEPT in powers else "NO_LETTER"


def transferred_in_time(received_at: datetime, at: datetime, calendar: WorkCalendar) -> bool:
    """Tell whether a transfer at `at` is of the working day of the receipt.

    What came on a day of rest is transferred on the next working day.

    Source: R1.3 (首问负责); readings 4.
    """
    return civil_day(at) <= calendar.on_or_after(civil_day(received_at)).on


@dataclass(frozen=True, slots=True, kw_only=True)
class MandateOnFile:
    """What the applicant signed for the village agent, as far as collecting goes."""

    reference: str
    agent_name: str
    may_collect: bool


def require_collection(
    case: str, on_file: MandateOnFile | None, recipient: Recipient, signed_by: str, mandate: str
) -> None:
    """Refuse the village agent to collect without 代领 in the mandate on file.

    Source: 行政许可法 第二十九条第二款; R5.5; readings 5.
    """
    if on_file is None or recipient is not Recipient.MANDATED_AGENT:
        return
    is_agent = signed_by.strip() == on_file.agent_name
    if not is_agent and mandate != on_file.reference:
        return  # another agent, under a mandate of their own
    if not (is_agent and on_file.may_collect):
        raise SignatureWithoutMandateError("The mandate does not say so", case=case)


def require_other_window(case: str, window_unit: str, to_window: str, *, name: str = "") -> None:
    """Refuse to transfer a case to where it is.

    Source: R1.3; readings 4.
    """
    if window_unit == to_window:
        raise errors.TransferredToItselfError(
            "The case is there", case=case, window=name or to_window
        )


def require_two_counting(case: str, first: str, second: str) -> None:
    """Refuse a count of originals that one person made alone.

    Source: R2.7; readings 13.
    """
    if first == second:
        raise errors.CountedAloneError("Two persons count", case=case)


def bundle_due(sent_at: datetime, calendar: WorkCalendar) -> Due:
    """Return the last day on which paper on its way is received; after it, it is red.

    No clock stops for it.

    Source: R4.5; readings 13.
    """
    return calendar.add(civil_day(sent_at), 1)
