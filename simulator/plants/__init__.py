"""Deliberate faults, one mechanism each: what the checker is worth is what it catches of these.

Each takes a schedule and puts one mechanism out of order while the schedule
runs. Nothing of this is reachable from outside the simulator.
"""

from __future__ import annotations

from collections.abc import Mapping

from simulator.plants import commands, events, law, records
from simulator.plants.base import Plant

__all__ = ["PLANTS", "Plant"]

PLANTS: Mapping[str, Plant] = {
    "ack-before-commit": events.ack_before_commit,
    "no-stream-check": events.no_stream_check,
    "held-forgotten": events.held_forgotten,
    "marked-before-confirm": events.marked_before_confirm,
    "outbox-outside": events.outbox_outside,
    "seq-skips": events.seq_skips,
    "no-commuting": events.no_commuting,
    "answer-forgotten": commands.answer_forgotten,
    "violation-forgotten": commands.violation_forgotten,
    "job-twice": commands.job_twice,
    "number-outside": commands.number_outside,
    "callback-applied-twice": law.callback_applied_twice,
    "excluded-before-notice": law.excluded_before_notice,
    "audit-missing": records.audit_missing,
    "audit-altered": records.audit_altered,
    "blob-missing": records.blob_missing,
}
