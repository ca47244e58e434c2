"""Prints the 代办接件单: what a village post took in, on which mandate, until when it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from servicekit.masking import mask_id_number
from servicekit.printing import render_pdf
from servicekit.texts import DocumentTemplates
from services.intake.domain.assistance import Assistance
from services.intake.domain.values import Applicant, ApplicantKind, civil_day

__all__ = ["Slip", "SlipPrinter"]

_TEMPLATE = "assistance_slip.xml.j2"


@dataclass(frozen=True, slots=True)
class Slip:
    """All that a slip says. `query` opens the progress of its case, where there is one."""

    carried: Assistance
    applicant: Applicant
    agent: str
    query: str = ""
    names: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SlipPrinter:
    """Prints; `mark` is what every page carries where no seal of effect is used."""

    templates: DocumentTemplates
    mark: str | None

    def xml(self, slip: Slip) -> str:
        """Return the slip as the printer's XML."""
        person = slip.applicant.kind is ApplicantKind.NATURAL_PERSON
        number = slip.applicant.identity_number
        return self.templates.render(
            _TEMPLATE,
            carried=slip.carried,
            terms=slip.carried.terms,
            applicant=slip.applicant,
            identity=mask_id_number(number) if person else number,
            agent=slip.agent,
            query=slip.query,
            names=slip.names,
            taken_on=civil_day(slip.carried.taken_at),
        )

    def pdf(self, xml: str, taken_at: datetime) -> bytes:
        """Return the slip as it is kept; printed twice, it is the same file."""
        return render_pdf(xml, watermark=self.mark, created_at=taken_at)
