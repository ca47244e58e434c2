"""Columns of intake that stand in many tables, and types: values of the domain as text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from enum import Enum
from typing import Any

from sqlalchemy import Column, Dialect, ForeignKey, Integer, Text
from sqlalchemy.types import TypeDecorator

from services.intake.domain.item_terms import (
    AuthorityPart,
    Extension,
    ExtensionApprover,
    Handling,
    ItemMaterial,
    ItemTerms,
    JointForm,
    Limit,
    Necessity,
    SpecialProcedureKind,
    SpecialProcedureTerms,
)
from workdays import Start, Unit

__all__ = ["FactsColumn", "PersonsColumn", "TermsColumn", "about_case", "counted", "of_case"]


def of_case() -> Column[str]:
    """Return the number of the case whose part a row is: the row's key, or its first half."""
    return Column(
        "case_number", Text, ForeignKey("case_file.number"), primary_key=True, comment="办件编号"
    )


def about_case() -> Column[str]:
    """Return the number of the case that a row with a key of its own is about."""
    return Column(
        "case_number",
        Text,
        ForeignKey("case_file.number"),
        nullable=False,
        index=True,
        comment="办件编号",
    )


def counted(name: str, comment: str) -> Column[int]:
    """Return the place of a row among those of its case: the second half of its key."""
    return Column(name, Integer, primary_key=True, autoincrement=False, comment=comment)


class PersonsColumn(TypeDecorator[tuple[str, ...]]):
    """Opaque identities, as a JSON list."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(list(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        return None if value is None else tuple(json.loads(value))


class FactsColumn(TypeDecorator[Mapping[str, str]]):
    """The facts of a timeline entry, as a JSON object."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, str] | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return json.dumps(dict(value), ensure_ascii=False, sort_keys=True)

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, str] | None:
        return None if value is None else dict(json.loads(value))


class TermsColumn(TypeDecorator[ItemTerms]):
    """The version of an item as it was when the case was received, as a JSON object."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: ItemTerms | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return json.dumps(asdict(value), ensure_ascii=False, sort_keys=True, default=_plain)

    def process_result_value(self, value: str | None, dialect: Dialect) -> ItemTerms | None:
        return None if value is None else _terms(json.loads(value))


def _plain(value: object) -> str:
    if isinstance(value, Enum):
        return value.name
    raise TypeError(f"{value!r} has no place in a version")


def _terms(raw: dict[str, Any]) -> ItemTerms:
    """Return the terms as they were stored, whenever that was: what came later is absent."""
    made: dict[str, Callable[[Any], Any]] = {
        "statutory_limit": _limit,
        "promised_limit": _limit,
        "verification_limit": _limit,
        "correction_limit": _limit,
        "legal_bases": tuple,
        "consulted": tuple,
        "receiving_posts": tuple,
        "handling": Handling.__getitem__,
        "joint_form": JointForm.__getitem__,
        "extension": _extension,
        "materials": _each(_material),
        "special_procedures": _each(_special_procedure),
        "parts": _each(_part),
    }
    for name in made.keys() & raw.keys():
        raw[name] = made[name](raw[name])
    return ItemTerms(**raw)


def _each(make: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    return lambda stored: tuple(make(each) for each in stored)


def _limit(raw: dict[str, Any] | None) -> Limit | None:
    if raw is None:
        return None
    return Limit(raw["amount"], Unit[raw["unit"]], Start[raw["start"]], raw["source"])


def _material(raw: dict[str, Any]) -> ItemMaterial:
    return ItemMaterial(**{**raw, "necessity": Necessity[raw["necessity"]]})


def _extension(raw: dict[str, Any] | None) -> Extension | None:
    if raw is None:
        return None
    approver = ExtensionApprover[raw["approver"]]
    return Extension(**{**raw, "unit": Unit[raw["unit"]], "approver": approver})


def _special_procedure(raw: dict[str, Any]) -> SpecialProcedureTerms:
    return SpecialProcedureTerms(**{**raw, "kind": SpecialProcedureKind[raw["kind"]]})


def _part(raw: dict[str, Any]) -> AuthorityPart:
    limits = {name: _limit(raw[name]) for name in ("statutory_limit", "promised_limit")}
    return AuthorityPart(**{**raw, **limits, "prerequisites": tuple(raw["prerequisites"])})
