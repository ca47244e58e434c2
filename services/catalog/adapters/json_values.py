"""Values of the domain as JSON and back, by the names of their fields."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Callable
from datetime import date
from enum import Enum
from functools import cache
from typing import Any, TypeVar

__all__ = ["dumps", "loads", "plain", "restore"]

D = TypeVar("D")


def plain(value: Any) -> Any:
    """Return `value` as JSON knows it; fields at their default are left out."""
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        found = ((field, getattr(value, field.name)) for field in fields)
        return {field.name: plain(each) for field, each in found if each != field.default}
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    if isinstance(value, Enum):
        return value.name
    return value.isoformat() if isinstance(value, date) else value


def restore(kind: Any, value: Any) -> Any:
    """Return the `kind` that `plain` made `value` of; a name it does not know is an error."""
    return _reader(kind)(value)


def dumps(value: Any) -> str:
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))


def loads(kind: Any, text: str) -> Any:
    return restore(kind, json.loads(text))


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        [wanted] = [each for each in arguments if each is not types.NoneType]
        read = _reader(wanted)
        return lambda value: None if value is None else read(value)
    if origin is tuple:
        read = _reader(arguments[0])
        return lambda value: tuple(read(each) for each in value)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _dataclass_reader(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        members = kind.__members__
        return lambda name: members[name]
    if kind is date:
        return date.fromisoformat
    return _exactly(kind)


def _dataclass_reader(kind: type[D]) -> Callable[[Any], D]:
    readers = {name: _reader(hint) for name, hint in typing.get_type_hints(kind).items()}
    return lambda value: kind(**{name: readers[name](each) for name, each in value.items()})


def _exactly(kind: type[Any]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{value!r} is not {kind.__name__}")
        return value

    return read
