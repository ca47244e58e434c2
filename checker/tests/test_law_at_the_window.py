"""Facts beyond the straight way that the law does not allow: each is planted and found."""

from __future__ import annotations

import pytest

from checker.proofs.carried import lateness_wrong

AT = "'2026-09-29 02:00:00.000000'"
PARCEL = f"""INSERT INTO shipment (shipment, case_number, direction, content, applicant,
    window_unit, unit_path, authority, carrier, pieces, citizen_price_fen, payer_account,
    created_at, state, cancelling, tracks, revision)
    VALUES (:case || '-OUT-1', :case, 'OUTBOUND', 'RESULT', 'a-1', 'W', '/W/', 'D', 'EMS', 1,
    :price, '370306-FINANCE', {AT}, 'CREATED', 'NOT_ASKED', '[]', 1)"""


@pytest.mark.parametrize(
    ("service", "statement", "expected"),
    [
        pytest.param(
            "intake", "UPDATE case_decision SET outcome = 'DENIED'", "CASE_OUTCOME_DIFFERS",
            id="readings-21-another-outcome-than-its-authorities",
        ),
        pytest.param(
            "intake", "UPDATE case_decision SET authority = 'D99'", "CASE_OUTCOME_DIFFERS",
            id="readings-21-decided-without-a-part",
        ),
        pytest.param(
            "intake",
            "UPDATE document SET state = 'VOIDED' WHERE kind = 'ONE_TIME_NOTICE'",
            "LAW_VOID_UNEXPLAINED", id="readings-12-voided-without-a-reason",
        ),
        pytest.param(
            "review", "UPDATE review_case SET statutory_due_on = '2026-12-01'",
            "LAW_DUE_DAY_WRONG", id="art-82-a-day-that-nobody-counts",
        ),
        pytest.param(
            "review", "UPDATE review_case SET handed_over_at = '2026-09-28 02:00:00.000000'",
            "LAW_SEGMENTS_WRONG", id="readings-17-days-of-another",
        ),
        pytest.param(
            "review",
            f"""INSERT INTO special_procedure (task, procedure, kind, days, start_on, institution,
                stops_promise, source, planned_by, planned_at)
                VALUES (:case, :case || '-S1', 'HEARING', 5, '2026-09-24', 'x', false, 'x', 'p',
                {AT})""",
            "LAW_PROCEDURE_WRONG", id="art-45-a-procedure-the-item-has-not",
        ),
        pytest.param(
            "review",
            f"""UPDATE review_case SET extension_amount = 99, extended_at = {AT},
                extension_approver = 'p-0201', extension_reasons = 'x'""",
            "LAW_EXTENSION_WRONG", id="art-42-too-far-and-by-nobody",
        ),
        pytest.param(
            "review", """UPDATE review_case SET prerequisites = '["D99"]'""",
            "LAW_PREREQUISITE_SKIPPED", id="readings-21-granted-before-its-prerequisite",
        ),
        pytest.param(
            "review",
            """UPDATE review_case SET outcome = 'DENIED', decision_reasons = 'x',
                remedies_known = false""",
            "LAW_DENIED_WITHOUT_REMEDIES", id="readings-11-denied-without-remedies",
        ),
        pytest.param(
            "review",
            f"""INSERT INTO consultation (task, consulted, question, answer_by_on, asked_by,
                asked_at) VALUES (:case, 'D99', 'x', '2026-09-30', 'p', {AT})""",
            "LAW_CONSULTED_WRONGLY", id="readings-21-asked-whom-it-may-not",
        ),
        pytest.param(
            "intake",
            f"""INSERT INTO case_ending (case_number, kind, ended_at, ended_by, document, reason,
                legal_basis, competent_authority, successor_item, successor_name, request_sha256,
                overtaken) VALUES (:case, 'REFUSED', {AT}, 'p', 'x', '', '', '', '', '', '',
                false)""",
            "LAW_ENDING_WRONG", id="art-32-accepted-and-refused",
        ),
        pytest.param(
            "intake",
            f"""INSERT INTO case_ending (case_number, kind, ended_at, ended_by, document, reason,
                legal_basis, competent_authority, successor_item, successor_name, request_sha256,
                overtaken) VALUES (:case, 'WITHDRAWN', {AT}, 'p', 'x', '', '', '', '', '', '',
                false)""",
            "LAW_ENDING_WRONG", id="withdrawn-at-the-instant-of-the-decision",
        ),
        pytest.param(
            "intake", "UPDATE case_file SET deemed_accepted = true", "LAW_SILENCE_WRONG",
            id="art-32-silence-though-noticed",
        ),
        pytest.param(
            "intake", "UPDATE case_file SET out_of_force = true", "CHECK_NOTHING",
            id="an-item-in-force-is-not-ended",
        ),
        pytest.param(
            "intake",
            f"""INSERT INTO spot_decision (case_number, decider, letter, facts, legal_bases,
                decided_at, document) VALUES (:case, 'p-0101', 'none', 'x', '[]', {AT}, 'x')""",
            "LAW_SPOT_DECISION_WRONG", id="readings-2-on-the-spot-by-whom-no-letter-names",
        ),
        pytest.param(
            "intake",
            f"""INSERT INTO further_notice (case_number, ordinal, means, proof, reason,
                proposed_at, proposed_by, approved_at, approved_by, approved_because, document)
                VALUES (:case, 1, 'EMS', 'x', 'x', {AT}, 'p-0101', {AT}, 'p-0101', 'x', 'x')""",
            "LAW_FURTHER_NOTICE_WRONG", id="R1.2-approved-by-who-proposed-it",
        ),
        pytest.param("delivery", PARCEL, "LAW_PARCEL_NOT_FREE", id="R2.7-a-parcel-that-costs"),
        pytest.param("delivery", PARCEL, "DISPATCH_DIFFERS", id="a-parcel-nobody-dispatched"),
        pytest.param(
            "intake", "UPDATE case_file SET service_open = 'LOCKER'", "LAW_SERVICE_WRONG",
            id="readings-9-served-and-open",
        ),
        pytest.param(
            "intake", "UPDATE case_file SET service_means = 'EMS'", "LAW_SERVICE_WRONG",
            id="readings-9-served-by-a-parcel-nobody-signed-for",
        ),
        pytest.param(
            "intake",
            f"""INSERT INTO counted_original (case_number, shipment, material_code, paper_pieces,
                counted_at, counted_by, second_person)
                VALUES (:case, 'S-1', 'M01', 1, {AT}, 'p-1', 'p-1')""",
            "LAW_ORIGINALS_WRONG", id="originals-counted-by-one",
        ),
        pytest.param(
            "intake", "UPDATE case_file SET assistance = 'DB-1'", "LAW_ASSISTANCE_WRONG",
            id="R5.5-carried-by-nobody",
        ),
        pytest.param(
            "intake",
            """UPDATE outbox SET type = 'intake.assistance_overdue.v1'
                WHERE type = 'intake.visit_recorded.v1'""",
            "LAW_ASSISTANCE_WRONG", id="readings-5-nothing-lies-there",
        ),
        pytest.param(
            "intake",
            f"""UPDATE case_file SET announced_at = {AT}, announced_until = '2026-10-29'""",
            "LAW_ANNOUNCEMENT_WRONG", id="readings-9-announced-though-no-parcel-failed",
        ),
        pytest.param(
            "intake",
            """UPDATE case_file SET service_means = 'ANNOUNCED'""",
            "LAW_ANNOUNCEMENT_WRONG", id="readings-9-served-by-no-announcement",
        ),
        pytest.param(
            "intake",
            """UPDATE outbox SET type = 'intake.case_transferred.v1'
                WHERE type = 'intake.visit_recorded.v1'""",
            "LAW_TRANSFER_WRONG", id="readings-4-transferred-to-nowhere",
        ),
        pytest.param(
            "intake",
            f"""INSERT INTO enquiry (number, revision, question, case_number, asked_at, first_owner,
                first_unit, owner, unit, unit_path, to_unit, answered_by, answer)
                VALUES ('SW-1', 1, 'x', '', {AT}, 'p', 'W', '', 'W', '/W/', '', '', '')""",
            "LAW_ENQUIRY_WRONG", id="R1.3-a-question-nobody-owns",
        ),
        pytest.param(
            "metrics",
            f"""INSERT INTO alarm_seen VALUES ('e-1', 'LIGHT_CHANGED', {AT}, :case, 'D', '',
                'RED')""",
            "ALARM_UNCOUNTED", id="an-alarm-nobody-raised",
        ),
    ],
)  # fmt: skip
def test_what_the_law_forbids_is_found(run, service, statement, expected):
    run.sql(service, statement, case=run.case, price=1200)

    found = run.found()

    if expected == "CHECK_NOTHING":
        assert "LAW_SILENCE_WRONG" not in found
    else:
        assert expected in found


