"""The services whose migrations exist, for the tests of migrations on every database."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

SERVICES_FOLDER = Path(__file__).parents[2] / "services"


def services() -> list[Any]:
    """Return a parameter for each service that has migrations."""
    folders = sorted(each.parent for each in SERVICES_FOLDER.glob("*/migrations"))
    ready = [each for each in folders if (each / "migrations" / "HEAD").exists()]
    return [pytest.param(each, id=each.name) for each in ready]


def metadata_of(folder: Path) -> Any:
    """Return the tables of a service, of all the modules that define some."""
    adapters = f"services.{folder.name}.adapters"
    for path in folder.glob("adapters/orm_*.py"):
        importlib.import_module(f"{adapters}.{path.stem}")
    return importlib.import_module(f"{adapters}.orm").metadata
