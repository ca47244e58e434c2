"""Prints the documents of a case: facts into a template, the template into a PDF."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from servicekit.masking import mask_id_number
from servicekit.printing import render_pdf
from servicekit.texts import DocumentTemplates
from services.intake.adapters.document_names import DocumentNames
from services.intake.adapters.post_acceptance_printing import (
    post_acceptance_facts,
    post_acceptance_persons,
)
from services.intake.adapters.pre_acceptance_printing import front_persons, pre_acceptance_facts
from services.intake.domain import result_rules
from services.intake.domain.case import Bundle, Case
from services.intake.domain.document import ADVERSE, Document, DocumentKind
from services.intake.domain.item_terms import Remedies
from services.intake.domain.records import ServiceAccount
from services.intake.domain.values import Applicant, ApplicantKind, Channel, civil_day
from services.intake.ports import Findings, SiteCheck

__all__ = ["DocumentPrinter", "PrintJob", "document_facts", "persons_of", "units_of"]

NO_ACCOUNT: Final = ServiceAccount()
NO_REMEDIES: Final = Remedies(review_body="", court="")
_TEMPLATES: Final[Mapping[DocumentKind, str]] = {
    kind: f"{kind.name.lower()}.xml.j2" for kind in DocumentKind
}


@dataclass(frozen=True, slots=True)
class PrintJob:
    """All that a document says. `findings` belong to decisions only, `site_check` to its record.

    `names` are those of `persons_of` and `units_of`; None for whom the catalogue does not know.
    """

    case: Case
    document: Document
    applicant: Applicant
    signed_for: str = ""
    account: ServiceAccount = NO_ACCOUNT
    findings: Findings | None = None
    # Of what may be reviewed: the record of its authority on the day of the document.
    remedies: Remedies = NO_REMEDIES
    site_check: SiteCheck | None = None
    names: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def bundle(self) -> Bundle | None:
        """The paper that the document goes with."""
        identity = self.document.document
        return next((each for each in self.case.bundles if each.document == identity), None)


def persons_of(job: PrintJob) -> frozenset[str]:
    """Return the identities of the staff whom the document names."""
    case, named = job.case, list[str]()
    match job.document.kind:
        case DocumentKind.MATERIALS_RECEIPT if case.channel is not Channel.ONLINE:
            named = [case.received_by]
        case DocumentKind.ONE_TIME_NOTICE:
            named = [case.noticed_by]
        case DocumentKind.ACCEPTANCE_NOTICE:
            named = [case.accepted_by]
        case DocumentKind.HANDOVER_RECORD if job.bundle is not None:
            named = [job.bundle.sent_by, job.bundle.received_by]
        case DocumentKind.SITE_CHECK_RECORD if job.site_check is not None:
            named = [*job.site_check.checkers]
    own = (*front_persons(case, job.document), *post_acceptance_persons(case, job.document))
    return _given([*named, *own])


def units_of(job: PrintJob) -> frozenset[str]:
    """Return the codes of the units that the document names and the case does not."""
    if job.bundle is None:
        return frozenset()
    return _given([job.bundle.sent_from, job.bundle.received_in])


def _given(identities: Iterable[str]) -> frozenset[str]:
    return frozenset(each for each in identities if each)


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

    What is adverse needs the reviewing body and the court by name, by the record of its day.

    Source: 行政许可法 第三十八条第二款; readings 11.
    """
    case, document, applicant = job.case, job.document, job.applicant
    if document.kind in ADVERSE:
        result_rules.require_remedies(case.number, job.remedies)
    person = applicant.kind is ApplicantKind.NATURAL_PERSON
    return {
        "case": case,
        "terms": case.terms,
        "document": document,
        "title": names.title(document.kind, case.terms),
        "applicant": applicant,
        "identity": mask_id_number(applicant.identity_number)
        if person
        else applicant.identity_number,
        "materials": case.materials,
        **pre_acceptance_facts(case, document),
        **post_acceptance_facts(case, document, names, job.account),
        "bundle": job.bundle,
        "findings": job.findings,
        "site_check": job.site_check,
        "on_review": job.remedies,
        "names": job.names,
        "signed_for": job.signed_for,
        "drafted_on": civil_day(document.drafted_at),
        "accepted_on": civil_day(case.accepted_at) if case.accepted_at else None,
        "handed_out_on": civil_day(case.handed_out_at) if case.handed_out_at else None,
    }
