"""What intake says when a service it asks does not answer it."""

from __future__ import annotations

from datetime import date

import grpc
import pytest
from google.rpc import code_pb2, status_pb2

from servicekit.client import LocalRpcError
from servicekit.errors import UnavailableError
from services.intake.adapters.clients import CatalogClient, ReviewClient
from services.intake.tests.fakes import ITEM, W01, FakeCatalog, FakeReview


def answering(channel, code):
    def refuse(_request):
        raise LocalRpcError(status_pb2.Status(code=code, message="no"))

    channel.methods = dict.fromkeys(channel.methods, refuse)
    return channel


ASKED = [
    pytest.param(
        lambda code: CatalogClient(answering(FakeCatalog(), code)).item_in_force(
            ITEM, date(2026, 9, 21)
        ),
        "catalog",
        id="item",
    ),
    pytest.param(
        lambda code: CatalogClient(answering(FakeCatalog(), code)).unit_name(W01),
        "catalog",
        id="name",
    ),
    pytest.param(
        lambda code: ReviewClient(answering(FakeReview(), code)).findings("A1", "D01"),
        "review",
        id="findings",
    ),
]


@pytest.mark.parametrize(("ask", "peer"), ASKED)
@pytest.mark.parametrize("code", [code_pb2.UNAUTHENTICATED, code_pb2.PERMISSION_DENIED])
def test_a_refused_service_token_is_an_outage_to_the_caller_and_an_error_to_the_operator(
    ask, peer, code, caplog
):
    with pytest.raises(UnavailableError) as caught:
        ask(code)
    assert caught.value.facts["peer"] == peer
    [line] = [each for each in caplog.records if each.message == "service_token_refused"]
    assert (line.levelname, line.peer, line.code) == ("ERROR", peer, code_pb2.Code.Name(code))


@pytest.mark.parametrize(("ask", "peer"), ASKED)
def test_a_service_that_is_away_is_no_matter_of_its_token(ask, peer, caplog):
    with pytest.raises(UnavailableError) as caught:
        ask(code_pb2.UNAVAILABLE)
    assert caught.value.facts["peer"] == peer
    assert not caplog.records


@pytest.mark.parametrize(("ask", "peer"), ASKED)
def test_a_bug_elsewhere_is_not_taken_for_an_outage(ask, peer):
    with pytest.raises(grpc.RpcError):
        ask(code_pb2.INTERNAL)
