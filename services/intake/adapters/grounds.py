"""What is asked of the catalogue before a transaction on a case begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Engine, Row, select

from servicekit.calls import Call
from services.intake import handlers
from services.intake.adapters.orm import case_file
from services.intake.domain.errors import ItemUnknownError
from services.intake.domain.item_terms import Remedies
from services.intake.domain.values import Power, WindowPowers, WindowUnit, civil_day
from services.intake.ports import Catalogue

__all__ = ["Grounds", "OnACase"]

_NO_LETTER = WindowPowers(
    letter="", powers=frozenset(), window=WindowUnit(code="", name="", unit_path="")
)


class OnACase(Protocol):
    """A command on a case."""

    @property
    def case_number(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Grounds:
    """Asks with no transaction open; a case that is unknown has nothing to ask about."""

    read_engine: Engine
    catalogue: Catalogue

    def letter(self, command: OnACase, call: Call) -> WindowPowers:
        """Return what the receiving window may do for the item, and who may decide at once."""
        row = self._case(command.case_number)
        if row is None:
            return _NO_LETTER
        return self.catalogue.window_powers(row.window_unit, row.item_code, call.at)

    def powers(self, command: OnACase, call: Call) -> frozenset[Power]:
        """Return what the receiving window may do for the item."""
        return self.letter(command, call).powers

    def not_required(
        self, command: handlers.TellNotRequired, call: Call
    ) -> handlers.NotRequiredGround:
        """Return the powers, and what the item is called that took the place of this one."""
        row = self._case(command.case_number)
        powers = self.powers(command, call)
        successor = "" if row is None else row.terms.successor_item
        return handlers.NotRequiredGround(powers, self._item_name(successor, call.at))

    def refusal(self, command: handlers.RefuseAcceptance, call: Call) -> handlers.RefusalGround:
        """Return the powers, the remedies, and whether a window serves who is to be applied to."""
        found = self.catalogue.find_authority(command.competent_authority.strip(), call.at)
        powers, remedies = self.powers(command, call), self._remedies(command, call)
        return handlers.RefusalGround(powers, found, remedies)

    def termination(
        self, command: handlers.TerminateCase, call: Call
    ) -> handlers.TerminationGround:
        """Return the powers, and the remedies that the document names."""
        powers, remedies = self.powers(command, call), self._remedies(command, call)
        return handlers.TerminationGround(powers, remedies)

    def _remedies(self, command: OnACase, call: Call) -> Remedies:
        """Return the record of today, which may have come or changed since the receipt.

        Source: readings 11.
        """
        row = self._case(command.case_number)
        if row is None:
            return Remedies(review_body="", court="")
        return self.catalogue.remedies(row.terms.authority, call.at)

    def _item_name(self, item_code: str, at: datetime) -> str:
        if not item_code:
            return ""
        try:
            return self.catalogue.item(item_code, civil_day(at)).terms.name
        except ItemUnknownError:
            return ""

    def _case(self, number: str) -> Row[Any] | None:
        columns = case_file.c
        query = select(columns.window_unit, columns.item_code, columns.terms)
        with self.read_engine.connect() as connection:
            return connection.execute(query.where(columns.number == number)).one_or_none()
