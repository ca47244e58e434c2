"""What documents are called, and what their series are called, from the texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from servicekit.texts import MessageCatalogue
from services.intake.domain.document import FORMS, DocumentKind

__all__ = ["DocumentNames"]


@dataclass(frozen=True, slots=True)
class DocumentNames:
    """The title of each kind, and the word of its series (受, 补, …) where it has one."""

    titles: Mapping[DocumentKind, str]
    words: Mapping[DocumentKind, str]

    @classmethod
    def load(cls, package: str) -> Self:
        """Read the names; a kind without its name keeps the process from starting."""
        texts = MessageCatalogue.load(package)

        def name(key: str) -> str:
            texts.verify(key, ())
            return texts.say(key, {})

        return cls(
            titles={kind: name(f"DOCUMENT_{kind.name}") for kind in FORMS},
            words={kind: name(f"SERIES_{kind.name}") for kind in FORMS if FORMS[kind].numbered},
        )
