"""A catalogue that is in use is migrated with its rows, and keeps refusing what it refused."""

from __future__ import annotations

import shutil
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from servicekit.database import make_engine
from servicekit.migrations import differences, upgrade
from services.catalog.adapters import orm
from services.catalog.bootstrap import DEFINITION

TODAY = date(2026, 9, 21)
WINDOW = "370306000000-C1-W01"
UNIT = text(
    "INSERT INTO unit (code, name, kind, parent, unit_path, level, site, revision) "
    "VALUES (:code, :code, 'WINDOW', '', '/', 0, '', 1)"
)
AUTHORITY = text(
    "INSERT INTO authority (unit, name, prefix, records, revision) "
    "VALUES (:unit, 'x', 'x', '[]', 1)"
)
LETTER = text(
    "INSERT INTO authorisation_letter (letter, authority, window_unit, signatory, from_date, "
    "until_date, item_powers, scan_sha256, signed_at, revision) VALUES "
    "('1', :unit, :unit, 'x', '2026-01-01', '2028-01-01', '[]', 'x', '2026-01-01 00:00:00', 1)"
)


def migrated_with_rows(url, tmp_path):
    before = tmp_path / "before"
    shutil.copytree(DEFINITION.migrations, before)
    for later in ("0002*", "0003*"):
        for path in (before / "versions").glob(later):
            path.unlink()
    upgrade(before, url, TODAY)
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(UNIT, {"code": WINDOW})
        connection.execute(AUTHORITY, {"unit": WINDOW})
        connection.execute(LETTER, {"unit": WINDOW})
    upgrade(DEFINITION.migrations, url, TODAY)
    return engine


def check(engine):
    assert differences(engine, orm.metadata) == []
    with engine.connect() as connection:
        [letter] = connection.execute(orm.authorisation_letter.select())
        [unit] = connection.execute(orm.unit.select())
    assert (letter.letter, letter.on_the_spot_deciders) == ("1", ())
    assert (unit.code, unit.merged_into, unit.merged_from_date) == (WINDOW, "", None)
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(orm.authorisation_letter.update().values(signatory="y"))
    engine.dispose()


def test_a_catalogue_in_use_is_migrated_on_sqlite(tmp_path):
    check(migrated_with_rows(f"sqlite:///{tmp_path / 'catalog.db'}", tmp_path))


def test_a_catalogue_in_use_is_migrated_on_postgresql(tmp_path, fresh_database):
    check(migrated_with_rows(fresh_database().url(), tmp_path))
