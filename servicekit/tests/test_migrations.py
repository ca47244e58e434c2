"""The migrations of every service make what its models say."""

from __future__ import annotations

from datetime import date

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from servicekit.database import make_engine
from servicekit.migrations import _config, differences, upgrade
from servicekit.tests.migrated import metadata_of, services

TODAY = date(2026, 11, 22)


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'a.db'}"


@pytest.mark.parametrize("folder", services())
def test_an_upgraded_database_is_what_the_models_say(folder, url):
    upgrade(folder / "migrations", url, TODAY)
    engine = make_engine(url)
    assert differences(engine, metadata_of(folder)) == []
    engine.dispose()


@pytest.mark.parametrize("folder", services())
def test_upgrading_twice_is_upgrading_once(folder, url):
    upgrade(folder / "migrations", url, TODAY)
    upgrade(folder / "migrations", url, TODAY)


@pytest.mark.parametrize("folder", services())
def test_the_head_file_names_the_newest_version(folder):
    """Two branches that both add a version conflict in this file, and not at the customer's."""
    script = ScriptDirectory.from_config(_config(folder / "migrations"))
    assert (folder / "migrations" / "HEAD").read_text().split() == script.get_heads()


def test_a_difference_is_seen(url):
    folder = services()[0].values[0]
    upgrade(folder / "migrations", url, TODAY)
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE job ADD COLUMN surplus INTEGER"))
        connection.execute(text("DROP TABLE lease"))
    found = {each[0] for each in differences(engine, metadata_of(folder))}
    assert {"remove_column", "add_table"} <= found
    engine.dispose()


def test_a_migration_that_fails_leaves_nothing(tmp_path, url):
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / "migrations" / "env.py").write_text(
        "from servicekit.migrations import run_environment\n"
        "from servicekit.tests.toy import metadata\n"
        "run_environment(metadata)\n"
    )
    (versions / "0001_half.py").write_text(
        "import sqlalchemy as sa\n"
        "from alembic import op\n"
        'revision, down_revision = "0001", None\n'
        "def upgrade():\n"
        '    op.create_table("half", sa.Column("id", sa.Integer))\n'
        '    raise RuntimeError("in the middle")\n'
    )
    with pytest.raises(RuntimeError):
        upgrade(tmp_path / "migrations", url, TODAY)
    engine = make_engine(url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()
