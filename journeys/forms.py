"""What is written on forms and papers, and when: the small change of every journey."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from servicekit.clock import CHINA_STANDARD_TIME

__all__ = ["PDF", "Citizen", "china", "day", "entry", "paper", "stamp"]

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def china(month: int, day: int, hour: int, minute: int = 0, *, year: int = 2026) -> datetime:
    """Return an instant by the clock on the hall's wall."""
    return datetime(year, month, day, hour, minute, tzinfo=CHINA_STANDARD_TIME).astimezone(UTC)


def stamp(instant: datetime) -> Timestamp:
    """Return `instant` as a message."""
    found = Timestamp()
    found.FromDatetime(instant)
    return found


def paper(code: str, pieces: int = 1, **more: Any) -> dict[str, Any]:
    """Return a material handed in on paper."""
    return {"material_code": code, "paper_pieces": pieces, **more}


def entry(code: str, defect: str, what_to_do: str, legal_basis: str) -> dict[str, Any]:
    """Return an entry of a one-time notice; `defect` is MISSING, NOT_IN_LEGAL_FORM or so."""
    return {
        "material_code": code,
        "defect": f"DEFECT_{defect}",
        "what_to_do": what_to_do,
        "legal_basis": legal_basis,
    }


@dataclass(frozen=True, slots=True)
class Citizen:
    """Who applies, as on the form; `account` is empty for somebody without one."""

    account: str
    name: str
    identity_number: str
    phone: str = "13800003210"
    address: str = "山东省淄博市周村区丝绸路街道车站社区1号"
    kind: str = "NATURAL_PERSON"

    @property
    def form(self) -> dict[str, Any]:
        """The applicant of a request."""
        return {
            "person": self.account,
            "kind": f"APPLICANT_KIND_{self.kind}",
            "name": self.name,
            "identity_number": self.identity_number,
            "phone": self.phone,
            "address": self.address,
        }


def day(found: Any) -> date:
    """Return the civil day of a message `google.type.Date`."""
    return date(found.year, found.month, found.day)
