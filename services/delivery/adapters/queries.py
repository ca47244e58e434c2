"""Reads offers; every read is within the caller's reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select, tuple_

from servicekit.calls import NO_SUCH_THING, Call, ScopeColumns, authorise, scope_clause
from servicekit.events import Ownership
from servicekit.paging import Page, page_of
from services.delivery.adapters.orm import courier_offer
from services.delivery.domain.errors import OfferUnknownError
from services.delivery.domain.offer import OfferState

__all__ = ["OfferView", "get_courier_offer", "list_courier_offers"]

_c = courier_offer.c
_SCOPE = ScopeColumns(
    person=_c.applicant, unit=_c.window_unit, unit_path=_c.unit_path, authority=_c.authority
)


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer as a reader sees it."""

    case_number: str
    revision: int
    state: OfferState
    carrier: str
    citizen_price_fen: int
    payer_account: str
    offer_time: datetime
    answer_time: datetime | None


def get_courier_offer(call: Call, connection: Connection, case_number: str) -> OfferView:
    """Return the offer of a case, or refuse."""
    row = connection.execute(
        select(courier_offer).where(_c.case_number == case_number)
    ).one_or_none()
    if row is None:
        raise OfferUnknownError(NO_SUCH_THING, case=case_number)
    owned = Ownership(row.applicant, row.window_unit, row.unit_path, row.authority)
    authorise(call, owned, missing=OfferUnknownError, case=case_number)
    return _view(row)


def list_courier_offers(
    call: Call, connection: Connection, page_size: int, page_token: str
) -> Page[OfferView]:
    """Return a page of open offers within the caller's reach, oldest first."""
    query = (
        select(courier_offer)
        .where(_c.state == OfferState.OPEN, scope_clause(call, _SCOPE))
        .order_by(_c.offered_at, _c.case_number)
    )
    return page_of(
        connection,
        query,
        key=tuple_(_c.offered_at, _c.case_number),
        key_of=lambda row: (row.offered_at, row.case_number),
        view=_view,
        page_size=page_size,
        page_token=page_token,
    )


def _view(row: Row[tuple[object, ...]]) -> OfferView:
    return OfferView(
        case_number=row.case_number,
        revision=row.revision,
        state=row.state,
        carrier=row.carrier,
        citizen_price_fen=row.citizen_price_fen,
        payer_account=row.payer_account,
        offer_time=row.offered_at,
        answer_time=row.answered_at,
    )
