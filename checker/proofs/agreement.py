"""The services agree on every case, and on the catalogue they were told of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from checker.case_files import Offer, ReviewCase
from checker.databases import Database
from checker.evidence import Evidence
from checker.intake_files import IntakeCase
from checker.report import Finding
from checker.values import as_object, day, flag

__all__ = ["prove_catalogue", "prove_offers", "prove_reviews"]

_DECIDED: Final = frozenset({"DECIDED", "READY", "SERVED"})
_WISHES: Final = {"TAKEN": "EMS", "DECLINED": "COLLECTION"}


class ReviewMissing(Finding):
    """A case was accepted and no department has it."""

    id = "CASE_WITHOUT_REVIEW"


class ReviewUnaccepted(Finding):
    """A department has a case that was not accepted."""

    id = "REVIEW_WITHOUT_CASE"


class ReviewDiffers(Finding):
    """Intake and review have different facts of one case."""

    id = "REVIEW_DIFFERS"


class StateDiffers(Finding):
    """The state of a case is not what its facts say."""

    id = "CASE_STATE_DIFFERS"


class OfferMissing(Finding):
    """A case whose result could be sent has no offer of free courier (R2.9)."""

    id = "CASE_WITHOUT_OFFER"


class OfferUncaused(Finding):
    """There is an offer for a case that does not exist or has nothing to send."""

    id = "OFFER_WITHOUT_CASE"


class OfferDiffers(Finding):
    """Delivery has other facts of a case than intake, or its answer did not arrive."""

    id = "OFFER_DIFFERS"


class CatalogueDiffers(Finding):
    """A service has another item, unit or calendar than the catalogue published."""

    id = "CATALOGUE_DIFFERS"


class TermsDiffer(Finding):
    """A case is handled under other terms than the version of its item says."""

    id = "CASE_TERMS_DIFFER"


def prove_reviews(evidence: Evidence) -> Iterator[Finding]:
    """When settled: accepted in intake is open in review, decided in review is decided in intake.

    With the same authority, persons, instants and last days on both sides.
    """
    cases = evidence.cases.intake
    evidence.facts["cases"] = len(cases)
    for case in cases.values():
        if case.state != _state(case):
            detail = f"is {case.state}, its facts say {_state(case)}"
            yield StateDiffers(service="intake", subject=case.number, detail=detail)
    if not (evidence.settled and evidence.having("intake", "review")):
        return
    reviews = evidence.cases.review
    for case in cases.values():
        review = reviews.get(case.number)
        if review is not None and case.accepted_at is not None:
            yield from _prove_review(case, review)
        elif case.accepted_at is not None:
            yield ReviewMissing(service="review", subject=case.number)
    for number in reviews:
        if number not in cases or cases[number].accepted_at is None:
            yield ReviewUnaccepted(service="review", subject=number)


def _state(case: IntakeCase) -> str:
    """Return where a case stands by its facts alone."""
    back = case.bundle("TO_WINDOW")
    if case.handed_out_at is not None:
        return "SERVED"
    if back is not None and back.received_at is not None:
        return "READY"
    if case.decided_at is not None:
        return "DECIDED"
    if case.accepted_at is not None:
        return "ACCEPTED"
    uncured = any(material.defect != "UNSPECIFIED" for material in case.materials)
    return "CORRECTION" if case.noticed_at is not None and uncured else "RECEIVED"


def _prove_review(case: IntakeCase, review: ReviewCase) -> Iterator[Finding]:
    pairs: dict[str, tuple[object, object]] = {
        "item_code": (case.item_code, review.item_code),
        "item_version": (case.item_version, review.item_version),
        "authority": (case.authority, review.authority),
        "unit_path": (case.unit_path, review.unit_path),
        "accepted_at": (case.accepted_at, review.accepted_at),
        "front_persons": (sorted(case.front_persons), sorted(review.front_persons)),
        "persons_required": (case.terms.get("persons_required"), review.persons_required),
        "site_check_required": (case.terms.get("site_check_required"), review.site_check_required),
        "promise_due_on": (case.promise_due_on, review.promise and review.promise.due_on),
        "statutory_due_on": (case.statutory_due_on, review.statutory and review.statutory.due_on),
        "bundle": (_bundle(case), review.bundle),
        "decided_at": (case.decided_at, review.decided_at),
        "outcome": (case.outcome if case.decided_at else "", review.outcome),
        "decider": (case.decider, review.decider),
        "decided": (case.state in _DECIDED, review.state == "DECIDED"),
    }
    yield from (
        ReviewDiffers(service="review", subject=case.number, detail=words)
        for words in _differences("intake", "review", pairs)
    )


def _bundle(case: IntakeCase) -> str:
    """Return where the paper is, in the words of review."""
    sent = case.bundle("TO_DEPARTMENT")
    if sent is not None:
        return "ON_ITS_WAY" if sent.received_at is None else "RECEIVED"
    return "AT_WINDOW" if case.has_paper else "NONE"


def prove_offers(evidence: Evidence) -> Iterator[Finding]:
    """When settled: free courier was offered exactly where there is a result to send.

    And the applicant's answer is the wish that intake has.

    Source: R2.7, R2.9.
    """
    if not (evidence.settled and evidence.having("intake", "delivery")):
        return
    cases, offers = evidence.cases.intake, evidence.cases.offers
    for case in cases.values():
        offer = offers.get(case.number)
        if offer is not None and case.courier_due:
            yield from _prove_offer(case, offer)
        elif case.courier_due:
            yield OfferMissing(service="delivery", subject=case.number)
    for number in offers:
        if number not in cases or not cases[number].courier_due:
            yield OfferUncaused(service="delivery", subject=number)


def _prove_offer(case: IntakeCase, offer: Offer) -> Iterator[Finding]:
    pairs: dict[str, tuple[object, object]] = {
        "applicant": (case.applicant, offer.applicant),
        "window_unit": (case.window_unit, offer.window_unit),
        "unit_path": (case.unit_path, offer.unit_path),
        "authority": (case.authority, offer.authority),
        "offered_at": (case.received_at, offer.offered_at),
        "answered": (offer.state != "OPEN", offer.answered_at is not None),
    }
    if offer.state in _WISHES:
        pairs["result_delivery"] = (case.result_delivery, _WISHES[offer.state])
    yield from (
        OfferDiffers(service="delivery", subject=case.number, detail=words)
        for words in _differences("intake", "delivery", pairs)
    )


def prove_catalogue(evidence: Evidence) -> Iterator[Finding]:
    """When settled: items, units and calendars are everywhere what the catalogue published.

    And each case is handled under the terms of the version it was received
    under, which never change.

    Source: R3.7; readings 14.
    """
    if not (evidence.settled and evidence.having("catalog")):
        return
    catalog = evidence.services["catalog"].database
    contents = {
        row["item_version"]: as_object(row["content"])
        for row in catalog.rows("SELECT item_version, content FROM item_version")
    }
    if evidence.having("metrics"):
        metrics = evidence.services["metrics"].database
        yield from _same("metrics", "item", _published(contents), _known_items(metrics))
        yield from _same(
            "metrics",
            "unit",
            _rows(catalog, "SELECT code, name, level, kind, unit_path FROM unit"),
            _rows(metrics, "SELECT unit, name, level, kind, unit_path FROM unit"),
        )
    years = "SELECT year, notice, source FROM calendar_year"
    for name in ("intake", "review"):
        if evidence.having(name):
            theirs = evidence.services[name].database
            yield from _same(name, "calendar", _rows(catalog, years), _rows(theirs, years))
    for case in evidence.cases.intake.values():
        yield from _prove_terms(case, contents.get(case.item_version))


def _prove_terms(case: IntakeCase, content: Mapping[str, Any] | None) -> Iterator[Finding]:
    if content is None:
        yield TermsDiffer(service="intake", subject=case.number, detail="the version is unknown")
        return
    pairs: dict[str, tuple[object, object]] = {
        name: (content.get(name, default), case.terms.get(name))
        for name, default in (
            ("item_code", ""),
            ("authority", ""),
            ("authority_prefix", ""),
            ("persons_required", None),
            ("site_check_required", False),
            ("deemed_acceptance", False),
            ("result_physical", False),
            ("courier_offered", False),
        )
    }
    for name in ("promised_limit", "statutory_limit"):
        pairs[name] = (_limit(content.get(name)), _limit(case.terms.get(name)))
    asked = [each["material_code"] for each in content.get("materials", ())]
    pairs["materials"] = (sorted(asked), sorted(each.code for each in case.materials))
    yield from (
        TermsDiffer(service="intake", subject=case.number, detail=words)
        for words in _differences("catalog", "intake", pairs)
    )


def _limit(limit: Mapping[str, Any] | None) -> tuple[object, ...] | None:
    return None if limit is None else (limit["amount"], limit["unit"], limit["start"])


def _published(contents: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[object, ...]]:
    """Return what the catalogue's event tells of each version; defaults are not stored."""
    return {
        version: (
            content["item_code"],
            content["name"],
            content["authority"],
            content["item_type"],
            content.get("admitted", False),
            content.get("declared_visits", 0),
            content.get("declared_fully_online", False),
            content.get("excluded_from_online", False),
            content.get("courier_offered", False),
            day(content["in_force_from_date"]),
        )
        for version, content in contents.items()
    }


