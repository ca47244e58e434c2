"""Reads the rules of the centre, and who was trained under them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select, tuple_

from servicekit.paging import Page, page_of
from services.catalog.adapters.orm import rules_version, training_record
from services.catalog.adapters.queries import get_person
from services.catalog.domain.work_rules import RulesKind

__all__ = ["RulesView", "TrainingView", "list_training_records", "list_work_rules"]

_rules = rules_version.c
_trained = training_record.c


@dataclass(frozen=True, slots=True)
class RulesView:
    """A version of rules as a reader sees it."""

    rules_version: str
    kind: RulesKind
    number: int
    document_number: str
    title: str
    from_date: date
    text_sha256: str
    publish_time: datetime


@dataclass(frozen=True, slots=True)
class TrainingView:
    """A training record as a reader sees it."""

    training: str
    person: str
    number: int
    rules_version: str
    trained_on: date
    until_date: date | None
    item_codes: tuple[str, ...]
    recorded_by: str
    record_time: datetime


def list_work_rules(connection: Connection, page_size: int, page_token: str) -> Page[RulesView]:
    """Return a page of the published rules, in the order in which they begin.

    Source: R4.9.
    """
    query = select(
        _rules.rules_version,
        _rules.kind,
        _rules.number,
        _rules.document_number,
        _rules.title,
        _rules.from_date,
        _rules.text_sha256,
        _rules.published_at.label("publish_time"),
    ).order_by(_rules.from_date, _rules.rules_version)
    return page_of(
        connection,
        query,
        key=tuple_(_rules.from_date, _rules.rules_version),
        key_of=lambda row: (row.from_date, row.rules_version),
        view=lambda row: RulesView(**row._asdict()),
        page_size=page_size,
        page_token=page_token,
    )


def list_training_records(
    connection: Connection, person: str, page_size: int, page_token: str
) -> Page[TrainingView]:
    """Return a page of the training records of a person, in the order of recording.

    Source: R4.9.
    """
    get_person(connection, person)
    query = (
        select(
            _trained.training,
            _trained.person,
            _trained.number,
            _trained.rules_version,
            _trained.trained_on,
            _trained.until_date,
            _trained.item_codes,
            _trained.recorded_by,
            _trained.recorded_at.label("record_time"),
        )
        .where(_trained.person == person)
        .order_by(_trained.number)
    )
    return page_of(
        connection,
        query,
        key=tuple_(_trained.number),
        key_of=lambda row: (row.number,),
        view=lambda row: TrainingView(**row._asdict()),
        page_size=page_size,
        page_token=page_token,
    )
