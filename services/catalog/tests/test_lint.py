from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from servicekit.texts import MessageCatalogue
from services.catalog.domain.authorities import AuthorityRecord
from services.catalog.domain.errors import LintFailedError
from services.catalog.domain.items import HandlingKind, ItemLimit, Material, Necessity
from services.catalog.domain.lint import RULES, findings, require_sound
from services.catalog.tests.broken_terms import BROKEN as TERMS_BROKEN
from services.catalog.tests.broken_terms import SOUND as TERMS_SOUND
from services.catalog.tests.examples import FOOD_LICENCE, OFFICE, around, authority
from workdays import Start, Unit

TEXTS = MessageCatalogue.load("services.catalog")


def limit(amount, unit=Unit.WORKING_DAY, start=Start.ACCEPTED, source="建筑法 第八条"):
    return ItemLimit(amount=amount, unit=unit, start=start, source=source)


def material(code="M03", **changes):
    made = Material(
        material_code=code, name="平面图", necessity=Necessity.REQUIRED, legal_basis="第三条"
    )
    return replace(made, **changes)


def with_material(**changes):
    return {"materials": (*FOOD_LICENCE.materials, material(**changes))}


AT_ONCE = limit(0, Unit.ON_THE_SPOT)
ON_THE_SPOT = {
    "handling": HandlingKind.ON_THE_SPOT,
    "promised_limit": AT_ONCE,
    "persons_required": 1,
    "site_check_required": False,
    "verification_limit": limit(5),
}
FILING = ON_THE_SPOT | {
    "handling": HandlingKind.FILING,
    "item_type": "10",
    "verification_limit": None,
}
SEVEN_DAYS = {"statutory_limit": limit(7, Unit.CALENDAR_DAY, Start.RECEIVED_COMPLETE)}

SOUND = {
    "the-example-itself": {},
    "on-the-spot": ON_THE_SPOT,
    "a-filing-without-deemed-acceptance": FILING | {"deemed_acceptance": False},
    "a-service-without-a-statutory-limit": {
        "item_type": "20",
        "statutory_limit": None,
        "deemed_acceptance": False,
    },
    "one-working-day-within-seven-days": SEVEN_DAYS
    | {"promised_limit": limit(1, start=Start.RECEIVED_COMPLETE)},
    "a-promise-as-long-as-the-law": {"promised_limit": limit(10)},
    "a-promise-from-an-earlier-event": {"promised_limit": limit(5, start=Start.RECEIVED)},
    "an-optional-material-without-a-basis": with_material(
        necessity=Necessity.OPTIONAL, legal_basis=""
    ),
    "a-material-that-may-follow-without-a-basis": with_material(
        necessity=Necessity.LATER, legal_basis=""
    ),
    "one-visit-and-not-fully-online": {"declared_visits": 1, "declared_fully_online": False},
    "no-visit-by-courier": {"declared_fully_online": False},
    "barred-from-online": {"declared_fully_online": False, "excluded_from_online": True},
    "two-visits-outside-the-centre": {
        "admitted": False,
        "declared_visits": 2,
        "declared_fully_online": False,
    },
    "no-result-and-no-courier": {
        "result_physical": False,
        "courier_offered": False,
        "result_name": "",
    },
    "a-telephone-with-an-extension": {"advice_phone": "0533-6195001-12"},
    "one-day-in-force": {"in_force_until_date": date(2026, 1, 2)},
    "three-persons": {"persons_required": 3},
}

