"""A process refuses to start half-configured, names everything at once, and shows no secret."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from servicekit.config import ConfigurationError, ServiceSettings, with_driver

SECRET = "p4ssw0rd"
COMPLETE = {
    "PROFILE": "production",
    "DATABASE_URL": f"postgresql://intake:{SECRET}@db/intake",
    "AMQP_URL": f"amqps://intake:{SECRET}@mq/",
    "KEYRING": "/keys/ring.json",
    "KEYSTORE": "/keys/store.json",
    "CHECKPOINTS": "/checkpoints",
}


@pytest.fixture
def load(monkeypatch):
    def load(**changes):
        for name, value in (COMPLETE | changes).items():
            if value is not None:
                monkeypatch.setenv(f"TOY_{name}", value)
        return ServiceSettings.load("toy")

    return load


def refusal(load, **changes):
    with pytest.raises(ConfigurationError) as caught:
        load(**changes)
    assert SECRET not in f"{caught.value}{caught.value!r}"
    return str(caught.value)


def test_a_complete_configuration_is_read_from_the_variables_of_its_service(load):
    settings = load(THREADS="3")
    assert (settings.threads, settings.profile) == (3, "production")
    address = settings.database("psycopg2")
    assert address.startswith(f"postgresql+psycopg2://intake:{SECRET}@db/intake?")


def test_a_database_that_fell_silent_is_given_up_unless_its_address_says_otherwise(load):
    assert "tcp_user_timeout=15000" in load().database("psycopg")
    own = load(DATABASE_URL="postgresql://db/intake?tcp_user_timeout=1&sslmode=verify-full")
    assert "tcp_user_timeout=1&" in f"{own.database('psycopg')}&"
    assert "sslmode=verify-full" in own.database("psycopg")
    embedded = load(PROFILE="demonstration", DATABASE_URL="sqlite:///a.db")
    assert embedded.database("psycopg") == "sqlite:///a.db"


def test_everything_that_is_missing_is_named_at_once(load):
    words = refusal(load, KEYRING=None, KEYSTORE=None, DATABASE_URL=None, AMQP_URL=None)
    assert all(name in words for name in ("KEYRING", "KEYSTORE", "DATABASE_URL", "AMQP_URL"))
    assert "TOY_" in words


def test_what_is_missing_malformed_and_contradictory_is_named_together(load):
    words = refusal(load, KEYRING=None, THREADS="many", CLOCK_CONTROL="/tmp/clock.json")
    assert all(name in words for name in ("KEYRING", "THREADS", "CLOCK_CONTROL"))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        pytest.param({"CLOCK_CONTROL": "/tmp/clock"}, "CLOCK_CONTROL", id="steered-clock"),
        pytest.param({"DATABASE_URL": f"sqlite:///{SECRET}.db"}, "DATABASE_URL", id="sqlite"),
        pytest.param({"AMQP_URL": None}, "AMQP_URL", id="no-broker"),
        pytest.param({"DATABASE_URL": SECRET}, "DATABASE_URL", id="no-address"),
        pytest.param({"PROFILE": "staging"}, "PROFILE", id="unknown-profile"),
        pytest.param({"THREADS": "0"}, "THREADS", id="no-threads"),
        pytest.param({"CALL_TIMEOUT_S": "0"}, "CALL_TIMEOUT_S", id="no-deadline"),
        pytest.param({"TRACE_RATIO": "1.5"}, "TRACE_RATIO", id="more-than-all"),
        pytest.param({"TLS_CERT": "/tls/tls.crt"}, "TLS_KEY", id="a-certificate-alone"),
        pytest.param({"TLS_KEY": "/tls/tls.key"}, "TLS_CERT", id="a-key-alone"),
        pytest.param({"TLS_CA": "/tls/ca.crt"}, "TLS_CERT", id="an-authority-alone"),
    ],
)
def test_production_refuses(load, changes, named):
    assert named in refusal(load, **changes)


def test_a_demonstration_may_steer_its_clock_on_sqlite_without_a_broker(load):
    settings = load(
        PROFILE="demonstration",
        CLOCK_CONTROL="/tmp/clock.json",
        DATABASE_URL="sqlite:///a.db",
        AMQP_URL=None,
    )
    assert settings.amqp_url is None


def test_secrets_are_not_printed(load):
    settings = load()
    assert (
        SECRET not in f"{settings}{settings!r}{settings.model_dump()}{settings.model_dump_json()}"
    )


def test_nothing_can_be_assigned(load):
    settings = load()
    with pytest.raises(ValidationError):
        settings.threads = 99


def test_an_error_made_in_code_shows_no_secret_either():
    with pytest.raises(ValidationError) as caught:
        ServiceSettings(profile="production", database_url=f"postgresql://u:{SECRET}@db/x")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "changed"),
    [
        ("postgresql://u:p%40@h/d", "postgresql+psycopg2://u:p%40@h/d"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg2://u@h/d"),
        ("sqlite:///a.db", "sqlite:///a.db"),
    ],
)
def test_only_postgresql_has_a_choice_of_drivers(url, changed):
    assert with_driver(url, "psycopg2") == changed
