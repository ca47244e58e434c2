"""The parts of a cluster know each other by one authority, and nobody else reads its keys."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from deploy.cluster.certificates import Authority, write_signing_key


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path / "keys")


def read(authority, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((authority.folder / f"{name}.crt").read_bytes())


def test_a_server_is_known_by_its_names_and_addresses(authority):
    authority.issue("server", common="server", hosts=["10.96.0.1", "kubernetes.default.svc"])
    found = read(authority, "server")
    found.verify_directly_issued_by(read(authority, "ca"))
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name) for name in names.get_values_for_type(x509.IPAddress)] == ["10.96.0.1"]
    assert names.get_values_for_type(x509.DNSName) == ["kubernetes.default.svc"]


def test_a_client_is_known_by_its_groups_and_is_no_server(authority):
    authority.issue("node", common="system:node:one", groups=["system:nodes"])
    found = read(authority, "node")
    group = found.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert [entry.value for entry in group] == ["system:nodes"]
    with pytest.raises(x509.ExtensionNotFound):
        found.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    usages = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usages) == [x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH]


def test_a_configuration_needs_no_other_file(authority, tmp_path):
    authority.issue("admin", common="admin", groups=["system:masters"])
    path = tmp_path / "kubeconfig"
    authority.kubeconfig(path, "admin", "https://127.0.0.1:1234")
    document = json.loads(path.read_text(encoding="utf-8"))
    user = document["users"][0]["user"]
    key = base64.b64decode(user["client-key-data"])
    assert key == (authority.folder / "admin.key").read_bytes()
    assert document["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:1234"
    context = {entry["name"]: entry["context"] for entry in document["contexts"]}
    assert context[document["current-context"]]["user"] == "admin"


def test_only_the_owner_reads_keys(authority, tmp_path):
    authority.issue("admin", common="admin")
    authority.kubeconfig(tmp_path / "kubeconfig", "admin", "https://127.0.0.1:1234")
    write_signing_key(authority.folder / "accounts")
    private = [*authority.folder.glob("*.key"), tmp_path / "kubeconfig"]
    assert {oct(path.stat().st_mode & 0o777) for path in private} == {"0o600"}
    assert authority.folder.stat().st_mode & 0o077 == 0
