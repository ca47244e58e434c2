"""Prints the documents of a case: facts into a template, the template into a PDF."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from servicekit.masking import mask_id_number
from servicekit.printing import render_pdf
from servicekit.texts import DocumentTemplates
from services.intake.adapters.document_names import DocumentNames
from services.intake.domain import result_rules
from services.intake.domain.case import Case
from services.intake.domain.document import DECISIONS, Document, DocumentKind
from services.intake.domain.values import Applicant, ApplicantKind, civil_day
from services.intake.ports import Findings

__all__ = ["DocumentPrinter", "PrintJob", "document_facts"]

_TEMPLATES: Final[Mapping[DocumentKind, str]] = {
    kind: f"{kind.name.lower()}.xml.j2" for kind in DocumentKind
}


@dataclass(frozen=True, slots=True)
class PrintJob:
    """All that a document says. `findings` belong to decisions only."""

    case: Case
    document: Document
    applicant: Applicant
    signed_for: str = ""
    findings: Findings | None = None


@dataclass(frozen=True, slots=True)
class DocumentPrinter:
    """Prints; `mark` is what every page carries where no seal of effect is used."""

    templates: DocumentTemplates
    names: DocumentNames
    mark: str | None

    def xml(self, job: PrintJob) -> str:
        """Return the document as the printer's XML."""
        kind = job.document.kind
        facts = document_facts(job, self.names)
        return self.templates.render(_TEMPLATES[kind], **facts)

    def pdf(self, xml: str, drafted_at: datetime) -> bytes:
        """Return the document as it is kept; printed twice, it is the same file."""
        return render_pdf(xml, watermark=self.mark, created_at=drafted_at)


def document_facts(job: PrintJob, names: DocumentNames) -> dict[str, Any]:
    """Return what the templates may use, the same for every kind.

    A denial needs the reviewing body and the court by name.

    Source: 行政许可法 第三十八条第二款; readings 11.
    """
    case, document, applicant = job.case, job.document, job.applicant
    if document.kind is DocumentKind.DENIAL_DECISION:
        result_rules.require_remedies(case.number, case.terms)
    person = applicant.kind is ApplicantKind.NATURAL_PERSON
    return {
        "case": case,
        "terms": case.terms,
        "document": document,
        "title": names.titles[document.kind],
        "applicant": applicant,
        "identity": mask_id_number(applicant.identity_number)
        if person
        else applicant.identity_number,
        "materials": case.materials,
        "entries": [
            (entry, case.material(entry.material_code).name) for entry in case.notice_entries
        ],
        "bundle": next((each for each in case.bundles if each.document == document.document), None),
        "findings": job.findings,
        "signed_for": job.signed_for,
        "served": [
            (names.titles[each.kind], each.number)
            for each in case.documents
            if each.kind in DECISIONS
        ],
        "drafted_on": civil_day(document.drafted_at),
        "accepted_on": civil_day(case.accepted_at) if case.accepted_at else None,
        "handed_out_on": civil_day(case.handed_out_at) if case.handed_out_at else None,
    }
