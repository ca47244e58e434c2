"""Numbers of cases: unique without coordination, from leased blocks.

A process takes a block in a transaction of its own and hands the numbers out
one by one, so that no command waits for another's. Numbers of a block that is
lost with its process are never used; case numbers need not be gapless.
"""

from __future__ import annotations

import secrets
import threading
from datetime import date

from sqlalchemy import Engine, text

__all__ = ["CaseNumbers", "case_number", "query_code"]

BLOCK = 20
_MODULUS = 36
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that is mistaken when read aloud
_CODE_LENGTH = 10

_TAKE = text("""
    INSERT INTO number_block AS b (site, day, next_ordinal) VALUES (:site, :day, 1 + :block)
    ON CONFLICT (site, day) DO UPDATE SET next_ordinal = b.next_ordinal + :block
    RETURNING next_ordinal""")


def case_number(division: str, site: str, day: date, ordinal: int, mark: str = "") -> str:
    """Return 370306-01-20260921-00001-C: site, day, sequence, check character.

    The check character catches every single mistake and every swap of
    neighbours when a number is typed. What is no case has a mark before its
    sequence: "A" an assistance, "E" an enquiry.

    Source: GB/T 17710 (ISO 7064) MOD 37-36; readings 12.
    """
    sequence = f"{mark}{ordinal:05}"
    check = _check_character(f"{division}{site}{day:%Y%m%d}{sequence}")
    return f"{division}-{site}-{day:%Y%m%d}-{sequence}-{check}"


def _check_character(body: str) -> str:
    product = _MODULUS
    for sign in body:
        total = (product + _ALPHABET.index(sign)) % _MODULUS or _MODULUS
        product = total * 2 % (_MODULUS + 1)
    return _ALPHABET[(_MODULUS + 1 - product) % _MODULUS]


def query_code() -> str:
    """Return a code that cannot be guessed: fifty bits, easy to read aloud."""
    return "".join(secrets.choice(_CODE_ALPHABET) for _ in range(_CODE_LENGTH))


class CaseNumbers:
    """Hands out case numbers of one site; safe to use from several threads."""

    def __init__(self, engine: Engine, division: str, site: str) -> None:
        self._engine = engine
        self._division = division
        self._site = site
        self._lock = threading.Lock()
        self._day: date | None = None
        self._left = range(0)

    def next(self, day: date, mark: str = "") -> str:
        """Return a number for `day`. Never call it while a transaction is open.

        Cases, assistances and enquiries take their sequence from one block.
        """
        with self._lock:
            if day != self._day or not self._left:
                self._day, self._left = day, self._lease(day)
            ordinal, self._left = self._left[0], self._left[1:]
        return case_number(self._division, self._site, day, ordinal, mark)

    def _lease(self, day: date) -> range:
        with self._engine.begin() as connection:
            end: int = connection.execute(
                _TAKE.bindparams(site=self._site, day=day, block=BLOCK)
            ).scalar_one()
        return range(end - BLOCK, end)
