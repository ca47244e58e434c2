"""Loads the catalogue that ships with the project into an opened catalogue service."""

from __future__ import annotations

from servicekit.service import Resources
from services.catalog.seed import seed

__all__ = ["seed_catalogue"]


def seed_catalogue(resources: Resources) -> None:
    """Load the tree, posts, letters and items; to repeat it changes nothing."""
    seed(resources)
