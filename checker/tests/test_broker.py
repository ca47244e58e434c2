"""The checker asks a broker that speaks TLS as the district does, and makes sure that it is it."""

from __future__ import annotations

import ssl

from checker.broker import split_address


def test_a_plain_address_stays_as_it_is():
    assert split_address("amqp://u:p@mq/v") == ("amqp://u:p@mq/v", None)


def test_the_files_in_the_address_verify_the_broker_and_its_name():
    address, tls = split_address(
        "amqps://u:p%2F@mq:5671/%2F?cacertfile=/ca.crt&certfile=/c&keyfile=/k"
    )
    assert address == "amqps://u:p%2F@mq:5671/%2F"
    assert tls == {
        "cert_reqs": ssl.CERT_REQUIRED,
        "server_hostname": "mq",
        "ca_certs": "/ca.crt",
        "certfile": "/c",
        "keyfile": "/k",
    }


def test_without_an_authority_those_of_the_machine_are_asked():
    assert split_address("amqps://mq/") == (
        "amqps://mq/", {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": "mq"},
    )  # fmt: skip
