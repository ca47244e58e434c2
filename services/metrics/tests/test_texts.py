"""Every refusal and every ratio has a Chinese sentence."""

from __future__ import annotations

import inspect

import pytest

from servicekit.errors import DomainError
from servicekit.texts import MessageCatalogue
from services.metrics.domain import errors
from services.metrics.domain.alarms import AlarmKind
from services.metrics.domain.ratios import RATIOS, ItemRatio

TEXTS = MessageCatalogue.load("services.metrics")
REFUSALS = [
    kind for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, DomainError) and kind.__module__ == errors.__name__
]  # fmt: skip
FACTS = {"RATIO_UNKNOWN": {"ratio"}}


def labels(ratio):
    yield f"RATIO_{ratio.name.upper()}"
    yield ratio.left_out
    yield ratio.left_out_declared if isinstance(ratio, ItemRatio) else ratio.unit


@pytest.mark.parametrize("kind", REFUSALS, ids=lambda kind: kind.reason)
def test_every_refusal_has_a_sentence_for_its_facts(kind):
    TEXTS.verify(kind.reason, FACTS.get(kind.reason, {"case"}))


@pytest.mark.parametrize("ratio", RATIOS.values(), ids=RATIOS)
def test_every_ratio_has_its_labels(ratio):
    for label in filter(None, labels(ratio)):
        TEXTS.verify(label, set())


@pytest.mark.parametrize("kind", AlarmKind, ids=lambda kind: kind.name)
def test_every_alarm_has_its_title(kind):
    TEXTS.verify(f"ALARM_{kind.name}", set())


def test_no_sentence_is_left_over():
    used = {kind.reason for kind in REFUSALS}
    used |= {label for ratio in RATIOS.values() for label in labels(ratio) if label}
    used |= {f"ALARM_{kind.name}" for kind in AlarmKind}

    assert TEXTS.reasons() == used
