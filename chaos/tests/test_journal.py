"""The journal: a finished round is kept, whatever interrupts the next one."""

from __future__ import annotations

from chaos.journal import Entry, Journal

FIRST = Entry(1, "1", (("kill-api",), ("kill-api", "cut-lines")), 61.5, counts={"api killed": 2})
SECOND = Entry(2, "2", (("delays",),), 40.0, findings=("OUTBOX_NOT_PUBLISHED",))


def test_what_was_added_is_read_again_by_whoever_resumes(tmp_path):
    Journal(tmp_path / "deep" / "journal.jsonl").add(FIRST)
    Journal(tmp_path / "deep" / "journal.jsonl").add(SECOND)
    found = Journal(tmp_path / "deep" / "journal.jsonl").entries()
    assert found == [FIRST, SECOND]
    assert [entry.ok for entry in found] == [True, False]


def test_a_line_torn_by_a_kill_is_no_round_and_spoils_none(tmp_path):
    path = tmp_path / "journal.jsonl"
    Journal(path).add(FIRST)
    with path.open("ab") as file:
        file.write(b'{"number": 2, "jour')
    assert Journal(path).entries() == [FIRST]
    Journal(path).add(SECOND)
    assert Journal(path).entries() == [FIRST, SECOND]


def test_a_run_that_does_not_resume_begins_with_an_empty_journal(tmp_path):
    journal = Journal(tmp_path / "journal.jsonl")
    journal.begin_anew()
    journal.add(FIRST)
    journal.begin_anew()
    assert journal.entries() == []