BROKEN = {
    "zero-working-days": (
        {"promised_limit": limit(0)},
        {"PROMISED_LIMIT_INVALID"},
    ),
    "three-days-on-the-spot": (
        ON_THE_SPOT | {"promised_limit": limit(3, Unit.ON_THE_SPOT)},
        {"PROMISED_LIMIT_INVALID"},
    ),
    "a-law-of-zero-days": ({"statutory_limit": limit(0)}, {"STATUTORY_LIMIT_INVALID"}),
    "a-law-beyond-every-bound": ({"statutory_limit": limit(1001)}, {"STATUTORY_LIMIT_INVALID"}),
    "a-permit-without-a-limit": ({"statutory_limit": None}, {"STATUTORY_LIMIT_MISSING"}),
    "a-law-without-a-clause": (
        {"statutory_limit": limit(10, source=" ")},
        {"STATUTORY_SOURCE_MISSING"},
    ),
    "a-promise-from-acceptance-and-a-law-from-receipt": (
        {"statutory_limit": limit(10, start=Start.RECEIVED)},
        {"PROMISE_STARTS_LATER"},
    ),
    "a-promise-from-completeness-and-a-law-from-receipt": (
        {
            "statutory_limit": limit(10, start=Start.RECEIVED),
            "promised_limit": limit(5, start=Start.RECEIVED_COMPLETE),
        },
        {"PROMISE_STARTS_LATER"},
    ),
    "a-promise-longer-than-the-law": (
        {"promised_limit": limit(11)},
        {"PROMISE_EXCEEDS_STATUTORY"},
    ),
    "three-working-days-against-seven-days-over-a-spring-festival": (
        SEVEN_DAYS | {"promised_limit": limit(3, start=Start.RECEIVED_COMPLETE)},
        {"PROMISE_EXCEEDS_STATUTORY"},
    ),
    "one-working-day-against-forty-eight-hours": (
        {"statutory_limit": limit(48, Unit.HOUR), "promised_limit": limit(1)},
        {"PROMISE_EXCEEDS_STATUTORY"},
    ),
    "forty-hours-against-one-day-from-the-morning": (
        {"statutory_limit": limit(1, Unit.CALENDAR_DAY), "promised_limit": limit(49, Unit.HOUR)},
        {"PROMISE_EXCEEDS_STATUTORY"},
    ),
    "a-law-that-says-at-once": (
        {"statutory_limit": AT_ONCE},
        {"PROMISE_EXCEEDS_STATUTORY"},
    ),
    "an-on-the-spot-item-that-promises-days": (
        ON_THE_SPOT | {"promised_limit": limit(5)},
        {"ON_THE_SPOT_MISMATCH"},
    ),
    "a-filing-that-promises-days": (
        FILING | {"promised_limit": limit(5), "deemed_acceptance": False},
        {"ON_THE_SPOT_MISMATCH"},
    ),
    "a-promised-item-on-the-spot": ({"promised_limit": AT_ONCE}, {"ON_THE_SPOT_MISMATCH"}),
    "an-on-the-spot-item-with-a-site-check": (
        ON_THE_SPOT | {"site_check_required": True},
        {"SITE_CHECK_ON_THE_SPOT"},
    ),
    "one-person-reviews-and-decides": ({"persons_required": 1}, {"PERSONS_TOO_FEW"}),
    "two-persons-on-the-spot": (ON_THE_SPOT | {"persons_required": 2}, {"PERSONS_TOO_MANY"}),
    "a-permit-without-deemed-acceptance": (
        {"deemed_acceptance": False},
        {"DEEMED_ACCEPTANCE_MISSING"},
    ),
    "a-filing-with-deemed-acceptance": (FILING, {"FILING_DEEMED_ACCEPTED"}),
    "a-required-material-without-a-basis": (
        with_material(legal_basis=" "),
        {"MATERIAL_BASIS_MISSING"},
    ),
    "a-shared-material-as-an-original": (
        with_material(sharing_source="公安", originals=1),
        {"SHARED_MATERIAL_ON_PAPER"},
    ),
    "a-shared-material-as-a-copy": (
        with_material(sharing_source="公安", copies=1),
        {"SHARED_MATERIAL_ON_PAPER"},
    ),
    "two-materials-under-one-code": (with_material(code="M01"), {"MATERIAL_CODE_REPEATED"}),
    "a-type-nobody-knows": (
        {"item_type": "42"},
        {"ITEM_TYPE_UNKNOWN"},
    ),
    "a-result-without-a-name": ({"result_name": ""}, {"RESULT_NAME_MISSING"}),
    "a-result-without-courier": ({"courier_offered": False}, {"COURIER_NOT_OFFERED"}),
    "courier-without-a-result": ({"result_physical": False}, {"COURIER_WITHOUT_RESULT"}),
    "fully-online-with-a-visit": ({"declared_visits": 1}, {"FULLY_ONLINE_WITH_VISITS"}),
    "fully-online-and-barred-from-it": (
        {"excluded_from_online": True},
        {"FULLY_ONLINE_BUT_EXCLUDED"},
    ),
    "no-visit-and-no-other-way": (
        {"declared_fully_online": False, "courier_offered": False, "result_physical": False},
        {"NO_WAY_WITHOUT_VISIT"},
    ),
    "two-visits-to-the-centre": (
        {"declared_visits": 2, "declared_fully_online": False},
        {"TOO_MANY_VISITS"},
    ),
    "a-telephone-without-area-code": ({"advice_phone": "6195001"}, {"PHONE_INVALID"}),
    "a-complaint-telephone-without-area-code": ({"complaint_phone": "12345"}, {"PHONE_INVALID"}),
    "one-telephone-for-both": (
        {"complaint_phone": FOOD_LICENCE.advice_phone},
        {"PHONES_SAME"},
    ),
    "no-law": ({"legal_bases": ()}, {"LEGAL_BASIS_MISSING"}),
    "a-blank-law": ({"legal_bases": ("食品安全法", "")}, {"LEGAL_BASIS_MISSING"}),
    "an-end-before-the-beginning": (
        {"in_force_until_date": date(2026, 1, 1)},
        {"VERSION_PERIOD_EMPTY"},
    ),
}


@pytest.mark.parametrize("changes", SOUND.values(), ids=SOUND)
def test_a_sound_version_has_no_findings(changes):
    assert findings(replace(FOOD_LICENCE, **changes), around()) == ()


@pytest.mark.parametrize(("changes", "codes"), BROKEN.values(), ids=BROKEN)
def test_each_defect_is_found_and_nothing_else(changes, codes):
    found = findings(replace(FOOD_LICENCE, **changes), around())
    assert {finding.code for finding in found} == codes


