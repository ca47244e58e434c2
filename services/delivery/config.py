"""The configuration of delivery: DELIVERY_* variables; docs/configuration.md lists them."""

from __future__ import annotations

from typing import Self

from pydantic import Field, SecretStr, model_validator

from servicekit.config import ServiceSettings

__all__ = ["DeliverySettings"]


class DeliverySettings(ServiceSettings):
    """What delivery is told beyond that: the carrier, and where the centre is."""

    intake_target: str | None = Field(None, description="host:port of intake; the jobs ask it.")
    carrier_url: str | None = Field(
        None, description="The carrier's interface; https:// in production. None: orders wait."
    )
    carrier_customer: str = Field("LIANDONG", description="Our name at the carrier.")
    carrier_key: SecretStr | None = Field(None, description="Signs what the carrier is asked.")
    carrier_timeout_s: float = Field(5.0, gt=0, description="Seconds for one call to the carrier.")
    callback_port: int = Field(
        0, ge=0, le=65535, description="Where the api listens for the carrier's callbacks; 0: off."
    )
    callback_address: str = Field("", description="Address it listens at; empty: all.")
    callback_salt: SecretStr | None = Field(None, description="Signs the carrier's callbacks.")
    centre_name: str = Field("周村区政务服务中心", description="Sender of results.")
    centre_phone: str = Field("0533-0000000", description="Telephone on the labels.")
    centre_address: str = Field(
        "山东省淄博市周村区政务服务中心（示例地址）", description="Address on the labels."
    )

    @model_validator(mode="after")
    def _signed_both_ways(self) -> Self:
        problems = []
        if self.callback_port and not _given(self.callback_salt):
            problems.append("CALLBACK_PORT needs CALLBACK_SALT: callbacks are signed")
        if self.carrier_url and not _given(self.carrier_key):
            problems.append("CARRIER_URL needs CARRIER_KEY: questions are signed")
        url = self.carrier_url or "https://"
        if self.profile == "production" and not url.startswith("https://"):
            problems.append("CARRIER_URL: production needs https://")
        if problems:
            raise ValueError("; ".join(problems))
        return self


def _given(secret: SecretStr | None) -> bool:
    return secret is not None and bool(secret.get_secret_value())
