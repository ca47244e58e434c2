"""Refuses malformed requests before any handler sees them.

The constraints stand in the protos (`liandong.common.v1.constraint`). They
are compiled once per message type; a request that satisfies them costs some
microseconds. See docs/adr for why not CEL.

Beyond the constraints, what nobody could store or count is refused in every
field: an enum number without a name, a NUL in a text, a number beyond
BIGINT, a day that is not in the calendar, an instant without a day in China.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

from google.protobuf.message import Message
from liandong.common.v1.constraints_pb2 import Constraint, constraint

from servicekit.errors import FieldViolation, InvalidRequestError

__all__ = ["validate"]

# Generated stubs and the C implementation disagree about the classes of descriptors.
FieldDescriptor = Any
Descriptor = Any
Found = list[FieldViolation]
Check = Callable[[Any, str, Found], None]

# A refusal travels in the trailers of the answer, which gRPC bounds at 8 KiB.
MOST_NAMED: Final = 10
LARGEST_NUMBER: Final = 2**63 - 1
# 0001-01-02 to 9999-12-30: an instant within has a day in every time zone.
_FIRST_SECOND: Final = -62_135_510_400
_LAST_SECOND: Final = 253_402_214_399
_REQUIRED: Final = "is required"


def validate(message: Message) -> None:
    """Raise `InvalidRequestError` with what is wrong in `message`, ten fields at most."""
    found: Found = []
    _check(message, "", found)
    if found:
        named = ", ".join(violation.path for violation in found[:MOST_NAMED])
        raise InvalidRequestError(
            f"malformed: {named}", fields=found[:MOST_NAMED], fields_named=named
        )


def _check(message: Message, prefix: str, found: Found) -> None:
    rules = _rules(message.DESCRIPTOR)
    for name, is_wrong, problem in rules.absences:
        if is_wrong(message):
            found.append(FieldViolation(prefix + name, problem))
    for field, value in message.ListFields():
        check = rules.checks.get(field.number)
        if check is not None:
            check(value, prefix + field.name, found)


@dataclass(frozen=True, slots=True)
class _Rules:
    """What holds for one type: of fields that are not set, and of those that are."""

    absences: tuple[tuple[str, Callable[[Any], bool], str], ...]
    checks: dict[int, Check]


@cache
def _rules(descriptor: Descriptor) -> _Rules:
    absences = []
    checks: dict[int, Check] = {}
    for field in descriptor.fields:
        rule = field.GetOptions().Extensions[constraint]
        if (absence := _absence(field, rule)) is not None:
            absences.append((field.name, *absence))
        if (check := _check_of(field, rule)) is not None:
            checks[field.number] = check
    return _Rules(tuple(absences), checks)


def _absence(field: FieldDescriptor, rule: Constraint) -> tuple[Callable[[Any], bool], str] | None:
    """Return when the field is wrongly empty, and how to say so."""
    name = field.name
    has_zero = _is_number(field) or field.cpp_type == field.CPPTYPE_BOOL
    if has_zero and not field.has_presence and not field.is_repeated:
        # 0 and "not set" are the same on the wire, and so is false.
        problem = _number_problem(rule, 0)
        return (lambda message: not getattr(message, name), problem) if problem else None
    if not rule.required:
        return None
    if field.has_presence and (has_zero or field.message_type is not None):
        return lambda message: not message.HasField(name), _REQUIRED
    return lambda message: not getattr(message, name), _REQUIRED


def _check_of(field: FieldDescriptor, rule: Constraint) -> Check | None:
    one = _one_check(field, rule)
    if not field.is_repeated:
        return one
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        raise TypeError(f"{field.full_name}: maps are not validated, use a repeated message")

    def each(values: Any, path: str, found: Found) -> None:
        _report(_length_problem(rule, len(values)), path, found)
        if one is not None:
            for index, value in enumerate(values):
                one(value, f"{path}[{index}]", found)

    return each


def _one_check(field: FieldDescriptor, rule: Constraint) -> Check | None:
    """Return the check of one value of `field`, whether it is repeated or not."""
    if field.message_type is not None:
        special: Check = _SPECIAL.get(field.message_type.full_name, _nested)
        return special
    if field.enum_type is not None:
        return _enum_check(field)
    if _is_number(field):
        return lambda value, path, found: _report(_number_problem(rule, value), path, found)
    if field.cpp_type != field.CPPTYPE_STRING:
        return None
    return _bytes_check(field, rule) if field.type == field.TYPE_BYTES else _text_check(field, rule)


def _enum_check(field: FieldDescriptor) -> Check:
    known = frozenset(field.enum_type.values_by_number)
    name = field.enum_type.name

    def check(value: Any, path: str, found: Found) -> None:
        if value not in known:
            found.append(FieldViolation(path, f"{value} is not a value of {name}"))

    return check


def _bytes_check(field: FieldDescriptor, rule: Constraint) -> Check | None:
    if field.is_repeated:  # the length is that of the list
        return None
    return lambda value, path, found: _report(_length_problem(rule, len(value)), path, found)


def _text_check(field: FieldDescriptor, rule: Constraint) -> Check:
    pattern = re.compile(rule.pattern, re.ASCII) if rule.pattern else None
    own_length = not field.is_repeated

    def check(value: Any, path: str, found: Found) -> None:
        if "\x00" in value:
            found.append(FieldViolation(path, "must not contain NUL"))
        elif own_length and (problem := _length_problem(rule, len(value))):
            found.append(FieldViolation(path, problem))
        elif pattern is not None and value and not pattern.fullmatch(value):
            found.append(FieldViolation(path, f"must match {rule.pattern}"))

    return check


def _nested(message: Any, path: str, found: Found) -> None:
    _check(message, f"{path}.", found)


def _instant(stamp: Any, path: str, found: Found) -> None:
    if not (_FIRST_SECOND <= stamp.seconds <= _LAST_SECOND and 0 <= stamp.nanos < 10**9):
        found.append(FieldViolation(path, "is not an instant of the years 1 to 9999"))


def _day(day: Any, path: str, found: Found) -> None:
    try:
        date(day.year, day.month, day.day)
    except (ValueError, OverflowError):
        found.append(FieldViolation(path, "is not a day of the calendar"))


_SPECIAL: Final[dict[str, Check]] = {
    "google.protobuf.Timestamp": _instant,
    "google.type.Date": _day,
}


def _is_number(field: FieldDescriptor) -> bool:
    return field.cpp_type not in (
        field.CPPTYPE_BOOL,
        field.CPPTYPE_ENUM,
        field.CPPTYPE_MESSAGE,
        field.CPPTYPE_STRING,
    )


def _report(problem: str, path: str, found: Found) -> None:
    if problem:
        found.append(FieldViolation(path, problem))


def _number_problem(rule: Constraint, value: float) -> str:
    if not math.isfinite(value) or value > LARGEST_NUMBER:
        return "is beyond what can be stored"
    if rule.HasField("min") and value < rule.min:
        return f"must be at least {rule.min}"
    if rule.HasField("max") and value > rule.max:
        return f"must be at most {rule.max}"
    return ""


def _length_problem(rule: Constraint, length: int) -> str:
    if rule.min_len and length < rule.min_len:
        return f"must have at least {rule.min_len}, has {length}"
    if rule.max_len and length > rule.max_len:
        return f"must have at most {rule.max_len}, has {length}"
    return ""
