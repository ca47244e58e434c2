"""Every clause the code cites has a row in docs/sources.md, and every row is true of the code.

    Source: 行政许可法 第三十二条第一款第四项 (the limit), 第八十二条; R1.2; readings 8.

cites two articles of one law, a rule of the plan and a reading. What stands in
brackets is a remark; a law stands for the articles that follow it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "docs" / "sources.md"
READINGS = ROOT / "docs" / "divergences.md"
CODE = ("services", "servicekit", "workdays")

# Other names under which a law is cited.
ALIASES = {
    "国务院令第716号": "国务院关于在线政务服务的若干规定",
    "国务院令第722号": "优化营商环境条例",
    "全国年节及纪念日放假办法(2024年修订)": "全国年节及纪念日放假办法",
    "行政复议法(2023)": "行政复议法",
}
DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")}
CHARS = "零一二三四五六七八九十百"
ARTICLE = re.compile(rf"第([{CHARS}]+)条(?:第([{CHARS}]+)款)?(?:第([{CHARS}]+)项)?")
SPAN = re.compile(rf"第([{CHARS}]+)条至第([{CHARS}]+)条")
RULE = re.compile(r"R\d+\.\d+")
REMARK = re.compile(r"\s*\((?!20\d\d)[^)]*\)")
SOURCE = re.compile(r"^\s*Source:\s*((?:.|\n(?!\s*(?:\n|Source:)))*)", re.MULTILINE)


class Citation(NamedTuple):
    """A law or rule, and the place in it: article, paragraph, item; or the number of a reading."""

    law: str
    place: tuple[int, ...] = ()

    def meets(self, other: Citation) -> bool:
        """Tell whether one is the other's clause or stands around it."""
        n = min(len(self.place), len(other.place))
        return self.law == other.law and self.place[:n] == other.place[:n]


def number(text: str) -> int:
    total = digit = 0
    for char in text:
        if char in "十百":
            total, digit = total + (digit or 1) * (10 if char == "十" else 100), 0
        else:
            digit = DIGITS[char]
    return total + digit


def place(article: str, paragraph: str | None, item: str | None) -> tuple[int, ...]:
    """An item without a paragraph is one of the first, and only, paragraph."""
    found = [number(article)]
    if paragraph or item:
        found.append(number(paragraph or "一"))
    if item:
        found.append(number(item))
    return tuple(found)


def cited(text: str) -> Iterator[Citation]:
    """Yield what one `Source:` line cites."""
    text = re.sub(r"\s*\((20\d\d)(年修订)?\)", r"(\1\2)", " ".join(text.split()))
    for part in re.split(r"[;；]", REMARK.sub("", text).rstrip(". ")):
        words = part.strip().removesuffix(" by analogy")
        if words.startswith("readings"):
            yield from readings(words.removeprefix("readings"))
        elif RULE.match(words):
            yield from (Citation(rule) for rule in RULE.findall(words))
        elif ARTICLE.search(words):
            yield from articles(words)
        else:
            yield from standards(words)


def readings(numbers: str) -> Iterator[Citation]:
    for each in numbers.split(","):
        first, _, last = each.strip().partition(" to ")
        for one in range(int(first), int(last or first) + 1):
            yield Citation("readings", (one,))


def articles(words: str) -> Iterator[Citation]:
    law = ""
    for piece in re.split(r"[,、]", words):
        found = SPAN.search(piece) or ARTICLE.search(piece)
        if found is None:
            yield Citation(law_named(piece))
            continue
        law = law_named(piece[: found.start()]) or law
        if found.re is SPAN:
            first, last = (number(end) for end in found.groups())
            yield from (Citation(law, (article,)) for article in range(first, last + 1))
        else:
            yield Citation(law, place(*found.groups()))


def standards(words: str) -> Iterator[Citation]:
    """Names such as `GB/T 22239-2019 8.1.4.1 身份鉴别, 8.1.4.3`: a section may stand alone."""
    standard = ""
    for piece in words.split(","):
        name = law_named(piece)
        if not name:
            continue
        if re.match(r"\d+(\.\d+)+|[A-Z]\.\d+", name):
            name = f"{standard} {name}"
        elif (found := re.match(r"([A-Z/]+ [\d-]+)", name)) is not None:
            standard = found[1]
        yield Citation(name)


def law_named(name: str) -> str:
    name = name.strip()
    if re.match(r"(GB|GM|RFC|NIST|ISO)|\d+(\.\d+)+", name):
        name = re.split(r"\s(?=[\u4e00-\u9fff])", name)[0]
        name = name.replace("GB/T 39046-2020", "GB/T 39046")
    return ALIASES.get(name, name)


class Place(NamedTuple):
    """Where a docstring stands: a file, and the dotted name of a function or class in it."""

    path: str
    name: str


