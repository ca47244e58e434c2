"""What a process says of itself: one JSON object a line, and no citizen's number in it."""

from __future__ import annotations

import json
import logging
import sys

from servicekit.telemetry import JsonFormatter


def line(message, *, exc_info=None, **extra):
    record = logging.LogRecord("test", logging.INFO, __file__, 1, message, (), exc_info)
    vars(record).update(extra)
    return json.loads(JsonFormatter("intake", "api").format(record))


def test_a_line_names_its_process_its_event_and_its_facts():
    found = line("case_received", case="A1")
    assert (found["service"], found["role"], found["event"], found["case"]) == (
        "intake", "api", "case_received", "A1",
    )  # fmt: skip


def test_no_identity_number_or_telephone_reaches_the_log_in_any_way():
    try:
        int("370306195001010018.")
    except ValueError:
        trouble = sys.exc_info()
    found = line(
        "applicant 370306195001010018 called from 13800003210",
        exc_info=trouble,
        identity_number="370306195001010018",
        detail="tel 13800003210",
    )
    text = json.dumps(found, ensure_ascii=False)
    assert "370306195001010018" not in text
    assert "13800003210" not in text
