"""`python -m services.intake api|worker|relay|jobs|migrate`."""

from servicekit.roles.main import run_role

run_role("services.intake")
