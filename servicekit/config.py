"""Configuration: one frozen object, read once, that refuses to start half-configured.

Every service reads its own prefix: `INTAKE_DATABASE_URL`, `REVIEW_AMQP_URL`.
All that is missing or contradictory is reported at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    PositiveInt,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from servicekit.tls import TlsFiles

__all__ = ["ConfigurationError", "ServiceSettings", "with_driver"]

# Of libpq. A statement has its limit at the server; a host that is gone would never send it.
_NOTICES_SILENCE = {
    "tcp_user_timeout": "15000",  # ms without an acknowledgement
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
}

Profile = Literal["production", "demonstration"]


def with_driver(url: str, driver: str) -> str:
    """Return a PostgreSQL `url` for `driver`; other databases have only one."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "postgresql":
        return url
    return parsed.set(drivername=f"postgresql+{driver}").render_as_string(hide_password=False)


class ConfigurationError(SystemExit):
    """The process does not start; the message names every variable that is wrong."""


class ServiceSettings(BaseSettings):
    """What every process of a service is told from outside."""

    # An error must not show what was put in: it may be a password. Whoever does not `load` is
    # told by no variable of somebody else's: a LOG_LEVEL or ADDRESS without a prefix is not ours.
    model_config = SettingsConfigDict(
        frozen=True, hide_input_in_errors=True, env_prefix="LIANDONG_"
    )

    profile: Profile = Field(description="production, or demonstration with a steered clock.")
    database_url: SecretStr = Field(description="postgresql:// or, embedded, sqlite:///.")
    amqp_url: SecretStr | None = Field(None, description="RabbitMQ; amqps:// in production.")
    keyring: Path = Field(description="Public keys that verify tokens (JSON).")
    keystore: Path = Field(description="Keys for sealed columns and the audit chain (JSON).")
    checkpoints: Path = Field(description="Folder for the signed checkpoints of the audit.")
    service_token: Path | None = Field(None, description="Token of this service, for its calls.")
    blobs: Path | None = Field(None, description="Folder of the blob store.")
    clock_control: Path | None = Field(None, description="Control file; demonstration only.")
    address: str = Field("0.0.0.0:50051", description="Where the api listens.")
    health_address: str = Field("0.0.0.0:50052", description="Where health is asked.")
    tls_cert: Path | None = Field(None, description="Certificate chain of this service (PEM).")
    tls_key: Path | None = Field(None, description="Its private key (PEM).")
    tls_ca: Path | None = Field(None, description="Who signs the others' certificates (PEM).")
    metrics_port: int = Field(9090, description="Prometheus and /healthz; 0 for none.")
    threads: PositiveInt = Field(16, description="Calls an api answers at a time.")
    queued: PositiveInt = Field(64, description="Calls that may wait beside them.")
    max_workers: PositiveInt = Field(10, description="Events a worker handles at a time.")
    queue_wait_s: float = Field(0.5, gt=0, description="Longest wait of such a call, in a burst.")
    drain_s: PositiveInt = Field(20, description="Seconds to finish calls after SIGTERM.")
    audit_seal_s: PositiveInt = Field(30, description="Seconds between sealings of the audit.")
    job_lease_s: PositiveInt = Field(60, description="Seconds after which a job is tried again.")
    observe_s: PositiveInt = Field(30, description="Seconds between two counts for metrics.")
    call_timeout_s: float = Field(2.0, gt=0, description="Seconds for one call to a service.")
    outbox_limit: PositiveInt = Field(200_000, description="Unpublished events before refusal.")
    otlp_endpoint: str | None = Field(None, description="OTLP/HTTP traces; none: not sent.")
    trace_ratio: float = Field(1.0, ge=0, le=1, description="Share of commands that is traced.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Logs.")

    @classmethod
    def load(cls, service: str) -> Self:
        """Read the variables that begin with the service's name, or raise `ConfigurationError`."""
        try:
            return cls(_env_prefix=f"{service.upper()}_")
        except ValidationError as error:
            words = "; ".join(problem["msg"] for problem in error.errors(include_url=False))
            raise ConfigurationError(f"{service}: {words} (prefix {service.upper()}_)") from None

    @model_validator(mode="wrap")
    @classmethod
    def _all_at_once(cls, given: Any, read: ModelWrapValidatorHandler[Self]) -> Self:
        """Report what is missing, malformed and contradictory together."""
        problems = _contradictions(given)
        try:
            settings = read(given)
        except ValidationError as error:
            fields = [
                f"{'.'.join(str(part) for part in problem['loc']).upper()}: {problem['msg']}"
                for problem in error.errors(include_url=False)
            ]
            raise ValueError("; ".join((*fields, *problems))) from None
        if problems:
            raise ValueError("; ".join(problems))
        return settings

    def database(self, driver: str) -> str:
        """Return the address for `driver`; a server that fell silent is given up in time."""
        url = make_url(with_driver(self.database_url.get_secret_value(), driver))
        if url.get_backend_name() == "postgresql":
            url = url.set(query={**_NOTICES_SILENCE, **url.query})
        return url.render_as_string(hide_password=False)

    @property
    def tls(self) -> TlsFiles | None:
        """Where this service's certificate is; None where it speaks plain text."""
        if self.tls_cert is None or self.tls_key is None:
            return None
        return TlsFiles(self.tls_cert, self.tls_key, self.tls_ca)


def _contradictions(given: Mapping[str, Any]) -> list[str]:
    """Say what may not stand together, whatever else is wrong with what was given."""
    problems = []
    database_url = given.get("database_url")
    backend = "postgresql" if database_url is None else _backend(database_url)
    if not backend:
        problems.append("DATABASE_URL: is not the address of a database")
    if given.get("profile") == "production":
        if given.get("clock_control") is not None:
            problems.append("CLOCK_CONTROL: a steered clock is for demonstrations only")
        if backend not in ("postgresql", ""):
            problems.append("DATABASE_URL: production needs PostgreSQL")
        if given.get("amqp_url") is None:
            problems.append("AMQP_URL: production needs a broker")
    return [*problems, *_half_of_tls(given)]


def _half_of_tls(given: Mapping[str, Any]) -> list[str]:
    """Say what TLS lacks: a certificate and its key belong together, and an authority to both."""
    told = {name for name in ("tls_cert", "tls_key", "tls_ca") if given.get(name) is not None}
    lacking = {"tls_cert", "tls_key"} - told if told else set()
    return [f"{name.upper()}: TLS needs it beside what was given" for name in sorted(lacking)]


def _backend(url: object) -> str:
    """Return the kind of the database at `url`; empty if that is no address."""
    try:
        text = url.get_secret_value() if isinstance(url, SecretStr) else str(url)
        return make_url(text).get_backend_name()
    except ArgumentError:
        return ""
