"""Journey 2 in both modes: nobody visits, and that is proven, not declared."""

from __future__ import annotations

JOURNEY = "2"
REFUSED = {
    ("R2.7", "COURIER_NOT_FREE"),
    ("邮政法 第五十五条", "NOT_THE_POSTAL_ENTERPRISE"),
    ("R2.8", "CARRIER_WITHOUT_CONTRACT"),
    ("R4.8", "HANDED_OUT_BY_DEPARTMENT"),
    ("个人信息保护法 第十九条", "LABEL_NO_LONGER_KEPT"),
}


def test_the_result_is_served_by_ems_and_nobody_ever_came(case):
    assert case.state == 6  # served
    assert (case.service_means, case.visits) == ("EMS", 0)


def test_what_the_law_forbids_was_refused_with_its_rule(told):
    assert {(each.rule, each.reason) for each in told.log.refusals} >= REFUSED


def test_no_parcel_costs_the_citizen_anything(driven, told):
    supervisor = driven.world.staff("p-0401")
    parcels = driven.world.do(
        supervisor, "delivery", "ListShipments", case_number=told.case_number
    ).shipments
    assert sorted(each.direction for each in parcels) == [1, 2]  # out and in
    assert {each.citizen_price_fen for each in parcels} == {0}
    assert all(each.payer_account and each.amount_fen > 0 for each in parcels)


def test_the_case_counts_as_proven_fully_online(driven, told):
    supervisor = driven.world.staff("p-0401")
    asked = {"name": "fully_online_cases"}
    listed = driven.world.do(supervisor, "metrics", "ListRatioCases", **asked).cases
    assert {each.case_number: each.counts for each in listed}[told.case_number]


def test_the_proof_of_service_is_among_the_documents(driven, told):
    supervisor = driven.world.staff("p-0401")
    asked = {"case_number": told.case_number}
    papers = driven.world.do(supervisor, "intake", "ListDocuments", **asked).documents
    [proof] = [each for each in papers if each.kind == "PROOF_OF_SERVICE"]
    assert proof.state >= 3  # issued


def test_an_ordinary_citizen_is_told_where_it_is_and_nothing_of_whom(driven, told):
    stranger = driven.world.applicant("a-9999", "路人")
    refusal = driven.world.refused(
        stranger, "delivery", "GetShipment", shipment=f"{told.case_number}-OUT-1"
    )
    assert refusal.code == "NOT_FOUND"
