from __future__ import annotations

from chaos.threads import telling_thread


def test_an_error_that_nobody_foresaw_is_a_finding_and_not_a_line_on_stderr():
    findings: list[str] = []

    def divide(by: int) -> None:
        findings.append(f"{1 / by}")

    telling_thread(findings, "CLERK", divide, 1).join()
    telling_thread(findings, "CLERK", divide, 0).join()

    assert findings == ["1.0", "CLERK broke: ZeroDivisionError('division by zero')"]
