"""Every refusal has a sentence, and every sentence finds its facts."""

from __future__ import annotations

import pytest

from servicekit.texts import MessageCatalogue
from services.review.domain import act_errors, errors

KINDS = [getattr(module, name) for module in (errors, act_errors) for name in module.__all__]
FACTS = {
    "TOO_FEW_PERSONS": {"case", "required", "took_part"},
    "REMEDIES_MISSING": {"case", "authority"},
    "PREREQUISITE_NOT_GRANTED": {"case", "prerequisites", "named"},
    "PROCEDURE_TOO_LONG": {"case", "days"},
    "EXTENSION_TOO_LONG": {"case", "amount", "unit"},
    "NOT_TO_BE_CONSULTED": {"case", "authority"},
    "ALREADY_ASKED": {"case", "authority"},
}
SENTENCES = MessageCatalogue.load("services.review")


def test_reasons_and_sentences_are_the_same_set():
    assert {kind.reason for kind in KINDS} == SENTENCES.reasons()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.reason)
def test_a_sentence_asks_only_for_facts_its_error_has(kind):
    SENTENCES.verify(kind.reason, FACTS.get(kind.reason, {"case"}))


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.rule], ids=lambda kind: kind.reason
)
def test_a_rule_that_refuses_is_named_with_its_source(kind):
    assert SENTENCES.source(kind.reason)
