"""Draws the label of a parcel (面单)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from servicekit.clock import CHINA_STANDARD_TIME
from servicekit.printing.labels import Block, Label, render_label
from services.delivery.ports import CarrierOrder, Party

__all__ = ["label_of", "label_pdf"]

_CARRIERS: Final = {"EMS": "中国邮政 EMS"}


def label_of(order: CarrierOrder, waybill: str) -> Label:
    """Return what the label says: name, telephone and address of both, and nothing else personal.

    What the parcel contains and what it is about stay inside it.

    Source: 快递暂行条例 第二十二条.
    """
    return Label(
        head=_CARRIERS.get(order.carrier, order.carrier),
        code=waybill,
        blocks=(_block("收件", order.receiver), _block("寄件", order.sender)),
        foot=(f"件数：{order.pieces}　费用由寄递协议账户支付，不向收寄人收取",),
    )


def label_pdf(order: CarrierOrder, waybill: str) -> bytes:
    """Return the label as a PDF of 100 by 150 millimetres."""
    at: datetime = order.ordered_at.astimezone(CHINA_STANDARD_TIME)
    return render_label(label_of(order, waybill), created_at=at)


def _block(heading: str, party: Party) -> Block:
    return Block(heading, (f"{party.name}　{party.phone}", party.address))
