"""`python -m services.catalog api|worker|relay|jobs|migrate`."""

from servicekit.roles.main import run_role

run_role("services.catalog")
