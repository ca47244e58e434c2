"""The rules of the case file: one clause, one function.

Facts in; an answer or a refusal out. No clock, no session, no log.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from services.intake.domain import errors
from services.intake.domain.values import (
    Act,
    Channel,
    Handling,
    ItemTerms,
    Limit,
    NoticeMeans,
    PostKind,
    Power,
    Recipient,
    VisitPurpose,
    civil_day,
)
from workdays import Due, Start, Unit, WorkCalendar, due, due_at

NOTICE_LIMIT: Final = 5  # working days
# What a power is called in a letter (授权书), for the clerk who lacks it.
_ACTS: Final = {
    Power.RECEIVE: "收件",
    Power.ACCEPT: "受理",
    Power.NOT_REQUIRED: "不受理",
    Power.REFUSE_ACCEPTANCE: "不予受理",
    Power.REQUEST_CORRECTION: "补正告知",
    Power.DECIDE_ON_THE_SPOT: "当场决定",
    Power.HAND_OUT: "发证",
}


def one_time_notice_due(received_at: datetime, calendar: WorkCalendar) -> Due:
    """Return the last day on which the one-time notice (一次性告知) may be given.

    The day of receipt is not counted: the Law is silent, and the general rule
    for periods is applied by analogy.

    Source: 行政许可法 第三十二条第一款第四项 (the limit), 第八十二条 (working days); R1.2.
    """
    return calendar.add(civil_day(received_at), NOTICE_LIMIT)


def is_deemed_accepted(
    terms: ItemTerms,
    received_at: datetime,
    noticed_at: datetime | None,
    at: datetime,
    calendar: WorkCalendar,
) -> bool:
    """Tell whether silence has accepted the case (视为受理) at the instant `at`.

    It does so whether or not the materials were complete, at 24:00 of the
    last day of the notice, and not for items whose own law says otherwise.

    Source: 行政许可法 第三十二条第一款第四项; readings 14.
    """
    last = one_time_notice_due(received_at, calendar)
    accepts = terms.deemed_acceptance and terms.handling is not Handling.FILING
    return accepts and noticed_at is None and at >= last.at


def require_channel(channel: Channel, act: Act) -> None:
    """Refuse a channel that is not the one the caller's post works in.

    An account works online, and so does the provincial net; a window enters who
    stands before it, or what a village agent carried. Otherwise visits could be
    written away.

    Source: R2.1, R2.5; readings 22.
    """
    online = channel is Channel.ONLINE
    if online != (act.post_kind in (PostKind.APPLICANT, PostKind.SERVICE)):
        raise errors.ChannelMismatchError(
            "This post does not work in this channel", channel=channel.name, post=act.post_kind
        )


def require_own_account(applicant_person: str, channel: Channel, act: Act) -> None:
    """Refuse an account that hands in online in the name of another account.

    Source: 行政许可法 第二十九条 (an agent needs a mandate, shown at a window).
    """
    of_an_account = act.post_kind == PostKind.APPLICANT
    if channel is Channel.ONLINE and of_an_account and applicant_person != act.person:
        raise errors.NotYourAccountError("An account hands in for itself")


def require_window_post(case: str, act: Act) -> None:
    """Refuse anybody but a window post to act on the applicant before acceptance.

    Source: R4.3, R4.4; readings 3.
    """
    if act.post_kind != PostKind.WINDOW:
        raise errors.NotAWindowPostError("This is done from a window post", case=case)


def require_receiving_post(terms: ItemTerms, act: Act) -> None:
    """Refuse receipt by anybody but a window, or the village post that the item names for it.

    Source: R4.3, R4.4; readings 3, 5.
    """
    if act.post_kind == PostKind.VILLAGE and act.unit in terms.receiving_posts:
        return
    require_window_post("", act)


def require_acceptance_by_window(case: str, act: Act) -> None:
    """Refuse acceptance from a department post, and from any other that is not a window.

    Source: R4.1, R4.4; readings 1.
    """
    if act.post_kind == PostKind.DEPARTMENT:
        raise errors.AcceptedByDepartmentError("Departments do not accept", case=case)
    require_window_post(case, act)


def require_department_post(case: str, act: Act) -> None:
    """Refuse what a department signs for unless it is done from a department post.

    Source: R4.1, R4.6; readings 1.
    """
    if act.post_kind != PostKind.DEPARTMENT:
        raise errors.NotADepartmentPostError("This is done from a department post", case=case)


def require_receiving_window(case: str, window_unit: str, act: Act, *, name: str = "") -> None:
    """Refuse another window unit than the one that received the case.

    The refusal says its `name`, where it is known, so that the clerk finds it.

    Source: R4.1, R4.7; readings 6.
    """
    if not act.is_at(window_unit):
        raise errors.NotTheReceivingWindowError(
            "Another window received this case", case=case, window=name or window_unit
        )


def require_power(case: str, power: Power, powers: frozenset[Power]) -> None:
    """Refuse what no letter in force lets the window do for this item.

    Source: R3.4; readings 3, 4.
    """
    if power not in powers:
        raise errors.PowerMissingError(
            "No letter gives the window this power",
            case=case, power=power.name, act=_ACTS[power],
        )  # fmt: skip


def require_in_force(case: str, terms: ItemTerms, *, out_of_force: bool) -> None:
    """Refuse to accept an application for an item that is out of force: the answer is 不受理.

    Source: 行政许可法 第三十二条第一款第一项; readings 4.
    """
    if out_of_force:
        raise errors.ItemNotInForceError(
            "The item is out of force", case=case, item=terms.item_named
        )


def require_first_notice(case: str, noticed_at: datetime | None) -> None:
    """Refuse a second notice: the first had to name everything.

    Source: 行政许可法 第三十二条第一款第四项, 第七十二条第四项; R1.2; readings 8.
    """
    if noticed_at is not None:
        raise errors.NoticeAlreadyGivenError("The one-time notice was given before", case=case)


def require_notice_in_time(case: str, *, accepted: bool, last: Due) -> None:
    """Refuse a notice for a case that is accepted, by a window or by silence.

    After acceptance there is no correction in the Law.

    Source: 行政许可法 第三十二条第一款第四项; domain.md 1.1.
    """
    if accepted:
        raise errors.NoticeTooLateError(
            "The case is accepted", case=case, last_day=last.on.isoformat()
        )


def require_reachable(case: str, means: NoticeMeans, account: str) -> None:
    """Refuse a notice by account to an applicant who has none: nobody would be told.

    Source: 行政许可法 第三十二条第一款第四项; readings 9.
    """
    if means is NoticeMeans.ACCOUNT and not account:
        raise errors.NoAccountChosenError("The applicant has no account", case=case)


def require_nothing_shared(case: str, asked: Iterable[str], terms: ItemTerms) -> None:
    """Refuse to ask for what can be obtained by data sharing.

    Source: 国务院令第716号 第七条; readings 8.
    """
    shared = {each.material_code for each in terms.materials if each.sharing_source}
    wrong = sorted(shared & set(asked))
    if wrong:
        raise errors.SharedDataAskedForError(
            "Shared data may not be asked for",
            case=case,
            materials="、".join(wrong),
            named=terms.named(wrong),
        )


def require_every_defect(
    case: str, asked: Iterable[str], defective: Iterable[str], terms: ItemTerms
) -> None:
    """Refuse a notice that leaves out a defect which is known.

    Source: 行政许可法 第三十二条第一款第四项 (一次告知全部内容); R1.2; readings 8.
    """
    left_out = sorted(set(defective) - set(asked))
    if left_out:
        raise errors.NoticeIncompleteError(
            "The notice leaves out a defect",
            case=case,
            materials="、".join(left_out),
            named=terms.named(left_out),
        )


def require_asked_for(
    case: str, handed_in: Iterable[str], outstanding: Iterable[str], terms: ItemTerms
) -> None:
    """Refuse a correction of what the notice did not ask for or what is cured.

    Source: 行政许可法 第三十二条第一款第五项; readings 8.
    """
    unasked = sorted(set(handed_in) - set(outstanding))
    if unasked:
        raise errors.NotAskedForError(
            "The notice does not ask for this",
            case=case,
            materials="、".join(unasked),
            named=terms.named(unasked),
        )


def require_complete(case: str, defective: Iterable[str], terms: ItemTerms) -> None:
    """Refuse to accept while a material is missing or not in due form.

    Source: 行政许可法 第三十二条第一款第五项.
    """
    open_entries = sorted(defective)
    if open_entries:
        raise errors.NotCompleteError(
            "The application is not complete",
            case=case,
            materials="、".join(open_entries),
            named=terms.named(open_entries),
        )


def require_not_accepted(case: str, *, accepted: bool) -> None:
    """Refuse to accept twice.

    Source: 行政许可法 第三十二条第一款第五项.
    """
    if accepted:
        raise errors.AlreadyAcceptedError("The case is accepted already", case=case)


def accepted_as_of(received_at: datetime, cured_at: Iterable[datetime]) -> datetime:
    """Return the instant as of which a complete application is accepted.

    That is the arrival of the last cured entry, however late the window
    confirms it, or the receipt where nothing was missing.

    Source: 行政许可法 第三十二条第一款第五项; readings 8.
    """
    return max(cured_at, default=received_at)


def limit_due(
    limit: Limit,
    *,
    received_at: datetime,
    completed_at: datetime,
    accepted_at: datetime,
    calendar: WorkCalendar,
) -> Due:
    """Return the last day of a limit, counted from the fact that starts it.

    A case that silence accepted has its first receipt for all three facts.

    Source: 行政许可法 第四十二条, 第八十二条; readings 15, 17.
    """
    starts = {
        Start.RECEIVED: received_at,
        Start.RECEIVED_COMPLETE: completed_at,
        Start.ACCEPTED: accepted_at,
    }
    event_at = starts[limit.start]
    if limit.unit is Unit.HOUR:
        end = due_at(event_at, limit.counted(), calendar)
        return Due(civil_day(end.at), end.provisional)
    return due(civil_day(event_at), limit.counted(), calendar)


def promise_within_law(promised: Due, statutory: Due | None) -> Due:
    """Return the day promised, never after the day the law allows.

    Source: 国务院令第722号 第三十六条; readings 16.
    """
    if statutory is None or promised.on <= statutory.on:
        return promised
    return statutory


def is_visit(purpose: VisitPurpose, channel: Channel, recipient: Recipient | None = None) -> bool:
    """Tell whether the applicant came to a hall.

    Coming to the window is a visit, for whatever purpose; uploading is none,
    and neither is what a village agent carries both ways.

    Source: R2.1, R2.5; readings 22.
    """
    if purpose is VisitPurpose.COLLECTION:
        carried = channel is Channel.ASSISTANCE and recipient is Recipient.MANDATED_AGENT
        return not carried
    return channel is Channel.WINDOW


def document_number(prefix: str, word: str, year: int, site: str, ordinal: int) -> str:
    """Return a number (文号): 周审批受字〔2026〕01-00001号.

    The series is gapless per authority, kind, year and issuing site.

    Source: 党政机关公文处理工作条例 第九条 (发文字号); readings 12.
    """
    return f"{prefix}{word}字〔{year}〕{site}-{ordinal:05}号"
