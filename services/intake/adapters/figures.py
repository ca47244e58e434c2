"""What intake counts for those who watch: silence that is about to accept, carried requests.

Both are known here only: when silence accepts depends on the item's version,
and a carried request is not a case yet.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import Connection, func, select

from servicekit.figures import Figure, Values
from servicekit.places import place_of
from services.intake.adapters.orm import case_file
from services.intake.adapters.orm_counter import assistance
from services.intake.domain.values import CaseState

__all__ = ["ASSISTANCES", "DEEMED_TOMORROW", "OF_INTAKE", "count"]

DEEMED_TOMORROW: Final = Figure(
    "liandong_cases_deemed_accepted_tomorrow",
    "Cases that nobody answered and that silence accepts when today is over.",
    ("level", "township", "unit"),
)
ASSISTANCES: Final = Figure(
    "liandong_assistances",
    "Requests that a village post carries or carried, by how far they are.",
    ("township", "unit", "state"),
)
OF_INTAKE: Final = (DEEMED_TOMORROW, ASSISTANCES)

_c = case_file.c
_a = assistance.c


def count(connection: Connection, today: date) -> dict[Figure, Values]:
    """Return the figures of intake on a day, in two statements.

    Source: 行政许可法 第三十二条第一款第四项.
    """
    silent = (
        select(_c.window_unit, _c.unit_path, func.count())
        .where(
            _c.state == CaseState.RECEIVED,
            _c.silence_accepts,
            _c.noticed_at.is_(None),
            _c.notice_due_on == today,
        )
        .group_by(_c.window_unit, _c.unit_path)
    )
    carried = select(_a.village_post, _a.unit_path, _a.state, func.count()).group_by(
        _a.village_post, _a.unit_path, _a.state
    )
    return {
        DEEMED_TOMORROW: {
            (*place_of(path), unit): number for unit, path, number in connection.execute(silent)
        },
        ASSISTANCES: {
            (place_of(path).township, post, state.value): number
            for post, path, state, number in connection.execute(carried)
        },
    }