def _known_items(metrics: Database) -> dict[str, tuple[object, ...]]:
    return {
        row["item_version"]: (
            row["item_code"],
            row["name"],
            row["authority"],
            row["item_type"],
            flag(row["admitted"]),
            row["declared_visits"],
            flag(row["declared_fully_online"]),
            flag(row["excluded_from_online"]),
            flag(row["courier_offered"]),
            day(row["in_force_from"]),
        )
        for row in metrics.rows("SELECT * FROM item_version")
    }


def _rows(database: Database, sql: str) -> dict[str, tuple[object, ...]]:
    return {str(key): tuple(rest) for key, *rest in (row.values() for row in database.rows(sql))}


def _same(
    service: str,
    what: str,
    published: Mapping[str, tuple[object, ...]],
    known: Mapping[str, tuple[object, ...]],
) -> Iterator[Finding]:
    for key in sorted(published.keys() | known.keys()):
        if published.get(key) != known.get(key):
            detail = f"published {published.get(key)}, known {known.get(key)}"
            yield CatalogueDiffers(service=service, subject=f"{what} {key}", detail=detail[:500])


def _differences(
    left: str, right: str, pairs: Mapping[str, tuple[object, object]]
) -> Iterator[str]:
    for name, (here, there) in pairs.items():
        if here != there:
            yield f"{name}: {left} {here}, {right} {there}"
