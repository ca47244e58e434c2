from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, Table, Text, select, update

from servicekit import sealed
from servicekit.crypto import DamagedError, KeySet, KeyStore, SoftwareCrypto, UnknownKeyError
from servicekit.database import make_engine, new_metadata
from servicekit.sealed import SealedColumn, SealedText, rotate

KEYS = KeyStore.create()
SEALED = SealedText(SoftwareCrypto(KEYS))
NUMBER = "11010519491231002X"

METADATA = new_metadata()
PERSONS = Table(
    "person",
    METADATA,
    Column("office", Text, primary_key=True),
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("id_number", Text),
    Column("id_number_index", Text),
)
COLUMNS = (
    SealedColumn("name", "person.name"),
    SealedColumn("id_number", "person.id_number", index="id_number_index"),
)


@pytest.fixture
def engine(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path}/sealed.db")
    METADATA.create_all(engine)
    return engine


def fill(engine, count, texts=SEALED):
    rows = [
        {
            "office": f"o{number % 3}",
            "id": number,
            "name": texts.seal(f"李{number}", field="person.name"),
            "id_number": texts.seal(f"{number}X", field="person.id_number") if number % 4 else None,
            "id_number_index": texts.blind_index(f"{number}X", field="person.id_number")
            if number % 4
            else None,
        }
        for number in range(count)
    ]
    with engine.begin() as connection:
        connection.execute(PERSONS.insert(), rows)


def rows(engine):
    with engine.connect() as connection:
        return connection.execute(select(PERSONS).order_by(PERSONS.c.id)).all()


def names(engine, texts):
    return [texts.unseal(row.name, field="person.name") for row in rows(engine)]


@given(st.text())
def test_a_sealed_value_opens_to_what_it_was(plain):
    if any("\ud800" <= character <= "\udfff" for character in plain):
        return
    assert SEALED.unseal(SEALED.seal(plain, field="f"), field="f") == plain


def test_the_same_value_never_seals_to_the_same_text_and_names_its_key():
    one, two = SEALED.seal(NUMBER, field="f"), SEALED.seal(NUMBER, field="f")
    assert one != two
    assert one.split(".")[0] == KEYS.data.current
    assert NUMBER not in one


def test_a_value_moved_into_another_column_does_not_open():
    with pytest.raises(DamagedError):
        SEALED.unseal(SEALED.seal(NUMBER, field="id_number"), field="phone")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param(NUMBER, id="plain"),
        pytest.param("a.b", id="two-parts"),
        pytest.param(f"{KEYS.data.current}.!!.??", id="not-base64"),
        pytest.param(f"{KEYS.data.current}.周.村", id="not-ascii"),
        pytest.param(f"{KEYS.data.current}..", id="empty-parts"),
    ],
)
def test_what_is_not_a_sealed_value_is_damaged(text):
    with pytest.raises(DamagedError):
        SEALED.unseal(text, field="f")


def test_a_value_under_an_unknown_key_says_so():
    other = SealedText(SoftwareCrypto(KeyStore.create()))
    with pytest.raises(UnknownKeyError):
        SEALED.unseal(other.seal(NUMBER, field="f"), field="f")


@pytest.mark.parametrize(
    "spelling",
    [
        pytest.param("11010519491231002x", id="lower-case"),
        pytest.param(" 110105 19491231 002X\n", id="spaces"),
        pytest.param("１１０１０５１９４９１２３１００２Ｘ", id="full-width"),
        pytest.param("110105　19491231002X", id="ideographic-space"),
    ],
)
def test_every_spelling_of_a_value_has_the_same_index(spelling):
    assert SEALED.blind_index(spelling, field="f") == SEALED.blind_index(NUMBER, field="f")


def test_an_index_differs_by_value_field_and_key_and_does_not_show_the_value():
    other = SealedText(SoftwareCrypto(KeyStore.create()))
    indexes = {
        SEALED.blind_index(NUMBER, field="a"), SEALED.blind_index(NUMBER, field="b"),
        SEALED.blind_index(NUMBER[:-1] + "1", field="a"), other.blind_index(NUMBER, field="a"),
    }  # fmt: skip
    assert len(indexes) == 4
    assert all(NUMBER not in index for index in indexes)


