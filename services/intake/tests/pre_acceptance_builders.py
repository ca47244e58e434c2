"""Cases on their way before acceptance, as the tests of the domain need them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from services.intake.domain import correction, on_the_spot, refusal, withdrawal
from services.intake.domain.notice import EntryOfNotice
from services.intake.domain.on_the_spot import Finding
from services.intake.domain.refusal import CompetentAuthority, Ground
from services.intake.domain.values import (
    Act,
    DecisionOutcome,
    Defect,
    Handling,
    Limit,
    NoticeMeans,
    WindowPowers,
)
from services.intake.tests import builders as b
from workdays import Start, Unit

GROUND = Ground(
    reason="该事项已经取消，办理登记即可经营。",
    legal_basis="《国务院关于取消一批行政许可事项的决定》",
)
NOT_OURS = Ground(
    reason="该事项由市级机关办理，本机关无权受理。",
    legal_basis="《示例条例》第六条",
)
ELSEWHERE = CompetentAuthority(name="淄博市市场监督管理局", served=False)
LATER = datetime(2026, 9, 24, 2, 0, tzinfo=UTC)
CORRECTION_LIMIT = Limit(10, Unit.WORKING_DAY, Start.RECEIVED, "《示例条例》第十二条")
TERMINABLE = replace(b.TERMS, correction_limit=CORRECTION_LIMIT)
SPOT = replace(
    b.TERMS,
    handling=Handling.ON_THE_SPOT,
    statutory_limit=None,
    promised_limit=Limit(0, Unit.ON_THE_SPOT, Start.ACCEPTED),
    verification_limit=Limit(3, Unit.WORKING_DAY, Start.ACCEPTED),
    site_check_required=False,
)
FILING = replace(
    b.TERMS, handling=Handling.FILING, deemed_acceptance=False, name="企业投资项目备案"
)
LETTER = WindowPowers(
    letter="授〔2026〕1号",
    powers=b.ALL_POWERS,
    window=b.WINDOW,
    on_the_spot_deciders=frozenset({"p-clerk"}),
)


def supervisor(at=LATER, person="p-supervisor"):
    return Act(at=at, person=person, post_kind="SUPERVISION", unit="370306000000")


def told_not_required(case=None, *, act=None, powers=b.ALL_POWERS, successor_name=""):
    case = case or b.incomplete()
    refusal.tell_not_required(
        case,
        GROUND,
        act or b.at_window(b.NEXT_DAY),
        powers=powers,
        successor_name=successor_name,
        calendar=b.CALENDAR,
    )
    return case


def refused(case=None, *, act=None, powers=b.ALL_POWERS, competent=ELSEWHERE, remedies=b.REMEDIES):
    case = case or b.incomplete()
    refusal.refuse(
        case,
        competent,
        NOT_OURS,
        act or b.at_window(b.NEXT_DAY),
        powers=powers,
        remedies=remedies,
        calendar=b.CALENDAR,
    )
    return case


def terminated(case=None, *, at, act=None, powers=b.ALL_POWERS, remedies=b.REMEDIES):
    case = case or b.noticed(terms=TERMINABLE)
    refusal.terminate(
        case, act or b.at_window(at), powers=powers, remedies=remedies, calendar=b.CALENDAR
    )
    return case


def withdrawn(case=None, *, act=None, reason="不再开店。", request=""):
    case = case or b.complete()
    withdrawal.withdraw(case, reason, request, act or b.online(LATER))
    return case


def corrected(*codes, at=b.NEXT_DAY, **options):
    case = b.noticed(**options)
    b.correct(case, *(codes or ("M04", "M05")), act=b.online(at))
    return case


def reject(case, found, *, act=None):
    return correction.reject(case, found, act or b.at_window(LATER), b.CALENDAR)


def remind(case, *, act=None):
    return correction.remind(case, act or b.at_window(LATER), b.CALENDAR)


def further_entries(*codes):
    return tuple(
        EntryOfNotice(
            material_code=code,
            defect=Defect.WRONG_CONTENT,
            what_to_do="布局图须标注更衣室。",
            legal_basis="第十四条",
        )
        for code in codes
    )


def propose(case, *codes, act=None, powers=b.ALL_POWERS, **changes):
    options = {"means": NoticeMeans.SIGNED_AT_WINDOW, "proof": ""} | changes
    return correction.propose_further_notice(
        case,
        further_entries(*codes),
        options["means"],
        act or b.at_window(LATER),
        proof=options["proof"],
        reason="首次未提交布局图。",
        powers=powers,
        calendar=b.CALENDAR,
    )


def approve(case, *, ordinal=1, act=None):
    return correction.approve_further_notice(
        case, ordinal, "新提交的材料才显现。", act or supervisor(), b.CALENDAR
    )


def finding(**changes):
    fields = {
        "outcome": DecisionOutcome.GRANTED,
        "facts": "申请材料齐全，符合法定形式。",
        "legal_bases": ("《中华人民共和国行政许可法》第三十四条第二款",),
        "certificate_number": "JY1",
    }
    return Finding(**(fields | changes))


def decide(case=None, *, act=None, letter=LETTER, **changes):
    case = case or b.complete(terms=SPOT)
    on_the_spot.decide(case, finding(**changes), letter, act or b.at_window(b.NEXT_DAY), b.CALENDAR)
    return case


def turn(case=None, *, act=None):
    case = case or b.complete(terms=SPOT)
    on_the_spot.turn_into_promised(
        case, "需核实经营场所", act or b.at_window(b.NEXT_DAY), b.CALENDAR
    )
    return case
