"""values.yaml explains every key, and values.schema.json knows these keys and no others."""

from __future__ import annotations

import copy
import re

import pytest

KEY = re.compile(r"^ *(?:- )?[A-Za-z][\w.-]*:( |$)")
COMMENT = re.compile(r"^ *# -- \S")
TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}
WORDS = {"$schema", "title", "description", "definitions"}


def problems(value, rule, whole, at="") -> list[str]:
    """Judge `value` by the part of JSON Schema that the chart's schema uses; refuse other parts."""
    found = []
    for word, said in rule.items():
        match word:
            case "$ref":
                found += problems(value, whole["definitions"][said.rpartition("/")[2]], whole, at)
            case "allOf":
                found += [each for part in said for each in problems(value, part, whole, at)]
            case "type":
                kinds = [said] if isinstance(said, str) else said
                fits = any(isinstance(value, TYPES[kind]) for kind in kinds)
                if not fits or (isinstance(value, bool) and "boolean" not in kinds):
                    found.append(f"{at}: is no {said}")
            case "enum" if value not in said:
                found.append(f"{at}: is none of {said}")
            case "properties" if isinstance(value, dict):
                for key in said.keys() & value.keys():
                    found += problems(value[key], said[key], whole, f"{at}/{key}")
            case "additionalProperties" if isinstance(value, dict):
                more = value.keys() - rule.get("properties", {}).keys()
                if said is False and more:
                    found.append(f"{at}: does not know {sorted(more)}")
            case "required" if isinstance(value, dict):
                found += [f"{at}: lacks {key}" for key in said if key not in value]
            case "items" if isinstance(value, list):
                for number, each in enumerate(value):
                    found += problems(each, said, whole, f"{at}/{number}")
            case _:
                found += _limits(value, word, said, at)
    return found


def _limits(value, word, said, at) -> list[str]:
    match word:
        case "pattern":
            broken = isinstance(value, str) and not re.search(said, value)
        case "minLength":
            broken = isinstance(value, str) and len(value) < said
        case "maxLength":
            broken = isinstance(value, str) and len(value) > said
        case "minItems":
            broken = isinstance(value, list) and len(value) < said
        case "minProperties":
            broken = isinstance(value, dict) and len(value) < said
        case "uniqueItems":
            broken = isinstance(value, list) and len({repr(each) for each in value}) < len(value)
        case "minimum":
            broken = isinstance(value, int | float) and value < said
        case "maximum":
            broken = isinstance(value, int | float) and value > said
        case "exclusiveMinimum":
            broken = isinstance(value, int | float) and value <= said
        case "enum" | "properties" | "additionalProperties" | "required" | "items":
            broken = False
        case _:
            assert word in WORDS, f"the test does not know {word}"
            broken = False
    return [f"{at}: breaks {word} {said}"] if broken else []


def merged(below, above):
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return below | {key: merged(below.get(key, {}), each) for key, each in above.items()}


def test_every_key_has_one_comment_right_above_it(chart):
    lines = (chart / "values.yaml").read_text(encoding="utf-8").splitlines()
    bare = [
        line
        for above, line in zip(lines, lines[1:], strict=False)
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
        assert key == "existingSecret" or not re.search(r"password|secret|token$", key, re.I), at


def test_images_are_named_without_a_registry(values, chart):
    text = (chart.parents[1] / "image" / "Containerfile").read_text(encoding="utf-8")
    base = re.search(r"^ARG BASE=(\S+)$", text, re.MULTILINE)
    assert base
    for name in (values["image"]["repository"], base[1]):
        assert "." not in name.partition("/")[0].partition(":")[0]
