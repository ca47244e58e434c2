"""Column values that the database cannot read: sealed text, and an index to find it by.

A sealed value is `<key id>.<nonce>.<ciphertext>`. The name of its field is authenticated with it,
so that a value moved into another column does not open.

Source: 个人信息保护法 第五十一条第三项; GB/T 22239-2019 8.1.4.8 数据保密性.
"""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Table,
    and_,
    func,
    or_,
    select,
    tuple_,
    update,
)

from servicekit.crypto import Ciphertext, CryptoProvider, DamagedError, UnknownKeyError

__all__ = ["RotationReport", "SealedColumn", "SealedText", "rotate"]

LISTED: Final = 1000  # unreadable rows a report names


class SealedText:
    """Seals and opens values with the keys of one provider."""

    def __init__(self, crypto: CryptoProvider) -> None:
        self._crypto = crypto

    @property
    def current_key(self) -> str:
        return self._crypto.current_key("data")

    @property
    def current_index_key(self) -> str:
        return self._crypto.current_key("index")

    def seal(self, plain: str, *, field: str) -> str:
        """Return `plain` sealed for `field`; the same value never seals to the same text."""
        sealed = self._crypto.encrypt(plain.encode(), context=field.encode())
        return f"{sealed.key_id}.{_encode(sealed.nonce)}.{_encode(sealed.body)}"

    def unseal(self, text: str, *, field: str) -> str:
        """Return what was sealed, or raise DamagedError."""
        parts = text.split(".")
        if len(parts) != len(Ciphertext._fields):
            raise DamagedError("this is not a sealed value")
        try:
            sealed = Ciphertext(parts[0], _decode(parts[1]), _decode(parts[2]))
        except ValueError:
            raise DamagedError("this is not a sealed value") from None
        return self._crypto.decrypt(sealed, context=field.encode()).decode()

    def blind_index(self, value: str, *, field: str) -> str:
        """Return what to store beside a sealed value so that equality finds it.

        Written in full or half width, with or without spaces, in upper or lower case: the same
        value. Nobody without the key can try values against it.
        """
        return self._index(self.current_index_key, value, field)

    def blind_indexes(self, value: str, *, field: str) -> tuple[str, ...]:
        """Return what to search for: one index per key, while an older key is being replaced."""
        return tuple(self._index(key, value, field) for key in self._crypto.keys_of("index"))

    def _index(self, key_id: str, value: str, field: str) -> str:
        data = field.encode() + b"\0" + normalised(value).encode()
        return f"{key_id}.{self._crypto.mac('index', key_id, data).hex()}"


def normalised(value: str) -> str:
    """Return the one spelling of a value that its index is made of."""
    return "".join(unicodedata.normalize("NFKC", value).split()).upper()


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A sealed column of a table; `index` is the column of its blind index, if it has one."""

    name: str
    field: str
    index: str | None = None


@dataclass(frozen=True, slots=True)
class RotationReport:
    """`remaining` rows were sealed under an old key meanwhile, or are unreadable: run again."""

    resealed: int
    remaining: int
    unreadable: tuple[tuple[Any, ...], ...]  # primary keys, the first LISTED of them


def rotate(
    engine: Engine,
    table: Table,
    columns: Sequence[SealedColumn],
    sealed: SealedText,
    *,
    batch: int = 200,
) -> RotationReport:
    """Seal again, under the current keys, what an older key sealed.

    Each batch is a transaction; stopped at any point, the next run goes on. A row that changes
    meanwhile is left to whoever changed it. Give the new key to every process first, then rotate,
    and retire the old key when nothing remains.
    """
    stale = _stale(table, columns, sealed)
    keys = tuple_(*table.primary_key.columns)
    resealed, unreadable = 0, list[tuple[Any, ...]]()
    last: tuple[Any, ...] | None = None
    while True:
        rows = select(table).where(stale).order_by(*table.primary_key.columns).limit(batch)
        if last is not None:
            rows = rows.where(keys > last)
        with engine.begin() as connection:
            found = connection.execute(rows).all()
            for row in found:
                last = tuple(row._mapping[column] for column in table.primary_key.columns)  # noqa: SLF001
                try:
                    resealed += _reseal(connection, table, columns, sealed, row)
                except (DamagedError, UnknownKeyError):
                    unreadable.append(last)
        if len(found) < batch:
            break
    with engine.connect() as connection:
        remaining = connection.execute(select(func.count()).where(stale)).scalar_one()
    return RotationReport(resealed, remaining, tuple(unreadable[:LISTED]))


def _stale(
    table: Table, columns: Sequence[SealedColumn], sealed: SealedText
) -> ColumnElement[bool]:
    """The condition that some value of a row is not under the current key; null is no value."""
    clauses: list[ColumnElement[bool]] = []
    for column in columns:
        named = f"{sealed.current_key}."
        clauses.append(~table.c[column.name].startswith(named, autoescape=True))
        if column.index is not None:
            named = f"{sealed.current_index_key}."
            clauses.append(~table.c[column.index].startswith(named, autoescape=True))
    return or_(*clauses)


def _reseal(
    connection: Connection,
    table: Table,
    columns: Sequence[SealedColumn],
    sealed: SealedText,
    row: Row[Any],
) -> int:
    """Write the row's values anew where nobody changed them meanwhile; return 1 if it was done."""
    old = row._mapping  # noqa: SLF001
    fresh: dict[str, str] = {}
    unchanged = [column == old[column] for column in table.primary_key.columns]
    for column in columns:
        if old[column.name] is None:
            continue
        plain = sealed.unseal(old[column.name], field=column.field)
        fresh[column.name] = sealed.seal(plain, field=column.field)
        unchanged.append(table.c[column.name] == old[column.name])
        if column.index is not None:
            fresh[column.index] = sealed.blind_index(plain, field=column.field)
    if not fresh:
        return 0
    return connection.execute(update(table).where(and_(*unchanged)).values(**fresh)).rowcount


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
