"""Certificates as files that somebody renews: read when they change, used only when whole.

A renewal must not need a restart and must not fail a call. Kubernetes swaps a mounted Secret at
once, a person copies one file after the other; so a certificate whose key is not there yet is
left alone, and what was good before stays in use.

No grpc here: workers have certificates too.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

__all__ = ["Certificates", "TlsFiles", "TlsMaterial", "service_uri"]

log = logging.getLogger(__name__)

LOOK_AGAIN_S: Final = 1.0
TRUST_DOMAIN: Final = "liandong"


def service_uri(service: str) -> str:
    """Return the name by which a certificate says which service it belongs to (a URI in its SAN).

    It has the form of a SPIFFE-ID.
    """
    return f"spiffe://{TRUST_DOMAIN}/{service}"


@dataclass(frozen=True, slots=True)
class TlsMaterial:
    """What the files held: PEM, ready for whoever opens or accepts connections."""

    chain: bytes
    key: bytes
    authorities: bytes | None


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Where the certificate chain, its key and, where peers are verified, the authorities are."""

    cert: Path
    key: Path
    ca: Path | None = None

    def read(self) -> TlsMaterial:
        """Return what is in the files, or raise `ValueError` or `OSError` if it is unusable."""
        material = TlsMaterial(
            chain=self.cert.read_bytes(),
            key=self.key.read_bytes(),
            authorities=None if self.ca is None else self.ca.read_bytes(),
        )
        certificate = x509.load_pem_x509_certificates(material.chain)[0]
        private = load_pem_private_key(material.key, password=None)
        form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        if private.public_key().public_bytes(*form) != certificate.public_key().public_bytes(*form):
            raise ValueError("the certificate and the key do not belong together")
        if material.authorities is not None:
            x509.load_pem_x509_certificates(material.authorities)
        return material

    def stamp(self) -> tuple[object, ...]:
        """Return what differs whenever one of the files was replaced or written."""
        found = [path.stat() for path in (self.cert, self.key, self.ca) if path is not None]
        return tuple((each.st_ino, each.st_mtime_ns, each.st_size) for each in found)


class Certificates:
    """The material of now: looks at the files once a second, when asked. For many threads."""

    def __init__(self, files: TlsFiles, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.files = files
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._stamp = files.stamp()
        self._material = files.read()  # what cannot serve must not start
        self._looked_at = monotonic()

    @property
    def verifies_peers(self) -> bool:
        return self.files.ca is not None

    def current(self) -> TlsMaterial:
        """Return the newest material that is whole."""
        with self._lock:
            if self._monotonic() - self._looked_at >= LOOK_AGAIN_S:
                self._looked_at = self._monotonic()
                self._look()
            return self._material

    def _look(self) -> None:
        try:
            stamp = self.files.stamp()
            if stamp == self._stamp:
                return
            material = self.files.read()
        except (OSError, ValueError) as error:
            log.warning("certificate_unusable", extra={"error": str(error)})
            return
        self._stamp = stamp
        if material != self._material:
            self._material = material
            log.info("certificate_renewed", extra={"file": str(self.files.cert)})
