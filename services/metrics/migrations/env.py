"""Alembic's entry; the kit runs it on the connection it has opened."""

from servicekit.migrations import run_environment
from services.metrics.adapters.orm import metadata

run_environment(metadata)
