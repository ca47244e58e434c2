"""Adding a township, as the runbook says: rows in a copy of the files, loaded again."""

from __future__ import annotations

import json
import shutil
from importlib import resources

import pytest

from journeys.forms import Citizen, paper
from journeys.from_a_village import OLD_AGE
from services.catalog.district_files import DistrictFilesError
from services.catalog.seed import seed

TOWN = "370306105000"
WINDOW = f"{TOWN}-C1-W01"
CLERK = "p-0999"
APPLICANT = Citizen("a-0999", "郑示例", "370306194003120013")
LETTER = {
    "letter": "周民政授权〔2026〕99号", "authority": "370306000000-D03", "window_unit": WINDOW,
    "signatory": "罗兰（示例）", "from_date": "2026-01-01", "until_date": "2028-01-01",
    "scan_sha256": "a" * 64, "items": {OLD_AGE: "promised"},
}  # fmt: skip


def add(folder, name, *rows):
    with (folder / name).open("a", encoding="utf-8") as file:
        file.writelines(f"{row}\n" for row in rows)


@pytest.fixture
def folder(tmp_path):
    """The district's own copy of the files, with one town more."""
    own = tmp_path / "district"
    with resources.as_file(resources.files("services.catalog").joinpath("data")) as shipped:
        shutil.copytree(shipped, own)
    add(own, "divisions.csv", f"{TOWN},新设镇（示例）,370306000000")
    add(
        own, "units.csv",
        f"{TOWN}-C1,新设镇便民服务中心,CENTRE,{TOWN},12",
        f"{WINDOW},新设镇便民服务中心综合窗口,WINDOW,{TOWN}-C1,12",
    )  # fmt: skip
    add(own, "posts.csv", f"{WINDOW}:clerk-1,镇街综合窗口受理员,WINDOW,WINDOW_CLERK,{WINDOW}")
    add(own, "assignments.csv", f"a-0999-1,{CLERK},郑一（示例）,{WINDOW}:clerk-1,2026-01-01,")
    return own


def sign(folder, letter):
    path = folder / "letters.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["letters"].append(letter)
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def test_a_town_that_was_added_receives_and_accepts(playground, folder):
    catalogue, world = playground.district.resources["catalog"], playground.world
    sign(folder, LETTER)
    with pytest.raises(DistrictFilesError, match=r"letters\.json: .*NOBODY_TRAINED"):
        seed(catalogue, folder)

    add(
        folder, "training.csv",
        f"{CLERK},ONE_WINDOW_ACCEPTANCE@1,2025-12-23,370306000000-D03,",
    )  # fmt: skip
    loaded = seed(catalogue, folder)
    assert (loaded.trainings, loaded.letters) == (1, 1)
    assert seed(catalogue, folder).units == 0

    clerk = world.staff(CLERK)
    assert clerk.caller.unit == WINDOW
    received = world.do(
        clerk, "intake", "ReceiveApplication",
        item_code=OLD_AGE, applicant=APPLICANT.form, channel="CHANNEL_WINDOW",
        summary="高龄津贴申领（示例）", materials=[paper("M01"), paper("M03")],
        result_delivery="RESULT_DELIVERY_COLLECTION",
    )  # fmt: skip
    accepted = world.do(
        clerk, "intake", "AcceptCase",
        case_number=received.case_number, revision=received.revision,
    )  # fmt: skip
    assert accepted.revision > received.revision


def test_a_row_that_cannot_be_loaded_is_named_and_what_stands_stays(playground, folder):
    catalogue = playground.district.resources["catalog"]
    add(folder, "units.csv", f"{WINDOW}-X,没有上级的窗口,WINDOW,370306999000-C1,12")
    with pytest.raises(DistrictFilesError, match=r"units\.csv, line \d+: .*370306999000-C1"):
        seed(catalogue, folder)
    add(folder, "posts.csv", "nonsense")
    shutil.copy(folder / "posts.csv", folder / "units.csv")
    with pytest.raises(DistrictFilesError, match=r"units\.csv, line 2: .*missing"):
        seed(catalogue, folder)
    (folder / "units.csv").unlink()
    with pytest.raises(DistrictFilesError, match=r"units\.csv is missing"):
        seed(catalogue, folder)
