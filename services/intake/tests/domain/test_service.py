"""Service of the result (送达): by courier, confirmed, left behind, announced (readings 9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.intake.domain import dispatch, errors, post_acceptance_errors, post_acceptance_rules
from services.intake.domain import service_of_documents as service
from services.intake.domain.document import DocumentKind, DocumentState
from services.intake.domain.records import (
    Failure,
    OpenReason,
    OtherService,
    ServiceMeans,
    Signer,
)
from services.intake.domain.values import (
    Act,
    CaseState,
    Channel,
    Power,
    Recipient,
    ResultDelivery,
)
from services.intake.tests import after
from services.intake.tests import builders as b
from workdays import Due

COLLEAGUE = b.at_window(after.SIGNED, "p-colleague")


def dispatch_by(act, case=None, powers=frozenset(Power)):
    return dispatch.dispatch(
        case or after.for_courier(), "", powers, act, unit_path=f"/C1/{act.unit}/"
    )


def leave(case, act=COLLEAGUE, **changes):
    return service.leave_with_witnesses(case, replace(after.ACCOUNT, **changes), act)


def announce(case, act=COLLEAGUE, **changes):
    account = replace(after.ACCOUNT, witnesses=(), **changes)
    return service.announce(case, account, act, b.CALENDAR)


def confirm(case, by="王小丽", act=COLLEAGUE):
    return service.confirm(case, by, act, addressee=b.ADDRESSEE)


def proofs(case):
    return [each for each in case.documents if each.kind is DocumentKind.PROOF_OF_SERVICE]


def test_a_dispatched_result_is_on_its_way_and_not_served():
    case = after.sent()
    assert (case.state, case.served_at, case.handed_out_at) == (CaseState.IN_DELIVERY, None, None)
    event = case.events[-1]
    assert (event.type, event.pieces, event.attempt) == ("intake.result_dispatched.v1", 2, 1)
    assert proofs(case) == []


def test_r4_8_a_department_gives_nothing_to_the_courier():
    with pytest.raises(errors.HandedOutByDepartmentError):
        dispatch_by(b.at_department())


def test_r4_7_only_the_accepting_window_gives_it_to_the_courier():
    with pytest.raises(errors.NotTheAcceptingWindowError):
        dispatch_by(b.at_window(unit=b.W02))


def test_readings_6_the_window_into_which_the_accepting_one_was_merged_gives_it():
    act = replace(b.at_window(after.SENT, unit=b.W02), predecessors=frozenset({b.W01}))
    case = after.for_courier()
    assert dispatch_by(act, case).dispatched_from == b.W02
    given = case.events[-1]
    assert (given.window_unit, given.unit_path) == (b.W02, "/C1/W02/")


def test_r3_4_a_window_without_the_power_gives_nothing_to_the_courier():
    with pytest.raises(errors.PowerMissingError):
        dispatch_by(b.at_window(), powers=frozenset({Power.ACCEPT}))


def test_r2_7_what_the_applicant_wants_to_collect_is_not_sent():
    case = after.for_courier()
    case.result_delivery = ResultDelivery.COLLECTION
    with pytest.raises(post_acceptance_errors.CourierNotChosenError) as caught:
        dispatch_by(b.at_window(), case)
    assert caught.value.rule == "R2.7"


def test_what_is_not_at_the_window_is_not_sent():
    case = b.returned()
    case.result_delivery = ResultDelivery.EMS
    with pytest.raises(errors.ResultNotHereError):
        dispatch_by(b.at_window(), case)
    with pytest.raises(errors.ResultNotHereError):
        dispatch_by(b.at_window(), after.sent())


def test_what_was_served_is_not_sent():
    case = after.signed(after.sent())
    with pytest.raises(errors.AlreadyHandedOutError):
        dispatch_by(b.at_window(), case)


def test_art_44_the_signature_of_the_addressee_serves_the_result_when_it_was_given():
    case = after.signed(after.sent())
    assert (case.state, case.served_at) == (CaseState.SERVED, after.SIGNED)
    assert (case.service_means, case.recipient) == (ServiceMeans.EMS, Recipient.ADDRESSEE)
    event = case.events[-1]
    assert (event.type, event.means, event.recipient, event.serve_time, event.visits) == (
        "intake.result_served.v1", "EMS", "ADDRESSEE", after.SIGNED, 1,
    )  # fmt: skip
    assert len(proofs(case)) == 1
    decision = b.find(case, DocumentKind.GRANT_DECISION)
    assert (decision.state, decision.served_at) == (DocumentState.SERVED, after.SIGNED)
    assert case.dispatches[0].waybill == after.WAYBILL


def test_courier_is_no_visit():
    case = after.for_courier(b.returned(b.issued()))
    before = len(case.visits)
    after.signed(after.sent(case))
    assert len(case.visits) == before


@pytest.mark.parametrize(
    ("signer", "reason"),
    [(Signer.OTHER, OpenReason.SIGNED_BY_OTHER), (Signer.LOCKER, OpenReason.LOCKER)],
)
def test_the_signature_of_another_or_of_a_locker_leaves_service_open(signer, reason):
    case = after.signed(after.sent(), signer)
    assert (case.state, case.service_open) == (CaseState.IN_DELIVERY, reason)
    assert (case.served_at, proofs(case)) == (None, [])
    assert (case.events[-1].type, case.events[-1].reason) == (
        "intake.service_left_open.v1", reason.name,
    )  # fmt: skip


def test_whom_a_mandate_on_file_names_signs_for_the_addressee():
    case = after.signed(after.sent(mandate="委-3"), Signer.OTHER)
    assert case.state is CaseState.SERVED
    assert (case.recipient, case.mandate) == (Recipient.MANDATED_AGENT, "委-3")


def test_a_mandate_does_not_let_a_locker_sign():
    case = after.signed(after.sent(mandate="委-3"), Signer.LOCKER)
    assert case.service_open is OpenReason.LOCKER


@pytest.mark.parametrize("failure", [Failure.REFUSED, Failure.RETURNED, Failure.LOST])
def test_a_failed_parcel_leaves_service_open_and_the_result_at_the_window(failure):
    case = after.failed(after.sent(), failure)
    assert (case.state, case.service_open) == (CaseState.READY, OpenReason[failure.name])
    assert case.events[-1].reason == failure.name


def test_a_parcel_that_never_left_leaves_nothing_open():
    case = after.failed(after.sent(), Failure.CANCELLED)
    assert (case.state, case.service_open) == (CaseState.READY, None)
    assert case.events[-1].type == "intake.result_dispatched.v1"


def test_after_a_failure_it_is_sent_again():
    case = after.sent(after.failed(after.sent()))
    assert (case.dispatches[-1].attempt, case.service_open) == (2, None)
    after.signed(case, attempt=2)
    assert case.state is CaseState.SERVED


def test_what_the_carrier_says_twice_or_too_late_changes_nothing():
    case = after.failed(after.sent())
    told = len(case.events)
    after.failed(case, Failure.RETURNED)
    after.signed(case)
    assert (len(case.events), case.state) == (told, CaseState.READY)
    b.hand_out(case)
    after.signed(case, attempt=1)
    assert case.service_means is ServiceMeans.WINDOW


def test_the_carrier_says_nothing_about_a_parcel_that_was_not_sent():
    case = after.for_courier()
    after.signed(case)
    assert case.state is CaseState.READY


def test_a_hand_out_at_the_window_closes_service_that_is_open():
    case = after.signed(after.sent(), Signer.OTHER)
    b.hand_out(case)
    assert (case.state, case.service_open) == (CaseState.SERVED, None)
    assert case.served_at == b.NEXT_DAY


def test_nothing_is_handed_out_while_the_parcel_is_under_way():
    with pytest.raises(errors.ResultNotHereError):
        b.hand_out(after.sent())


def test_another_collects_only_under_a_mandate():
    case = after.failed(after.sent())
    with pytest.raises(errors.SignatureWithoutMandateError):
        b.hand_out(case, signed_by="李四")
    with pytest.raises(errors.SignatureWithoutMandateError):
        b.hand_out(case, recipient=Recipient.MANDATED_AGENT, signed_by="李四")
    b.hand_out(case, recipient=Recipient.MANDATED_AGENT, signed_by="李四", mandate="委-1")


def test_the_addressee_confirms_what_another_signed_for():
    case = after.signed(after.sent(), Signer.OTHER)
    confirm(case)
    assert (case.service_means, case.served_at) == (ServiceMeans.CONFIRMED, after.SIGNED)
    assert case.recipient is Recipient.ADDRESSEE
    assert len(proofs(case)) == 1


def test_only_the_addressee_confirms():
    case = after.signed(after.sent(), Signer.OTHER)
    with pytest.raises(errors.SignatureWithoutMandateError):
        confirm(case, "李四")


@pytest.mark.parametrize(
    "case", [after.sent, after.for_courier, lambda: after.failed(after.sent())]
)
def test_there_is_nothing_to_confirm_where_nobody_signed(case):
    with pytest.raises(post_acceptance_errors.ServiceNotOpenError):
        confirm(case())


def test_what_was_served_is_neither_confirmed_nor_left_nor_announced():
    for act in (confirm, leave, announce):
        with pytest.raises(errors.AlreadyHandedOutError):
            act(after.signed(after.sent()))


def test_r4_8_a_department_serves_nothing():
    for act in (confirm, leave, announce):
        with pytest.raises(errors.HandedOutByDepartmentError):
            act(after.failed(after.sent()), act=b.at_department())


def test_r4_7_another_window_serves_nothing():
    for act in (confirm, leave, announce):
        with pytest.raises(errors.NotTheAcceptingWindowError):
            act(after.failed(after.sent()), act=b.at_window(unit=b.W02))


def test_a_result_is_left_behind_before_two_witnesses():
    case = after.failed(after.sent())
    leave(case)
    assert (case.service_means, case.recipient) == (ServiceMeans.LEFT_WITH_WITNESS, None)
    assert case.events[-1].recipient == ""
    assert len(proofs(case)) == 1


@pytest.mark.parametrize("witnesses", [(), ("赵一鸣",), ("赵一鸣", "赵一鸣 "), ("赵一鸣", " ")])
def test_one_witness_or_the_same_twice_is_not_enough(witnesses):
    with pytest.raises(post_acceptance_errors.WitnessesMissingError):
        leave(after.failed(after.sent()), witnesses=witnesses)


def test_a_proof_without_the_reason_of_refusal_or_the_place_proves_nothing():
    for act in (leave, announce):
        with pytest.raises(post_acceptance_errors.RefusalReasonMissingError):
            act(after.failed(after.sent()), reason=" ")
        with pytest.raises(post_acceptance_errors.ServicePlaceMissingError):
            act(after.failed(after.sent()), place="")


def test_what_is_on_its_way_is_neither_left_nor_announced():
    for act in (leave, announce):
        with pytest.raises(errors.ResultNotHereError):
            act(after.sent())


def test_an_announcement_needs_that_something_failed_before():
    with pytest.raises(post_acceptance_errors.ServiceNotOpenError):
        announce(after.for_courier())


def test_an_announcement_serves_when_its_thirty_days_have_run():
    case = after.failed(after.sent(), Failure.RETURNED)
    last = announce(case)
    assert last == Due(date(2026, 10, 26))  # 24 October is a Saturday
    early = last.at - timedelta(seconds=1)
    assert case.standing(early, b.CALENDAR).state is CaseState.READY
    assert service.settle_announcement(case, Act(at=early)) is None
    assert case.standing(last.at, b.CALENDAR).state is CaseState.SERVED
    service.settle_announcement(case, Act(at=last.at + timedelta(days=3)))
    assert (case.served_at, case.service_means) == (last.at, ServiceMeans.ANNOUNCED)
    assert case.events[-1].serve_time == last.at
    assert service.settle_announcement(case, Act(at=last.at)) is None


def test_nothing_is_announced_twice():
    case = after.failed(after.sent())
    announce(case)
    with pytest.raises(post_acceptance_errors.AlreadyAnnouncedError):
        announce(case)


def test_who_comes_before_the_announcement_has_run_signs_at_the_window():
    case = after.failed(after.sent())
    last = announce(case)
    b.hand_out(case)
    assert case.service_means is ServiceMeans.WINDOW
    assert service.settle_announcement(case, Act(at=last.at)) is None
    assert case.served_at == b.NEXT_DAY


def test_art_44_a_result_is_served_within_ten_working_days_of_the_decision():
    assert post_acceptance_rules.service_due(b.NEXT_DAY, b.CALENDAR) == Due(date(2026, 10, 13))


def test_carried_both_ways_and_sent_is_no_visit():
    case = b.complete(channel=Channel.ASSISTANCE)
    case = after.for_courier(b.returned(b.issued_of(b.accepted(case))))
    after.signed(after.sent(case))
    assert case.visits == []


def test_the_account_of_service_is_asked_for_by_its_means():
    post_acceptance_rules.require_account_of_service("A1", OtherService.ANNOUNCED, "x", "y", ())
