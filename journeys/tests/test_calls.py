"""Methods are found by package and name, whatever service and file they stand in."""

from __future__ import annotations

import pytest

from journeys.calls import method_of, methods_of


def test_a_method_is_found_in_whatever_service_of_its_package_it_stands():
    found = method_of("intake", "TakeAssistance")
    assert found.path == "/liandong.intake.v1.AssistanceService/TakeAssistance"
    assert found.request.DESCRIPTOR.name == "TakeAssistanceRequest"
    assert found.response.DESCRIPTOR.name == "TakeAssistanceResponse"
    assert found.asks("request_id")
    assert not found.asks("case_number")


@pytest.mark.parametrize(("package", "method"), [("intake", "Decide"), ("review", "Nothing")])
def test_a_method_that_a_package_does_not_have_is_no_method(package, method):
    with pytest.raises(AttributeError, match=f"0 services of {package} have a method {method}"):
        method_of(package, method)


def test_a_package_that_does_not_exist_is_named():
    with pytest.raises(ModuleNotFoundError, match="nowhere"):
        methods_of("nowhere")


def test_where_two_services_share_a_name_one_says_which(monkeypatch):
    both = {
        "A": {"Get": method_of("intake", "GetCase")},
        "B": {"Get": method_of("review", "Decide")},
    }
    monkeypatch.setattr("journeys.calls.methods_of", lambda _package: both)
    with pytest.raises(AttributeError, match="2 services"):
        method_of("intake", "Get")
    assert method_of("intake", "Get", "B").path.endswith("/Decide")
