"""Every refusal has a sentence, and every sentence finds its facts."""

from __future__ import annotations

import pytest

from servicekit.texts import MessageCatalogue
from services.review.domain import errors

KINDS = [getattr(errors, name) for name in errors.__all__]
FACTS = {
    "TOO_FEW_PERSONS": {"case", "required", "took_part"},
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
