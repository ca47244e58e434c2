"""The command: what is left out on a resume, what the verdict says, what is printed to repeat."""

from __future__ import annotations

import signal

import pytest

from chaos import __main__ as command
from chaos.__main__ import main
from chaos.journal import Entry, Journal


@pytest.fixture(autouse=True)
def _own_signals():
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def fought(monkeypatch):
    """Rounds that are fought without a district; `fought.failing` are those that fail."""

    class Fought(list):
        failing = frozenset()

    rounds = Fought()

    def fight(plans, _folder, journal, asked):
        entries = []
        for plan in plans:
            findings = ("STREAM_BEHIND review intake/1",) if plan.number in rounds.failing else ()
            entry = Entry(plan.number, plan.journey, plan.strikes, 10.0, findings)
            rounds.append(plan.number)
            entries.append(entry)
            if not asked.round:
                journal.add(entry)
            command._tell(entry, asked)
        return entries

    monkeypatch.setattr(command, "_fight", fight)
    return rounds


def run(folder, *arguments):
    return main(["--folder", str(folder), *arguments])


def last_line(capsys):
    return capsys.readouterr().out.splitlines()[-1]


def test_a_clean_run_ends_with_a_verdict_that_counts_rounds_and_pairs(fought, tmp_path, capsys):
    assert run(tmp_path, "--seed", "1", "--rounds", "60") == 0
    verdict = last_line(capsys)
    assert verdict == "OK: no finding in 60 rounds of seed 1, 120 strikes, 105 of 105 pairs, 600 s"


def test_one_finding_fails_the_run_and_names_the_command_that_repeats_the_round(
    fought, tmp_path, capsys
):
    fought.failing = {2}
    assert run(tmp_path, "--seed", "7", "--rounds", "3") == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith("FAILED: 1 of 3 rounds of seed 7")
    assert lines[-1].endswith("rounds 2")
    assert '  again: make chaos ARGS="--seed 7 --round 2"' in lines
    assert "  STREAM_BEHIND review intake/1" in lines


def test_a_resumed_run_leaves_out_what_is_done_and_judges_all_of_it(fought, tmp_path, capsys):
    fought.failing = {1}
    assert run(tmp_path, "--rounds", "2") == 1
    fought.failing = ()
    assert run(tmp_path, "--rounds", "4", "--resume") == 1, "the first round is still a finding"
    assert fought == [1, 2, 3, 4]
    assert last_line(capsys).startswith("FAILED: 1 of 4 rounds")


def test_a_run_that_does_not_resume_begins_anew(fought, tmp_path):
    assert run(tmp_path, "--rounds", "2") == 0
    assert run(tmp_path, "--rounds", "2") == 0
    assert fought == [1, 2, 1, 2]
    assert len(Journal(tmp_path / "1" / "journal.jsonl").entries()) == 2


def test_a_round_that_is_repeated_is_fought_alone_and_leaves_the_journal(fought, tmp_path, capsys):
    assert run(tmp_path, "--rounds", "3") == 0
    assert run(tmp_path, "--round", "17") == 0
    assert fought == [1, 2, 3, 17]
    assert last_line(capsys).startswith("OK: no finding in 1 rounds")
    assert len(Journal(tmp_path / "1" / "journal.jsonl").entries()) == 3


def test_nothing_fought_is_no_success(fought, tmp_path):
    assert run(tmp_path, "--rounds", "0") == 1


def test_a_fault_that_nobody_knows_is_refused(tmp_path, capsys):
    with pytest.raises(SystemExit):
        run(tmp_path, "--faults", "kill-api,flood")
    assert "unknown: flood" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("last", "number", "follows"), [(1, 2, True), (9, 10, True), (10, 11, False),
                                    (3, 17, False), (12, 3, False)]
)  # fmt: skip
def test_a_district_serves_the_rounds_of_one_course_of_legal_time(last, number, follows):
    assert command._follows(last, number) is follows
