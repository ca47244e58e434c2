"""Reads shipments; every read is within the caller's reach, and nothing personal is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select, tuple_

from servicekit.calls import NO_SUCH_THING, Call, ScopeColumns, authorise, scope_clause
from servicekit.events import Ownership
from servicekit.paging import Page, page_of
from services.delivery.adapters.orm import ledger_line, shipment, shipment_label
from services.delivery.domain.errors import ShipmentUnknownError
from services.delivery.domain.rules import Direction
from services.delivery.domain.shipment import Cancelling
from services.delivery.domain.tracks import ShipmentState, Signer, state_of

__all__ = ["ShipmentView", "get_shipment", "list_shipments"]

_c = shipment.c
_SCOPE = ScopeColumns(
    person=_c.applicant, unit=_c.window_unit, unit_path=_c.unit_path, authority=_c.authority
)


@dataclass(frozen=True, slots=True)
class TrackView:
    """Something the carrier reported."""

    at_time: datetime
    state: ShipmentState | None
    code: str


@dataclass(frozen=True, slots=True)
class ShipmentView:
    """A shipment as a reader sees it."""

    shipment: str
    case_number: str
    revision: int
    direction: Direction
    state: ShipmentState
    carrier: str
    waybill: str
    pieces: int
    citizen_price_fen: int
    payer_account: str
    amount_fen: int | None
    label_prints: int
    create_time: datetime
    order_time: datetime | None
    pick_up_time: datetime | None
    end_time: datetime | None
    signer: Signer | None
    tracks: tuple[TrackView, ...]
    cancelling: bool


def get_shipment(call: Call, connection: Connection, identity: str) -> ShipmentView:
    """Return a shipment, or refuse."""
    row = connection.execute(_shipments().where(_c.shipment == identity)).one_or_none()
    if row is None:
        raise ShipmentUnknownError(NO_SUCH_THING, case=identity)
    owned = Ownership(row.applicant, row.window_unit, row.unit_path, row.authority)
    authorise(call, owned, missing=ShipmentUnknownError, case=identity)
    return _view(row)


def list_shipments(
    call: Call, connection: Connection, page_size: int, page_token: str, case_number: str
) -> Page[ShipmentView]:
    """Return a page of shipments within the caller's reach, newest first."""
    query = _shipments().where(scope_clause(call, _SCOPE))
    if case_number:
        query = query.where(_c.case_number == case_number)
    return page_of(
        connection,
        query.order_by(_c.created_at.desc(), _c.shipment.desc()),
        key=tuple_(_c.created_at, _c.shipment),
        key_of=lambda row: (row.created_at, row.shipment),
        view=_view,
        page_size=page_size,
        page_token=page_token,
        descending=True,
    )


def _shipments() -> Select[Any]:
    return select(shipment, ledger_line.c.amount_fen, shipment_label.c.prints).select_from(
        shipment.outerjoin(ledger_line, ledger_line.c.shipment == _c.shipment).outerjoin(
            shipment_label, shipment_label.c.shipment == _c.shipment
        )
    )


def _view(row: Row[Any]) -> ShipmentView:
    return ShipmentView(
        shipment=row.shipment,
        case_number=row.case_number,
        revision=row.revision,
        direction=row.direction,
        state=row.state,
        carrier=row.carrier,
        waybill=row.waybill or "",
        pieces=row.pieces,
        citizen_price_fen=row.citizen_price_fen,
        payer_account=row.payer_account,
        amount_fen=row.amount_fen,
        label_prints=row.prints or 0,
        create_time=row.created_at,
        order_time=row.ordered_at,
        pick_up_time=row.picked_up_at,
        end_time=row.ended_at,
        signer=row.signer,
        tracks=tuple(TrackView(each.at, state_of(each.code), each.code) for each in row.tracks),
        cancelling=row.cancelling is Cancelling.ASKED,
    )
