from __future__ import annotations

import inspect

import pytest

from servicekit.errors import DomainError
from servicekit.texts import MessageCatalogue
from services.catalog.domain import errors

REASONS = {
    kind.reason
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, DomainError) and kind.__module__ == errors.__name__
}


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_every_refusal_has_a_chinese_sentence(reason):
    assert reason in MessageCatalogue.load("services.catalog").reasons()


def test_no_two_refusals_share_a_reason():
    assert len(REASONS) == len(errors.__all__)