@pytest.mark.parametrize(
    ("told", "noted", "passed_on", "wrong"),
    [
        pytest.param(1, "2026-10-21 00:10:00", None, False, id="once-after-its-last-day"),
        pytest.param(1, "2026-10-20 10:00:00", None, True, id="on-its-last-day"),
        pytest.param(2, "2026-10-21 00:10:00", None, True, id="twice"),
        pytest.param(1, None, None, True, id="told-and-not-noted"),
        pytest.param(
            1, "2026-10-21 00:10:00", "2026-10-20 09:00:00", True, id="after-it-was-passed-on"
        ),
    ],
)
def test_readings_5_the_alarm_of_a_late_village_post_is_judged(told, noted, passed_on, wrong):
    row = {"overdue_told_at": noted, "pass_on_due_on": "2026-10-20", "passed_on_at": passed_on}
    assert bool(list(lateness_wrong(row, told))) == wrong


@pytest.mark.parametrize(
    ("handed_over", "waived", "wrong"),
    [
        pytest.param("28", "23", False, id="waived-before-the-paper-went"),
        pytest.param("22", "23", False, id="waived-and-decided-before-the-hand-over-was-heard-of"),
        pytest.param("22", None, True, id="went-earlier-and-never-waived"),
        pytest.param("24", "28", True, id="waived-after-the-paper-went"),
        pytest.param("28", "24", True, id="waived-on-another-day-than-was-told"),
    ],
)
def test_readings_17_a_waiver_begins_the_days_of_the_department(run, handed_over, waived, wrong):
    """What was told is two days at the window, until 23 September, and three after it."""
    run.sql(
        "review",
        "UPDATE review_case SET handed_over_at = :handed_over",
        "UPDATE review_case SET waived_at = :waived",
        handed_over=f"2026-09-{handed_over} 02:00:00.000000",
        waived=waived and f"2026-09-{waived} 02:00:00.000000",
    )

    assert ("LAW_SEGMENTS_WRONG" in run.found()) == wrong


