"""A migration that takes something from the version that runs on is found before it lands."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, inspect, text

from tools import expansion
from tools.expansion import EXEMPT, Table, expansion_problems, narrowings
from tools.migrations import problems

BEFORE = """CREATE TABLE parcel (
    number TEXT NOT NULL, weight INTEGER NOT NULL, note TEXT,
    PRIMARY KEY (number), UNIQUE (weight), CHECK (weight > 0))"""

ENV = """from alembic import context
context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
"""
VERSION = '''"""{revision}"""
from alembic import op
revision = "{revision}"
down_revision = {before!r}
def upgrade():
    for each in {statements!r}:
        op.execute(each)
'''


def schema(*statements: str) -> dict[str, Table]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        for each in statements:
            connection.execute(text(each))
        inspector = inspect(connection)
        found = {name: Table.of(inspector, name) for name in inspector.get_table_names()}
    engine.dispose()
    return found


@pytest.mark.parametrize(
    "added",
    [
        "CREATE TABLE stamp (number TEXT PRIMARY KEY)",
        "ALTER TABLE parcel ADD COLUMN colour TEXT",
        "ALTER TABLE parcel ADD COLUMN colour TEXT NOT NULL DEFAULT ''",
        "CREATE INDEX of_note ON parcel (note)",
    ],
)
def test_what_only_adds_takes_nothing(added):
    assert list(narrowings(schema(BEFORE), schema(BEFORE, added))) == []


@pytest.mark.parametrize(
    ("after", "found"),
    [
        ("CREATE TABLE stamp (number TEXT PRIMARY KEY)", "table parcel is gone"),
        (BEFORE.replace(", note TEXT", ""), "column parcel.note is gone"),
        (BEFORE.replace("note TEXT", "note DATE"), "column parcel.note is DATE, was TEXT"),
        (BEFORE.replace("note TEXT", "note TEXT NOT NULL"), "parcel.note must be given a value"),
        (
            BEFORE.replace("note TEXT", "note TEXT, colour TEXT NOT NULL"),
            "parcel.colour must be given a value",
        ),
        (BEFORE.replace("(number)", "(number, weight)"), "key of parcel is number, weight"),
        (BEFORE.replace("weight > 0", "weight > 5"), "new: check weight > 5"),
        (BEFORE.replace("(weight)", "(note)"), "new: unique note"),
        (BEFORE.replace("UNIQUE (weight), ", ""), "gone: unique weight"),
        (
            BEFORE.replace("CHECK", "FOREIGN KEY (note) REFERENCES parcel (number), CHECK"),
            "new: note refers to parcel",
        ),
    ],
)
def test_what_would_make_a_statement_of_before_fail_is_named(after, found):
    assert found in " | ".join(narrowings(schema(BEFORE), schema(after)))


@pytest.fixture
def migrations(tmp_path):
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text(ENV, encoding="utf-8")

    def write(*steps: list[str]):
        before = None
        for number, statements in enumerate(steps, start=1):
            revision = f"{number:04d}"
            content = VERSION.format(revision=revision, before=before, statements=statements)
            (folder / "versions" / f"{revision}_step.py").write_text(content, encoding="utf-8")
            before = revision
        return folder

    return write


def test_a_column_that_is_dropped_behind_the_models_back_is_found(migrations, tmp_path):
    folder = migrations([BEFORE], ["ALTER TABLE parcel DROP COLUMN note"])
    assert expansion_problems("post", folder, tmp_path) == [
        "post 0002 does not only add: column parcel.note is gone"
    ]


def test_an_exception_needs_a_reason_and_something_to_except(migrations, tmp_path, monkeypatch):
    monkeypatch.setattr(expansion, "EXEMPT", {("post", "0002"): "note is unused since 0.2"})
    folder = migrations([BEFORE], ["ALTER TABLE parcel DROP COLUMN note"])
    assert expansion_problems("post", folder, tmp_path) == []
    monkeypatch.setattr(expansion, "EXEMPT", {("post", "0001"): "made anew"})
    (tmp_path / "post.expansion.db").unlink()
    assert "post 0001 only adds: it is no exception" in expansion_problems("post", folder, tmp_path)


def test_the_migrations_of_all_services_lead_to_the_models_and_only_add():
    assert problems() == []
    assert all(EXEMPT.values())
