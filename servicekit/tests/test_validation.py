"""A malformed request is refused with the paths of what is wrong, and never by anything else."""

from __future__ import annotations

import importlib
import random

import pytest
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from hypothesis import given, settings
from hypothesis import strategies as st

from servicekit.errors import InvalidRequestError
from servicekit.tests.sample_messages import Part, good
from servicekit.validation import MOST_NAMED, validate

SERVICES = ("catalog", "intake", "review", "delivery", "metrics")


def wrong(message):
    try:
        validate(message)
    except InvalidRequestError as error:
        return {violation.path: violation.description for violation in error.fields}
    return {}


def test_a_good_message_passes():
    assert wrong(good()) == {}


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        pytest.param({"name": ""}, "name", "is required", id="required-text"),
        pytest.param({"name": "x"}, "name", "at least 2, has 1", id="short-text"),
        pytest.param(
            {"name": "五个汉字啊"}, "name", "at most 4, has 5", id="long-text-in-characters"
        ),
        pytest.param({"digits": "12x"}, "digits", "must match", id="pattern"),
        pytest.param({"digits": "1234"}, "digits", "must match", id="pattern-is-of-the-whole"),
        pytest.param({"digits": "123\n"}, "digits", "must match", id="pattern-and-line-end"),
        pytest.param({"digits": "１２３"}, "digits", "must match", id="full-width-digits"),
        pytest.param({"count": 0}, "count", "at least 1", id="zero-counts-for-a-number"),
        pytest.param({"count": -1}, "count", "at least 1", id="below-min"),
        pytest.param({"count": 10}, "count", "at most 9", id="above-max"),
        pytest.param({"choice": None}, "choice", "is required", id="optional-number-absent"),
        pytest.param({"choice": 10}, "choice", "at most 9", id="optional-number-above-max"),
        pytest.param({"mood": 0}, "mood", "is required", id="enum-unspecified"),
        pytest.param({"mood": 7}, "mood", "not a value of Mood", id="enum-unknown"),
        pytest.param({"moods": [1, 9]}, "moods[1]", "not a value", id="unknown-in-repeated"),
        pytest.param({"moods": [1, 2, 1]}, "moods", "at most 2, has 3", id="too-many-items"),
        pytest.param({"mood_maybe": 5}, "mood_maybe", "not a value", id="enum-without-a-rule"),
        pytest.param({"part": None}, "part", "is required", id="message-absent"),
        pytest.param({"part": Part()}, "part.code", "is required", id="nested"),
        pytest.param({"parts": [Part(code="a")]}, "parts", "at least 2", id="too-few-items"),
        pytest.param(
            {"parts": [Part(code="a"), Part(code="abcdef")]},
            "parts[1].code",
            "at most 5",
            id="deep",
        ),
        pytest.param({"content": b"x"}, "content", "at least 2, has 1", id="short-bytes"),
        pytest.param({"content": b"xxxx"}, "content", "at most 3, has 4", id="long-bytes"),
        pytest.param({"labels": []}, "labels", "is required", id="repeated-empty"),
        pytest.param({"labels": ["a", "B"]}, "labels[1]", "must match", id="pattern-of-an-item"),
        pytest.param({"ratio": 1.5}, "ratio", "at most 1", id="float-above-max"),
        pytest.param({"ratio": float("nan")}, "ratio", "beyond", id="not-a-number"),
        pytest.param({"ratio": float("-inf")}, "ratio", "beyond", id="infinite"),
        pytest.param({"position": 2**63}, "position", "beyond", id="beyond-bigint"),
        pytest.param({"free": "a\x00b"}, "free", "NUL", id="nul-without-a-rule"),
        pytest.param({"labels": ["\x00"]}, "labels[0]", "NUL", id="nul-in-an-item"),
        pytest.param({"agreed": None}, "agreed", "is required", id="optional-flag-absent"),
        pytest.param({"maybe": None}, "maybe", "is required", id="optional-text-absent"),
        pytest.param({"maybe": ""}, "maybe", "is required", id="optional-text-empty"),
        pytest.param({"at": Timestamp(seconds=2**60)}, "at", "instant", id="instant-too-late"),
        pytest.param({"at": Timestamp(nanos=-1)}, "at", "instant", id="nanos-below-zero"),
        pytest.param(
            {"day": Date(year=2026, month=2, day=30)}, "day", "calendar", id="no-such-day"
        ),
        pytest.param({"day": Date(year=2026)}, "day", "calendar", id="a-year-is-no-day"),
    ],
)
def test_each_kind_of_constraint(changes, path, words):
    found = wrong(good(**changes))
    assert list(found) == [path]
    assert words in found[path]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"choice": 0}, id="zero-that-was-said"),
        pytest.param({"agreed": True}, id="a-flag"),
        pytest.param({"digits": ""}, id="an-empty-text-that-is-not-required"),
        pytest.param({"content": b""}, id="no-bytes"),
        pytest.param({"ratio": 0.0}, id="a-zero-within-bounds"),
        pytest.param({"ratio": -1.0}, id="the-bound-itself"),
        pytest.param({"position": 2**63 - 1}, id="the-largest-bigint"),
        pytest.param({"mood_maybe": 0}, id="unspecified-where-it-is-not-required"),
        pytest.param({"day": Date(year=9999, month=12, day=31)}, id="long-term"),
        pytest.param({"at": Timestamp(seconds=1_790_000_000)}, id="an-instant"),
        pytest.param({"name": "𠮷野家店"}, id="characters-not-bytes"),
    ],
)
def test_what_is_within_bounds_passes(changes):
    assert wrong(good(**changes)) == {}


