"""The Chinese that people read: short messages, and the templates of statutory documents.

A service keeps its Chinese under `texts/zh-CN/`, where an editor who does not
program can change it: `messages.toml` for the sentence that belongs to each
reason, `documents/*.j2` for the documents that `servicekit.printing` prints.
"""

from __future__ import annotations

import logging
import re
import string
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined

from servicekit.clock import CHINA_STANDARD_TIME
from servicekit.field_names import spoken

__all__ = [
    "DocumentTemplates",
    "DuplicateReasonError",
    "MessageCatalogue",
    "MessageSyntaxError",
    "MissingFactError",
    "TextError",
    "UnknownReasonError",
    "chinese_date",
    "chinese_instant",
    "chinese_numeral_date",
    "full_width",
    "full_width_punctuation",
    "half_width",
]

_LOCALE = "zh-CN"
_log = logging.getLogger(__name__)
_FIELDS = "fields_named"
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

# The last resort, kept here because it is said exactly when the texts failed.
_UNEXPLAINED = "操作未完成（原因代码：{reason}），请联系系统管理员。"


class TextError(Exception):
    """A text of the project is wrong; a mistake of ours, never of the clerk."""


class MessageSyntaxError(TextError):
    """An entry of `messages.toml` cannot be used as written."""


class DuplicateReasonError(TextError):
    """Two packages give a sentence for the same reason."""


class UnknownReasonError(TextError):
    """A reason has no sentence."""


class MissingFactError(TextError):
    """A sentence asks for a fact that the error of that reason does not carry."""


@dataclass(frozen=True, slots=True)
class _Message:
    text: str
    source: str
    placeholders: frozenset[str]


class MessageCatalogue:
    """The sentence for each reason, from the `messages.toml` of one or more packages."""

    def __init__(self, messages: Mapping[str, _Message]) -> None:
        self._messages = dict(messages)

    @classmethod
    def load(cls, *packages: str) -> MessageCatalogue:
        """Return the sentences of all `packages`; refuse an entry that cannot be used."""
        messages: dict[str, _Message] = {}
        for package in packages:
            for reason, message in _read_messages(package).items():
                if reason in messages:
                    raise DuplicateReasonError(f"{reason} is given again by {package}")
                messages[reason] = message
        return cls(messages)

    def reasons(self) -> frozenset[str]:
        return frozenset(self._messages)

    def text(self, reason: str) -> str:
        """Return the sentence with its placeholders unfilled, for documents."""
        return self._entry(reason).text

    def source(self, reason: str) -> str:
        """Return where the wording comes from, as written in the entry; may be empty."""
        return self._entry(reason).source

    def placeholders(self, reason: str) -> frozenset[str]:
        return self._entry(reason).placeholders

    def verify(self, reason: str, facts: Iterable[str]) -> None:
        """Refuse, in a test or at start, a sentence that needs more than `facts`."""
        missing = self.placeholders(reason) - frozenset(facts)
        if missing:
            raise MissingFactError(f"{reason} asks for {', '.join(sorted(missing))}")

    def say(self, reason: str, facts: Mapping[str, str]) -> str:
        """Return the sentence for `reason`, filled with `facts`.

        Never fails: a clerk in front of an applicant gets a sentence that
        names the reason even where the catalogue is at fault, and the fault
        is logged.
        """
        try:
            self.verify(reason, facts)
        except TextError as error:
            _log.exception("message_unusable", extra={"reason": reason, "detail": str(error)})
            return _UNEXPLAINED.format(reason=reason)
        said = {name: _said(name, fact) for name, fact in facts.items()}
        return self._messages[reason].text.format_map(said)

    def _entry(self, reason: str) -> _Message:
        try:
            return self._messages[reason]
        except KeyError:
            raise UnknownReasonError(f"{reason} has no sentence") from None


def _said(name: str, fact: str) -> str:
    """Return a fact as a person reads it: 2026-09-14 as 2026年9月14日, a field by its Chinese."""
    if name == _FIELDS:
        return spoken(fact)
    if not _ISO_DAY.fullmatch(fact):
        return fact
    try:
        return chinese_date(date.fromisoformat(fact))
    except ValueError:
        return fact


def _read_messages(package: str) -> dict[str, _Message]:
    file = resources.files(package).joinpath("texts", _LOCALE, "messages.toml")
    entries = tomllib.loads(file.read_text(encoding="utf-8"))
    return {reason: _message(package, reason, entry) for reason, entry in entries.items()}


