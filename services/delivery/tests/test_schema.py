"""The second migration, on a database in which offers were made before."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select, text

from servicekit.clock import SystemClock
from servicekit.database import make_engine
from servicekit.migrations import differences, upgrade
from services.delivery.adapters.orm import courier_offer, metadata, parcel_file
from services.delivery.bootstrap import DEFINITION
from services.delivery.domain.offer import OfferState

OFFER = """INSERT INTO courier_offer (case_number, applicant, window_unit, unit_path, authority,
    carrier, citizen_price_fen, payer_account, offered_at, state, revision)
    VALUES ('A1', 'a-1', 'W01', '/W01/', 'D01', 'EMS', 0, '370306-FINANCE',
    '2026-09-21 01:00:00+00:00', 'OPEN', 1)"""


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'delivery.db'}"
    return request.getfixturevalue("fresh_database")().url()


def test_cases_of_before_are_known_by_their_offers_and_offers_may_lapse(url):
    engine = make_engine(url)
    config = Config()
    config.set_main_option("script_location", str(DEFINITION.migrations).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text(OFFER))
    upgrade(DEFINITION.migrations, url, SystemClock().today())
    with engine.begin() as connection:
        [file] = connection.execute(select(parcel_file)).all()
        connection.execute(courier_offer.update().values(state=OfferState.LAPSED))
    assert (file.case_number, file.applicant, file.courier_inbound) == ("A1", "a-1", False)
    assert (file.pickups, file.ended_at, file.revision) == (0, None, 1)
    assert differences(engine, metadata) == []
    engine.dispose()
