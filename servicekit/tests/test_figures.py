"""Figures are shown whole, belong to whoever counted them, and are named by the conventions."""

from __future__ import annotations

import gc
import re

import pytest
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from sqlalchemy import create_engine
from sqlalchemy.pool import QueuePool

from servicekit.figures import Board, Figure, known_figures
from servicekit.places import place_of
from servicekit.pools import POOL_IN_USE, POOL_SIZE, watch_pool

CASES = Figure("liandong_test_cases", "Cases of a test.", ("unit", "stage"))


@pytest.fixture
def registry():
    return CollectorRegistry()


def shown(registry):
    lines = generate_latest(registry).decode().splitlines()
    return [line for line in lines if not line.startswith("#")]


def test_a_window_without_cases_is_gone_from_the_next_scrape(registry):
    board = Board(registry)
    board.show("metrics", {CASES: {("W01", "SERVED"): 2, ("W02", "SERVED"): 1}})
    board.show("metrics", {CASES: {("W01", "SERVED"): 3}})
    assert shown(registry) == ['liandong_test_cases{stage="SERVED",unit="W01"} 3.0']


def test_two_services_of_one_process_show_one_family(registry):
    board = Board(registry)
    board.show("metrics", {CASES: {("W01", "SERVED"): 2}})
    board.show("intake", {CASES: {("W02", "SERVED"): 1}})
    text = generate_latest(registry).decode()
    assert text.count("# TYPE liandong_test_cases gauge") == 1
    assert len(shown(registry)) == 2


def test_a_figure_is_declared_once():
    with pytest.raises(ValueError, match="declared twice"):
        Figure("liandong_test_cases", "Again.", ())


def test_figures_are_named_and_explained_by_the_conventions():
    for figure in known_figures():
        assert re.fullmatch(r"liandong_[a-z]+(_[a-z]+)*", figure.name)
        assert not figure.name.endswith(("_total", "_count", "_sum")), figure.name
        assert figure.documentation.endswith(".")


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/370000000000/370300000000/370306000000/370306000000-C1/", ("district", "")),
        ("/370306000000/370306101000/370306101000-C1/", ("township", "370306101000")),
        ("/370306000000/370306101000/370306101203/", ("village", "370306101000")),
        ("", ("district", "")),
    ],
    ids=["centre", "township", "village", "nowhere"],
)
def test_a_unit_has_a_level_and_a_township(path, place):
    assert place_of(path) == place


def pool_of(service, name):
    labels = {"service": service, "pool": "commands"}
    return REGISTRY.get_sample_value(name, labels)


def test_a_pool_tells_how_much_of_it_is_taken(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path}/a.db", poolclass=QueuePool, pool_size=3)
    watch_pool("pool-test", "commands", engine)
    with engine.connect():
        assert pool_of("pool-test", POOL_IN_USE.name) == 1
    assert pool_of("pool-test", POOL_IN_USE.name) == 0
    assert pool_of("pool-test", POOL_SIZE.name) == 3


def test_a_pool_that_is_gone_is_forgotten(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path}/a.db", poolclass=QueuePool)
    watch_pool("gone-test", "commands", engine)
    engine.dispose()
    del engine
    gc.collect()
    assert pool_of("gone-test", POOL_SIZE.name) is None
