"""Dataclasses to protobuf messages and back, by the names of their fields.

The wire and the domain use the same words, so the translation is mechanical:
an aware datetime is a Timestamp, a date a google.type.Date, an enum member
the proto value that ends in its name, a tuple a repeated field, None an
absent field. A name or a type that the other side lacks is an error when the
pair is first used, never a silently empty field.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union

from google.protobuf.message import Message

from servicekit.errors import FieldViolation, InvalidRequestError

__all__ = ["check_pair", "fill", "from_message", "to_message"]

# Generated stubs and the C implementation disagree about the classes of descriptors.
FieldDescriptor = Any
EnumDescriptor = Any
Descriptor = Any

M = TypeVar("M", bound=Message)
D = TypeVar("D")
Reader = Callable[[Any], Any]
Writer = Callable[[Any, Any], None]

_TIMESTAMP = "google.protobuf.Timestamp"
_DATE = "google.type.Date"


def to_message(value: object, message_type: type[M]) -> M:
    """Return a `message_type` that says what the dataclass `value` says."""
    message = message_type()
    fill(message, value)
    return message


def fill(message: Message, value: object) -> None:
    """Write the fields of the dataclass `value` into `message`."""
    kind: Any = type(value)
    for name, write in _writers(kind, message.DESCRIPTOR):
        part = getattr(value, name)
        if part is not None:
            write(message, part)


def from_message(message: Message, kind: Callable[..., D]) -> D:
    """Return the dataclass `kind` that says what `message` says.

    A field of the message that `kind` does not want is left out. Raises
    `InvalidRequestError` where the message lacks what `kind` cannot be
    without: an instant, a day, a part, a value of an enum.
    """
    plan = _readers(kind, message.DESCRIPTOR)
    return kind(**{name: read(message) for name, read in plan})


def check_pair(kind: Any, message_type: type[Message]) -> None:
    """Raise `TypeError` now, not at first use, if the dataclass does not fit the message."""
    _writers(kind, message_type.DESCRIPTOR)


@cache
def _writers(kind: Any, descriptor: Descriptor) -> tuple[tuple[str, Writer], ...]:
    return tuple(
        (target.name, _writer(target, element)) for target, element, _ in _pairs(kind, descriptor)
    )


@cache
def _readers(kind: Any, descriptor: Descriptor) -> tuple[tuple[str, Reader], ...]:
    return tuple(
        (source.name, _reader(source, element, hint))
        for source, element, hint in _pairs(kind, descriptor)
    )


def _pairs(kind: type[Any], descriptor: Descriptor) -> list[tuple[FieldDescriptor, Any, Any]]:
    """Pair the fields of both sides; with each the type of one value, and its whole hint."""
    hints = typing.get_type_hints(kind)
    pairs = []
    for field in dataclasses.fields(kind):
        other = descriptor.fields_by_name.get(field.name)
        if other is None:
            raise TypeError(f"{descriptor.full_name} has no field {field.name}")
        wanted, _ = _without_none(hints[field.name])
        element = wanted
        if other.is_repeated and not _is_map(other):
            [element, *_] = typing.get_args(wanted) or (Any,)
        element = getattr(element, "__supertype__", element)  # of a NewType
        if not _is_map(other) and not _agree(other, element):
            raise TypeError(f"{kind.__name__}.{field.name}: {element} is not {other.full_name}")
        pairs.append((other, element, hints[field.name]))
    return pairs


def _agree(field: FieldDescriptor, wanted: Any) -> bool:
    """Tell whether a value of the type `wanted` can be what `field` says."""
    if not isinstance(wanted, type) or wanted in (object, Any):
        return True
    if field.message_type is not None:
        full_name = field.message_type.full_name
        if wanted is datetime or wanted is date:
            return bool(full_name == (_TIMESTAMP if wanted is datetime else _DATE))
        return dataclasses.is_dataclass(wanted) or issubclass(wanted, Message)
    if field.enum_type is not None:
        return issubclass(wanted, Enum) or wanted is int
    expected: tuple[type, ...] = (int, float)
    if field.cpp_type == field.CPPTYPE_BOOL:
        expected = (bool,)
    elif field.cpp_type == field.CPPTYPE_STRING:
        expected = (bytes,) if field.type == field.TYPE_BYTES else (str,)
    return issubclass(wanted, expected)


def _without_none(hint: Any) -> tuple[Any, bool]:
    if typing.get_origin(hint) in (Union, types.UnionType):
        rest = [arg for arg in typing.get_args(hint) if arg is not type(None)]
        if len(rest) == 1:
            return rest[0], True
    return hint, False


def _is_map(field: FieldDescriptor) -> bool:
    kind = field.message_type
    return kind is not None and bool(kind.GetOptions().map_entry)


def _writer(target: FieldDescriptor, element: Any) -> Writer:
    name = target.name
    if _is_map(target):
        return lambda message, value: getattr(message, name).update(value)
    if target.message_type is not None:
        return _message_writer(target)
    spell = _speller(target, element)
    if not target.is_repeated:
        return lambda message, value: setattr(message, name, spell(value))

    def extend(message: Any, values: Any) -> None:
        spelt = [spell(value) for value in values]
        getattr(message, name).extend(sorted(spelt) if isinstance(values, frozenset) else spelt)

    return extend


def _message_writer(target: FieldDescriptor) -> Writer:
    name = target.name

    def each(message: Any, values: Any) -> None:
        sink = getattr(message, name)
        for value in values:
            _fill_any(sink.add(), value)

    def one(message: Any, value: Any) -> None:
        part = getattr(message, name)
        part.SetInParent()
        _fill_any(part, value)

    return each if target.is_repeated else one


def _fill_any(message: Any, value: Any) -> None:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a naive datetime is not an instant")
        message.FromDatetime(value.astimezone(UTC))
    elif isinstance(value, date):
        message.year, message.month, message.day = value.year, value.month, value.day
    elif isinstance(value, Message):
        message.CopyFrom(value)
    else:
        fill(message, value)


def _speller(target: FieldDescriptor, element: Any) -> Reader:
    if target.enum_type is None:
        return lambda value: value
    numbers = _enum_numbers(target.enum_type)
    if isinstance(element, type) and issubclass(element, Enum):
        unknown = sorted(element.__members__.keys() - numbers.keys())
        if unknown:
            raise TypeError(f"{target.enum_type.full_name} has no {', '.join(unknown)}")
    return lambda value: numbers[value.name] if isinstance(value, Enum) else value


@cache
def _enum_numbers(descriptor: EnumDescriptor) -> dict[str, int]:
    """Map the short names of an enum ("GRANTED") to its numbers."""
    values = {value.name: value.number for value in descriptor.values}
    zero = descriptor.values_by_number[0].name
    if not zero.endswith("_UNSPECIFIED"):
        raise TypeError(f"{descriptor.full_name} does not begin unspecified")
    prefix = zero.removesuffix("UNSPECIFIED")
    return {name.removeprefix(prefix): number for name, number in values.items()}


def _reader(source: FieldDescriptor, element: Any, hint: Any) -> Reader:
    name = source.name
    wanted, optional = _without_none(hint)
    if _is_map(source):
        return lambda message: dict(getattr(message, name))
    convert = _converter(source, element, optional=optional)
    if source.is_repeated:
        collect = typing.get_origin(wanted) or wanted
        if not isinstance(collect, type) or collect not in (tuple, frozenset, list):
            raise TypeError(f"{source.full_name}: {hint} is not a tuple or a frozenset")
        return lambda message: collect(convert(item) for item in getattr(message, name))
    if not source.has_presence:
        return lambda message: convert(getattr(message, name))
    if optional:
        return lambda message: convert(getattr(message, name)) if message.HasField(name) else None
    if source.message_type is None:  # the default of a scalar is a value of it
        return lambda message: convert(getattr(message, name))
    return lambda message: _present(message, name, convert)


def _present(message: Any, name: str, convert: Reader) -> Any:
    if not message.HasField(name):
        raise _lacking(name, "is required")
    return convert(getattr(message, name))


def _lacking(name: str, problem: str) -> InvalidRequestError:
    return InvalidRequestError(
        f"malformed: {name} {problem}", fields=[FieldViolation(name, problem)], fields_named=name
    )


def _converter(source: FieldDescriptor, wanted: Any, *, optional: bool) -> Reader:
    if wanted is datetime:
        return lambda stamp: stamp.ToDatetime(tzinfo=UTC)
    if wanted is date:
        return lambda day: date(day.year, day.month, day.day)
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        return _enum_reader(source, wanted, optional=optional)
    if dataclasses.is_dataclass(wanted) and isinstance(wanted, type):
        return lambda part: from_message(part, wanted)
    return lambda value: value


def _enum_reader(source: FieldDescriptor, wanted: type[Enum], *, optional: bool) -> Reader:
    if source.enum_type is None:
        raise TypeError(f"{source.full_name} is not an enum")
    name = source.name
    members: dict[int, Enum | None] = {
        number: wanted[short]
        for short, number in _enum_numbers(source.enum_type).items()
        if short in wanted.__members__
    }
    if optional and not source.is_repeated:
        members.setdefault(0, None)

    def read(number: int) -> Enum | None:
        if number not in members:
            raise _lacking(name, "is required" if number == 0 else f"cannot be {number}")
        return members[number]

    return read
