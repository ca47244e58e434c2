"""What is in the image, as CycloneDX: every Debian and Python package, and what it is for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final
from uuid import NAMESPACE_OID, uuid5

from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from deploy.image.engine import EPOCH, Engine

__all__ = ["bill", "installed"]

# Runs inside the image, so that the list is of what is there and not of what was asked for.
QUESTION: Final = """
import json, platform, re
from importlib.metadata import distributions
from pathlib import Path
status = Path("/var/lib/dpkg/status")
blocks = status.read_text("utf-8").split("\\n\\n") if status.exists() else []
fields = [dict(re.findall(r"^(\\S+): (.*)$", block, re.M)) for block in blocks]
print(json.dumps({
    "python": platform.python_version(),
    "debian": sorted([each["Package"], each["Version"], each["Architecture"]]
        for each in fields if each.get("Status", "").endswith(" installed")),
    "packages": sorted([each.metadata["Name"], each.version] for each in distributions()),
}))
"""


def installed(engine: Engine, image: str) -> dict[str, Any]:
    """Ask the image itself what is installed in it."""
    found: dict[str, Any] = json.loads(engine.try_out(image, "-c", QUESTION))
    return found


def bill(found: dict[str, Any], image: dict[str, Any], name: str, version: str) -> str:
    """Return the bill of materials of an image as JSON; the same image gives the same text."""
    identity = str(image["Id"]).removeprefix("sha256:")
    bom = Bom(serial_number=uuid5(NAMESPACE_OID, identity))
    bom.metadata.timestamp = datetime.fromtimestamp(EPOCH, UTC)
    bom.metadata.component = Component(
        name=name, version=version, type=ComponentType.CONTAINER, bom_ref="image",
        properties=[Property(name="liandong:image-id", value=f"sha256:{identity}")],
    )  # fmt: skip
    parts = [_part("generic", "python", found["python"])]
    parts += [_part("pypi", *each) for each in found["packages"]]
    parts += [_part("deb", *each) for each in found["debian"]]
    bom.components.update(parts)
    bom.register_dependency(bom.metadata.component, parts)
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _part(kind: str, name: str, version: str, architecture: str = "") -> Component:
    qualifiers = {"arch": architecture} if architecture else None
    namespace = "debian" if kind == "deb" else None
    purl = PackageURL(kind, namespace, name, version, qualifiers)
    return Component(
        name=name, version=version, type=ComponentType.LIBRARY, purl=purl, bom_ref=str(purl)
    )
