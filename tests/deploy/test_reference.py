"""The reference of the values says what the values say."""

from __future__ import annotations

from deploy.reference import REFERENCE, reference


def paths(value, at=""):
    if isinstance(value, dict):
        for key, each in value.items():
            yield f"{at}.{key}".lstrip(".")
            yield from paths(each, f"{at}.{key}")


def test_it_is_made_from_the_values_as_they_are(chart):
    made = reference((chart / "values.yaml").read_text(encoding="utf-8"))
    assert REFERENCE.read_text(encoding="utf-8") == made, "run `make documents`"


def test_every_value_has_a_row(values):
    rows = {
        line.split("`")[1]
        for line in REFERENCE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    }
    others = tuple(f"services.{name}" for name in values["services"] if name != "intake")
    wanted = {path for path in paths(values) if not path.startswith(others)}
    within_a_line = (".requests.", ".limits.", ".dashboardLabels.")
    assert {path for path in wanted - rows if not any(e in path for e in within_a_line)} == set()


def test_a_row_has_the_path_the_default_and_the_comment():
    text = "# -- Outer\nouter:\n  # -- Inner | or not\n  inner: 5\nbare: 1\n"
    assert reference(text).splitlines()[-2:] == [
        "| `outer` |  | Outer |",
        "| `outer.inner` | `5` | Inner \\| or not |",
    ]
