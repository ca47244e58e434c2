"""The tables and mappings of what happens around the counter."""

from __future__ import annotations

from sqlalchemy.orm import relationship

from servicekit.mapping import map_aggregate
from services.intake.adapters.orm import counter, mappers
from services.intake.domain.assistance import Assistance, CarriedMaterial
from services.intake.domain.enquiry import Enquiry

__all__ = [
    "assistance",
    "assisted_person",
    "carried_material",
    "enquirer",
    "enquiry",
    "exchange_batch",
    "exchange_row",
    "imported_application",
    "start_mappers",
    "window_merger",
]

assistance = counter.assistance
carried_material = counter.carried_material
assisted_person = counter.assisted_person
enquiry = counter.enquiry
enquirer = counter.enquirer
imported_application = counter.imported_application
exchange_row = counter.exchange_row
exchange_batch = counter.exchange_batch
window_merger = counter.window_merger


def start_mappers() -> None:
    """Map the aggregates once per process; a second call changes nothing."""
    if any(each.class_ is Assistance for each in mappers.mappers):
        return
    mappers.map_imperatively(CarriedMaterial, carried_material)
    map_aggregate(
        mappers,
        Assistance,
        assistance,
        properties={
            "materials": relationship(
                CarriedMaterial,
                order_by=carried_material.c.ordinal,
                cascade="all, delete-orphan",
            )
        },
    )
    map_aggregate(mappers, Enquiry, enquiry)