def _message(package: str, reason: str, entry: object) -> _Message:
    where = f"{package}: [{reason}]"
    if not isinstance(entry, dict) or not entry.keys() <= {"text", "source"}:
        raise MessageSyntaxError(f"{where} may hold `text` and `source` only")
    text, source = entry.get("text"), entry.get("source", "")
    if not isinstance(text, str) or not text or not isinstance(source, str):
        raise MessageSyntaxError(f"{where} needs a `text`")
    return _Message(text, source, _placeholders(where, text))


def _placeholders(where: str, text: str) -> frozenset[str]:
    names: set[str] = set()
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as error:
        raise MessageSyntaxError(f"{where}: {error}") from error
    for _, name, spec, conversion in parts:
        if name is None:
            continue
        # Plain names only: `{case.id}` or `{amount:>8}` would let a text reach into objects.
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or spec or conversion:
            raise MessageSyntaxError(f"{where}: {{{name}}} is not a plain name")
        names.add(name)
    return frozenset(names)


def chinese_date(day: date) -> str:
    """Return the day as official documents write it: 2026年9月14日."""
    # A `datetime` is a `date` to Python, but its day depends on the time zone.
    if isinstance(day, datetime):
        raise TypeError("an instant has no day of its own; use chinese_instant or civil_day")
    return f"{day.year}年{day.month}月{day.day}日"


def chinese_instant(instant: datetime) -> str:
    """Return the instant in China Standard Time: 2026年9月14日9时30分."""
    if instant.tzinfo is None:
        raise TypeError("an instant without a time zone cannot be printed")
    local = instant.astimezone(CHINA_STANDARD_TIME)
    return f"{chinese_date(local.date())}{local.hour}时{local:%M}分"


_NUMERALS = "〇一二三四五六七八九"


def chinese_numeral_date(day: date) -> str:
    """Return the day in numerals of the written language: 二〇二六年九月十四日."""
    year = "".join(_NUMERALS[int(digit)] for digit in f"{day.year:04}")
    return f"{year}年{_up_to_99(day.month)}月{_up_to_99(day.day)}日"


def _up_to_99(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else _NUMERALS[tens] + "十"
    return head + (_NUMERALS[ones] if ones else "")


_TO_FULL = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}
_TO_HALF = {full: half for half, full in _TO_FULL.items()}
_CJK = r"[\u3400-\u9fff\U00020000-\U0003ffff〇〔〕《》“”、。]"
_NARROW_PUNCTUATION = re.compile(rf"(?<={_CJK})[,;:?!()]|[,;:?!()](?={_CJK})")


def full_width(text: str) -> str:
    """Return `text` with every ASCII character in its full-width form."""
    return text.translate(_TO_FULL)


def half_width(text: str) -> str:
    """Return `text` with full-width letters, digits and signs in their ASCII form."""
    return text.translate(_TO_HALF)


def full_width_punctuation(text: str) -> str:
    """Return `text` with the ASCII punctuation beside Chinese made full-width.

    Digits, letters and the punctuation inside them (`1,000`) stay as they are.
    """
    return _NARROW_PUNCTUATION.sub(lambda found: full_width(found[0]), text)


class DocumentTemplates:
    """The templates of the statutory documents that one service issues.

    A name or a fact that a template uses and is not given raises, because a
    document with a gap in it would be issued otherwise.
    """

    def __init__(self, package: str) -> None:
        self._folder = resources.files(package).joinpath("texts", _LOCALE, "documents")
        self._environment = Environment(
            loader=FunctionLoader(self._source),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        filters: tuple[Callable[..., str], ...] = (
            chinese_date,
            chinese_instant,
            chinese_numeral_date,
            full_width,
            full_width_punctuation,
            half_width,
        )
        self._environment.filters.update({each.__name__: each for each in filters})

    def names(self) -> list[str]:
        """Return the file names of all templates, in order."""
        return sorted(f.name for f in self._folder.iterdir() if f.name.endswith(".j2"))

    def render(self, name: str, /, **facts: object) -> str:
        """Return the text of template `name` (`acceptance_notice.xml.j2`) with `facts` in it."""
        return self._environment.get_template(name).render(**facts)

    def _source(self, name: str) -> str | None:
        file = self._folder.joinpath(name)
        return file.read_text(encoding="utf-8") if file.is_file() else None
