"""Deny by default: who is not in the table may not call, and what is not in it does not start."""

from __future__ import annotations

import pytest

from servicekit.calls import Scope
from servicekit.errors import PermissionDeniedError
from servicekit.identity import Caller
from servicekit.policy import (
    Access,
    Policy,
    PolicyIncompleteError,
    PurposeMissingError,
    RoleDeniedError,
)

POLICY = Policy(
    {
        "/s/Get": Access(
            {"CLERK": Scope.UNIT, "HEAD": Scope.AUTHORITY, "GUEST": Scope.NONE},
            services=frozenset({"review"}),
        ),
        "/s/Ping": Access({}, public=True),
    }
)


def person(*roles):
    return Caller(person="p", roles=frozenset(roles))


def test_a_role_gives_its_reach_and_two_roles_give_both():
    assert POLICY.scopes("/s/Get", person("CLERK")) == {Scope.UNIT}
    assert POLICY.scopes("/s/Get", person("CLERK", "HEAD", "OTHER")) == {
        Scope.UNIT,
        Scope.AUTHORITY,
    }


@pytest.mark.parametrize(
    ("method", "caller"),
    [
        pytest.param("/s/Get", person(), id="no-role"),
        pytest.param("/s/Get", person("OTHER"), id="another-role"),
        pytest.param("/s/Get", person("GUEST"), id="a-role-that-reaches-nothing"),
        pytest.param("/s/Unknown", person("CLERK"), id="a-method-without-a-row"),
        pytest.param("/s/Get", Caller(service="metrics", purpose="x"), id="another-service"),
        pytest.param(
            "/s/Get",
            Caller(service="metrics", purpose="x", roles=frozenset({"CLERK"})),
            id="a-service-that-claims-a-role",
        ),
    ],
)
def test_everybody_else_is_refused(method, caller):
    with pytest.raises(RoleDeniedError):
        POLICY.scopes(method, caller)


def test_a_service_says_what_for():
    assert POLICY.scopes("/s/Get", Caller(service="review", purpose="draft")) == {Scope.ANY}
    with pytest.raises(PurposeMissingError):
        POLICY.scopes("/s/Get", Caller(service="review"))


def test_only_what_says_so_is_public():
    assert POLICY.is_public("/s/Ping")
    assert not POLICY.is_public("/s/Get")
    assert not POLICY.is_public("/s/Unknown")
    with pytest.raises(PermissionDeniedError):
        POLICY.scopes("/s/Ping", person("CLERK"))


@pytest.mark.parametrize(
    "methods",
    [
        pytest.param(["/s/Get", "/s/Ping", "/s/New"], id="rpc-without-a-row"),
        pytest.param(["/s/Get"], id="row-without-its-rpc"),
    ],
)
def test_a_table_that_does_not_fit_does_not_start(methods):
    with pytest.raises(PolicyIncompleteError):
        POLICY.check(methods)


def test_a_table_that_fits_starts():
    POLICY.check(["/s/Ping", "/s/Get"])
