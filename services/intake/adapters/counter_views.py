"""What readers of a case see of the counter: how it came, where its paper is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.intake.domain import bundle
from services.intake.domain.case import Bundle, Case, Direction
from services.intake.domain.values import Channel
from workdays import WorkCalendar

__all__ = ["BundleView", "CounterView", "at_the_counter"]


@dataclass(frozen=True, slots=True)
class BundleView:
    """A bundle of paper as a reader sees it; red where it should have arrived."""

    bag: str
    direction: Direction
    pieces: int
    send_time: datetime
    sent_from: str
    receive_time: datetime | None
    lose_time: datetime | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class CounterView:
    """What `GetCase` says of it."""

    channel: Channel
    assistance: str
    out_of_force: bool
    incompetent: bool
    bundles: tuple[BundleView, ...]
    exchange_number: str


def at_the_counter(
    case: Case, at: datetime, calendar: WorkCalendar, exchange_number: str
) -> CounterView:
    """Return what a reader sees at the instant `at`."""
    late = bundle.overdue(case.bundles, at, calendar)
    return CounterView(
        channel=case.channel,
        assistance=case.assistance,
        out_of_force=case.out_of_force,
        incompetent=case.incompetent,
        bundles=tuple(_bundle(each, overdue=each in late) for each in case.bundles),
        exchange_number=exchange_number,
    )


def _bundle(sent: Bundle, *, overdue: bool) -> BundleView:
    return BundleView(
        bag=sent.bag,
        direction=sent.direction,
        pieces=sent.pieces,
        send_time=sent.sent_at,
        sent_from=sent.sent_from,
        receive_time=sent.received_at,
        lose_time=sent.lost_at,
        overdue=overdue,
    )
