"""Proves after any run that nothing was lost, doubled or disagreed.

Reads the databases of all services by its own SQL and shares no code with
them or with the kit: an error there cannot hide itself here.

    report = check(CheckInput(databases={"intake": "postgresql+psycopg://…", …}))
"""

from checker.asked import CheckInput
from checker.report import Finding, Report
from checker.run import check

__all__ = ["CheckInput", "Finding", "Report", "check"]
