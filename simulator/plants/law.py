"""Faults in what stands between the law and the outside world: parcels, and clocks that stop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from services.delivery.adapters.unit_of_work import SqlCallbacks
from services.delivery.domain.shipment import Shipment
from services.review.domain import act_rules
from services.review.domain.acts import SpecialProcedure
from simulator.plants.base import Ground
from workdays import WorkCalendar

__all__ = ["callback_applied_twice", "excluded_before_notice"]


@contextmanager
def callback_applied_twice(_ground: Ground) -> Iterator[None]:
    """What the carrier pushes a second time is taken for news."""
    keep, report = SqlCallbacks.keep, Shipment.report
    pushed_again: set[str] = set()

    def kept(self: SqlCallbacks, digest: str, shipment: str) -> bool:
        if not keep(self, digest, shipment):
            pushed_again.add(shipment)
        return True

    def reported(self: Shipment, *tracks: Any, confirmed: bool) -> bool:
        if self.shipment in pushed_again:
            pushed_again.discard(self.shipment)
            self.picked_up_at = None
        return report(self, *tracks, confirmed=confirmed)

    with patch.object(SqlCallbacks, "keep", kept), patch.object(Shipment, "report", reported):
        yield


@contextmanager
def excluded_before_notice(_ground: Ground) -> Iterator[None]:
    """A special procedure of which the applicant was told takes out the days before that, too."""
    excluded = act_rules.excluded_period

    def hasty(procedure: SpecialProcedure, calendar: WorkCalendar) -> Any:
        if procedure.notice_time is not None:
            procedure = replace(procedure, notice_time=procedure.plan_time)
        return excluded(procedure, calendar)

    with patch.object(act_rules, "excluded_period", hasty):
        yield
