"""Intake through its guarded methods: one effect, one answer; whose; what is refused how."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import grpc
import pytest
from liandong.intake.v1 import intake_service_pb2 as pb
from sqlalchemy import func, select

from servicekit.crypto import KeyStore, SoftwareCrypto
from servicekit.grpc_errors import refusal_of
from servicekit.identity import Caller
from servicekit.sealed import SealedText, rotate
from services.intake.adapters import orm
from services.intake.bootstrap import DEFINITION
from services.intake.tests.district import (
    APPLICANT,
    CLERK,
    DECIDER,
    FOREIGN,
    NUMBER,
    OTHER_AUTHORITY,
    PNG,
    REVIEWER,
    STRANGER,
    IntakeDistrict,
    applicant,
    clerk,
)
from services.intake.tests.fakes import DEPARTMENT, W01

SUPERVISOR = Caller(
    person="p-s", assignment="as-s", post_kind="SUPERVISION", roles=frozenset({"SUPERVISOR"}),
    unit="370306000000", unit_path="/370000000000/370300000000/370306000000/",
)  # fmt: skip
UPSTREAM_SUPERVISOR = Caller(
    person="p-t", assignment="as-t", post_kind="SUPERVISION", roles=frozenset({"SUPERVISOR"}),
    unit="370302000000", unit_path="/370000000000/370300000000/370302000000/",
)  # fmt: skip
READS = {
    "GetCase": {},
    "GetTimeline": {},
    "ListDocuments": {},
    "ReadDocument": {"document": "x"},
    "RevealApplicant": {"purpose": "寄送结果"},
}


def refused(call):
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return refusal_of(caught.value)


def read(district, method, caller, **fields):
    return district.call(method, caller, f"{method}Request", case_number=district.number, **fields)


def count(district, table):
    return district.rows(select(func.count()).select_from(table))[0][0]


def test_the_same_receipt_three_times_at_once_is_one_case(district):
    fields = district.application() | {"request_id": "request-same"}
    with ThreadPoolExecutor(3) as pool:
        answers = list(
            pool.map(
                lambda _: district.call(
                    "ReceiveApplication", CLERK, "ReceiveApplicationRequest", **fields
                ),
                range(3),
            )
        )
    assert answers[0] == answers[1] == answers[2]
    assert count(district, orm.case_file) == 1


def test_a_stale_revision_is_refused_and_changes_nothing(district):
    district.receive_complete()
    refusal = district.refusal("AcceptCase", CLERK, revision=7)
    assert (refusal.code, refusal.reason) == ("ABORTED", "STALE_REVISION")
    assert district.read().state == pb.CASE_STATE_RECEIVED


def test_a_document_printed_meanwhile_does_not_make_the_clerks_revision_stale(district):
    district.receive_complete()
    seen = district.revision
    district.work()
    assert district.read().revision == seen
    assert "intake.document_issued.v1" in district.events()
    assert district.accept().document_number


def test_a_malformed_request_names_its_fields(district):
    refusal = refused(
        lambda: district.call(
            "ReceiveApplication", CLERK, "ReceiveApplicationRequest", request_id="x"
        )
    )
    assert refusal.code == "INVALID_ARGUMENT"
    assert {"request_id", "item_code", "channel", "summary"} <= set(refusal.fields)


def test_a_value_that_no_enum_has_is_malformed(district):
    bad = [pb.HandedIn(material_code="M01", defect=99)]
    refusal = district.refusal("ReceiveApplication", CLERK, **district.application(materials=bad))
    assert (refusal.code, refusal.fields) == ("INVALID_ARGUMENT", ("materials[0].defect",))


@pytest.mark.parametrize(
    ("changes", "code", "reason"),
    [
        ({"item_code": "370306-01-999"}, "NOT_FOUND", "ITEM_UNKNOWN"),
        ({"item_code": "370306-01-002"}, "FAILED_PRECONDITION", "ITEM_NOT_IN_FORCE"),
        (
            {"applicant": applicant(identity_number="370306198503150023")},
            "INVALID_ARGUMENT",
            "IDENTITY_NUMBER_INVALID",
        ),
        (
            {"materials": [pb.HandedIn(material_code="M01", sha256="a" * 64)]},
            "NOT_FOUND",
            "BLOB_UNKNOWN",
        ),
        ({"materials": [pb.HandedIn(material_code="M99")]}, "INVALID_ARGUMENT", "MATERIAL_UNKNOWN"),
    ],
)
def test_a_receipt_is_refused_only_for_what_cannot_be_received(district, changes, code, reason):
    refusal = district.refusal("ReceiveApplication", CLERK, **district.application(**changes))
    assert (refusal.code, refusal.reason) == (code, reason)
    assert refusal.text
    assert count(district, orm.case_file) == 0


def test_readings_4_an_application_is_received_without_any_letter(district):
    district.catalog.powers = ()
    district.receive_complete()
    refusal = district.refusal("AcceptCase", CLERK)
    assert (refusal.reason, refusal.rule) == ("POWER_MISSING", "R3.4")


def test_a_window_that_the_catalogue_does_not_know_receives_nothing(district):
    refusal = district.refusal("ReceiveApplication", clerk(unit="W99"), **district.application())
    assert (refusal.code, refusal.reason) == ("NOT_FOUND", "WINDOW_UNKNOWN")


def test_the_keys_of_the_sealed_columns_can_be_replaced(district):
    district.receive()
    resources = district.harness.resources
    both = KeyStore.load(resources.settings.keystore).rotated("data").rotated("index")
    columns = orm.SEALED[orm.applicant]
    report = rotate(resources.engine, orm.applicant, columns, SealedText(SoftwareCrypto(both)))
    assert (report.resealed, report.remaining) == (1, 0)


def test_while_the_catalogue_is_away_the_caller_may_repeat(district):
    district.catalog.away = True
    refusal = district.refusal("ReceiveApplication", CLERK, **district.application())
    assert (refusal.code, refusal.reason) == ("UNAVAILABLE", "DEPENDENCY_AWAY")


def test_an_account_applies_online_at_the_window_on_duty(district):
    digest = district.upload()
    materials = [pb.HandedIn(material_code=c, sha256=digest) for c in ("M01", "M04", "M05")]
    district.receive(APPLICANT, channel=pb.CHANNEL_ONLINE, materials=materials)
    assert district.read(CLERK).window_unit == W01
    assert district.accept().document_number


def test_an_upload_is_repeated_without_harm_and_begun_once(district):
    fields = {"request_id": "request-up", "media_type": "image/png", "size": len(PNG)}
    first, second = (
        district.call("BeginUpload", APPLICANT, "BeginUploadRequest", **fields) for _ in range(2)
    )
    assert first == second
    for _ in range(2):
        answer = district.call(
            "AppendUpload", APPLICANT, "AppendUploadRequest", upload=first.upload, chunk=PNG
        )
    assert answer.next_offset == len(PNG)
    refusal = refused(
        lambda: district.call(
            "FinishUpload", APPLICANT, "FinishUploadRequest", upload=first.upload, sha256="0" * 64
        )
    )
    assert refusal.reason == "BLOB_DIGEST_MISMATCH"


@pytest.mark.parametrize("method", READS)
@pytest.mark.parametrize(
    ("caller", "code"),
    [
        pytest.param(FOREIGN, "PERMISSION_DENIED", id="another-window"),
        pytest.param(OTHER_AUTHORITY, "PERMISSION_DENIED", id="another-authority"),
        pytest.param(STRANGER, "NOT_FOUND", id="another-applicant"),
        pytest.param(UPSTREAM_SUPERVISOR, "PERMISSION_DENIED", id="another-district"),
    ],
)
def test_every_read_refuses_whoever_does_not_reach_the_case(district, method, caller, code):
    district.receive()
    assert refused(lambda: read(district, method, caller, **READS[method])).code == code


@pytest.mark.parametrize("caller", [FOREIGN, OTHER_AUTHORITY, STRANGER, UPSTREAM_SUPERVISOR])
def test_a_list_shows_nothing_that_a_single_read_would_refuse(district, caller):
    district.receive()
    page = district.call("ListCases", caller, "ListCasesRequest")
    assert not page.cases


@pytest.mark.parametrize("caller", [CLERK, REVIEWER, SUPERVISOR, APPLICANT])
def test_whoever_reaches_a_case_finds_it_in_the_list_with_the_name_masked(district, caller):
    district.receive()
    [found] = district.call("ListCases", caller, "ListCasesRequest").cases
    assert (found.case_number, found.applicant_name) == (district.number, "王*丽")
    closed = district.call("ListCases", caller, "ListCasesRequest", state=pb.CASE_STATE_SERVED)
    assert not closed.cases


def test_pages_are_complete_newest_first_and_without_repetition(district):
    numbers = []
    for _ in range(7):
        numbers.append(district.receive().case_number)
        district.clock.advance(timedelta(minutes=1))
    seen, token = [], ""
    while True:
        page = district.call("ListCases", CLERK, "ListCasesRequest", page_size=3, page_token=token)
        seen += [case.case_number for case in page.cases]
        token = page.next_page_token
        if not token:
            break
    assert seen == numbers[::-1]


def test_personal_data_is_masked_for_everybody_but_its_owner(district):
    district.receive()
    for caller in (CLERK, REVIEWER, SUPERVISOR):
        view = district.read(caller)
        assert (view.applicant_name, view.applicant_phone) == ("王*丽", "138****1234")
        assert view.applicant_identity_number == "370306********0022"
    own = district.read(APPLICANT)
    assert (own.applicant_name, own.applicant_identity_number) == ("王小丽", NUMBER)


def test_an_unmasked_applicant_leaves_the_purpose_in_the_audit(district):
    district.receive()
    answer = read(district, "RevealApplicant", CLERK, purpose="核对送达地址")
    assert (answer.applicant.name, answer.applicant.phone) == ("王小丽", "13864351234")
    audit = DEFINITION.tables.audit.audit.c
    [row] = district.rows(select(audit.actor, audit.detail).where(audit.action.like("%Reveal%")))
    assert row.actor == "p-clerk"
    assert "核对送达地址" in row.detail
    assert "王小丽" not in row.detail


def test_delivery_may_ask_for_the_applicant_with_a_purpose_and_metrics_may_not(district):
    district.receive()
    asked = {"purpose": "寄送结果"}
    courier = Caller(service="delivery", purpose="shipment")
    assert read(district, "RevealApplicant", courier, **asked).applicant.address
    counter = Caller(service="metrics", purpose="ratios")
    refusal = refused(lambda: read(district, "RevealApplicant", counter, **asked))
    assert refusal.reason == "ROLE_DENIED"


def test_nothing_that_names_the_applicant_is_stored_readable(district):
    district.receive()
    for table in orm.metadata.tables.values():
        for row in district.rows(select(table)):
            stored = repr(tuple(row))
            assert NUMBER not in stored
            assert "13864351234" not in stored
            assert "王小丽" not in stored


def test_progress_needs_the_code_and_shows_nothing_personal(district):
    district.receive()
    asked = {"query_code": district.query_code.lower()}
    progress = district.stub.GetProgress(
        pb.GetProgressRequest(case_number=district.number, **asked), metadata=(), timeout=5
    )
    assert (progress.item_name, progress.text) == (
        "食品经营许可（新办）", "已收件，正在核对材料。",
    )  # fmt: skip
    assert "王" not in str(progress)
    for wrong in ({"case_number": district.number}, {"case_number": "370306-01-0"}):
        request = pb.GetProgressRequest(query_code="AAAAAAAAAA", **wrong)
        refusal = refused(lambda r=request: district.stub.GetProgress(r, metadata=(), timeout=5))
        assert (refusal.code, refusal.reason) == ("NOT_FOUND", "CASE_UNKNOWN")


def test_silence_is_read_before_any_timer_and_recorded_by_it(district):
    district.receive()
    district.clock.advance(timedelta(days=9))
    view = district.read()
    assert (view.state, view.deemed_accepted) == (pb.CASE_STATE_ACCEPTED, True)
    assert "intake.case_accepted.v1" not in district.events()
    district.runner.sweep()
    district.runner.sweep()
    assert district.events().count("intake.case_accepted.v1") == 1
    again = district.read()
    assert (again.accept_time, again.promise_due) == (view.accept_time, view.promise_due)
    district.work()
    assert district.documents()["ACCEPTANCE_NOTICE"].document_number
    assert "CASE_DEEMED_ACCEPTED" in [entry.code for entry in district.timeline()]


def test_a_command_after_the_silence_finds_the_case_accepted(district):
    district.receive_complete()
    district.clock.advance(timedelta(days=9))
    assert district.refusal("AcceptCase", CLERK).reason == "ALREADY_ACCEPTED"
    district.command("HandOverBundle", CLERK, bag="B-1", pieces=3)
    assert district.events().count("intake.case_accepted.v1") == 1


def test_readings_12_numbers_of_documents_have_no_gap_whatever_is_refused(district):
    numbers = []
    for _ in range(3):
        district.receive_complete()
        assert district.refusal("AcceptCase", REVIEWER).reason == "ACCEPTED_BY_DEPARTMENT"
        assert district.refusal("AcceptCase", CLERK, revision=9).reason == "STALE_REVISION"
        numbers.append(district.accept().document_number)
    assert numbers == [f"周审批受字〔2026〕01-0000{n}号" for n in (1, 2, 3)]


def test_case_numbers_are_unique_at_once_and_carry_a_check_character(district):
    def receive(index):
        fields = district.application() | {"request_id": f"request-{index:04}x"}
        return district.call(
            "ReceiveApplication", CLERK, "ReceiveApplicationRequest", **fields
        ).case_number

    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(receive, range(25)))
    assert len(set(numbers)) == 25
    assert all(len(number) <= 50 for number in numbers)


def test_a_document_is_read_in_pieces_once_it_is_printed(district):
    document = district.receive().document
    refusal = refused(lambda: read(district, "ReadDocument", CLERK, document=document))
    assert refusal.reason == "DOCUMENT_NOT_RENDERED"
    district.work()
    piece = read(district, "ReadDocument", CLERK, document=document)
    assert piece.chunk.startswith(b"%PDF-")
    assert piece.size == len(piece.chunk)
    for beyond in (piece.size, 2**63 - 1):
        end = read(district, "ReadDocument", CLERK, document=document, offset=beyond)
        assert end.chunk == b""
    refusal = refused(lambda: read(district, "ReadDocument", CLERK, document="x"))
    assert refusal.reason == "DOCUMENT_UNKNOWN"


def test_a_violation_is_kept_and_published_although_the_command_is_rolled_back(district):
    district.receive_complete()
    for _ in range(2):
        refusal = district.refusal("AcceptCase", REVIEWER, request_id="request-dept")
        assert (refusal.reason, refusal.rule) == ("ACCEPTED_BY_DEPARTMENT", "R4.4")
    assert district.events().count("intake.violation_recorded.v1") == 1


def test_who_sealed_what_with_which_seal_is_registered(district):
    district.receive_complete()
    accepted = district.accept()
    district.work()
    district.seal(CLERK, accepted.document, f"{DEPARTMENT}-SPECIAL")
    table = orm.document.c
    [row] = district.rows(
        select(table.sealed_by, table.seal_kind, table.scan_sha256, table.seal_certified).where(
            table.document == accepted.document
        )
    )
    assert (row.sealed_by, row.seal_kind.name, row.scan_sha256) == (
        "p-clerk", "SPECIAL", "a" * 64,
    )  # fmt: skip
    assert row.seal_certified is False


def test_one_writer_a_case_of_another_site_is_read_only_here(tmp_path):
    here = IntakeDistrict.open(tmp_path)
    here.receive_complete()
    here.close()
    there = IntakeDistrict.open(tmp_path, site_unit="370306001000-C1", site="02")
    there.number, there.revision = here.number, here.revision
    assert there.read().writer_unit == "370306000000-C1"
    assert there.refusal("AcceptCase", CLERK).reason == "NOT_THE_WRITER"
    there.close()


def test_the_event_log_is_for_services_with_a_purpose(district):
    request = {"after_position": 0}
    asked = lambda who: district.call("ReadEvents", who, "ReadEventsRequest", **request)  # noqa: E731
    assert refused(lambda: asked(DECIDER)).reason == "ROLE_DENIED"
    assert refused(lambda: asked(Caller(service="metrics"))).reason == "PURPOSE_MISSING"
    assert not asked(Caller(service="metrics", purpose="rebuild")).events
