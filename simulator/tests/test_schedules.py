from __future__ import annotations

from collections import Counter

# What a schedule is made of; each must have happened in one of the first schedules.
FAULTS = {
    "api.answer_lost",
    "api.crash.after_commit",
    "api.crash.after_file",
    "api.crash.before_commit",
    "api.sent_again",
    "broker.away",
    "broker.duplicated",
    "broker.late_confirm",
    "broker.paused",
    "broker.reordered",
    "broker.unconfirmed",
    "database.away",
    "event.applied",
    "event.dropped",
    "event.held",
    "jobs.crash.after_commit",
    "jobs.crash.before_commit",
    "process.killed",
    "relay.crash.after_commit",
    "relay.crash.before_commit",
    "relay.crash.publishing",
    "relay.lease_lost",
    "time.jump",
    "worker.crash.after_commit",
    "worker.crash.before_ack",
    "worker.crash.before_commit",
}


# What can befall a parcel, in the schedules of the journeys that send one.
OF_PARCELS = {
    "callback.doubled",
    "callback.lost",
    "callback.reordered",
    "callback.repeated",
    "carrier.away",
}


def test_every_journey_arrives_whatever_goes_wrong_and_the_checker_finds_nothing(of_all_journeys):
    found = {key: outcome.findings for key, outcome in of_all_journeys.items() if not outcome.ok}
    assert found == {}


def test_everything_befalls_a_parcel_that_can(of_all_journeys):
    occurred = sum((outcome.faults for outcome in of_all_journeys.values()), Counter())
    assert OF_PARCELS - occurred.keys() == set()


def test_the_journey_arrives_whatever_goes_wrong_and_the_checker_finds_nothing(outcomes):
    assert {seed: outcome.findings for seed, outcome in outcomes.items() if not outcome.ok} == {}


def test_no_two_schedules_are_alike(outcomes):
    assert len({outcome.fingerprint for outcome in outcomes.values()}) == len(outcomes)


def test_every_kind_of_fault_occurs(outcomes):
    occurred = sum((outcome.faults for outcome in outcomes.values()), Counter())
    assert FAULTS - occurred.keys() == set()


def test_a_seed_repeats_its_schedule(simulator, outcomes):
    again = simulator.run(1)
    assert again.fingerprint == outcomes[1].fingerprint
    assert again.faults == outcomes[1].faults
