"""Every refusal of delivery has its sentence, and every sentence its facts."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

from servicekit.errors import DomainError
from servicekit.texts import MessageCatalogue
from services import delivery
from services.delivery.adapters.carrier import CarrierRefusedError
from services.delivery.domain import errors

TEXTS = MessageCatalogue.load("services.delivery")
FOLDER = Path(inspect.getfile(delivery)).parent
REFUSALS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, DomainError) and kind.__module__ == errors.__name__
]
BY_REPOSITORY = {errors.CaseUnknownError}


def _raised():
    """Yield each place that makes an error, with the facts it gives."""
    for folder in ("domain", "handlers", "adapters", "entrypoints"):
        for path in FOLDER.glob(f"{folder}/*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    kind = getattr(errors, node.func.id, None)
                    if kind in REFUSALS:
                        yield kind, {each.arg for each in node.keywords}


@pytest.mark.parametrize("kind", [*REFUSALS, CarrierRefusedError], ids=lambda kind: kind.reason)
def test_every_refusal_has_a_sentence_in_chinese(kind):
    sentence = TEXTS.say(kind.reason, dict.fromkeys(TEXTS.placeholders(kind.reason), "甲"))
    assert sentence.endswith("。")


def test_every_refusal_carries_the_facts_its_sentence_asks_for():
    for kind, facts in _raised():
        missing = TEXTS.placeholders(kind.reason) - facts
        assert not missing, f"{kind.reason} lacks {missing}"


def test_every_refusal_is_raised_somewhere_and_every_sentence_is_said():
    raised = {kind for kind, _ in _raised()}
    assert set(REFUSALS) - raised <= BY_REPOSITORY
    said = {kind.reason for kind in (*REFUSALS, CarrierRefusedError)}
    assert set(TEXTS.reasons()) == said


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.reason)
def test_what_is_forbidden_names_what_forbids_it(kind):
    assert kind.rule or not kind.violation
