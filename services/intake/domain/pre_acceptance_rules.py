"""The rules before a department begins: one clause, one function.

Facts in; an answer or a refusal out. No clock, no session, no log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from services.intake.domain import pre_acceptance_errors as errors
from services.intake.domain.values import (
    Act,
    CaseState,
    DecisionOutcome,
    Defect,
    Handling,
    ItemTerms,
    Limit,
    NoticeMeans,
    PostKind,
    civil_day,
)
from workdays import Due, WorkCalendar, due

ENDED: Final = frozenset(
    {
        CaseState.NOT_REQUIRED,
        CaseState.REFUSED,
        CaseState.WITHDRAWN,
        CaseState.TERMINATED,
        CaseState.FILED,
    }
)
CONFIRMATION_LIMIT: Final = 1  # working day


def require_open(case: str, state: CaseState) -> None:
    """Refuse to go on with a case that ended without a decision.

    Source: domain.md 1.8.
    """
    if state in ENDED:
        raise errors.CaseEndedError("The case ended", case=case, state=state.name)


def require_not_served(case: str, authority: str, *, served: bool) -> None:
    """Refuse to send the applicant away while a window serves the competent authority.

    Source: 行政许可法 第三十二条第一款第二项; readings 4.
    """
    if served:
        raise errors.CompetentAuthorityIsServedError(
            "A window serves the competent authority", case=case, authority=authority
        )


def require_undecided(case: str, decided_at: datetime | None) -> None:
    """Refuse to withdraw what is decided.

    Source: domain.md 1.8.
    """
    if decided_at is not None:
        raise errors.AlreadyDecidedError("The case is decided", case=case)


def require_signed_request(case: str, request_sha256: str, act: Act) -> None:
    """Refuse a withdrawal at a window that the applicant did not sign for.

    From the applicant's own account the account itself is the signature.

    Source: domain.md 1.8; 行政许可法 第二十九条.
    """
    if act.post_kind != PostKind.APPLICANT and not request_sha256:
        raise errors.SignedRequestMissingError("The signed request is missing", case=case)


def decision_stands(decided_at: datetime, withdrawn_at: datetime) -> bool:
    """Tell whether a decision has effect although the applicant withdrew.

    The earlier instant wins, whichever was heard of first; withdrawn at the
    instant of the decision, it was not withdrawn before it.

    Source: domain.md 1.8.
    """
    return decided_at <= withdrawn_at


def correction_due(
    limit: Limit | None, noticed_at: datetime | None, calendar: WorkCalendar
) -> Due | None:
    """Return the last day to correct, where the item's own law ends the case after it.

    Source: readings 8.
    """
    if limit is None or noticed_at is None:
        return None
    return due(civil_day(noticed_at), limit.counted(), calendar)


def require_correction_limit(case: str, last: Due | None) -> Due:
    """Refuse to end a case for want of correction where no law says so; return the last day.

    Source: readings 8.
    """
    if last is None:
        raise errors.NoCorrectionLimitError("No law ends this case", case=case)
    return last


def require_correction_over(case: str, last: Due, at: datetime) -> None:
    """Refuse to end a case while the applicant may still correct it.

    Source: readings 8.
    """
    if at < last.at:
        raise errors.CorrectionPeriodRunsError(
            "The period for correction runs", case=case, last_day=last.on.isoformat()
        )


def require_outstanding(case: str, outstanding: Iterable[str]) -> None:
    """Refuse to remind of nothing, and to end a case that is complete.

    Source: readings 8.
    """
    if not tuple(outstanding):
        raise errors.NothingOutstandingError("Nothing is outstanding", case=case)


def require_corrected(
    case: str, found: Iterable[str], corrected: frozenset[str], terms: ItemTerms
) -> None:
    """Refuse to find wanting what nobody handed in since the notice.

    Source: 行政许可法 第三十二条第一款第五项; readings 8.
    """
    missing = sorted(set(found) - corrected)
    if missing:
        raise errors.NotCorrectedYetError(
            "Nothing was handed in",
            case=case,
            materials="、".join(missing),
            named=terms.named(missing),
        )


def require_noticed_defect(
    case: str, found: Mapping[str, Defect], noticed: Mapping[str, Defect], terms: ItemTerms
) -> None:
    """Refuse to find a defect in a correction that the notice did not name.

    Otherwise a rejection would be a second notice without its approval.

    Source: R1.2; readings 8.
    """
    new = sorted(code for code, defect in found.items() if noticed.get(code) is not defect)
    if new:
        raise errors.NewDefectError(
            "The notice did not name this defect",
            case=case,
            materials="、".join(new),
            named=terms.named(new),
        )


def require_newly_submitted(
    case: str, asked: Iterable[str], corrected: frozenset[str], terms: ItemTerms
) -> None:
    """Refuse a further notice about what was there when the first was given.

    Source: R1.2; readings 8; 行政许可法 第三十二条第一款第四项.
    """
    old = sorted(set(asked) - corrected)
    if old:
        raise errors.NotNewlySubmittedError(
            "The first notice had to name it",
            case=case,
            materials="、".join(old),
            named=terms.named(old),
        )


def require_supervisor(case: str, act: Act) -> None:
    """Refuse anybody but a supervisor to approve a further notice.

    Source: R1.2; readings 8.
    """
    if act.post_kind != PostKind.SUPERVISION:
        raise errors.NotASupervisorError("A supervisor approves", case=case)


def require_other_approver(case: str, proposer: str, approver: str) -> None:
    """Refuse who proposed a further notice to approve it, from whatever post.

    Source: R1.2; readings 1, 8.
    """
    if proposer == approver:
        raise errors.ApprovedByProposerError("The proposer approves", case=case)


def require_consent(case: str, means: NoticeMeans, *, consent: bool) -> None:
    """Refuse a notice by account to an applicant who did not consent to electronic service.

    Source: 行政许可法 第三十二条第一款第四项; readings 9.
    """
    if means is NoticeMeans.ACCOUNT and not consent:
        raise errors.NoConsentOnFileError("No consent to electronic service", case=case)


def require_proof(case: str, means: NoticeMeans, proof: str) -> None:
    """Refuse a notice whose giving nothing proves: the message sent, or the number of the post.

    The signature at the window is its own proof.

    Source: 行政许可法 第三十二条第一款第四项; readings 9.
    """
    if means is not NoticeMeans.SIGNED_AT_WINDOW and not proof:
        raise errors.MeansNotProvenError("Nothing proves the notice", case=case, means=means.name)


def confirmation_due(corrected_at: datetime, calendar: WorkCalendar) -> Due:
    """Return the last day on which the window should confirm a complete correction.

    Source: readings 8.
    """
    return calendar.add(civil_day(corrected_at), CONFIRMATION_LIMIT)


def reminder_is_due(
    last_told_at: datetime, every: int, at: datetime, calendar: WorkCalendar
) -> bool:
    """Tell whether `every` working days passed since the applicant was told last.

    Source: readings 8.
    """
    return at >= calendar.add(civil_day(last_told_at), every).at


def is_filed(handling: Handling, defective: Iterable[str]) -> bool:
    """Tell whether a filing is complete: the full information is there.

    Source: 企业投资项目核准和备案管理条例 第十三条; readings 14.
    """
    return handling is Handling.FILING and not tuple(defective)


def is_same_visit(visited: Iterable[datetime], at: datetime, *, decided_on_the_spot: bool) -> bool:
    """Tell whether the applicant is still here from applying: decided on the spot, the same day.

    Source: R2.5; readings 2, 22.
    """
    return decided_on_the_spot and any(civil_day(each) == civil_day(at) for each in visited)


def require_no_filing(case: str, handling: Handling) -> None:
    """Refuse to accept a filing: there is nothing to accept, review or decide.

    Source: 企业投资项目核准和备案管理条例 第十三条; readings 14.
    """
    if handling is Handling.FILING:
        raise errors.FilingNotAcceptedError("A filing is not accepted", case=case)


def require_on_the_spot(case: str, terms: ItemTerms) -> None:
    """Refuse the one step for an item that is not one of the spot.

    Source: 行政许可法 第三十四条第二款; R4.6a; readings 2.
    """
    if terms.handling is not Handling.ON_THE_SPOT:
        raise errors.NotOnTheSpotError("Not an on-the-spot item", case=case)


def require_not_turned(case: str, turned_at: datetime | None) -> None:
    """Refuse the one step once substance must be verified.

    Source: 行政许可法 第三十四条第三款; readings 2.
    """
    if turned_at is not None:
        raise errors.TurnedIntoPromisedError("It goes the promised way", case=case)


def require_turned(case: str, handling: Handling) -> None:
    """Refuse to send an on-the-spot item to a department before it is turned into a promised one.

    Source: 行政许可法 第三十四条第二款, 第三十四条第三款; readings 2.
    """
    if handling is Handling.ON_THE_SPOT:
        raise errors.OnTheSpotItemError("It is decided on the spot, or turned", case=case)


def require_grant(case: str, outcome: DecisionOutcome) -> None:
    """Refuse a denial on the spot: it needs the promised way.

    Source: R4.6a; 行政许可法 第三十八条第二款; readings 2.
    """
    if outcome is not DecisionOutcome.GRANTED:
        raise errors.DeniedOnTheSpotError("A denial needs the promised way", case=case)


def require_named(case: str, person: str, named: frozenset[str], letter: str) -> None:
    """Refuse whom the letter in force does not name to decide on the spot.

    Source: R4.6a; readings 2.
    """
    if person not in named:
        raise errors.NotNamedToDecideError("The letter names others", case=case, letter=letter)