AROUND = {
    "an-authority-nobody-registered": ({"authorities": {}}, {"AUTHORITY_NOT_REGISTERED"}),
    "an-authority-whose-first-record-comes-later": (
        {"authorities": {OFFICE: authority(AuthorityRecord(
            from_date=date(2026, 1, 2), review_body="周村区人民政府", court="周村区人民法院"
        ))}},
        {"REMEDIES_UNKNOWN"},
    ),
    "a-second-version-from-a-day-in-the-past": (
        {"is_first": False, "accepting_windows": ("w",)},
        {"VERSION_BACKDATED"},
    ),
    "a-town-window-without-a-record": (
        {"accepting_windows": ("t",), "town_windows": ("t",)},
        {"TOWN_RECEIVING_RECORD_MISSING"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "around_changes", "codes"), TERMS_BROKEN.values(), ids=TERMS_BROKEN
)
def test_each_defect_of_the_terms_is_found_and_nothing_else(changes, around_changes, codes):
    found = findings(replace(FOOD_LICENCE, **changes), around(**around_changes))
    assert {finding.code for finding in found} == codes


@pytest.mark.parametrize(("changes", "around_changes"), TERMS_SOUND.values(), ids=TERMS_SOUND)
def test_sound_terms_have_no_findings(changes, around_changes):
    assert findings(replace(FOOD_LICENCE, **changes), around(**around_changes)) == ()


@pytest.mark.parametrize(("changes", "codes"), AROUND.values(), ids=AROUND)
def test_what_surrounds_a_version_is_looked_at_too(changes, codes):
    assert {finding.code for finding in findings(FOOD_LICENCE, around(**changes))} == codes


def test_a_second_version_may_begin_on_the_day_it_is_published():
    later = replace(FOOD_LICENCE, in_force_from_date=date(2026, 9, 1))
    assert findings(later, around(is_first=False, accepting_windows=("w",))) == ()


def test_an_admitted_item_that_no_window_may_accept_is_found_from_its_second_version():
    later = replace(FOOD_LICENCE, in_force_from_date=date(2026, 9, 1))
    assert [each.code for each in findings(later, around(is_first=False))] == ["LETTER_MISSING"]
    assert findings(replace(later, admitted=False), around(is_first=False)) == ()


def test_an_authority_whose_court_is_missing_may_offer_the_item_and_deny_nothing_yet():
    record = AuthorityRecord(from_date=date(2024, 1, 1), review_body="周村区人民政府", court="")
    assert findings(FOOD_LICENCE, around(authorities={OFFICE: authority(record)})) == ()


def test_the_broken_promise_is_shown_on_a_real_day():
    broken = replace(
        FOOD_LICENCE,
        **SEVEN_DAYS,
        promised_limit=limit(2, start=Start.RECEIVED_COMPLETE),
    )
    [finding] = findings(broken, around())
    assert finding.code == "PROMISE_EXCEEDS_STATUTORY"
    # The last working day before the Spring Festival of 2004 was a Wednesday.
    assert finding.facts == {"day": "2004-01-21"}


def test_all_findings_are_reported_at_once_each_with_its_sentence():
    bad = replace(FOOD_LICENCE, **with_material(legal_basis=""), courier_offered=False)
    with pytest.raises(LintFailedError) as refused:
        require_sound(bad, around(), TEXTS.say)
    assert refused.value.facts == {
        "item": "370306-01-001",
        "count": "2",
        "MATERIAL_BASIS_MISSING": "必要材料应当注明要求依据，以下1项材料没有依据：M03。",
        "COURIER_NOT_OFFERED": "有实体结果的事项应当提供免费寄递。",
    }
    assert TEXTS.say("LINT_FAILED", refused.value.facts).startswith("事项“370306-01-001”未通过")


def test_many_bad_materials_make_one_sentence_of_bounded_length():
    many = tuple(material(code=f"X{number:02}", legal_basis="") for number in range(100))
    [finding] = findings(replace(FOOD_LICENCE, materials=many), around())
    assert finding.facts["count"] == "100"
    assert len(TEXTS.say(finding.code, finding.facts)) < 120


EXAMPLES = [
    *((changes, {}) for changes, _ in BROKEN.values()),
    *(({}, changes) for changes, _ in AROUND.values()),
    *((changes, around_changes) for changes, around_changes, _ in TERMS_BROKEN.values()),
    ({"in_force_from_date": date(2026, 9, 1)}, {"is_first": False}),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_rule_is_broken_by_an_example(rule):
    found = [
        rule(replace(FOOD_LICENCE, **changes), around(**around_changes))
        for changes, around_changes in EXAMPLES
    ]
    assert any(found)


@pytest.mark.parametrize(("changes", "around_changes"), EXAMPLES)
def test_every_finding_has_a_chinese_sentence(changes, around_changes):
    for finding in findings(replace(FOOD_LICENCE, **changes), around(**around_changes)):
        TEXTS.verify(finding.code, finding.facts)
