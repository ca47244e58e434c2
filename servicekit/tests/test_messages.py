"""The wire and the domain say the same; where they cannot, that is an error and no empty field."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from typing import NewType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.errors import InvalidRequestError
from servicekit.events import Event
from servicekit.kit import EventCodec
from servicekit.messages import check_pair, from_message, to_message
from servicekit.tests.sample_messages import Part as PartMessage
from servicekit.tests.sample_messages import Sample

Name = NewType("Name", str)


class Mood(Enum):
    GOOD = "g"
    BAD = "b"


@dataclass(frozen=True)
class Part:
    code: str


@dataclass(frozen=True)
class Everything:
    name: Name
    count: int
    choice: int | None
    mood: Mood
    moods: tuple[Mood, ...]
    mood_maybe: Mood | None
    part: Part
    parts: tuple[Part, ...]
    content: bytes
    labels: frozenset[str]
    at: datetime
    day: date | None
    ratio: float
    flag: bool
    maybe: str | None


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
parts = st.builds(Part, texts)
everything = st.builds(
    Everything,
    name=texts,
    count=st.integers(-(2**63), 2**63 - 1),
    choice=st.none() | st.integers(-(2**63), 2**63 - 1),
    mood=st.sampled_from(Mood),
    moods=st.lists(st.sampled_from(Mood)).map(tuple),
    mood_maybe=st.none() | st.sampled_from(Mood),
    part=parts,
    parts=st.lists(parts, max_size=3).map(tuple),
    content=st.binary(max_size=8),
    labels=st.frozensets(texts, max_size=4),
    at=st.datetimes(timezones=st.just(UTC)),
    day=st.none() | st.dates(),
    ratio=st.floats(allow_nan=False),
    flag=st.booleans(),
    maybe=st.none() | texts,
)


@given(everything)
def test_there_and_back_is_the_same(value):
    message = to_message(value, Sample)
    assert from_message(Sample.FromString(message.SerializeToString()), Everything) == value


def test_none_is_absent_and_an_empty_value_is_present():
    @dataclass
    class Choice:
        choice: int | None
        maybe: str | None

    message = to_message(Choice(0, None), Sample)
    assert message.HasField("choice")
    assert not message.HasField("maybe")
    assert from_message(message, Choice) == Choice(0, None)


def test_an_instant_of_another_zone_is_the_same_instant():
    @dataclass
    class Moment:
        at: datetime

    noon = datetime(2026, 9, 21, 12, tzinfo=timezone(timedelta(hours=8)))
    assert from_message(to_message(Moment(noon), Sample), Moment).at == noon


def test_an_instant_without_a_zone_is_refused():
    @dataclass
    class Moment:
        at: datetime

    with pytest.raises(ValueError, match="naive"):
        to_message(Moment(datetime(2026, 9, 21)), Sample)  # noqa: DTZ001


@dataclass
class Missing:
    surname: str


@dataclass
class Misread:
    name: int


@dataclass
class NumberForEnum:
    mood: str


@dataclass
class DayForInstant:
    at: date


@dataclass
class OnePartForMany:
    parts: tuple[str, ...]


@pytest.mark.parametrize(
    "kind",
    [Missing, Misread, NumberForEnum, DayForInstant, OnePartForMany],
    ids=lambda k: k.__name__,
)
def test_a_name_or_type_that_the_other_side_lacks_is_an_error_at_first_use(kind):
    with pytest.raises(TypeError):
        check_pair(kind, Sample)
    with pytest.raises(TypeError):
        from_message(Sample(), kind)


def test_an_enum_member_that_the_proto_lacks_is_an_error_before_it_occurs():
    class Moods(Enum):
        GOOD = 1
        MIXED = 2

    @dataclass
    class Feeling:
        mood: Moods

    Feeling.__annotations__["mood"] = Moods
    with pytest.raises(TypeError, match="MIXED"):
        to_message(Feeling(Moods.GOOD), Sample)


def test_an_enum_that_does_not_begin_unspecified_is_an_error():
    @dataclass
    class Bare:
        bare: Mood

    with pytest.raises(TypeError, match="unspecified"):
        to_message(Bare(Mood.GOOD), Sample)


@dataclass
class Needs:
    at: datetime


@dataclass
class NeedsPart:
    part: Part


@dataclass
class NeedsMood:
    mood: Mood


@pytest.mark.parametrize(
    ("message", "kind", "path"),
    [
        pytest.param(Sample(), Needs, "at", id="instant"),
        pytest.param(Sample(), NeedsPart, "part", id="part"),
        pytest.param(Sample(), NeedsMood, "mood", id="enum-unspecified"),
        pytest.param(Sample(mood=9), NeedsMood, "mood", id="enum-unknown"),
    ],
)
def test_what_a_dataclass_cannot_be_without_is_a_malformed_request(message, kind, path):
    with pytest.raises(InvalidRequestError) as caught:
        from_message(message, kind)
    assert [violation.path for violation in caught.value.fields] == [path]


def test_an_unspecified_enum_is_none_where_none_is_allowed():
    @dataclass
    class Maybe:
        mood: Mood | None

    assert from_message(Sample(), Maybe) == Maybe(None)


def test_a_message_may_stand_for_itself():
    @dataclass
    class Carrier:
        part: PartMessage
        parts: list = field(default_factory=list)

    Carrier.__annotations__["part"] = PartMessage
    message = to_message(Carrier(PartMessage(code="a"), [PartMessage(code="b")]), Sample)
    assert (message.part.code, message.parts[0].code) == ("a", "b")


def test_an_event_that_its_message_cannot_tell_does_not_let_the_process_start():
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Happened(Event):
        type = "toy.happened.v1"
        surname: str

    with pytest.raises(TypeError, match="surname"):
        EventCodec({Happened: Sample})

    class Unversioned(Event):
        type = "toy.happened"

    with pytest.raises(TypeError, match="versioned"):
        EventCodec({Unversioned: Sample})