def test_while_the_index_key_changes_a_search_asks_for_both():
    rotated = SealedText(SoftwareCrypto(KEYS.rotated("index")))
    candidates = rotated.blind_indexes(NUMBER, field="f")
    assert SEALED.blind_index(NUMBER, field="f") in candidates
    assert candidates[0] == rotated.blind_index(NUMBER, field="f")


@pytest.mark.parametrize("batch", [1, 3, 10, 100])
def test_rotation_seals_every_row_under_the_current_keys(engine, batch):
    fill(engine, 10)
    rotated = SealedText(SoftwareCrypto(KEYS.rotated("data").rotated("index")))
    report = rotate(engine, PERSONS, COLUMNS, rotated, batch=batch)
    assert (report.resealed, report.remaining, report.unreadable) == (10, 0, ())
    assert names(engine, rotated) == [f"李{number}" for number in range(10)]
    for row in rows(engine):
        assert row.name.startswith(rotated.current_key)
        if row.id % 4:
            expected = rotated.blind_index(f"{row.id}X", field="person.id_number")
            assert row.id_number_index == expected
            plain = rotated.unseal(row.id_number, field="person.id_number")
            assert plain == f"{row.id}X"
        else:
            assert row.id_number is row.id_number_index is None


def test_a_second_rotation_has_nothing_to_do(engine):
    fill(engine, 5)
    rotated = SealedText(SoftwareCrypto(KEYS.rotated("data")))
    rotate(engine, PERSONS, COLUMNS, rotated)
    before = rows(engine)
    assert rotate(engine, PERSONS, COLUMNS, rotated).resealed == 0
    assert rows(engine) == before


def test_a_rotation_that_stopped_half_way_goes_on(engine):
    keys = KEYS.rotated("data")
    rotated = SealedText(SoftwareCrypto(keys))
    fill(engine, 4)

    class StopsAfter(SealedText):
        left = 3

        def seal(self, plain, *, field):
            self.left -= 1
            if self.left < 0:
                raise KeyboardInterrupt
            return super().seal(plain, field=field)

    with pytest.raises(KeyboardInterrupt):
        rotate(engine, PERSONS, COLUMNS, StopsAfter(SoftwareCrypto(keys)), batch=1)
    assert names(engine, rotated) == ["李0", "李1", "李2", "李3"]
    report = rotate(engine, PERSONS, COLUMNS, rotated)
    assert 0 < report.resealed < 4
    assert report.remaining == 0


def test_an_unreadable_row_is_named_and_does_not_stop_the_others(engine):
    fill(engine, 6)
    with engine.begin() as connection:
        connection.execute(update(PERSONS).where(PERSONS.c.id == 2).values(name="spoiled"))
    rotated = SealedText(SoftwareCrypto(KEYS.rotated("data")))
    report = rotate(engine, PERSONS, COLUMNS, rotated, batch=2)
    assert (report.resealed, report.remaining, report.unreadable) == (5, 1, (("o2", 2),))


def test_a_row_changed_meanwhile_is_left_as_it_was_changed(engine):
    fill(engine, 2)
    keys = KEYS.rotated("data")
    newer = SEALED.seal("张三", field="person.name")

    class Interrupted(SealedText):
        """Opens what it is asked for as if the row had been read before another wrote it."""

        def unseal(self, text, *, field):
            if text == newer:
                text = old[1].name
            return super().unseal(text, field=field)

    old = rows(engine)

    with engine.begin() as connection:
        connection.execute(update(PERSONS).where(PERSONS.c.id == 1).values(name=newer))
    with engine.begin() as connection:
        done = sealed._reseal(
            connection, PERSONS, COLUMNS, Interrupted(SoftwareCrypto(keys)), old[1]
        )
    assert done == 0
    assert rows(engine)[1].name == newer


def test_a_key_id_with_a_wildcard_does_not_hide_stale_rows(engine):
    key = bytes(16)
    old = KeyStore(data=KeySet("aXb", {"aXb": key}), index=KEYS.index)
    new = KeyStore(data=KeySet("a_b", {"aXb": key, "a_b": bytes([1] * 16)}), index=KEYS.index)
    fill(engine, 3, SealedText(SoftwareCrypto(old)))
    assert rotate(engine, PERSONS, COLUMNS, SealedText(SoftwareCrypto(new))).resealed == 3
