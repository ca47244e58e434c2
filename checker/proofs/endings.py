"""How a case may end or begin otherwise: refused, by silence, on the spot, filed, told again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from checker.evidence import Evidence
from checker.intake_files import IntakeCase
from checker.report import Finding
from checker.values import as_json, as_names, civil_day, day
from checker.windows import Windows, windows_of

__all__ = ["prove_endings", "prove_further_notices", "prove_silence", "prove_spot"]

_BEFORE_ACCEPTANCE: Final = frozenset({"NOT_REQUIRED", "REFUSED", "TERMINATED"})
_POWERS: Final = {"NOT_REQUIRED": "NOT_REQUIRED", "REFUSED": "REFUSE_ACCEPTANCE",
                  "TERMINATED": "REFUSE_ACCEPTANCE"}  # fmt: skip
_ON_THE_SPOT: Final = "DECIDE_ON_THE_SPOT"


class EndingWrong(Finding):
    """A case ended as the law does not let it end."""

    id = "LAW_ENDING_WRONG"


class SilenceWrong(Finding):
    """Silence accepted what it cannot accept (readings 4, 14)."""

    id = "LAW_SILENCE_WRONG"


class SpotWrong(Finding):
    """A case was decided on the spot by whom no letter names, or though it is no such item."""

    id = "LAW_SPOT_DECISION_WRONG"


class FurtherNoticeWrong(Finding):
    """A further notice has no other person's approval, or was not told once (R1.2)."""

    id = "LAW_FURTHER_NOTICE_WRONG"


def prove_endings(evidence: Evidence) -> Iterator[Finding]:
    """Each ending has its ground: another authority, a law that ends it, the applicant's own word.

    Source: 行政许可法 第三十二条第一款第一项, 第二项; readings 3, 4, 8; domain.md 1.8.
    """
    letters = _letters(evidence)
    windows = windows_of(evidence)
    for case in evidence.cases.intake.values():
        for wrong in _ending_wrong(case):
            yield EndingWrong(service="intake", subject=case.number, detail=wrong)
        ending = case.ending
        if ending is None or ending.ended_at is None or not evidence.settled:
            continue
        power = _POWERS.get(ending.kind)
        at = ending.ended_at
        if power is not None and letters and not _lets(letters, windows, case, power, at):
            detail = f"{power} on {civil_day(at)} at {case.window_unit} without a letter"
            yield EndingWrong(service="intake", subject=case.number, detail=detail)
        if ending.kind == "REFUSED" and _serves(evidence, letters, ending.competent_authority, at):
            detail = f"a window serves {ending.competent_authority}"
            yield EndingWrong(service="intake", subject=case.number, detail=detail)


def _ending_wrong(case: IntakeCase) -> Iterator[str]:
    if len(case.endings) > 1:
        yield f"ended {len(case.endings)} times"
    for ending in case.endings:
        if ending.kind in _BEFORE_ACCEPTANCE and case.accepted_at is not None:
            yield f"{ending.kind} and accepted"
        if ending.kind == "REFUSED" and not ending.competent_authority:
            yield "refused without naming the competent authority"
        if ending.kind == "TERMINATED" and not case.terms.get("correction_limit"):
            yield "terminated, though no law ends it"
        yield from _withdrawal_wrong(case, ending.ended_at, overtaken=ending.overtaken)
    if case.filed_at is not None and (case.handling != "FILING" or case.accepted_at is not None):
        yield f"filed, though {case.handling} and accepted {case.accepted_at}"


def _withdrawal_wrong(case: IntakeCase, at: datetime | None, *, overtaken: bool) -> Iterator[str]:
    """Of a decision and a withdrawal the earlier holds; of one instant the decision does."""
    decided = [each.decided_at for each in case.decisions if each.decided_at is not None]
    if at is None or overtaken == any(each <= at for each in decided):
        return
    yield f"withdrawn {at}, decided {decided}, overtaken: {overtaken}"


def prove_silence(evidence: Evidence) -> Iterator[Finding]:
    """Silence accepts only what the version lets it accept, in force, unanswered and unended.

    Source: 行政许可法 第三十二条第一款第四项; readings 4, 14, 17.
    """
    ends = _ends_of_versions(evidence)
    for case in evidence.cases.intake.values():
        received = case.received_at
        until = ends.get(case.item_version)
        over = received is not None and until is not None and until <= civil_day(received)
        if case.item_version in ends and over != case.out_of_force:
            detail = f"out of force: {case.out_of_force}, ended on {until}"
            yield SilenceWrong(service="intake", subject=case.number, detail=detail)
        if not case.deemed:
            continue
        wrong = ""
        if not case.terms.get("deemed_acceptance"):
            wrong = "the item is not accepted by silence"
        elif case.out_of_force:
            wrong = "the item is out of force"
        elif case.handling == "FILING":
            wrong = "a filing is not accepted"
        elif case.noticed_at is not None:
            wrong = "a notice was given"
        if wrong:
            yield SilenceWrong(service="intake", subject=case.number, detail=wrong)


