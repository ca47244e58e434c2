"""An authority for tests, and the certificates it signs."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from servicekit.tls import TlsFiles, service_uri

__all__ = ["Authority"]


class Authority:
    """Signs certificates for services of this machine."""

    def __init__(self, name: str = "authority") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        self.pem = _pem(
            _builder(self._name, self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self._key, hashes.SHA256())
        )

    def sign(self, service: str, address: str = "127.0.0.1") -> tuple[bytes, bytes]:
        """Return a new certificate of `service` at `address`, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName(
            [
                x509.IPAddress(ipaddress.ip_address(address)),
                x509.UniformResourceIdentifier(service_uri(service)),
            ]
        )
        certificate = (
            _builder(_name(service), self._name, key)
            .add_extension(names, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return _pem(certificate), key.private_bytes(*form)

    def files(self, folder: Path, service: str, *, trusted: bytes | None = None) -> TlsFiles:
        """Write a certificate of `service` into `folder`, as a mounted Secret would hold it."""
        folder.mkdir(parents=True, exist_ok=True)
        files = TlsFiles(folder / "tls.crt", folder / "tls.key", folder / "ca.crt")
        chain, key = self.sign(service)
        contents = ((files.cert, chain), (files.key, key), (files.ca, trusted or self.pem))
        for path, content in contents:
            assert path is not None
            fresh = path.with_suffix(".new")
            fresh.write_bytes(content)
            fresh.rename(path)
        return files


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)
