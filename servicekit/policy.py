"""Who may call what, and how far they reach: one table per service, deny by default.

An RPC that is not in the table keeps the process from starting
(`Policy.check`), so nobody can forget it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from servicekit.calls import Scope
from servicekit.errors import PermissionDeniedError
from servicekit.identity import Caller

__all__ = ["Access", "Policy", "PolicyIncompleteError", "PurposeMissingError", "RoleDeniedError"]


class RoleDeniedError(PermissionDeniedError):
    """None of the caller's roles may call this."""

    reason = "ROLE_DENIED"


class PurposeMissingError(PermissionDeniedError):
    """A service asked for something without saying what for."""

    reason = "PURPOSE_MISSING"


class PolicyIncompleteError(Exception):
    """The policy table and the RPCs of the service do not agree."""


@dataclass(frozen=True, slots=True)
class Access:
    """The roles that may call an RPC, each with its reach.

    `public` RPCs need no identity at all. `services` lists the service
    identities that may call, always with a purpose.
    """

    roles: Mapping[str, Scope]
    services: frozenset[str] = frozenset()
    public: bool = False


_NOBODY: Final = Access(roles={})


class Policy:
    """The policy table of one service."""

    def __init__(self, table: Mapping[str, Access]) -> None:
        self._table = dict(table)

    def check(self, methods: Iterable[str]) -> None:
        """Refuse to start while an RPC lacks a row or a row lacks its RPC."""
        known = set(methods)
        missing = sorted(known - self._table.keys())
        stale = sorted(self._table.keys() - known)
        if missing or stale:
            raise PolicyIncompleteError(f"no policy for {missing}; policy without RPC {stale}")

    def is_public(self, method: str) -> bool:
        return method in self._table and self._table[method].public

    def scopes(self, method: str, caller: Caller) -> frozenset[Scope]:
        """Return how far `caller` reaches through `method`, or refuse."""
        access = self._table.get(method, _NOBODY)
        if caller.is_service:
            if caller.service not in access.services:
                raise RoleDeniedError("This service may not call this", method=method)
            if not caller.purpose:
                raise PurposeMissingError("A service names its purpose", method=method)
            return frozenset({Scope.ANY})
        scopes = frozenset(access.roles[role] for role in caller.roles if role in access.roles) - {
            Scope.NONE
        }
        if not scopes:
            raise RoleDeniedError("The caller's post may not call this", method=method)
        return scopes

    def rows(self) -> Mapping[str, Access]:
        """Return the whole table, for documents and tests."""
        return self._table
