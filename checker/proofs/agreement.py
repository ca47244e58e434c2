"""The services agree on every case, and on the catalogue they were told of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from checker.case_files import Offer
from checker.databases import Database
from checker.evidence import Evidence
from checker.intake_files import IntakeCase
from checker.proofs.tasks import differences
from checker.report import Finding
from checker.values import as_object, day, flag

__all__ = ["prove_catalogue", "prove_offers"]

_WISHES: Final = {"TAKEN": "EMS", "DECLINED": "COLLECTION"}


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
        "answered": (offer.state not in {"OPEN", "LAPSED"}, offer.answered_at is not None),
    }
    pairs["lapsed"] = (case.ending is not None and offer.answered_at is None,
                       offer.state == "LAPSED")  # fmt: skip
    if offer.state in _WISHES:
        pairs["result_delivery"] = (case.result_delivery, _WISHES[offer.state])
    yield from (
        OfferDiffers(service="delivery", subject=case.number, detail=words)
        for words in differences("intake", "delivery", pairs)
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
    for name in ("intake", "review", "metrics"):
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
            ("handling", "PROMISED"),
            ("designation", ""),
            ("town_receiving_record", ""),
        )
    }
    for name in ("promised_limit", "statutory_limit", "verification_limit", "correction_limit"):
        pairs[name] = (_limit(content.get(name)), _limit(case.terms.get(name)))
    asked = [each["material_code"] for each in content.get("materials", ())]
    pairs["materials"] = (sorted(asked), sorted(each.code for each in case.materials))
    yield from (
        TermsDiffer(service="intake", subject=case.number, detail=words)
        for words in differences("catalog", "intake", pairs)
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
            day(content.get("in_force_until_date")),
            content.get("handling", ""),
            _limit(content.get("statutory_limit")),
            _limit(content.get("promised_limit")),
            content.get("result_physical", False),
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
            day(row["in_force_until"]),
            row["handling"],
            _known_limit(row, "statutory"),
            _known_limit(row, "promised"),
            flag(row["result_physical"]),
        )
        for row in metrics.rows("SELECT * FROM item_version")
    }


def _known_limit(row: Mapping[str, Any], name: str) -> tuple[object, ...] | None:
    amount = row[f"{name}_amount"]
    return None if amount is None else (amount, row[f"{name}_unit"], row[f"{name}_start"])


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
