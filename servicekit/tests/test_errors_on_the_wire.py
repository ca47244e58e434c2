"""Every kind of refusal has its code, its reason, its rule, its facts and its Chinese sentence."""

from __future__ import annotations

import pytest

from servicekit import errors
from servicekit.client import LocalRpcError
from servicekit.errors import DomainError, FieldViolation, InvalidRequestError
from servicekit.grpc_errors import refusal_of
from servicekit.statuses import CODES, code_of, to_status
from servicekit.texts import MessageCatalogue

TEXTS = MessageCatalogue.load("servicekit")


def said(reason, facts):
    return f"{reason}：{'、'.join(sorted(facts))}"


def over_the_wire(error):
    return refusal_of(LocalRpcError(to_status(error, said)))


class LateError(errors.RuleViolationError):
    reason = "NOTICE_OVERDUE"
    rule = "R1.2"


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.NotFoundError, "NOT_FOUND"),
        (errors.ConflictError, "ABORTED"),
        (LateError, "FAILED_PRECONDITION"),
        (errors.InvalidRequestError, "INVALID_ARGUMENT"),
        (errors.PermissionDeniedError, "PERMISSION_DENIED"),
        (errors.UnauthenticatedError, "UNAUTHENTICATED"),
        (errors.ExhaustedError, "RESOURCE_EXHAUSTED"),
        (errors.UnavailableError, "UNAVAILABLE"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_each_kind_has_its_code(kind, code):
    assert over_the_wire(kind("No")).code == code


def test_every_kind_in_the_family_is_in_the_table():
    kinds = {
        each
        for name in errors.__all__
        if isinstance(each := getattr(errors, name), type)
        and issubclass(each, DomainError)
        and each is not DomainError
    }
    assert kinds == set(CODES)


def test_a_client_reads_what_the_rule_said():
    refusal = over_the_wire(LateError("Too late", case="A1", due_on="2026-09-28"))
    assert (refusal.reason, refusal.rule) == ("NOTICE_OVERDUE", "R1.2")
    assert refusal.facts == {"case": "A1", "due_on": "2026-09-28", "rule": "R1.2"}
    assert refusal.text == "NOTICE_OVERDUE：case、due_on"


def test_field_violations_travel_with_their_paths():
    error = InvalidRequestError(
        "malformed", fields=[FieldViolation("parts[1].code", "is required")], fields_named="x"
    )
    assert over_the_wire(error).fields == ("parts[1].code",)


def test_the_developers_sentence_is_the_message():
    error = LocalRpcError(to_status(LateError("The notice is overdue"), said))
    assert error.details() == "The notice is overdue"


def test_a_refusal_of_no_kind_is_a_bug():
    with pytest.raises(TypeError, match="no kind"):
        code_of(DomainError("?"))


@pytest.mark.parametrize(
    "reason",
    sorted(
        {kind.reason for kind in CODES if kind.reason != DomainError.reason}
        | {"REQUEST_ID_REUSED", "OUT_OF_SCOPE", "ROLE_DENIED", "PURPOSE_MISSING"}
        | {"PAGE_TOKEN_INVALID", "OUTBOX_OVERFULL", "TOKEN_EXPIRED", "TOKEN_INVALID"}
    ),
)
def test_the_kit_has_a_chinese_sentence_for_each_of_its_reasons(reason):
    assert reason in TEXTS.reasons()