@cache
def docstrings(path: Path) -> dict[str, str]:
    """Map every function and class of a file to its docstring; the module's is under ''."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {"": ast.get_docstring(tree) or ""}

    def below(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef | ast.FunctionDef):
                found[prefix + child.name] = ast.get_docstring(child) or ""
                below(child, f"{prefix}{child.name}.")

    below(tree, "")
    return found


def in_code() -> Iterator[tuple[Place, Citation]]:
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            relative = path.relative_to(ROOT)
            if "tests" in relative.parts:
                continue
            for name, docstring in docstrings(path).items():
                for line in SOURCE.findall(docstring):
                    for citation in cited(line):
                        yield Place(str(relative), name), citation


def in_protos() -> Iterator[tuple[Place, Citation]]:
    for path in sorted((ROOT / "protos" / "liandong").rglob("*.proto")):
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
        comments = "\n".join(
            line.removeprefix("//").strip() if line.startswith("//") else "" for line in lines
        )
        for line in SOURCE.findall(comments):
            for citation in cited(line):
                yield Place(str(path.relative_to(ROOT)), ""), citation


class Row(NamedTuple):
    identity: str
    citation: Citation
    applied: tuple[Place, ...]
    tests: tuple[str, ...]


@cache
def rows() -> tuple[Row, ...]:
    """Read the tables of docs/sources.md: laws (S-), rules of the plan (R), the study (D-)."""
    found = []
    for line in SOURCES.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not re.match(r"(S-\d\d|D-\d|R\d+\.\d+$)", cells[0]):
            continue
        if cells[0].startswith("R"):
            citation = Citation(cells[0])
        elif cells[2] in ("", "—"):
            citation = Citation(cells[1])
        else:
            match = ARTICLE.fullmatch(cells[2])
            assert match is not None, f"{cells[0]}: {cells[2]} is no article"
            citation = Citation(cells[1], place(*match.groups()))
        applied, tests = cells[-2:]
        found.append(Row(cells[0], citation, tuple(places(applied)), tuple(ticked(tests))))
    return tuple(found)


def ticked(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def places(cell: str) -> Iterator[Place]:
    """A file, then the names in it; a file without names stands for its module."""
    path, alone = "", False
    for word in ticked(cell):
        if word.endswith((".py", ".proto")):
            if alone:
                yield Place(path, "")
            path, alone = word, True
        else:
            yield Place(path, word)
            alone = False
    if alone:
        yield Place(path, "")


def settled() -> frozenset[int]:
    """The numbers of the readings that docs/divergences.md settles."""
    text = READINGS.read_text(encoding="utf-8")
    return frozenset(int(found) for found in re.findall(r"^\| (\d+) \|", text, re.MULTILINE))


def test_every_citation_has_a_row():
    known = [row.citation for row in rows()]
    homeless = {
        f"{where.path}:{where.name} cites {citation.law} {citation.place}"
        for where, citation in (*in_code(), *in_protos())
        if citation.law != "readings" and not any(citation.meets(each) for each in known)
    }
    assert not homeless, "\n".join(sorted(homeless))


def test_every_reading_that_is_cited_is_settled():
    wanted = {c.place[0] for _, c in (*in_code(), *in_protos()) if c.law == "readings"}
    assert wanted <= settled()


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.identity)
def test_what_a_row_applies_to_exists_and_cites_it(row):
    for where in row.applied:
        path = ROOT / where.path
        assert path.exists(), f"{where.path} does not exist"
        if path.suffix == ".proto":
            continue
        assert where.name in docstrings(path), f"{where.path} has no {where.name}"
        lines = SOURCE.findall(docstrings(path)[where.name])
        named = [citation for line in lines for citation in cited(line)]
        assert any(row.citation.meets(each) for each in named), f"{where} does not cite it"


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.identity)
def test_the_tests_of_a_row_exist(row):
    missing = [name for name in row.tests if not (ROOT / name).exists()]
    assert not missing


def test_no_row_is_there_twice():
    assert len({row.identity for row in rows()}) == len(rows())
    assert len({row.citation for row in rows()}) == len(rows())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param(
            "行政许可法 第三十二条第一款第四项 (limit), 第八十二条; R1.2; readings 8, 16 to 17.",
            [
                Citation("行政许可法", (32, 1, 4)),
                Citation("行政许可法", (82,)),
                Citation("R1.2"),
                *(Citation("readings", (n,)) for n in (8, 16, 17)),
            ],
            id="law-rule-and-readings",
        ),
        pytest.param(
            "国务院令第716号 第七条.",
            [Citation("国务院关于在线政务服务的若干规定", (7,))],
            id="order-by-its-number",
        ),
        pytest.param(
            "民法典 第二百零一条至第二百零三条 by analogy.",
            [Citation("民法典", (n,)) for n in (201, 202, 203)],
            id="span-of-articles",
        ),
        pytest.param(
            "GB/T 22239-2019 8.1.4.5 恶意代码防范 (a), 8.1.4.7 数据完整性; GB/T 39046-2020 A.2.",
            [
                Citation("GB/T 22239-2019 8.1.4.5"),
                Citation("GB/T 22239-2019 8.1.4.7"),
                Citation("GB/T 39046 A.2"),
            ],
            id="sections-of-standards",
        ),
        pytest.param(
            "网络安全法 第二十一条第三项.", [Citation("网络安全法", (21, 1, 3))], id="item"
        ),
    ],
)
def test_a_source_line_is_read_as_a_lawyer_reads_it(line, expected):
    assert list(cited(line)) == expected
