"""The use cases of delivery: load, decide, save. No rule is written here."""

from services.delivery.handlers.carriage import (
    CANCEL,
    CONFIRM,
    ORDER,
    CarrierReport,
    Ordered,
    mark_cancelled,
    mark_ordered,
    take_answer,
    take_callback,
)
from services.delivery.handlers.facts import (
    CaseEnded,
    CaseReceived,
    CaseTransferred,
    ResultDispatched,
    end_case,
    open_file,
    send_result,
    transfer_case,
)
from services.delivery.handlers.offers import (
    AnswerCourierOffer,
    OfferChanged,
    answer_courier_offer,
)
from services.delivery.handlers.shipments import (
    CancelShipment,
    PickupRequested,
    Printed,
    RequestPickup,
    ShipmentChanged,
    cancel_shipment,
    print_label,
    request_pickup,
)

__all__ = [
    "CANCEL",
    "CONFIRM",
    "ORDER",
    "AnswerCourierOffer",
    "CancelShipment",
    "CarrierReport",
    "CaseEnded",
    "CaseReceived",
    "CaseTransferred",
    "OfferChanged",
    "Ordered",
    "PickupRequested",
    "Printed",
    "RequestPickup",
    "ResultDispatched",
    "ShipmentChanged",
    "answer_courier_offer",
    "cancel_shipment",
    "end_case",
    "mark_cancelled",
    "mark_ordered",
    "open_file",
    "print_label",
    "request_pickup",
    "send_result",
    "take_answer",
    "take_callback",
    "transfer_case",
]
