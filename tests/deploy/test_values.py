"""values.yaml explains every key, and values.schema.json knows these keys and no others."""

from __future__ import annotations

import copy
import re
from itertools import pairwise

import pytest

KEY = re.compile(r"^ *(?:- )?[A-Za-z][\w.-]*:( |$)")
SECRET = re.compile(r"password|secret|token$", re.IGNORECASE)
COMMENT = re.compile(r"^ *# -- \S")
TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}
# A word of JSON Schema: the kind of value that it speaks of, and when it is broken.
LIMITS = {
    "enum": (object, lambda value, said: value not in said),
    "pattern": (str, lambda value, said: not re.search(said, value)),
    "minLength": (str, lambda value, said: len(value) < said),
    "maxLength": (str, lambda value, said: len(value) > said),
    "minItems": (list, lambda value, said: len(value) < said),
    "uniqueItems": (list, lambda value, _said: len({repr(each) for each in value}) < len(value)),
    "minProperties": (dict, lambda value, said: len(value) < said),
    "required": (dict, lambda value, said: not set(said) <= value.keys()),
    "minimum": ((int, float), lambda value, said: value < said),
    "maximum": ((int, float), lambda value, said: value > said),
    "exclusiveMinimum": ((int, float), lambda value, said: value <= said),
}
INWARD = {"$ref", "allOf", "properties", "additionalProperties", "items", "type"}
WORDS = {"$schema", "title", "description", "definitions", *INWARD, *LIMITS}


def problems(value, rule, whole, at="") -> list[str]:
    """Judge `value` by the part of JSON Schema that the chart's schema uses; refuse other parts."""
    assert rule.keys() <= WORDS, f"the test does not know {rule.keys() - WORDS}"
    found = [
        f"{at}: breaks {word} {rule[word]}"
        for word, (kind, is_broken) in LIMITS.items()
        if word in rule and isinstance(value, kind) and is_broken(value, rule[word])
    ]
    if not fits(value, rule.get("type", [])):
        found.append(f"{at}: is no {rule['type']}")
    return found + [
        each for part, said, where in parts(value, rule, whole, at)
        for each in problems(part, said, whole, where)
    ] + unknown(value, rule, at)  # fmt: skip


def fits(value, kinds) -> bool:
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if isinstance(value, bool):
        return not kinds or "boolean" in kinds
    return not kinds or any(isinstance(value, TYPES[kind]) for kind in kinds)


def unknown(value, rule, at) -> list[str]:
    if rule.get("additionalProperties") is not False or not isinstance(value, dict):
        return []
    return [f"{at}: does not know {key}" for key in value.keys() - rule["properties"].keys()]


def parts(value, rule, whole, at):
    """What else the rule has judged, by which rule: the same value, or something inside it."""
    if "$ref" in rule:
        yield value, whole["definitions"][rule["$ref"].rpartition("/")[2]], at
    for said in rule.get("allOf", ()):
        yield value, said, at
    if isinstance(value, dict):
        known = rule.get("properties", {})
        more = rule.get("additionalProperties") or {}
        for key, each in value.items():
            yield each, known.get(key, more), f"{at}/{key}"
    if isinstance(value, list):
        for number, each in enumerate(value):
            yield each, rule.get("items", {}), f"{at}/{number}"


def merged(below, above):
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return below | {key: merged(below.get(key, {}), each) for key, each in above.items()}


def test_every_key_has_one_comment_right_above_it(chart):
    lines = (chart / "values.yaml").read_text(encoding="utf-8").splitlines()
    bare = [
        line
        for above, line in pairwise(lines)
        if KEY.match(line) and not line.lstrip().startswith("- ") and not COMMENT.match(above)
    ]
    # A peer is a Kubernetes object inside a list; its keys are not ours to explain.
    assert [line for line in bare if line.strip().split(":")[0] != "podSelector"] == []


def test_the_values_keep_to_the_schema(values, schema):
    assert problems(values, schema, schema) == []


def test_the_example_keeps_to_the_schema(values, example, schema):
    assert problems(merged(values, example), schema, schema) == []


def test_every_object_of_the_schema_is_closed(schema):
    def opened(rule, at=""):
        if isinstance(rule, list):
            for number, each in enumerate(rule):
                yield from opened(each, f"{at}/{number}")
        if isinstance(rule, dict):
            if rule.get("type") == "object" and "additionalProperties" not in rule:
                yield at
            for key, each in rule.items():
                yield from opened(each, f"{at}/{key}")

    assert list(opened(schema)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("replica",), 1),
        (("roles", "api", "replica"), 3),
        (("services", "intake", "roles"), {"api": {"replica": 3}}),
        (("services", "intakes"), {}),
        (("settings", "LOG_LEVELS"), "INFO"),
        (("settings", "LOG_LEVEL"), "LOUD"),
        (("services", "review", "settings"), {"DATABASE_URL": "postgresql://u:p@h/d"}),
        (("services", "review", "database", "url"), "postgresql://u:p@h/d"),
        (("roles", "worker", "terminationGracePeriodSeconds"), 20),
        (("networkPolicy", "database", "peers"), []),
        (("site", "division"), "3703"),
    ],
    ids=lambda each: ".".join(each) if isinstance(each, tuple) else None,
)
def test_a_typo_is_refused(values, schema, path, value):
    wrong = copy.deepcopy(values)
    place = wrong
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert problems(wrong, schema, schema) != []


def test_no_value_is_a_secret(values):
    def said(part, at=""):
        if isinstance(part, dict):
            for key, each in part.items():
                yield from said(each, f"{at}.{key}")
        elif isinstance(part, str):
            yield at, part

    for at, text in said(values):
        assert "://" not in text, at
        key = at.rpartition(".")[2]
        assert key == "existingSecret" or not SECRET.search(key), at


def test_images_are_named_without_a_registry(values, chart):
    text = (chart.parents[1] / "image" / "Containerfile").read_text(encoding="utf-8")
    base = re.search(r"^ARG BASE=(\S+)$", text, re.MULTILINE)
    assert base
    for name in (values["image"]["repository"], base[1]):
        assert "." not in name.partition("/")[0].partition(":")[0]