def test_all_that_is_wrong_is_named_at_once_but_not_more_than_fits_into_an_answer():
    few = wrong(good(name="", count=0, mood=9))
    assert few.keys() == {"name", "count", "mood"}
    many = good(parts=[Part() for _ in range(5000)])
    with pytest.raises(InvalidRequestError) as caught:
        validate(many)
    assert len(caught.value.fields) == MOST_NAMED
    assert len(caught.value.facts["fields_named"]) < 1000


def requests():
    """Every request message of the five services."""
    found = []
    for name in SERVICES:
        module = importlib.import_module(f"liandong.{name}.v1.{name}_service_pb2")
        for service in module.DESCRIPTOR.services_by_name.values():
            found += [GetMessageClass(method.input_type) for method in service.methods]
    return found


REQUESTS = requests()


@pytest.mark.parametrize("kind", REQUESTS, ids=lambda kind: kind.DESCRIPTOR.full_name)
def test_an_empty_request_is_valid_or_refused(kind):
    wrong(kind())


def fields_of(descriptor, depth=0):
    """A strategy for valid and invalid values of a message, as keyword arguments."""
    values = {}
    for field in descriptor.fields:
        if field.message_type is not None:
            if depth > 3:
                continue
            inner = fields_of(field.message_type, depth + 1)
            one = inner.map(lambda given, t=field.message_type: GetMessageClass(t)(**given))
        elif field.enum_type is not None:
            one = st.integers(0, 12)
        elif field.cpp_type == field.CPPTYPE_BOOL:
            one = st.booleans()
        elif field.cpp_type == field.CPPTYPE_STRING:
            text = st.sampled_from(["", "\x00", "370306-01-001", "张三", "x" * 300])
            one = text.map(str.encode) if field.type == field.TYPE_BYTES else text
        elif field.cpp_type in (field.CPPTYPE_INT64, field.CPPTYPE_UINT64):
            one = st.sampled_from([0, 1, 5, 2**62])
        else:
            one = st.integers(0, 2**30)
        values[field.name] = st.lists(one, max_size=3) if field.is_repeated else one
    return st.fixed_dictionaries({}, optional=values)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_a_request_holds_it_is_valid_or_refused(data):
    kind = data.draw(st.sampled_from(REQUESTS))
    wrong(kind(**data.draw(fields_of(kind.DESCRIPTOR))))


def test_random_bytes_are_undecodable_valid_or_refused():
    chosen = random.Random(20260921)
    for kind in REQUESTS:
        for _ in range(60):
            body = bytearray(chosen.randbytes(chosen.randint(0, 60)))
            for at in range(0, len(body), 7):  # make field tags likely
                body[at] = chosen.randint(1, 8) << 3 | chosen.choice([0, 2])
            try:
                message = kind.FromString(bytes(body))
            except DecodeError:
                continue
            wrong(message)
