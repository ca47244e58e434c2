"""Numbers: documents without a gap in their series, cases with their check character.

Source: 党政机关公文处理工作条例 第九条; GB/T 17710 (ISO 7064 MOD 37-36); readings 12.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final

from checker.evidence import Evidence
from checker.intake_files import Document, IntakeCase
from checker.report import Finding

__all__ = ["prove_case_numbers", "prove_numbers"]

_NUMBERED: Final = frozenset(
    {
        "ONE_TIME_NOTICE",
        "FURTHER_NOTICE",
        "ACCEPTANCE_NOTICE",
        "NOT_REQUIRED_NOTICE",
        "ACCEPTANCE_REFUSAL",
        "TERMINATION",
        "FILING_RECEIPT",
        "SPECIAL_PROCEDURE",
        "EXTENSION_NOTICE",
        "GRANT_DECISION",
        "DENIAL_DECISION",
    }
)
_PRINTED: Final = re.compile(r"(?P<word>.+)字〔(?P<year>[0-9]{4})〕(?P<rest>.+)号")
_SIGNS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_Series = tuple[str, str, int, str]


class SeriesBroken(Finding):
    """The numbers of a series are not 1, 2, 3 … up to its head, or one was given twice."""

    id = "NUMBER_SERIES_BROKEN"


class NumberMissing(Finding):
    """A document that has a number by its kind has none, or one that has none has one."""

    id = "NUMBER_MISSING"


class NumberWrong(Finding):
    """The printed number is not made of the parts of its series."""

    id = "NUMBER_WRONG"


class NumberDoubled(Finding):
    """Two documents are printed with one number."""

    id = "NUMBER_DOUBLED"


class CaseNumberWrong(Finding):
    """The number of a case does not have the form or the check character it must have."""

    id = "CASE_NUMBER_WRONG"


def prove_numbers(evidence: Evidence) -> Iterator[Finding]:
    """Each series of 文号 (authority, kind, year, site) runs from 1 to its head without a gap.

    A voided document keeps its number and its row, so it stays visible here.
    """
    if not evidence.having("intake"):
        return
    sql = "SELECT authority, kind, year, site, last_ordinal FROM document_series"
    heads: dict[_Series, int] = {
        (row["authority"], row["kind"], row["year"], row["site"]): row["last_ordinal"]
        for row in evidence.services["intake"].database.rows(sql)
    }
    given: dict[_Series, list[int]] = defaultdict(list)
    printed: Counter[str] = Counter()
    for case in evidence.cases.intake.values():
        for document in case.documents:
            yield from _prove_document(case, document)
            if document.year is not None and document.site and document.ordinal is not None:
                series = (document.authority, document.kind, document.year, document.site)
                given[series].append(document.ordinal)
                printed[document.number] += 1
            if document.state == "VOIDED":
                evidence.count("documents.voided")
    for series in sorted(given.keys() | heads.keys()):
        numbers, head = sorted(given.get(series, [])), heads.get(series, 0)
        if numbers != list(range(1, head + 1)):
            detail = f"given {_gaps(numbers, head)}, head {head}"
            yield SeriesBroken(service="intake", subject=" ".join(map(str, series)), detail=detail)
    for number, times in sorted(printed.items()):
        if times > 1:
            yield NumberDoubled(service="intake", subject=number, detail=f"{times} documents")
    evidence.facts["documents.numbered"] = sum(printed.values())


def _prove_document(case: IntakeCase, document: Document) -> Iterator[Finding]:
    parts = (document.year, document.site, document.ordinal)
    if (document.kind in _NUMBERED) != all(part is not None for part in parts):
        yield NumberMissing(service="intake", subject=document.document, detail=document.kind)
        return
    if document.kind not in _NUMBERED:
        return
    found = _PRINTED.fullmatch(document.number)
    own = next((each for each in case.parts if each["authority"] == document.authority), case.terms)
    prefix = str(own.get("authority_prefix", ""))
    whole = (
        found is not None
        and found["word"].startswith(prefix)
        and len(found["word"]) > len(prefix)
        and int(found["year"]) == document.year
        and found["rest"] == f"{document.site}-{document.ordinal:05d}"
    )
    if not whole:
        detail = f"{document.number}: {prefix} {document.year} {document.site} {document.ordinal}"
        yield NumberWrong(service="intake", subject=document.document, detail=detail)


def _gaps(numbers: list[int], head: int) -> str:
    missing = sorted(set(range(1, head + 1)) - set(numbers))
    doubled = sorted(number for number, times in Counter(numbers).items() if times > 1)
    beyond = [number for number in numbers if number > head]
    words = {"missing": missing, "twice": doubled, "beyond the head": beyond}
    return ", ".join(f"{word} {found[:10]}" for word, found in words.items() if found)


def prove_case_numbers(evidence: Evidence) -> Iterator[Finding]:
    """Each case number ends with the check character of what stands before it."""
    for number in evidence.cases.intake:
        body = number.replace("-", "")
        if not all(sign in _SIGNS for sign in body) or not _checks(body):
            yield CaseNumberWrong(service="intake", subject=number)


def _checks(body: str) -> bool:
    """Whether the last character is the check character of the others (MOD 37-36)."""
    product = 36
    for sign in body[:-1]:
        total = (product + _SIGNS.index(sign)) % 36 or 36
        product = 2 * total % 37
    return len(body) > 1 and (product + _SIGNS.index(body[-1])) % 36 == 1
