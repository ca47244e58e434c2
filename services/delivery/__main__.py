"""`python -m services.delivery api|worker|relay|jobs|migrate`."""

from servicekit.roles.main import run_role

run_role("services.delivery")
