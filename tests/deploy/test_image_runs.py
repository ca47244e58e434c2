"""The built image, as the chart runs it: not root, a root that is read-only, no network.

Building takes minutes, so these have the marker `image`: `make image-test`.
"""

from __future__ import annotations

import json
import re

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from deploy.image.__main__ import NAME, bill_path, version
from deploy.image.__main__ import build as build_image
from deploy.image.base import BOOTSTRAP
from deploy.image.base import IMAGE as BASE
from deploy.image.engine import find_engine
from deploy.image.sbom import bill, installed

pytestmark = [pytest.mark.image, pytest.mark.timeout(5400)]


@pytest.fixture(scope="module")
def engine():
    return find_engine()


@pytest.fixture(scope="module")
def image(engine) -> str:
    """The image of this checkout; what has not changed is not built again."""
    known = f"{NAME}:{version()}"
    local = BOOTSTRAP if engine.has(BASE) else None
    return build_image(engine, local) if local or not engine.has(known) else known


@pytest.fixture(scope="module")
def inside(engine, image):
    def run(*words: str) -> str:
        return engine.try_out(image, *words)

    return run


def test_the_demonstration_runs_in_it_from_the_first_journey_to_the_checker(inside):
    told = inside("-m", "cli", "demo", "--build", "/tmp/demo")
    assert "演示完成。" in told
    assert re.search(r"核对：OK: nothing lost, doubled or in disagreement", told)


def test_it_runs_as_nobody_who_may_anything(inside):
    who = inside("-c", "import os; print(os.getuid(), os.getgid(), os.access('/opt', os.W_OK))")
    assert who.split() == ["10001", "10001", "False"]


def test_it_has_no_compiler_and_no_installer(inside):
    wanted = ("gcc", "cc", "g++", "make", "ld", "as", "apt-get", "pip", "pip3")
    found = inside("-c", f"import shutil; print([n for n in {wanted!r} if shutil.which(n)])")
    assert found.strip() == "[]"


def test_every_compiled_part_of_what_it_needs_finds_its_libraries(inside):
    told = inside("-W", "ignore", "-c", (
        "import grpc, greenlet, psycopg, psycopg2, PIL.Image, pydantic_core, google.protobuf\n"
        "from cryptography.hazmat.bindings import _rust\n"
        "print(grpc.__version__, psycopg.pq.__impl__)"
    ))  # fmt: skip
    assert told.split()[1] == "binary"


def test_it_has_the_fonts_of_chinese_documents(inside):
    found = inside("-c", "import servicekit, pathlib; print(*sorted(p.name for p in "
                   "(pathlib.Path(servicekit.__file__).parent / 'fonts').iterdir()))")  # fmt: skip
    assert re.search(r"NotoSerifSC\S*\.(?:ttf|otf)", found)


def test_what_runs_was_compiled_when_it_was_built(inside):
    cached = inside("-c", "import services.intake.bootstrap as m; print(m.__cached__); "
                    "import pathlib; print(pathlib.Path(m.__cached__).exists())")  # fmt: skip
    assert cached.split()[1] == "True"


def test_it_says_what_it_is_and_names_no_place_it_was_fetched_from(engine, image):
    known = engine.inspect(image)
    labels = known["Config"]["Labels"]
    assert labels["org.opencontainers.image.title"] == "liandong"
    assert labels["org.opencontainers.image.version"] == version()
    assert not (known["Config"].get("Healthcheck"))
    history = engine("history", "--no-trunc", "--format", "{{.CreatedBy}}", image)
    assert "://" not in history + json.dumps(known["Config"])


def test_its_bill_of_materials_names_what_is_in_it(engine, image):
    found = installed(engine, image)
    written = bill(found, engine.inspect(image), "liandong", version())
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written) is None
    names = {each["name"] for each in json.loads(written)["components"]}
    assert {"liandong", "grpcio", "nameko", "libc6", "python"} <= names
    bill_path().parent.mkdir(parents=True, exist_ok=True)
    bill_path().write_text(written, encoding="utf-8")


def test_a_change_of_the_code_ships_little(engine, image):
    """The layer on top is the code; what lies below it is many times as large."""
    top, *below = engine.layers(image)
    assert top < 15_000_000
    assert sum(below) > 10 * top
