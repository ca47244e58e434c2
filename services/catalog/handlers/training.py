"""Publishing the rules of the centre, and recording who was trained under them.

Source: R4.9.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.catalog.domain.days import civil_day
from services.catalog.domain.errors import (
    AuthorityUnknownError,
    ItemUnknownError,
    PersonUnknownError,
)
from services.catalog.domain.work_rules import RulesKind, WorkRules
from services.catalog.ports import CatalogUnitOfWork

__all__ = [
    "PublishWorkRules",
    "RecordTraining",
    "RulesIdentity",
    "TrainingRecorded",
    "publish_work_rules",
    "record_training",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishWorkRules:
    """Publish a version of the rules of a kind."""

    kind: RulesKind
    document_number: str
    title: str
    from_date: date
    text_sha256: str


@dataclass(frozen=True, slots=True)
class RulesIdentity:
    """Which version it became."""

    rules_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTraining:
    """Record that a person was trained for items, or for all items of authorities."""

    person: str
    rules_version: str
    trained_on: date
    item_codes: tuple[str, ...] = ()
    authorities: tuple[str, ...] = ()
    until_date: date | None = None


@dataclass(frozen=True, slots=True)
class TrainingRecorded:
    """The record, and the items that it is for."""

    training: str
    item_codes: tuple[str, ...]


def publish_work_rules(command: PublishWorkRules, *, uow: CatalogUnitOfWork) -> RulesIdentity:
    """Publish the next version of the rules of a kind.

    Source: R4.9.
    """
    rules = uow.work_rules.find(command.kind.value)
    if rules is None:
        rules = WorkRules(kind=command.kind)
        uow.work_rules.add(rules)
    published = rules.publish(
        document_number=command.document_number,
        title=command.title,
        from_date=command.from_date,
        text_sha256=command.text_sha256,
        published_by=_who(uow),
        published_at=uow.call.at,
    )
    return RulesIdentity(published.rules_version)


def record_training(command: RecordTraining, *, uow: CatalogUnitOfWork) -> TrainingRecorded:
    """Record a training; an authority stands for the items it has when this is recorded.

    Source: R4.9.
    """
    officer = uow.officers.find(command.person)
    if officer is None:
        raise PersonUnknownError("never held a post", person=command.person)
    rules = uow.work_rules.look(RulesKind.ONE_WINDOW_ACCEPTANCE.value) or WorkRules(
        kind=RulesKind.ONE_WINDOW_ACCEPTANCE
    )
    taught = rules.teachable(command.rules_version, command.trained_on)
    recorded = officer.train(
        item_codes=_items(command, uow),
        rules_version=taught.rules_version,
        trained_on=command.trained_on,
        until_date=command.until_date,
        recorded_by=_who(uow),
        recorded_at=uow.call.at,
        today=civil_day(uow.call.at),
    )
    return TrainingRecorded(recorded.training, recorded.item_codes)


def _items(command: RecordTraining, uow: CatalogUnitOfWork) -> frozenset[str]:
    known = uow.items.authorities_of(command.item_codes)
    for item_code in command.item_codes:
        if item_code not in known:
            raise ItemUnknownError("there is no such item", item=item_code)
    for authority in command.authorities:
        if uow.authorities.look(authority) is None:
            raise AuthorityUnknownError("not registered", authority=authority)
    return frozenset(known) | uow.items.decided_by(command.authorities)


def _who(uow: CatalogUnitOfWork) -> str:
    """Return who records: a person, or the service that loads the shipped district."""
    return uow.call.caller.person or uow.call.caller.service
