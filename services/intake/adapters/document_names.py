"""What documents are called, and what their series are called, from the texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from servicekit.texts import MessageCatalogue
from services.intake.domain.document import DECISIONS, FORMS, DocumentKind
from services.intake.domain.item_terms import ItemTerms

__all__ = ["DocumentNames"]

_BENEFIT: Final = "05"  # 行政给付


@dataclass(frozen=True, slots=True)
class DocumentNames:
    """The title of each kind, and the word of its series (受, 补, …) where it has one."""

    titles: Mapping[DocumentKind, str]
    words: Mapping[DocumentKind, str]
    benefit_titles: Mapping[DocumentKind, str]
    service_titles: Mapping[DocumentKind, str]

    def title(self, kind: DocumentKind, terms: ItemTerms) -> str:
        """Return what a document of `kind` is called: a benefit and a service are no permits.

        Source: 行政许可法 第三十八条; readings 14.
        """
        if terms.is_permit or kind not in DECISIONS:
            return self.titles[kind]
        if terms.item_type == _BENEFIT:
            return self.benefit_titles[kind]
        return self.service_titles[kind]

    @classmethod
    def load(cls, package: str) -> Self:
        """Read the names; a kind without its name keeps the process from starting."""
        texts = MessageCatalogue.load(package)

        def name(key: str) -> str:
            texts.verify(key, ())
            return texts.say(key, {})

        return cls(
            titles={kind: name(f"DOCUMENT_{kind.name}") for kind in FORMS},
            benefit_titles={kind: name(f"DOCUMENT_{kind.name}_BENEFIT") for kind in DECISIONS},
            service_titles={kind: name(f"DOCUMENT_{kind.name}_SERVICE") for kind in DECISIONS},
            words={kind: name(f"SERIES_{kind.name}") for kind in FORMS if FORMS[kind].numbered},
        )
