"""A case is commanded at the revision that was seen last, and looked at again when it moved on."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from journeys.course import Citizen, Course
from journeys.errors import JourneyError, RefusedError
from journeys.recorder import Recorder
from servicekit.grpc_errors import Refusal


def refusal(reason):
    return Refusal(code="ABORTED", reason=reason, rule="", text="…", facts={}, fields=())


class FakeWorld:
    """A district with one case; whoever commands it at another revision is refused."""

    def __init__(self, revision=4, reason=""):
        self.revision = revision
        self.reason = reason
        self.calls = []
        self.refusals = []

    def staff(self, person):
        return person

    def do(self, actor, package, method, **fields):
        self.calls.append(method)
        if method == "GetCase":
            return SimpleNamespace(case=SimpleNamespace(revision=self.revision))
        if fields["revision"] != self.revision:
            raise RefusedError(method, refusal("STALE_REVISION"))
        if self.reason:
            raise RefusedError(method, refusal(self.reason))
        self.revision += 1
        return SimpleNamespace(revision=self.revision)


@pytest.fixture
def world():
    return FakeWorld()


@pytest.fixture
def course(world):
    citizen = Citizen("a-1", "某", "370306195001010018")
    return Course(world, Recorder(), "370306-01-001", "clerk", "applicant", citizen)


def test_the_answer_to_one_command_tells_the_revision_of_the_next(course, world):
    course.on_case("clerk", "AcceptCase")
    course.on_case("clerk", "HandOverBundle")
    assert world.calls == ["GetCase", "AcceptCase", "HandOverBundle"]


def test_a_case_that_moved_on_is_looked_at_again(course, world):
    course.on_case("clerk", "AcceptCase")
    world.revision = 9
    assert course.on_case("clerk", "HandOverBundle").revision == 10
    assert world.calls[-3:] == ["HandOverBundle", "GetCase", "HandOverBundle"]


def test_a_refusal_is_handed_back_and_kept(course, world):
    world.reason = "ACCEPTED_BY_DEPARTMENT"
    assert course.refused_on_case("p", "AcceptCase").reason == "ACCEPTED_BY_DEPARTMENT"
    assert [each.reason for each in world.refusals] == ["ACCEPTED_BY_DEPARTMENT"]


def test_what_should_have_been_refused_and_was_not_ends_the_journey(course):
    with pytest.raises(JourneyError, match="AcceptCase by"):
        course.refused_on_case(SimpleNamespace(name="部门"), "AcceptCase")