def _ends_of_versions(evidence: Evidence) -> Mapping[str, Any]:
    if not evidence.having("catalog"):
        return {}
    sql = "SELECT item_version, in_force_until_date FROM item_version"
    catalog = evidence.services["catalog"].database
    return {
        row["item_version"]: day(row["in_force_until_date"])
        for row in catalog.rows(sql)
        if row["in_force_until_date"] is not None
    }


def prove_spot(evidence: Evidence) -> Iterator[Finding]:
    """Who decided on the spot is named by the letter in force, for an item that allows it.

    Only a grant is possible there, of a complete application that was not turned.

    Source: 行政许可法 第三十四条第二款; R4.6a; readings 2.
    """
    letters = _letters(evidence)
    windows = windows_of(evidence)
    for case in evidence.cases.intake.values():
        spot = case.spot
        if spot is None:
            continue
        for wrong in _spot_wrong(case):
            yield SpotWrong(service="intake", subject=case.number, detail=wrong)
        at = spot.decided_at
        named = [each for each in letters if each["letter"] == spot.letter]
        if not letters or at is None:
            continue
        right = any(
            spot.decider in as_names(each["on_the_spot_deciders"])
            and _lets([each], windows, case, _ON_THE_SPOT, at)
            for each in named
        )
        if not right:
            detail = f"{spot.decider} is not named by {spot.letter} on {civil_day(at)}"
            yield SpotWrong(service="intake", subject=case.number, detail=detail)


def _spot_wrong(case: IntakeCase) -> Iterator[str]:
    spot = case.spot
    if spot is None:
        return
    if case.handling != "ON_THE_SPOT" or case.turned_at is not None:
        yield f"{case.handling}, turned {case.turned_at}"
    if case.outcome != "GRANTED":
        yield f"{case.outcome} on the spot"
    if not spot.decided_at == case.accepted_at == case.decided_at:
        yield f"accepted {case.accepted_at}, decided {case.decided_at}, recorded {spot.decided_at}"
    if spot.decider != case.decider or spot.decider != case.accepted_by:
        yield f"decided by {spot.decider}, accepted by {case.accepted_by}"


def prove_further_notices(evidence: Evidence) -> Iterator[Finding]:
    """A further notice is approved by another than who proposed it, and told once.

    Source: R1.2; readings 8.
    """
    if not evidence.having("intake"):
        return
    told = Counter(
        event.stream_id
        for event in evidence.services["intake"].events
        if event.type == "intake.further_notice_given.v1"
    )
    for case in evidence.cases.intake.values():
        approved = [each for each in case.further_notices if each.approved_at is not None]
        wrong = ""
        if len(approved) != told[case.number]:
            wrong = f"approved {len(approved)}, told {told[case.number]}"
        elif approved and case.noticed_at is None:
            wrong = "a further notice without a first"
        elif any(each.approved_by in {"", each.proposed_by} for each in approved):
            wrong = "approved by who proposed it"
        if wrong:
            yield FurtherNoticeWrong(service="intake", subject=case.number, detail=wrong)


def _letters(evidence: Evidence) -> list[dict[str, Any]]:
    if not evidence.having("catalog"):
        return []
    sql = """SELECT letter, authority, window_unit, from_date, until_date, item_powers,
        on_the_spot_deciders FROM authorisation_letter"""
    return list(evidence.services["catalog"].database.rows(sql))


def _in_force(letter: Mapping[str, Any], at: datetime) -> bool:
    first, end = day(letter["from_date"]), day(letter["until_date"])
    return first is not None and end is not None and first <= civil_day(at) < end


def _lets(
    letters: list[dict[str, Any]], windows: Windows, case: IntakeCase, power: str, at: datetime
) -> bool:
    for letter in letters:
        own = letter["authority"] == case.authority and windows.may(letter["window_unit"], case, at)
        if own and _in_force(letter, at):
            powers = {each["item_code"]: each["powers"] for each in as_json(letter["item_powers"])}
            if power in powers.get(case.item_code, ()):
                return True
    return False


def _serves(evidence: Evidence, letters: list[dict[str, Any]], name: str, at: datetime) -> bool:
    """Whether any window has a letter in force of the authority of that name."""
    if not letters:
        return False
    sql = "SELECT unit FROM authority WHERE name = :name OR unit = :name"
    codes = {row["unit"] for row in evidence.services["catalog"].database.rows(sql, name=name)}
    return any(letter["authority"] in codes and _in_force(letter, at) for letter in letters)
