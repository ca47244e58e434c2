"""The facts of a case and the rules over them as SQL, as in `domain/facts.py` and `rules.py`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import FromClause, Text, and_, case, func, literal, not_, or_

from servicekit.calls import ScopeColumns
from servicekit.database import UTCDateTime
from services.metrics.adapters.orm import case_facts, item_version, rating, unit
from services.metrics.domain.facts import FILED, ONLINE
from services.metrics.domain.rules import MOST_VISITS

__all__ = [
    "ACCEPTED",
    "CAN_BE_RATED",
    "CASE_SCOPE",
    "COMPLETED",
    "DECIDED",
    "ENDED_UNDECIDED",
    "FULLY_ONLINE",
    "IN_TIME",
    "OVER",
    "RESULT",
    "SERVED",
    "SPOT",
    "TOO_MANY_VISITS",
    "accepting",
    "cases_joined",
    "completed_ever",
    "kept_to_visits",
    "overdue",
    "received_version",
    "served_by",
]

Sql = Any  # a column element; SQLAlchemy's own types say nothing more here

_f = case_facts.c
received_version = item_version.alias("received_version")  # under which a case was received
accepting = unit.alias("accepting")


def _takes_part(authority: str) -> Sql:
    """A case on which an authority works beside the lead (readings 21)."""
    return _f.authorities.cast(Text).contains(f'"authority": "{authority}"', autoescape=True)


CASE_SCOPE = ScopeColumns(
    person=_f.applicant,
    unit=_f.window_unit,
    unit_path=_f.unit_path,
    authority=_f.authority,
    takes_part=_takes_part,
)

ACCEPTED: Final[Sql] = _f.accepted_at.is_not(None)
SERVED: Final[Sql] = _f.served_at.is_not(None)
SPOT: Final[Sql] = _f.spot_decided_at.is_not(None)
DECIDED: Final[Sql] = _f.decision_on.is_not(None)
_FILED: Final[Sql] = _f.ended_as == FILED
COMPLETED: Final[Sql] = or_(_FILED, DECIDED)
CAN_BE_RATED: Final[Sql] = or_(SERVED, _FILED)
OVER: Final[Sql] = and_(COMPLETED, CAN_BE_RATED)
ENDED_UNDECIDED: Final[Sql] = and_(_f.ended_at.is_not(None), not_(COMPLETED))
IN_TIME: Final[Sql] = func.coalesce(_f.promise_kept, False)
RESULT: Final[Sql] = _f.outcome
FULLY_ONLINE: Final[Sql] = and_(
    COMPLETED, _f.channel == ONLINE, _f.assistance == "", _f.visits == _f.collection_visits
)


def completed_ever(facts: Any) -> Sql:
    """A case that was completed once, even if a withdrawal was there before."""
    return or_(
        facts.decided_at.is_not(None), facts.decision_on.is_not(None), facts.ended_as == FILED
    )


TOO_MANY_VISITS: Final[Sql] = and_(completed_ever(_f), _f.visits > MOST_VISITS)


def kept_to_visits(most: int) -> Sql:
    return and_(OVER, _f.visits <= most)


def overdue(on: date) -> Sql:
    due_on = func.coalesce(_f.reviewed_promise_due_on, _f.accepted_promise_due_on)
    return and_(ACCEPTED, not_(COMPLETED), _f.ended_at.is_(None), due_on < literal(on))


def served_by(deadlines: Mapping[date, datetime]) -> Sql:
    """The instant before which the result of a case must be served, by the day of its decision."""
    if not deadlines:
        return literal(None, UTCDateTime())
    instants = {day: literal(at, UTCDateTime()) for day, at in sorted(deadlines.items())}
    return case(instants, value=_f.decision_on)


def cases_joined() -> FromClause:
    """Every case with what the verdicts look at."""
    return (
        case_facts.outerjoin(received_version, received_version.c.item_version == _f.item_version)
        .outerjoin(accepting, accepting.c.unit == _f.accepting_unit)
        .outerjoin(rating, rating.c.case_number == _f.case_number)
    )
