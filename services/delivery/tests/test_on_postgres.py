"""What only PostgreSQL can show: real row locks and its own types."""

from __future__ import annotations

import pytest

from services.delivery.tests import test_callbacks, test_shipments
from services.delivery.tests.parcels import make_parcels


@pytest.fixture
def on_postgres(tmp_path, fresh_database):
    built = make_parcels(tmp_path, database_url=fresh_database().url("psycopg"))
    yield built
    built.resources.close()


@pytest.mark.parametrize(
    "proof",
    [
        test_callbacks.test_the_same_callback_at_once_counts_once,
        test_callbacks.test_a_signature_for_a_parcel_is_believed_once_the_carrier_was_asked,
        test_callbacks.test_a_callback_that_comes_again_is_answered_well_and_changes_nothing,
        test_shipments.test_what_was_ordered_is_cancelled_at_the_carrier_and_costs_nothing,
        test_shipments.test_a_case_that_goes_to_another_window_takes_its_parcels_there,
        test_shipments.test_pages_of_shipments_are_complete_newest_first_and_within_reach,
        test_shipments.test_each_print_of_a_label_is_counted_and_audited_with_its_purpose,
        test_shipments.test_the_table_itself_keeps_results_with_the_postal_enterprise,
    ],
)
def test_it_holds_there_too(on_postgres, proof):
    proof(on_postgres)
