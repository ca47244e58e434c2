"""The application in a case file: what came, what was asked for, how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from servicekit.events import Aggregate
from services.intake.domain import errors, pre_acceptance_rules, rules
from services.intake.domain.case_history import Ending, FurtherNotice, Reminder, SpotDecision
from services.intake.domain.case_parts import CaseMaterial, NoticeEntry
from services.intake.domain.values import CaseState, Defect, Handling, ItemTerms, NoticeMeans
from workdays import Due, WorkCalendar

__all__ = ["ApplicationFile"]

_UNDETERMINED = frozenset({CaseState.RECEIVED, CaseState.CORRECTION, CaseState.FILED})


@dataclass(eq=False, kw_only=True)
class ApplicationFile(Aggregate):
    """What a case is before a department has it, and what becomes of it if none ever does."""

    number: str
    terms: ItemTerms
    applicant_person: str
    received_at: datetime
    out_of_force: bool = False
    state: CaseState = CaseState.RECEIVED
    # The applicant agreed to be served in the account they chose (电子送达确认).
    electronic_service_consent: bool = False

    noticed_at: datetime | None = None
    noticed_by: str = ""
    notice_means: NoticeMeans | None = None
    notice_proof: str = ""
    # When the last entry of a notice was cured; None while anything is open.
    corrected_at: datetime | None = None
    # When it was recorded that the window did not confirm that in time.
    unconfirmed_at: datetime | None = None
    turned_at: datetime | None = None
    turned_by: str = ""
    accepted_at: datetime | None = None
    filed_at: datetime | None = None

    materials: list[CaseMaterial] = field(default_factory=list)
    notice_entries: list[NoticeEntry] = field(default_factory=list)
    further_notices: list[FurtherNotice] = field(default_factory=list)
    reminders: list[Reminder] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)
    spot_decisions: list[SpotDecision] = field(default_factory=list)

    @property
    def is_accepted(self) -> bool:
        """Whether acceptance is recorded; `standing` tells whether the law has accepted it."""
        return self.accepted_at is not None

    @property
    def is_decided_on_the_spot(self) -> bool:
        """Whether whom the letter names decided it at the window (readings 2)."""
        return bool(self.spot_decisions)

    @property
    def handling(self) -> Handling:
        """How the case is handled now: promised once it was turned (readings 2)."""
        return Handling.PROMISED if self.turned_at is not None else self.terms.handling

    @property
    def defective(self) -> tuple[str, ...]:
        """The codes of the materials that keep the case from being complete, in order."""
        return tuple(sorted(each.material_code for each in self.materials if each.is_defective))

    @property
    def corrected(self) -> frozenset[str]:
        """The codes of what was handed in since the one-time notice."""
        return frozenset(each.material_code for each in self.materials if each.corrected_at)

    @property
    def proposal(self) -> FurtherNotice | None:
        """The further notice that waits for its approval."""
        waiting = (each for each in self.further_notices if each.approved_at is None)
        return next(waiting, None)

    @property
    def noticed_defects(self) -> Mapping[str, Defect]:
        """What was found wrong with each material in the notices that were given."""
        waiting = self.proposal.ordinal if self.proposal is not None else None
        given = (each for each in self.notice_entries if each.further != waiting)
        return {each.material_code: each.defect for each in given}

    @property
    def last_noticed_at(self) -> datetime | None:
        """When the applicant was told last what to correct."""
        approved = (each.approved_at for each in self.further_notices)
        told = [each for each in (self.noticed_at, *approved) if each is not None]
        return max(told, default=None)

    def entries_of(self, further: int) -> list[NoticeEntry]:
        """Return the entries of a further notice; 0 is the one-time notice."""
        return [each for each in self.notice_entries if each.further == further]

    @property
    def withdrawal(self) -> Ending | None:
        """The withdrawal, whether or not an earlier decision stands against it."""
        kinds = (each for each in self.endings if each.kind is CaseState.WITHDRAWN)
        return next(kinds, None)

    def end(self, ending: Ending) -> None:
        """Note that the case ends without a decision."""
        self.endings.append(ending)
        self.state = ending.kind

    def replaced(self, document: str, anew: str) -> None:
        """Note that a voided document was drafted anew: what it told of is told by the new one.

        Source: readings 12.
        """
        told_by: list[Ending | FurtherNotice | Reminder | SpotDecision] = [
            *self.endings,
            *self.further_notices,
            *self.reminders,
            *self.spot_decisions,
        ]
        for each in told_by:
            if each.document == document:
                each.document = anew

    @property
    def ended_at(self) -> datetime | None:
        """When it ended without a decision."""
        if self.state not in pre_acceptance_rules.ENDED:
            return None
        return self.endings[-1].ended_at if self.endings else self.filed_at

    def require_noticed(self) -> None:
        """Refuse what answers a notice where none was given.

        Source: 行政许可法 第三十二条第一款第五项.
        """
        if self.noticed_at is None:
            raise errors.NoNoticeGivenError("No notice was given", case=self.number)

    def require_means(self, means: NoticeMeans, proof: str) -> None:
        """Refuse a means that does not reach the applicant, or whose use nothing proves.

        Source: 行政许可法 第三十二条第一款第四项; readings 9.
        """
        rules.require_reachable(self.number, means, self.applicant_person)
        consent = self.electronic_service_consent
        pre_acceptance_rules.require_consent(self.number, means, consent=consent)
        pre_acceptance_rules.require_proof(self.number, means, proof)

    @property
    def filed_as_of(self) -> datetime | None:
        """When the full information for a filing was there, recorded or not; None for others.

        Source: 企业投资项目核准和备案管理条例 第十三条; readings 14.
        """
        filed = pre_acceptance_rules.is_filed(self.terms.handling, self.defective)
        if not filed or self.out_of_force or self.state not in _UNDETERMINED:
            return None
        cured = [each.cured_at for each in self.materials if each.cured_at is not None]
        return rules.accepted_as_of(self.received_at, cured)

    def confirmation_due(self, calendar: WorkCalendar) -> Due | None:
        """Return the last day to confirm a complete correction, while one waits.

        Source: readings 8.
        """
        if self.state is not CaseState.RECEIVED or self.corrected_at is None:
            return None
        return pre_acceptance_rules.confirmation_due(self.corrected_at, calendar)

    def is_unconfirmed(self, at: datetime, calendar: WorkCalendar) -> bool:
        """Tell whether the window let the day for confirming a correction pass: red.

        Source: readings 8.
        """
        last = self.confirmation_due(calendar)
        return last is not None and at >= last.at
