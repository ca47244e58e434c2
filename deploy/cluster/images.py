"""Makes the images of a cluster without a registry: from Debian packages and own programs.

Everything ends as an archive in the cache, which `ctr images import` reads.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.cluster.errors import ClusterError
from deploy.cluster.fingerprints import Stamp, fingerprint
from deploy.image.base import SUITE, debian_sources
from deploy.image.engine import find_engine

HERE: Final = Path(__file__).resolve().parent / "images"
BUILD_SECONDS: Final = 3600
USER: Final = 10001  # the user of every pod of the chart
OFFICIAL_USER: Final = 999  # the one that the official images of both servers use

PAUSE: Final = "localhost/liandong-pause:1"
COREDNS: Final = "localhost/liandong-coredns:1"
METRICS_SERVER: Final = "localhost/liandong-metrics-server:1"
POSTGRESQL: Final = "localhost/liandong-postgresql:15"
RABBITMQ: Final = "localhost/liandong-rabbitmq:3.10"


@dataclass(frozen=True, slots=True)
class ServerImage:
    """An image of a server that Debian packages bring, started by a script of ours."""

    tag: str
    packages: tuple[str, ...]
    script: str
    data: str
    before: str = "true"

    @property
    def archive(self) -> str:
        return f"{self.tag.rpartition('/')[2].replace(':', '-')}.tar"


PROGRAM_IMAGES: Final = {
    PAUSE: "pause",
    COREDNS: "coredns",
    METRICS_SERVER: "metrics-server",
}
SERVER_IMAGES: Final = (
    ServerImage(
        POSTGRESQL,
        ("postgresql", "postgresql-client"),
        "postgresql.sh",
        "/var/lib/postgresql/data",
        # The package would make a database of its own, with data in the image.
        'mkdir -p "$1/etc/postgresql-common" && echo "create_main_cluster = false"'
        ' >"$1/etc/postgresql-common/createcluster.conf"',
    ),
    ServerImage(RABBITMQ, ("rabbitmq-server",), "rabbitmq.sh", "/var/lib/rabbitmq"),
)


def require_images(cache: Path) -> list[Path]:
    """Return the archives of all images of the cluster; make first what is missing or old."""
    folder = cache / "images"
    folder.mkdir(parents=True, exist_ok=True)
    archives = [
        _program_image(folder, tag, cache / "bin" / name) for tag, name in PROGRAM_IMAGES.items()
    ]
    return archives + [_server_image(folder, image) for image in SERVER_IMAGES]


def _program_image(folder: Path, tag: str, program: Path) -> Path:
    archive = folder / f"{program.name}.tar"
    stamp = Stamp(archive, fingerprint([program], tag))
    if stamp.holds():
        return archive
    with tempfile.TemporaryDirectory(dir=folder) as work:
        root = Path(work) / "root"
        root.mkdir()
        shutil.copy2(program, root / program.name)
        packed = Path(work) / "root.tar"
        _run(["tar", "--create", f"--file={packed}", f"--directory={root}", program.name])
        _import(packed, tag, [f'ENTRYPOINT ["/{program.name}"]', f"USER {USER}"], archive)
    stamp.set()
    return archive


def _server_image(folder: Path, image: ServerImage) -> Path:
    archive = folder / image.archive
    script = HERE / image.script
    stamp = Stamp(archive, fingerprint([script], repr(image), platform.machine()))
    if stamp.holds():
        return archive
    sys.stdout.write(f"making {image.tag} from Debian packages …\n")
    sys.stdout.flush()
    with tempfile.TemporaryDirectory(dir=folder) as work:
        packed = Path(work) / "root.tar"
        _run([*_debootstrap(image), SUITE, str(packed), *map(str, debian_sources())])
        changes = ['ENTRYPOINT ["/usr/local/bin/serve"]', f"USER {USER}:{USER}"]
        _import(packed, image.tag, changes, archive)
    stamp.set()
    return archive


def _debootstrap(image: ServerImage) -> list[str]:
    """Return the command that makes a root from packages; its last words are still to come."""
    users = [
        f'chroot "$1" useradd --no-create-home --home-dir {image.data} --shell /bin/sh'
        f" --uid {uid} server{uid}"
        for uid in (USER, OFFICIAL_USER)
    ]
    data = f'"$1{image.data}"'
    hooks = [
        f"upload {HERE / image.script} /usr/local/bin/serve",
        'chmod 755 "$1/usr/local/bin/serve"',
        *users,
        # What the package put here is not wanted; a volume is mounted over it anyway.
        f"rm -rf {data} && mkdir -p {data} && chown {USER}:{USER} {data}",
    ]
    return [
        "mmdebstrap",
        "--variant=minbase",
        f"--include={','.join(image.packages)}",
        "--dpkgopt=force-confold",
        "--dpkgopt=path-exclude=/usr/share/doc/*",
        "--dpkgopt=path-exclude=/usr/share/man/*",
        f"--essential-hook={image.before}",
        *(f"--customize-hook={hook}" for hook in hooks),
    ]


def _import(packed: Path, tag: str, changes: Sequence[str], archive: Path) -> None:
    engine = find_engine()
    engine("import", *(f"--change={change}" for change in changes), str(packed), tag)
    archive.unlink(missing_ok=True)
    engine("save", f"--output={archive}", tag)


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(  # noqa: S603 -- our own command
        command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False
    )
    if done.returncode:
        raise ClusterError(f"`{command[0]} {command[1]} …` failed:\n{done.stderr[-2000:]}")
