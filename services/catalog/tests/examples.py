from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from services.catalog.domain.authorities import Authority, AuthorityRecord
from services.catalog.domain.items import (
    HandlingKind,
    ItemLimit,
    ItemVersion,
    Material,
    Necessity,
)
from services.catalog.domain.lint import Circumstances
from services.catalog.domain.terms import AuthorityPart
from workdays import Start, Unit, WorkCalendar

FOOD_LICENCE = ItemVersion(
    item_code="370306-01-001",
    name="食品经营许可（新办）",
    item_type="01",
    authority="370306000000-D01",
    handling=HandlingKind.PROMISED,
    statutory_limit=ItemLimit(
        amount=10, unit=Unit.WORKING_DAY, start=Start.ACCEPTED, source="办法 第一条"
    ),
    promised_limit=ItemLimit(amount=5, unit=Unit.WORKING_DAY, start=Start.ACCEPTED),
    deemed_acceptance=True,
    persons_required=2,
    site_check_required=True,
    materials=(
        Material(
            material_code="M01",
            name="申请书",
            necessity=Necessity.REQUIRED,
            originals=1,
            legal_basis="办法 第二条",
        ),
        Material(
            material_code="M02",
            name="营业执照",
            necessity=Necessity.REQUIRED,
            sharing_source="市场监管电子证照",
            legal_basis="办法 第二条",
        ),
    ),
    result_name="食品经营许可证",
    result_physical=True,
    admitted=True,
    declared_visits=0,
    declared_fully_online=True,
    courier_offered=True,
    legal_bases=("食品安全法",),
    in_force_from_date=date(2026, 1, 1),
    advice_phone="0533-0000101",
    complaint_phone="0533-0000900",
)


OFFICE, OTHER = "370306000000-D01", "370306000000-D06"
SIGNS = "户外招牌设置审批"


def working_days(amount: int, source: str = "") -> ItemLimit:
    return ItemLimit(amount=amount, unit=Unit.WORKING_DAY, start=Start.ACCEPTED, source=source)


def part(authority_unit: str = OFFICE, **changes: Any) -> AuthorityPart:
    made = AuthorityPart(
        authority=authority_unit,
        name="食品经营许可" if authority_unit == OFFICE else SIGNS,
        statutory_limit=working_days(10, "办法 第一条"),
        promised_limit=working_days(4),
        persons_required=2,
    )
    return replace(made, **changes)


PARTS = (part(), part(OTHER))


def authority(*records: AuthorityRecord, unit: str = OFFICE) -> Authority:
    return Authority(
        unit=unit,
        name="周村区行政审批服务局" if unit == OFFICE else "周村区综合行政执法局",
        prefix="周审批",
        records=records
        or (
            AuthorityRecord(
                from_date=date(2024, 1, 1),
                review_body="周村区人民政府",
                court="淄博市周村区人民法院",
            ),
        ),
    )


def around(**changes: Any) -> Circumstances:
    return replace(
        Circumstances(
            authorities={OFFICE: authority(), OTHER: authority(unit=OTHER)},
            calendar=WorkCalendar.official(),
            published_on=date(2026, 9, 1),
            is_first=True,
        ),
        **changes,
    )
