"""The outbound exchange: what the provincial net is told of a case, batch by batch."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from sqlalchemy import delete

from servicekit.sealed import SealedText
from services.intake.adapters.exchange_folder import FolderSink
from services.intake.adapters.orm import case_material
from services.intake.domain import exchange, process_notice
from services.intake.domain.document import DocumentKind
from services.intake.domain.exchange import Applied, ExchangeTable, rows_of
from services.intake.domain.values import ApplicantKind, DecisionOutcome
from services.intake.entrypoints import jobs
from services.intake.entrypoints.exporting import Exporting
from services.intake.tests import after
from services.intake.tests import builders as b
from services.intake.tests.district import IntakeDistrict

APPLIED = Applied(applicant=b.ADDRESSEE, exchange_number="SD-1")


@pytest.fixture
def outward(tmp_path):
    built = IntakeDistrict.open(tmp_path, exchange=tmp_path / "outward")
    yield built
    built.close()


def batches(district):
    """Return the batches in the folder, each as its lines."""
    folder = district.harness.resources.settings.exchange
    return [
        [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for path in sorted(folder.glob("*.jsonl"))
    ]


def rows(case, table):
    return [each.columns for each in rows_of(case, APPLIED) if each.table is table]


def test_r4_5_a_received_case_goes_out_at_once_and_its_acceptance_as_a_change(outward):
    outward.receive_complete()
    outward.work()
    [first] = batches(outward)
    assert {(line["table"], line["cd_operation"]) for line in first} == {
        ("up_pro_accept", "I"), ("up_pro_process", "I"), ("up_pro_material", "I"),
    }  # fmt: skip
    assert {line["cd_batch"] for line in first} == {"1"}
    assert {line["data_source"] for line in first} == {"370306-liandong"}
    outward.accept()
    outward.work()
    changed = batches(outward)[1]
    assert [(line["table"], line["cd_operation"]) for line in changed] == [
        ("up_pro_accept", "U"), ("up_pro_process", "I"),
    ]  # fmt: skip
    accepted = changed[0]
    assert accepted["accept_doc_no"] == "周审批受字〔2026〕01-00001号"
    assert accepted["accept_date"] == "2026-09-21 09:00:00"
    assert accepted["cd_time"] == "2026-09-21 09:00:00"


def test_nothing_is_sent_twice_and_no_number_is_spent_on_nothing(outward):
    outward.receive_complete()
    outward.work()
    resources = outward.harness.resources
    again = Exporting(
        resources.engine, SealedText(resources.crypto), resources.clock,
        FolderSink(resources.settings.exchange),
    )  # fmt: skip
    again(SimpleNamespace(payload={"case_number": outward.number}))
    assert len(batches(outward)) == 1
    outward.accept()
    outward.work()
    assert {line["cd_batch"] for line in batches(outward)[1]} == {"2"}


def test_a_number_that_a_failed_attempt_took_names_no_other_batch(outward):
    class Full:
        def write(self, batch, _at, rows):
            del rows
            raise OSError(28, f"No space left for {batch}")

    outward.receive_complete()
    resources = outward.harness.resources
    job = SimpleNamespace(payload={"case_number": outward.number})
    exporting = Exporting(
        resources.engine, SealedText(resources.crypto), resources.clock,
        FolderSink(resources.settings.exchange),
    )  # fmt: skip
    with pytest.raises(OSError, match="left for 1"):
        replace(exporting, sink=Full())(job)
    exporting(job)
    [only] = batches(outward)
    assert {line["cd_batch"] for line in only} == {"2"}


def test_what_is_no_more_is_sent_as_a_deletion(outward):
    outward.receive_complete()
    outward.work()
    with outward.harness.resources.engine.begin() as connection:
        connection.execute(delete(case_material).where(case_material.c.material_code == "M06"))
    outward.accept()
    outward.work()
    [gone] = [line for line in batches(outward)[1] if line["cd_operation"] == "D"]
    assert gone["row_guid"] == f"{outward.number}/material/M06"


def test_without_a_folder_nothing_is_exported(district):
    district.receive_complete()
    district.work()
    assert district.dead_or_waiting() == []
    channels = {"review": district.review, "catalog": district.catalog}
    assert "export_case" not in jobs.handling(channels)(district.harness.resources)


def test_up_pro_accept_names_the_applicant_the_item_and_the_dates():
    [accept] = rows(b.accepted(), ExchangeTable.ACCEPT)
    said = {
        "project_no": "A1",
        "exchange_no": "SD-1",
        "local_task_code": "370306-01-001",
        "task_version": "1",
        "applyer_name": "王小丽",
        "applyer_type": "1",
        "applyer_page_type": "111",
        "apply_date": "2026-09-21 09:00:00",
        "apply_type": "1",
        "project_type": "2",
        "org_name": "周村区行政审批服务局",
        "promise_date": "2026-09-29",
    }
    assert {name: accept[name] for name in said} == said
    company = replace(b.ADDRESSEE, kind=ApplicantKind.ORGANISATION)
    [first, *_] = rows_of(b.accepted(), replace(APPLIED, applicant=company))
    assert (first.columns["applyer_type"], first.columns["applyer_page_type"]) == ("2", "001")


def test_up_pro_process_tells_the_acts_in_the_order_of_the_law():
    names = [row["event_name"] for row in rows(b.decided(), ExchangeTable.PROCESS)]
    assert names == ["收件", "受理", "决定"]


def test_up_pro_result_tells_a_certificate_from_a_decision():
    granted, denied = b.returned(), b.decided(outcome=DecisionOutcome.DENIED)
    [certificate], [document] = (rows(each, ExchangeTable.RESULT) for each in (granted, denied))
    assert (certificate["result_type"], certificate["result_cetr_no"]) == ("10", "JY1")
    assert certificate["result_cetr_name"] == "食品经营许可证"
    assert (document["result_type"], document["result_explain"]) == ("20", "不予许可")


def test_only_an_authority_that_has_decided_has_a_result():
    case = after.joint()
    after.decide(case, after.D06)
    [told] = rows(case, ExchangeTable.RESULT)
    assert told["row_guid"] == f"A1/result/{after.D06}"


def test_up_pro_material_tells_how_each_was_obtained():
    found = {row["material_name"]: row for row in rows(b.complete(), ExchangeTable.MATERIAL)}
    assert (found["M01"]["get_type"], found["M01"]["get_num"]) == ("1", "1")
    assert found["M02"]["get_type"] == "5"  # from a shared store
    assert (found["M06"]["get_type"], found["M06"]["get_num"]) == ("", "0")


def test_up_pro_special_procedure_tells_what_stops_the_clock():
    case = b.accepted()
    told = process_notice.Told(
        kind=DocumentKind.SPECIAL_PROCEDURE,
        authority=b.AUTHORITY,
        reference="SP-1",
        facts={"days": "30", "source": "行政许可法第四十五条"},
    )
    process_notice.draft(case, told, b.at_department())
    [special] = rows(case, ExchangeTable.SPECIAL_PROCEDURE)
    assert (special["special_type"], special["special_name"]) == ("2", "特别程序")
    assert special["special_reason"] == "行政许可法第四十五条"


def test_a_request_for_an_explanation_is_no_special_procedure():
    case = after.noticed(DocumentKind.EXPLANATION_REQUEST)
    assert case.process_notices
    assert rows(case, ExchangeTable.SPECIAL_PROCEDURE) == []


def test_every_row_of_a_case_has_a_name_of_its_own_that_stays():
    guids = [(each.table, each.guid) for each in rows_of(b.decided(), APPLIED)]
    assert len(set(guids)) == len(guids)
    assert guids == [(each.table, each.guid) for each in rows_of(b.decided(), APPLIED)]
    assert exchange.Operation.UPDATE.value == "U"
