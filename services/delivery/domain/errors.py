"""Every way delivery can refuse a request."""

from __future__ import annotations

from servicekit.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    RuleViolationError,
)

__all__ = [
    "AlreadyPickedUpError",
    "CarrierWithoutContractError",
    "CaseEndedError",
    "CaseUnknownError",
    "CourierNotFreeError",
    "LabelNoLongerKeptError",
    "LabelNotReadyError",
    "NotThePostalEnterpriseError",
    "OfferAlreadyAnsweredError",
    "OfferLapsedError",
    "OfferUnknownError",
    "PickupNotOfferedError",
    "PickupUnderWayError",
    "ShipmentUnknownError",
    "WaybillInvalidError",
    "WaybillTakenError",
]


class OfferUnknownError(NotFoundError):
    """No courier was offered for this case, or not within the caller's reach."""

    reason = "OFFER_UNKNOWN"


class OfferAlreadyAnsweredError(RuleViolationError):
    """The applicant has answered the offer before."""

    reason = "OFFER_ALREADY_ANSWERED"
    rule = "R2.9"


class OfferLapsedError(RuleViolationError):
    """The case ended before the offer was answered: there will be no result to send."""

    reason = "OFFER_LAPSED"
    rule = "R2.9"


class CaseUnknownError(NotFoundError):
    """Delivery knows no such case, or it is not within the caller's reach."""

    reason = "CASE_UNKNOWN"


class ShipmentUnknownError(NotFoundError):
    """There is no such shipment, or it is not within the caller's reach."""

    reason = "SHIPMENT_UNKNOWN"


class CourierNotFreeError(RuleViolationError):
    """Somebody would make the citizen pay for courier.

    Source: R2.7.
    """

    reason = "COURIER_NOT_FREE"
    rule = "R2.7"
    violation = True


class NotThePostalEnterpriseError(RuleViolationError):
    """Another courier than the postal enterprise would carry documents of a state organ.

    Source: 邮政法 第五十五条, 第七十二条.
    """

    reason = "NOT_THE_POSTAL_ENTERPRISE"
    rule = "邮政法 第五十五条"


class CarrierWithoutContractError(RuleViolationError):
    """The district's finance has no tariff with this carrier on that day.

    Source: R2.8.
    """

    reason = "CARRIER_WITHOUT_CONTRACT"
    rule = "R2.8"


class PickupNotOfferedError(RuleViolationError):
    """The item's version does not let originals be fetched by courier."""

    reason = "PICKUP_NOT_OFFERED"
    rule = "R2.7"


class PickupUnderWayError(RuleViolationError):
    """Originals of this case are being fetched already."""

    reason = "PICKUP_UNDER_WAY"


class CaseEndedError(RuleViolationError):
    """The case ended; nothing needs to be fetched for it any more."""

    reason = "CASE_ENDED"


class AlreadyPickedUpError(RuleViolationError):
    """The carrier has the parcel, or it has come to its end: nothing can be cancelled."""

    reason = "ALREADY_PICKED_UP"


class LabelNotReadyError(RuleViolationError):
    """The carrier has not taken the order yet, so there is no label."""

    reason = "LABEL_NOT_READY"


class LabelNoLongerKeptError(RuleViolationError):
    """The shipment came to its end, and the personal data of its label was erased.

    Source: 个人信息保护法 第十九条.
    """

    reason = "LABEL_NO_LONGER_KEPT"
    rule = "个人信息保护法 第十九条"


class WaybillInvalidError(InvalidRequestError):
    """The carrier named a waybill that cannot be one."""

    reason = "WAYBILL_INVALID"


class WaybillTakenError(ConflictError):
    """The carrier named another waybill for an order that has one."""

    reason = "WAYBILL_TAKEN"
