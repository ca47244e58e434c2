"""Faults in how a command or a job has its one effect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection, text

from servicekit import idempotency
from servicekit.commands import CommandRunner
from services.intake.adapters import unit_of_work
from services.intake.domain.document import Document, DocumentState
from simulator.plants.base import Ground

__all__ = ["answer_forgotten", "job_twice", "number_outside", "violation_forgotten"]

_FORGET = text("""
    DELETE FROM idempotency
    WHERE caller = :caller AND method = :method AND request_id = :request_id""")


@contextmanager
def answer_forgotten(_ground: Ground) -> Iterator[None]:
    """A command that comes again is done again."""
    begin = idempotency.begin

    def forgetful(connection: Connection, key: idempotency.Key, *more: Any) -> Any:
        connection.execute(_FORGET, asdict(key))
        return begin(connection, key, *more)

    with (
        patch.object(idempotency, "begin", forgetful),
        patch.object(idempotency, "find", lambda *_arguments: None),
    ):
        yield


@contextmanager
def violation_forgotten(_ground: Ground) -> Iterator[None]:
    """A violation is refused, and nothing of it is kept."""
    with patch.object(CommandRunner, "_keep_violation", lambda *_arguments: None):
        yield


@contextmanager
def job_twice(_ground: Ground) -> Iterator[None]:
    """A job that is done again has its effect again."""
    rendered = Document.rendered

    def again(self: Document, **facts: Any) -> Any:
        if self.state is DocumentState.ISSUED and not self.seal:
            self.state = DocumentState.RENDERED
        return rendered(self, **facts)

    with patch.object(Document, "rendered", again):
        yield


@contextmanager
def number_outside(_ground: Ground) -> Iterator[None]:
    """Numbers of documents come from a sequence that no rollback takes back."""
    given: Counter[tuple[Any, ...]] = Counter()
    keep = text("""
        INSERT INTO document_series AS s (authority, kind, year, site, last_ordinal)
        VALUES (:authority, :kind, :year, :site, :ordinal)
        ON CONFLICT (authority, kind, year, site) DO UPDATE SET last_ordinal = excluded.last_ordinal
        RETURNING last_ordinal""")

    def from_a_sequence(connection: Connection, series: Mapping[str, Any]) -> int:
        key = tuple(sorted(series.items()))
        given[key] += 1
        kept = connection.execute(keep, {**series, "ordinal": given[key]})
        return int(kept.scalar_one())

    with patch.object(unit_of_work, "_next_ordinal", from_a_sequence):
        yield
