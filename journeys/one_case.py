"""One case as those see it who drive a journey: looked at, commanded, its documents sealed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from journeys.errors import RefusedError
from journeys.forms import PDF, Citizen
from journeys.recorder import Recorder, expect
from journeys.world import Actor, World
from servicekit.grpc_errors import Refusal

__all__ = ["DISTRICT", "MEDIA_TYPE", "SUPERVISOR", "OneCase"]

T = TypeVar("T")

SUPERVISOR = "p-0401"
DISTRICT = "370306000000"
MEDIA_TYPE = "application/pdf"
RENDERED, ISSUED, VOIDED = 2, 3, 5
TRIES = 8  # a case may change between a look at it and the command: then one looks again


@dataclass(slots=True)
class OneCase:
    """One case on its way: `clerk` acts at its window, `applicant` from their account.

    Both may be exchanged on the way. `authority` is the department in whose
    name the window acts and whose seals are used where a step names no other.
    """

    world: World
    log: Recorder
    item: str
    clerk: Actor
    applicant: Actor
    citizen: Citizen
    authority: str = f"{DISTRICT}-D01"
    case_number: str = ""
    query_code: str = ""
    pieces: int = 0
    _reader: Actor | None = field(default=None, init=False)
    _seen: int = field(default=0, init=False)  # revision of the case; 0: to be looked up

    # --- looking -----------------------------------------------------------------------------

    def case(self, actor: Actor | None = None) -> Any:
        """Return the case as `actor` sees it; without one, as supervision sees it."""
        reader = actor or self.reader
        return self.world.do(reader, "intake", "GetCase", case_number=self.case_number).case

    def review(self, actor: Actor | None = None, authority: str = "") -> Any:
        """Return the review of the case, of one authority where several have a task."""
        asked = {"authority": authority} if authority else {}
        return self.world.do(
            actor or self.reader, "review", "GetReviewCase", case_number=self.case_number, **asked
        ).review

    def timeline(self, code: str) -> list[Any]:
        """Return the entries of the timeline with that code."""
        asked = {"case_number": self.case_number}
        found = self.world.do(self.reader, "intake", "GetTimeline", **asked).entries
        return [each for each in found if each.code == code]

    def told(self, code: str) -> Any:
        """Wait until the timeline has an entry with that code; return the last."""
        return self.world.wait(f"timeline {code}", lambda: self.timeline(code), bool)[-1]

    @property
    def reader(self) -> Actor:
        """Supervision, which sees every case of the district."""
        if self._reader is None:
            self._reader = self.world.staff(SUPERVISOR)
        return self._reader

    # --- acting ------------------------------------------------------------------------------

    def on_case(self, actor: Actor, method: str, **fields: Any) -> Any:
        """Command intake on the case, at the revision that was seen last."""

        def command() -> Any:
            revision, self._seen = self._seen or self.case().revision, 0
            answer = self.world.do(
                actor, "intake", method, case_number=self.case_number, revision=revision, **fields
            )
            self._seen = getattr(answer, "revision", 0)
            return answer

        return self._fresh(command)

    def refused_on_case(self, actor: Actor, method: str, **fields: Any) -> Refusal:
        """Command intake on the case; return the refusal."""
        return self._refused(lambda: self.on_case(actor, method, **fields), actor, method)

    def on_review(self, actor: Actor, method: str, *, authority: str = "", **fields: Any) -> Any:
        """Command review on the case, or one authority's part of it, at the revision it has now."""
        if authority:
            fields["authority"] = authority
        return self._fresh(
            lambda: self.world.do(
                actor, "review", method, case_number=self.case_number,
                revision=self.opened(authority).revision, **fields,
            )
        )  # fmt: skip

    def refused_on_review(
        self, actor: Actor, method: str, *, authority: str = "", **fields: Any
    ) -> Refusal:
        """Command review on the case; return the refusal."""
        return self._refused(
            lambda: self.on_review(actor, method, authority=authority, **fields), actor, method
        )

    def opened(self, authority: str = "") -> Any:
        """Wait until the department has the case; return its review."""
        return self.world.wait(
            "review of the case", lambda: self.review(authority=authority), lambda _found: True
        )

    def _fresh(self, command: Callable[[], T]) -> T:
        """Look again and repeat the command where the case has changed in between."""
        for _ in range(TRIES - 1):
            try:
                return command()
            except RefusedError as error:
                if error.refusal.reason != "STALE_REVISION":
                    raise
        return command()

    def _refused(self, command: Callable[[], Any], actor: Actor, method: str) -> Refusal:
        try:
            command()
        except RefusedError as error:
            self.world.refusals.append(error.refusal)
            return error.refusal
        expect(f"{method} by {actor.name} is refused", holds=False)
        raise AssertionError

    # --- documents ---------------------------------------------------------------------------

    def documents(self, kind: str, authority: str = "") -> list[Any]:
        """Return the documents of a kind that are not void, of one authority where it matters."""
        asked = {"case_number": self.case_number}
        listed = self.world.do(self.reader, "intake", "ListDocuments", **asked).documents
        return [
            each
            for each in listed
            if each.kind == kind
            and each.state != VOIDED
            and (not authority or each.authority == authority)
        ]

    def document(self, kind: str, state: int = ISSUED, *, authority: str = "") -> Any:
        """Wait until the last document of `kind` is as far as `state`; return it."""
        return self.world.wait(
            f"document {kind}",
            lambda: self.documents(kind, authority)[-1:],
            lambda found: bool(found) and found[0].state >= state,
        )[0]

    def seal(self, actor: Actor, kind: str, seal: str = "", *, authority: str = "") -> Any:
        """Print, seal and register: the document is issued with it.

        `seal` is the name of a seal, or SPECIAL (the default) or AUTHORITY for that of the
        authority.
        """
        document = self.document(kind, RENDERED, authority=authority)
        name = seal or "SPECIAL"
        if "-" not in name:
            name = f"{authority or self.authority}-{name}"
        scan = self.world.upload(actor, PDF + document.document.encode(), MEDIA_TYPE)
        self.on_case(actor, "SealDocument", document=document.document, seal=name, scan_sha256=scan)
        return self.document(kind, authority=authority)
