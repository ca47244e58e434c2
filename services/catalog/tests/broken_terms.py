"""Versions with sound and with broken terms: joint handling, procedures, places."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from services.catalog.domain.items import HandlingKind, ItemLimit
from services.catalog.domain.terms import (
    Extension,
    ExtensionApprover,
    JointForm,
    SpecialProcedureKind,
    SpecialProcedureTerms,
)
from services.catalog.tests.examples import (
    FOOD_LICENCE,
    OFFICE,
    OTHER,
    PARTS,
    authority,
    part,
    working_days,
)
from workdays import Start, Unit

LAW: Final = "行政许可法 第四十二条"
POST: Final = "370306001001-P1"


def extension(amount: int = 10, **changes: Any) -> Extension:
    values: dict[str, Any] = {
        "unit": Unit.WORKING_DAY,
        "approver": ExtensionApprover.AUTHORITY_HEAD,
        "source": LAW,
    }
    return Extension(amount=amount, **values | changes)


def procedure(
    kind: SpecialProcedureKind = SpecialProcedureKind.EXPERT_REVIEW,
    max_days: int = 30,
    source: str = "行政许可法 第四十五条",
) -> SpecialProcedureTerms:
    return SpecialProcedureTerms(kind=kind, max_days=max_days, source=source)


def at_once() -> ItemLimit:
    return ItemLimit(amount=0, unit=Unit.ON_THE_SPOT, start=Start.ACCEPTED)


def joint(*parts: Any, **changes: Any) -> dict[str, Any]:
    return {"joint_form": JointForm.JOINT_HANDLING, "parts": parts or PARTS} | changes


def asking(*authorities: str, **changes: Any) -> dict[str, Any]:
    return {"joint_form": JointForm.CONSULTATION, "consulted": authorities} | changes


DESIGNATED: Final = {
    "designation": "周政字〔2026〕1号",
    "statutory_limit": working_days(45, LAW),
}
BY_GOVERNMENT: Final = {"approver": ExtensionApprover.GOVERNMENT_HEAD}
ON_THE_SPOT: Final = {
    "handling": HandlingKind.ON_THE_SPOT,
    "promised_limit": at_once(),
    "persons_required": 1,
    "site_check_required": False,
    "verification_limit": working_days(10),
}
FILING: Final = ON_THE_SPOT | {
    "handling": HandlingKind.FILING,
    "item_type": "10",
    "deemed_acceptance": False,
    "verification_limit": None,
}
ENDED: Final = {"in_force_until_date": date(2027, 1, 1), "successor_item": "370306-01-002"}
NO_PAPER: Final = {"materials": FOOD_LICENCE.materials[1:]}

SOUND: Final[dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {
    "two-authorities": (joint(), {}),
    "the-second-waits-for-the-lead": (joint(part(), part(OTHER, prerequisites=(OFFICE,))), {}),
    "a-part-as-long-as-its-law": (
        joint(PARTS[0], part(OTHER, statutory_limit=working_days(4, "办法"))),
        {},
    ),
    "forty-five-days-and-fifteen-more": (
        joint(**DESIGNATED, extension=extension(15, **BY_GOVERNMENT)),
        {},
    ),
    "a-service-whose-parts-have-no-law": (
        joint(
            *(part(each.authority, statutory_limit=None) for each in PARTS),
            item_type="20",
            deemed_acceptance=False,
        ),
        {},
    ),
    "another-authority-is-asked": (asking(OTHER), {}),
    "twenty-days-of-the-permit-law": ({"statutory_limit": working_days(20, LAW)}, {}),
    "forty-days-of-another-law": ({"statutory_limit": working_days(40, "建筑法 第八条")}, {}),
    "ten-days-more": ({"extension": extension()}, {}),
    "one-day-more": ({"extension": extension(1)}, {}),
    "a-hundred-days-more-by-another-law": ({"extension": extension(100, source="办法")}, {}),
    "a-law-of-calendar-days-that-the-permit-law-does-not-bound": (
        {
            "statutory_limit": ItemLimit(
                amount=60, unit=Unit.CALENDAR_DAY, start=Start.ACCEPTED, source=LAW
            )
        },
        {},
    ),
    "forty-days-more-by-another-law": ({"extension": extension(40, source="办法 第十条")}, {}),
    "an-expert-review": ({"special_procedures": (procedure(),)}, {}),
    "an-assessment-that-another-law-excludes": (
        {"special_procedures": (procedure(SpecialProcedureKind.ASSESSMENT, 200, "办法"),)},
        {},
    ),
    "two-procedures-of-one-day": (
        {
            "special_procedures": (
                procedure(max_days=1),
                procedure(SpecialProcedureKind.HEARING, 1),
            )
        },
        {},
    ),
    "verified-within-the-law": (ON_THE_SPOT, {}),
    "verified-where-there-is-no-law": (
        ON_THE_SPOT
        | {"item_type": "20", "deemed_acceptance": False, "statutory_limit": None}
        | {"verification_limit": working_days(90)},
        {},
    ),
    "a-period-for-correction": ({"correction_limit": working_days(30, "办法 第九条")}, {}),
    "received-in-a-village-and-a-town": (
        {"receiving_posts": (POST,), "town_receiving_record": "周政字〔2026〕2号"},
        {"village_posts": frozenset({POST}), "town_windows": ("t",)},
    ),
    "in-person": (
        {"presence_basis": "办法 第三条", "declared_visits": 1, "declared_fully_online": False},
        {},
    ),
    "originals-by-courier": ({"courier_inbound": True}, {}),
    "no-visit-because-originals-are-fetched": (
        {
            "courier_inbound": True,
            "declared_fully_online": False,
            "courier_offered": False,
            "result_physical": False,
        },
        {},
    ),
    "an-end-and-a-successor": (ENDED, {"successor_known": True}),
}

BROKEN: Final[dict[str, tuple[dict[str, Any], dict[str, Any], set[str]]]] = {
    "one-part": (joint(part()), {}, {"JOINT_PARTS_TOO_FEW"}),
    "no-part": (joint(parts=()), {}, {"JOINT_PARTS_TOO_FEW"}),
    "parts-and-no-joint-handling": ({"parts": PARTS}, {}, {"PARTS_WITHOUT_JOINT"}),
    "another-leads": (joint(PARTS[1], PARTS[0]), {}, {"JOINT_LEAD_MISMATCH"}),
    "an-authority-twice": (joint(*PARTS, PARTS[1]), {}, {"JOINT_PART_REPEATED"}),
    "a-joint-item-on-the-spot": (
        joint(*(part(each.authority, promised_limit=working_days(1)) for each in PARTS))
        | ON_THE_SPOT,
        {},
        {"JOINT_NOT_PROMISED"},
    ),
    "a-part-of-zero-days": (
        joint(PARTS[0], part(OTHER, promised_limit=working_days(0))),
        {},
        {"PART_LIMIT_INVALID"},
    ),
    "a-part-on-the-spot": (
        joint(PARTS[0], part(OTHER, promised_limit=at_once())),
        {},
        {"PART_LIMIT_INVALID"},
    ),
    "a-part-whose-law-is-no-limit": (
        joint(PARTS[0], part(OTHER, statutory_limit=working_days(0, "办法"))),
        {},
        {"PART_LIMIT_INVALID"},
    ),
    "a-permit-part-without-a-law": (
        joint(PARTS[0], part(OTHER, statutory_limit=None)),
        {},
        {"PART_LIMIT_MISSING"},
    ),
    "a-part-without-a-clause": (
        joint(PARTS[0], part(OTHER, statutory_limit=working_days(10, " "))),
        {},
        {"PART_LIMIT_MISSING"},
    ),
    "a-part-longer-than-its-law": (
        joint(PARTS[0], part(OTHER, statutory_limit=working_days(3, "办法"))),
        {},
        {"PART_PROMISE_EXCEEDS_STATUTORY"},
    ),
    "a-part-that-starts-after-its-law": (
        joint(
            PARTS[0],
            part(
                OTHER,
                statutory_limit=ItemLimit(
                    amount=30, unit=Unit.WORKING_DAY, start=Start.RECEIVED, source="办法"
                ),
            ),
        ),
        {},
        {"PART_PROMISE_EXCEEDS_STATUTORY"},
    ),
    "a-part-longer-than-forty-five-days": (
        joint(
            PARTS[0],
            part(
                OTHER,
                statutory_limit=working_days(90, "办法"),
                promised_limit=working_days(46),
            ),
            statutory_limit=working_days(90, "办法"),
            promised_limit=working_days(46),
        ),
        {},
        {"PART_PROMISE_EXCEEDS_STATUTORY"},
    ),
    "a-whole-that-ends-before-a-part": (
        joint(promised_limit=working_days(3)),
        {},
        {"JOINT_PROMISE_TOO_SHORT"},
    ),
    "one-person-for-a-part": (
        joint(PARTS[0], part(OTHER, persons_required=1)),
        {},
        {"PART_PERSONS_TOO_FEW"},
    ),
    "a-part-that-waits-for-a-stranger": (
        joint(PARTS[0], part(OTHER, prerequisites=("370306000000-D09",))),
        {},
        {"PREREQUISITE_UNKNOWN"},
    ),
    "two-parts-that-wait-for-each-other": (
        joint(part(prerequisites=(OTHER,)), part(OTHER, prerequisites=(OFFICE,))),
        {},
        {"PREREQUISITE_RING"},
    ),
    "a-part-that-waits-for-itself": (
        joint(PARTS[0], part(OTHER, prerequisites=(OTHER,))),
        {},
        {"PREREQUISITE_RING"},
    ),
    "a-part-of-an-authority-nobody-registered": (
        joint(),
        {"authorities": {OFFICE: authority()}},
        {"AUTHORITY_NOT_REGISTERED"},
    ),
    "asking-nobody": (asking(), {}, {"CONSULTED_MISSING"}),
    "asked-without-a-form": ({"consulted": (OTHER,)}, {}, {"CONSULTED_WITHOUT_FORM"}),
    "asking-itself": (asking(OFFICE), {}, {"CONSULTED_IS_AUTHORITY"}),
    "asking-an-authority-nobody-registered": (
        asking(OTHER),
        {"authorities": {OFFICE: authority()}},
        {"AUTHORITY_NOT_REGISTERED"},
    ),
    "forty-five-days-without-a-designation": (
        joint(statutory_limit=working_days(45, LAW)),
        {},
        {"DESIGNATION_MISSING"},
    ),
    "twenty-one-days-alone": (
        {"statutory_limit": working_days(21, LAW)},
        {},
        {"DESIGNATION_MISSING"},
    ),
    "a-designation-of-one": (
        {**DESIGNATED, "statutory_limit": working_days(20, LAW)},
        {},
        {"DESIGNATION_WITHOUT_JOINT"},
    ),
    "forty-six-days": (
        joint(**DESIGNATED) | {"statutory_limit": working_days(46, LAW)},
        {},
        {"PERMIT_LAW_EXCEEDED"},
    ),
    "a-part-of-twenty-one-days": (
        joint(PARTS[0], part(OTHER, statutory_limit=working_days(21, LAW)), **DESIGNATED),
        {},
        {"PERMIT_LAW_EXCEEDED"},
    ),
    "an-extension-of-nothing": ({"extension": extension(0)}, {}, {"EXTENSION_INVALID"}),
    "an-extension-beyond-every-bound": (
        {"extension": extension(101, source="办法")},
        {},
        {"EXTENSION_INVALID"},
    ),
    "an-extension-in-another-unit": (
        {"extension": extension(5, unit=Unit.CALENDAR_DAY, source="办法")},
        {},
        {"EXTENSION_INVALID"},
    ),
    "an-extension-without-a-limit": (
        {
            "extension": extension(),
            "item_type": "20",
            "deemed_acceptance": False,
            "statutory_limit": None,
        },
        {},
        {"EXTENSION_INVALID"},
    ),
    "an-extension-on-the-spot": (
        {
            "extension": extension(1, unit=Unit.ON_THE_SPOT, source="办法"),
            "statutory_limit": None,
            "item_type": "20",
            "deemed_acceptance": False,
        },
        {},
        {"EXTENSION_INVALID"},
    ),
    "an-extension-without-a-clause": (
        {"extension": extension(source=" ")},
        {},
        {"EXTENSION_SOURCE_MISSING"},
    ),
    "eleven-days-more": ({"extension": extension(11)}, {}, {"EXTENSION_TOO_LONG"}),
    "sixteen-days-more-by-the-government": (
        joint(**DESIGNATED, extension=extension(16, **BY_GOVERNMENT)),
        {},
        {"EXTENSION_TOO_LONG"},
    ),
    "the-government-extends-what-it-did-not-designate": (
        joint(extension=extension(15, **BY_GOVERNMENT)),
        {},
        {"EXTENSION_WITHOUT_DESIGNATION"},
    ),
    "the-government-extends-what-one-authority-does": (
        {"extension": extension(10, **BY_GOVERNMENT)},
        {},
        {"EXTENSION_WITHOUT_DESIGNATION"},
    ),
    "an-assessment-by-the-permit-law": (
        {"special_procedures": (procedure(SpecialProcedureKind.ASSESSMENT),)},
        {},
        {"SPECIAL_PROCEDURE_UNFOUNDED"},
    ),
    "a-procedure-without-a-clause": (
        {"special_procedures": (procedure(source=""),)},
        {},
        {"SPECIAL_PROCEDURE_UNFOUNDED"},
    ),
    "a-procedure-of-no-days": (
        {"special_procedures": (procedure(max_days=0),)},
        {},
        {"SPECIAL_PROCEDURE_INVALID"},
    ),
    "a-procedure-beyond-every-bound": (
        {"special_procedures": (procedure(max_days=201),)},
        {},
        {"SPECIAL_PROCEDURE_INVALID"},
    ),
    "a-procedure-twice": (
        {"special_procedures": (procedure(), procedure())},
        {},
        {"SPECIAL_PROCEDURE_INVALID"},
    ),
    "on-the-spot-and-nothing-for-a-verification": (
        ON_THE_SPOT | {"verification_limit": None},
        {},
        {"VERIFICATION_MISSING"},
    ),
    "a-promised-item-with-a-verification": (
        {"verification_limit": working_days(5)},
        {},
        {"VERIFICATION_UNEXPECTED"},
    ),
    "a-verification-of-zero-days": (
        ON_THE_SPOT | {"verification_limit": working_days(0)},
        {},
        {"VERIFICATION_INVALID"},
    ),
    "a-verification-on-the-spot": (
        ON_THE_SPOT | {"verification_limit": at_once()},
        {},
        {"VERIFICATION_INVALID"},
    ),
    "a-verification-longer-than-the-law": (
        ON_THE_SPOT | {"verification_limit": working_days(11)},
        {},
        {"VERIFICATION_EXCEEDS_STATUTORY"},
    ),
    "a-verification-that-starts-after-the-law": (
        ON_THE_SPOT
        | {
            "statutory_limit": ItemLimit(
                amount=10, unit=Unit.WORKING_DAY, start=Start.RECEIVED, source="办法"
            ),
            "promised_limit": ItemLimit(amount=0, unit=Unit.ON_THE_SPOT, start=Start.RECEIVED),
        },
        {},
        {"VERIFICATION_EXCEEDS_STATUTORY"},
    ),
    "a-correction-without-a-law": (
        {"correction_limit": working_days(30)},
        {},
        {"CORRECTION_LIMIT_INVALID"},
    ),
    "a-correction-of-zero-days": (
        {"correction_limit": working_days(0, "办法")},
        {},
        {"CORRECTION_LIMIT_INVALID"},
    ),
    "a-correction-on-the-spot": (
        {
            "correction_limit": ItemLimit(
                amount=0, unit=Unit.ON_THE_SPOT, start=Start.RECEIVED, source="办法"
            )
        },
        {},
        {"CORRECTION_LIMIT_INVALID"},
    ),
    "a-filing-that-is-extended": (
        FILING | {"extension": extension()},
        {},
        {"FILING_WITH_PROCEDURE"},
    ),
    "a-filing-with-an-expert-review": (
        FILING | {"special_procedures": (procedure(),)},
        {},
        {"FILING_WITH_PROCEDURE"},
    ),
    "received-in-a-village-without-a-record": (
        {"receiving_posts": (POST,)},
        {"village_posts": frozenset({POST})},
        {"TOWN_RECEIVING_RECORD_MISSING"},
    ),
    "received-at-a-post-that-is-none": (
        {"receiving_posts": (POST, "370306001003-P1"), "town_receiving_record": "2号"},
        {"village_posts": frozenset({POST})},
        {"RECEIVING_POST_INVALID"},
    ),
    "in-person-and-fully-online": (
        {"presence_basis": "办法 第三条"},
        {},
        {"PRESENCE_WITHOUT_VISIT"},
    ),
    "in-person-without-a-visit": (
        {"presence_basis": "办法 第三条", "declared_fully_online": False},
        {},
        {"PRESENCE_WITHOUT_VISIT"},
    ),
    "a-courier-without-originals": (
        NO_PAPER | {"courier_inbound": True},
        {},
        {"COURIER_INBOUND_WITHOUT_PAPER"},
    ),
    "a-successor-without-an-end": (
        {"successor_item": "370306-01-002"},
        {"successor_known": True},
        {"SUCCESSOR_WITHOUT_END"},
    ),
    "a-successor-nobody-knows": (ENDED, {}, {"SUCCESSOR_UNKNOWN"}),
    "its-own-successor": (
        ENDED | {"successor_item": "370306-01-001"},
        {"successor_known": True},
        {"SUCCESSOR_UNKNOWN"},
    ),
}
