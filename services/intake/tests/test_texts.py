"""Every refusal, entry and state has its sentence, and every sentence its facts."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

from servicekit.errors import DomainError
from servicekit.texts import MessageCatalogue
from services.intake import domain
from services.intake.domain import (
    counter_errors,
    errors,
    post_acceptance_errors,
    pre_acceptance_errors,
)
from services.intake.domain.document import PROCESS_NOTICES
from services.intake.domain.records import OpenReason, ServiceMeans
from services.intake.domain.values import CaseState

MODULES = (errors, pre_acceptance_errors, counter_errors, post_acceptance_errors)
TEXTS = MessageCatalogue.load("services.intake")
FOLDER = Path(inspect.getfile(domain)).parent
REFUSALS = [
    kind
    for module in MODULES
    for _, kind in inspect.getmembers(module, inspect.isclass)
    if issubclass(kind, DomainError) and kind.__module__ == module.__name__
]


def _calls():
    root = FOLDER.parent
    for path in [
        *root.glob("domain/*.py"),
        *root.glob("handlers/*.py"),
        *root.glob("adapters/*.py"),
    ]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield node


def _raised():
    """Yield each place that makes an error, with the facts it gives."""
    for call in _calls():
        name = call.func.attr if isinstance(call.func, ast.Attribute) else None
        name = call.func.id if isinstance(call.func, ast.Name) else name
        kind = next((getattr(each, name) for each in MODULES if hasattr(each, name or "")), None)
        if kind in REFUSALS:
            yield kind, {each.arg for each in call.keywords}


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.reason)
def test_every_refusal_has_a_sentence_in_chinese(kind):
    sentence = TEXTS.say(kind.reason, dict.fromkeys(TEXTS.placeholders(kind.reason), "甲"))
    assert sentence.endswith("。")


def test_every_refusal_carries_the_facts_its_sentence_asks_for():
    for kind, facts in _raised():
        missing = TEXTS.placeholders(kind.reason) - facts
        assert not missing, f"{kind.reason} lacks {missing}"


def test_every_refusal_is_raised_somewhere():
    raised = {kind for kind, _ in _raised()}
    by_client = {
        errors.ItemUnknownError, errors.ItemNotInForceError, errors.WindowUnknownError,
    }  # fmt: skip
    by_repository = {errors.CaseUnknownError}
    assert set(REFUSALS) - raised <= by_client | by_repository


def test_every_reason_is_used_once():
    reasons = [kind.reason for kind in REFUSALS]
    assert len(reasons) == len(set(reasons))


def test_every_entry_of_a_timeline_has_its_sentence():
    told = {
        call.args[0].value
        for call in _calls()
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in ("tell", "_told")
        and isinstance(call.args[0], ast.Constant)
    }
    formed = {"DECISION_GRANTED", "DECISION_DENIED", "EMS_CHOSEN", "COLLECTION_CHOSEN"}
    formed |= {"PART_DECISION_GRANTED", "PART_DECISION_DENIED"}
    formed |= {f"SERVICE_OPEN_{each.name}" for each in OpenReason}
    formed |= {f"SERVED_{each.name}" for each in ServiceMeans if each is not ServiceMeans.WINDOW}
    formed |= {f"{kind.name}_{done}" for kind in PROCESS_NOTICES for done in ("DRAFTED", "GIVEN")}
    review = {"REVIEW_OPENED", "SITE_CHECK_RECORDED", "OPINION_SUBMITTED"}
    expected = {f"TIMELINE_{code}" for code in told | formed | review}
    assert expected == {each for each in TEXTS.reasons() if each.startswith("TIMELINE_")}


def test_every_state_has_its_sentence_for_the_public():
    expected = {f"PROGRESS_{state.name}" for state in CaseState}
    assert expected == {each for each in TEXTS.reasons() if each.startswith("PROGRESS_")}
