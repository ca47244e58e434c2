"""`python -m services.review api|worker|relay|jobs|migrate`."""

from servicekit.roles.main import run_role

run_role("services.review")
