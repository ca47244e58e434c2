"""What a site without a line gets can be checked there, and is all that it needs from us."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml

from deploy import bundle
from deploy.image.__main__ import version
from deploy.image.engine import EngineError


@pytest.fixture
def folder(tmp_path) -> Path:
    made = tmp_path / "liandong-1"
    (made / "profiles").mkdir(parents=True)
    (made / "image.tar").write_bytes(b"image")
    (made / "profiles" / "village.yaml").write_text("profile: village\n", encoding="utf-8")
    return made


def verdict(folder: Path) -> int:
    """What the tool says that a site has at hand."""
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", bundle.SUMS],
        cwd=folder, capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode


def test_checksums_are_those_of_the_usual_tool_and_find_a_change(folder):
    (folder / bundle.SUMS).write_text(bundle.checksums(folder), encoding="utf-8")
    assert verdict(folder) == 0
    (folder / "image.tar").write_bytes(b"imagf")
    assert verdict(folder) != 0


def test_the_same_content_gives_the_same_archive_whoever_packs_it(folder, tmp_path):
    first = bundle.write_archive(folder, tmp_path / "a.tar.gz").read_bytes()
    (folder / "image.tar").touch()
    assert bundle.write_archive(folder, tmp_path / "b.tar.gz").read_bytes() == first


class StoredImage:
    """In place of podman: an image that is in its store already."""

    def __call__(self, *words: str) -> str:
        if words[:2] != ("save", "--output"):
            raise EngineError(f"not asked for: {words}")
        Path(words[2]).write_bytes(b"image " + words[3].encode())
        return ""


@pytest.mark.helm
@pytest.mark.timeout(1800)
def test_the_bundle_has_image_chart_bill_notes_and_sums(tmp_path, monkeypatch):
    bill = tmp_path / f"liandong-{version()}.cdx.json"
    bill.write_text("{}", encoding="utf-8")
    monkeypatch.setattr(bundle, "bill_path", lambda: bill)
    made = bundle.write_bundle(StoredImage(), "localhost/liandong:1", tmp_path / "out")
    with tarfile.open(made) as archive:
        archive.extractall(tmp_path / "there", filter="data")
    (there,) = (tmp_path / "there").iterdir()
    assert verdict(there) == 0
    named = {str(path.relative_to(there)) for path in there.rglob("*") if path.is_file()}
    assert named >= {
        "image.tar", f"liandong-{version()}.tgz", bill.name, "INSTALL.md", "README.md",
        "VALUES.md", "SHA256SUMS", "profiles/district.yaml", "profiles/village.yaml",
    }  # fmt: skip
    assert sorted(path.name for path in made.parent.iterdir()) == [made.name]
    with tarfile.open(there / f"liandong-{version()}.tgz") as chart:
        inside = chart.extractfile("liandong/Chart.yaml")
        assert inside
        assert yaml.safe_load(inside)["appVersion"] == version()


def test_the_notes_name_what_is_in_the_bundle():
    notes = bundle.NOTES.read_text(encoding="utf-8")
    for name in ("image.tar", f"liandong-{version()}.tgz", bundle.SUMS, "profiles/district.yaml"):
        assert name in notes
