"""The carrier of an installation: asked by the jobs of delivery, heard by its api alone."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.helm

PEER = [{"ipBlock": {"cidr": "203.0.113.7/32"}}]
TOLD = {
    "carrier.url": "https://carrier.example",
    "networkPolicy.carrier.peers": PEER,
    "networkPolicy.carrier.callers": PEER,
    "carrier.centre.name": "周村区政务服务中心",
}


def objects(template, kind: str, **changed: object) -> dict[str, Any]:
    done = template(**changed)
    assert done.returncode == 0, done.stderr
    return {
        each["metadata"]["name"]: each
        for each in yaml.safe_load_all(done.stdout)
        if each and each["kind"] == kind
    }


def environments(template, **changed: object) -> dict[str, dict[str, Any]]:
    pods = objects(template, "Deployment", **changed)
    return {
        name: {
            each["name"]: each for each in pod["spec"]["template"]["spec"]["containers"][0]["env"]
        }
        for name, pod in pods.items()
    }


def about(environment: dict[str, Any]) -> set[str]:
    words = ("CARRIER", "CALLBACK", "CENTRE")
    return {name for name in environment if any(word in name for word in words)}


def test_without_a_carrier_nobody_is_told_of_one(template):
    assert not any(about(each) for each in environments(template).values())


def test_the_jobs_ask_and_the_api_listens(template):
    told = {name: about(each) for name, each in environments(template, **TOLD).items()}
    assert {name: each for name, each in told.items() if each} == {
        "liandong-delivery-api": {"DELIVERY_CALLBACK_PORT", "DELIVERY_CALLBACK_SALT"},
        "liandong-delivery-jobs": {
            "DELIVERY_CARRIER_URL", "DELIVERY_CARRIER_CUSTOMER", "DELIVERY_CARRIER_KEY",
            "DELIVERY_CENTRE_NAME",
        },
    }  # fmt: skip


def test_what_both_sides_know_comes_from_a_secret(template):
    told = environments(template, **TOLD)
    salt = told["liandong-delivery-api"]["DELIVERY_CALLBACK_SALT"]
    assert salt["valueFrom"]["secretKeyRef"] == {"name": "liandong-delivery-carrier", "key": "salt"}
    key = told["liandong-delivery-jobs"]["DELIVERY_CARRIER_KEY"]
    assert key["valueFrom"]["secretKeyRef"] == {"name": "liandong-delivery-carrier", "key": "key"}


def test_the_network_lets_the_carrier_through_at_these_two_places(template):
    policies = objects(template, "NetworkPolicy", **TOLD)
    going = {
        name
        for name, each in policies.items()
        for rule in each["spec"].get("egress", ())
        if rule.get("to") == PEER
    }
    coming = {
        (name, rule["ports"][0]["port"])
        for name, each in policies.items()
        for rule in each["spec"].get("ingress", ())
        if rule.get("from") == PEER
    }
    assert (going, coming) == (
        {"liandong-delivery-jobs"}, {("liandong-delivery-api", "callbacks")},
    )  # fmt: skip


def test_the_callbacks_have_a_port_of_the_service(template):
    services = objects(template, "Service", **TOLD)
    named = {
        name: [port["name"] for port in each["spec"]["ports"]] for name, each in services.items()
    }
    assert [name for name, ports in named.items() if "callbacks" in ports] == ["liandong-delivery"]


def test_a_carrier_that_cannot_be_reached_is_refused(template):
    done = template(**{"carrier.url": "https://carrier.example"})
    assert done.returncode != 0
    assert "networkPolicy.carrier" in done.stderr
