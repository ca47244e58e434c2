"""The scripts that start the servers in containers, without a container."""

from __future__ import annotations

import subprocess

import pytest

from deploy.cluster import images


@pytest.mark.parametrize("image", images.SERVER_IMAGES, ids=lambda image: image.tag)
def test_the_script_is_one_that_the_shell_understands(image):
    subprocess.run(["sh", "-n", images.HERE / image.script], check=True)


def test_each_image_has_an_archive_of_its_own():
    archives = [image.archive for image in images.SERVER_IMAGES]
    names = [f"{name}.tar" for name in images.PROGRAM_IMAGES.values()]
    assert len({*archives, *names}) == len(archives) + len(names)


def test_a_new_database_needs_a_password(tmp_path):
    done = subprocess.run(
        ["sh", images.HERE / "postgresql.sh"],
        env={"PATH": "/usr/bin:/bin", "PGDATA": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "POSTGRES_PASSWORD" in done.stderr
