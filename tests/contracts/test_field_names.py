"""Whoever fills in a form wrongly is told which field it is, in Chinese."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

from servicekit.field_names import field_names

GENERATED = Path(__file__).resolve().parents[2] / "protos" / "gen" / "python"
CHINESE = re.compile("[\u4e00-\u9fff]+")


def requests() -> list[Any]:
    """Return the descriptor of every request of every service."""
    found = []
    for path in sorted(GENERATED.glob("liandong/*/v1/*_pb2.py")):
        name = ".".join(path.relative_to(GENERATED).with_suffix("").parts)
        services = importlib.import_module(name).DESCRIPTOR.services_by_name.values()
        found += [method.input_type for service in services for method in service.methods]
    return found


def fields(message: Any, seen: set[str]) -> set[str]:
    if message.full_name in seen or not message.full_name.startswith("liandong."):
        return set()
    seen.add(message.full_name)
    named = {field.name for field in message.fields}
    for field in message.fields:
        if field.message_type is not None:
            named |= fields(field.message_type, seen)
    return named


def test_every_field_of_every_request_has_its_chinese():
    needed = set().union(*(fields(message, set()) for message in requests()))
    assert needed
    assert needed == set(field_names())


@pytest.mark.parametrize("name", sorted(field_names()))
def test_what_a_field_is_called_is_chinese_only(name):
    assert CHINESE.fullmatch(field_names()[name])
