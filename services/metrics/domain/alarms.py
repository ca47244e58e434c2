"""What somebody must look at, though nobody was refused anything."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from services.metrics.domain import incoming

__all__ = ["Alarm", "AlarmKind", "alarm_of"]


class AlarmKind(Enum):
    """Kinds of alarms, each told by one event."""

    COMPETENCE_ALARMED = 1  # readings 4
    BUNDLE_OVERDUE = 2  # R4.5; readings 13
    CORRECTION_UNCONFIRMED = 3  # readings 8
    DEEMED_ACCEPTANCE = 4  # 行政许可法 第三十二条第一款第四项
    LIGHT_CHANGED = 5  # domain.md 1.9
    SERVICE_LEFT_OPEN = 6  # readings 9
    ASSISTANCE_OVERDUE = 7  # R5.5; readings 5


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm about a case, or about a carried request that is none yet.

    What it does not name is that of the case.
    """

    kind: AlarmKind
    case_number: str
    authority: str = ""
    unit: str = ""
    detail: str = ""


def alarm_of(event: incoming.Incoming) -> Alarm | None:
    """Return the alarm an event raises, None where it raises none.

    Source: R1.5, R3.4, R4.5, R5.5; 行政许可法 第三十二条第一款第四项; readings 4, 5, 8, 9, 13.
    """
    found: Alarm | None = None
    match event:
        case incoming.CompetenceAlarmed():
            found = Alarm(
                AlarmKind.COMPETENCE_ALARMED,
                event.case_number,
                event.authority,
                event.window_unit,
                event.reason,
            )
        case incoming.BundleOverdue():
            found = Alarm(AlarmKind.BUNDLE_OVERDUE, event.case_number, detail=event.bag)
        case incoming.CorrectionUnconfirmed():
            kind = AlarmKind.CORRECTION_UNCONFIRMED
            found = Alarm(kind, event.case_number, unit=event.window_unit)
        case incoming.CaseAccepted() if event.deemed:
            found = Alarm(AlarmKind.DEEMED_ACCEPTANCE, event.case_number, unit=event.window_unit)
        case incoming.LightChanged():
            kind = AlarmKind.LIGHT_CHANGED
            found = Alarm(kind, event.case_number, event.authority, detail=event.light)
        case incoming.ServiceLeftOpen():
            found = Alarm(AlarmKind.SERVICE_LEFT_OPEN, event.case_number, detail=event.reason)
        case incoming.AssistanceOverdue():
            kind = AlarmKind.ASSISTANCE_OVERDUE
            found = Alarm(kind, event.assistance, unit=event.village_post)
    return found