def test_an_adverse_document_without_its_remedies_is_found(run):
    run.sql(
        "intake",
        "UPDATE document SET kind = 'DENIAL_DECISION' WHERE kind = 'GRANT_DECISION'",
    )
    assert "LAW_REMEDIES_MISSING" not in run.found()

    run.sql("catalog", "UPDATE authority SET records = '[]'")

    assert "LAW_REMEDIES_MISSING" in run.found()


def test_a_site_check_without_its_record_is_found(run):
    run.sql("intake", "DELETE FROM document WHERE kind = 'SITE_CHECK_RECORD'")

    assert run.found() == {"LAW_DOCUMENT_MISSING", "LAW_ISSUE_NOT_TOLD_ONCE"}


@pytest.mark.parametrize(
    "change",
    [
        "handling = 'FILING'", "assistance = 'DB-1'", "first_wish = 'EMS'", "transfers = 1",
        "further_notices = 1", "spot_decided_at = '2026-09-29 02:00:00.000000'",
        "ended_at = '2026-09-29 02:00:00.000000'", "ended_as = 'WITHDRAWN'", "dispatches = 1",
        "service_open = 'LOCKER'", "served_means = 'EMS'", "authorities = '[]'",
        "decided_early = 0", "days_at_window = 9", "days_at_department = 9", "parcels_in = 1",
        "parcels = '[[\"S-1\", \"SIGNED\"]]'", "parcels_out = 1", "parcels_signed = 1",
        "decision_on = '2026-09-28'", "out_of_force = 1",
        "returned_by = '[\"D01\"]'", "reworked_by = '[\"D01\"]'",
    ],
)  # fmt: skip
def test_facts_that_are_counted_wrongly_are_found(run, change):
    run.sql("metrics", f"UPDATE case_facts SET {change}")

    assert run.found() == {"FACTS_DIFFER"}


@pytest.mark.parametrize(
    ("change", "ratio"),
    [
        ("assistance = 'DB-1'", "assisted_cases"),
        ("visits = 0, collection_visits = 0", "zero_visit_cases"),
        ("visits = 0, collection_visits = 0", "zero_visit_items"),
        ("parcels_out = 1", "courier_use"),
        ("parcels_failed = 1", "parcel_delivery"),
        ("deemed = 1", "deemed_acceptance"),
        ("decided_early = NOT decided_early", "early_completion"),
        ("channel = 'ONLINE'", "online_items"),
        ("spot_decided_at = decided_at", "on_the_spot_cases"),
        ("spot_decided_at = decided_at", "on_the_spot_items"),
        ("promise_kept = 0", "overdue_cases"),
        ("promise_kept = 0", "promise_compression"),
        ("further_notices = 1", "one_time_notice"),
        ("notices = 0", "first_pass"),
        ("days_at_window = days_at_window + 1", "speed_up"),
        ("days_at_window = days_at_window + 1", "mean_duration"),
        ("returned_by = '[\"D01\"]'", "returned_cases"),
        ("reworked_by = '[\"D01\"]'", "reworked_cases"),
        ("courier_offered_at = NULL", "courier_items"),
        ("served_at = '2026-12-01 02:00:00.000000'", "service_within_ten_days"),
    ],
)
def test_each_ratio_is_counted_a_second_time(run, change, ratio):
    run.sql("metrics", f"UPDATE case_facts SET {change}")

    report = run.check(ledger=None, ratios=run.folder / "ratios.json")

    assert ratio in {
        each.subject.split(" ")[0] for each in report.findings if each.id == "RATIO_DIFFERS"
    }
