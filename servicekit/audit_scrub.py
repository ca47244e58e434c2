"""Reads the audit chain again and again, a little at a time, so that a break alarms by itself.

A round compares every sealed row with its seal and ends with the last
checkpoint: a tail that was cut off is missed there. Nothing is read at once,
because the jobs of the service have other things to do. What this leaves to
`liandong audit verify` is every checkpoint but the last.

Source: GB/T 22239-2019 8.1.4.3 安全审计.
"""

from __future__ import annotations

import logging
from typing import Final

from sqlalchemy import Engine

from servicekit.audit_chain import AuditChain
from servicekit.audit_sealer import AuditReport, sealed_rows, verify_row

__all__ = ["AuditScrub"]

log = logging.getLogger(__name__)

ROWS: Final = 5_000  # compared in one turn; about half a second


class AuditScrub:
    """The place up to which this process has read the chain, and what it found broken."""

    def __init__(self, engine: Engine, chain: AuditChain, *, rows: int = ROWS) -> None:
        self._engine = engine
        self._chain = chain
        self._log = chain.log
        self._rows = rows
        self._before = 0  # breaks of the round before
        self._report = AuditReport()
        self._last, self._mac, self._exported = self._begin()

    @property
    def broken(self) -> int:
        """How many places are broken, by the last whole round and what this one found so far."""
        return max(self._before, self._report.broken_count + self._report.missing)

    def turn(self) -> bool:
        """Compare the next rows; tell whether a round ended with them."""
        rows = sealed_rows(self._engine, self._chain.tables, after=self._last)
        for compared, row in enumerate(rows, start=1):
            if row.seq != self._last + 1:
                self._report.add("SEAL_MISSING", self._last + 1)
            previous = self._mac if row.seq == self._last + 1 else b""
            verify_row(self._report, self._chain.crypto, row, previous)
            self._last, self._mac = row.seq, row.mac
            if compared == self._rows:
                return False
        self._report.missing = max(self._exported - self._last, 0)
        self._before = self._report.broken_count + self._report.missing
        if self._before:
            first = [f"{each.kind} at {each.seq}" for each in self._report.broken[:5]]
            log.error("audit_chain_broken", extra={"count": self._before, "first": first})
        self._report = AuditReport()
        self._last, self._mac, self._exported = self._begin()
        return True

    def _begin(self) -> tuple[int, bytes, int]:
        """Return where a round begins, and how far it must come at least.

        The checkpoint is read first: the database is then no less far.
        """
        exported = self._log.last_seq()
        return 0, self._chain.genesis, exported
