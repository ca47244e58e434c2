"""Starts one process of a service by the name of its role."""

from __future__ import annotations

import argparse
import importlib
import sys

__all__ = ["ROLES", "run_role"]

ROLES = ("api", "worker", "relay", "jobs", "migrate")


def run_role(package: str, *, green: bool = True) -> None:
    """Run the role that the command line names.

    A worker runs under eventlet, which must patch the standard library before
    anything else is imported; so the role's module is imported only here.
    """
    name = package.rpartition(".")[2]
    parser = argparse.ArgumentParser(prog=f"python -m {package}", description=f"{name} 服务")
    parser.add_argument("role", choices=ROLES, help="which process of the service to run")
    role = parser.parse_args().role
    if role == "worker" and green:
        _go_green()
    module = importlib.import_module(f"{package}.entrypoints.{role}")
    sys.exit(module.main())


def _go_green() -> None:
    import eventlet  # noqa: PLC0415 -- only a worker may load it

    eventlet.monkey_patch()
