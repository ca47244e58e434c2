"""The glossary is binding: what it names exists, what it forbids does not, and no pinyin."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"
HEAD = "| 中文 | English | identifier | never say | source |"
PACKAGES = ("services", "servicekit", "workdays", "checker", "simulator", "journeys", "cli")
NOTHING = "–"

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Words of the trade as one would spell them in pinyin; none is part of an English word.
PINYIN = re.compile(
    r"banjian|banjie|bumen|buzheng|cailiao|chengnuo|chuangkou|daiban|dianhua|fazheng|gaozhi"
    r"|gongzuori|jiedao|jigou|jueding|kuaidi|pingjia|qixian|quxian|shencha|shenfen|shenhe|shenpi"
    r"|shenqing|shixiang|shoujian|shouli|shouquan|songda|tongzhi|wenhao|wenshu|xiangzhen|xingming"
    r"|xuke|yinzhang|zhengjian|zhengwu|zhengzhao|zhongxin",
    re.IGNORECASE,
)


class Entry(NamedTuple):
    chinese: str
    english: str
    identifiers: tuple[str, ...]
    never_say: tuple[str, ...]


@cache
def entries() -> tuple[Entry, ...]:
    text = GLOSSARY.read_text(encoding="utf-8")
    body = text.split(HEAD)[1].split("\n\n")[0].strip().splitlines()[1:]
    found = []
    for line in body:
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        assert len(cells) == 5, line
        chinese, english, identifiers, never_say, _source = cells
        forbidden = [word.strip() for word in never_say.split(",") if word.strip() != NOTHING]
        found.append(
            Entry(chinese, english, tuple(re.findall(r"`(\w+)`", identifiers)), tuple(forbidden))
        )
    return tuple(found)


def in_python(paths) -> set[str]:
    """Every name that the code gives to something: classes, functions, fields, parameters."""
    names: set[str] = set()
    for path in paths:
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                    names.add(name)
                case ast.arg(arg=name):
                    names.add(name)
                case ast.Name(id=name, ctx=ast.Store()):
                    names.add(name)
                case ast.Attribute(attr=name, ctx=ast.Store()):
                    names.add(name)
    return names


def in_protos() -> set[str]:
    names: set[str] = set()
    for path in (ROOT / "protos" / "liandong").rglob("*.proto"):
        code = re.sub(r"//.*|\"[^\"]*\"", "", path.read_text(encoding="utf-8"))
        names.update(NAME.findall(code))
    return names


@cache
def identifiers() -> frozenset[str]:
    paths = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    return frozenset(in_python(paths) | in_protos())


@cache
def of_the_domain() -> frozenset[str]:
    return frozenset(in_python(ROOT.glob("services/*/domain/**/*.py")) | in_protos())


def words(identifier: str) -> list[str]:
    return [word.lower() for word in WORD.findall(identifier)]


def says(identifier: str, phrase: str) -> bool:
    """Tell whether the words of `phrase` stand together in an identifier."""
    wanted, there = phrase.lower().split(), words(identifier)
    return any(
        there[start : start + len(wanted)] == wanted
        for start in range(len(there) - len(wanted) + 1)
    )


def test_the_table_is_read_whole():
    assert len(entries()) > 60
    assert all(entry.identifiers for entry in entries())


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.english.replace(" ", "-"))
def test_every_identifier_of_the_glossary_exists(entry):
    assert set(entry.identifiers) <= identifiers()


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.english.replace(" ", "-"))
def test_nobody_says_what_the_glossary_forbids(entry):
    said = [
        (phrase, identifier)
        for phrase in entry.never_say
        for identifier in of_the_domain()
        if says(identifier, phrase)
    ]
    assert not said


def test_every_term_stands_in_one_row_only():
    for column in (
        [entry.chinese for entry in entries()],
        [entry.english for entry in entries()],
        [name for entry in entries() for name in entry.identifiers],
    ):
        assert not [term for term, times in Counter(column).items() if times > 1]


def test_what_is_forbidden_is_not_the_name_of_something_else():
    english = {entry.english for entry in entries()}
    assert not english & {phrase for entry in entries() for phrase in entry.never_say}


def test_no_identifier_is_pinyin_or_chinese():
    assert not [name for name in identifiers() if PINYIN.search(name) or not name.isascii()]


@pytest.mark.parametrize(
    ("identifier", "phrase", "expected"),
    [
        pytest.param("reject_case", "reject", True, id="word-of-a-function"),
        pytest.param("CaseRejected", "reject", False, id="another-word"),
        pytest.param("BusinessDayCount", "business day", True, id="two-words-together"),
        pytest.param("day_of_business", "business day", False, id="two-words-apart"),
    ],
)
def test_a_phrase_is_found_by_whole_words(identifier, phrase, expected):
    assert says(identifier, phrase) is expected
