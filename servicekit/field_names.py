"""What a person reads for the fields of a request: `applicant.phone` is 申请人的电话."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

__all__ = ["field_names", "spoken"]

_STEP = re.compile(r"([a-z][a-z0-9_]*)(?:\[(\d+)\])?", re.ASCII)
_WHOLE = "*"


@cache
def field_names() -> Mapping[str, str]:
    """Return the Chinese of every field that a request may have."""
    file = resources.files("servicekit").joinpath("texts", "zh-CN", "fields.toml")
    return dict(tomllib.loads(file.read_text(encoding="utf-8")))


def spoken(paths: str) -> str:
    """Return paths as a person reads them; what has no Chinese stays as it is.

    Never fails: whoever filled in a form wrongly is told so in any case.
    """
    return "、".join(_path(each) for each in paths.split(", "))


def _path(path: str) -> str:
    return "全部内容" if path == _WHOLE else "的".join(map(_step, path.split(".")))


def _step(step: str) -> str:
    found = _STEP.fullmatch(step)
    if found is None or found[1] not in field_names():
        return step
    place = f"第{int(found[2]) + 1}项" if found[2] else ""
    return field_names()[found[1]] + place
