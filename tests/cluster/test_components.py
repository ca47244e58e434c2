"""The settings of the node fit together, and name nothing that is not there."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path

import pytest
import yaml

from deploy.cluster import cluster, components, images
from deploy.cluster.build import PACKAGES
from deploy.cluster.cluster import MANIFESTS
from deploy.cluster.layout import (
    API_SERVICE,
    DNS_SERVICE,
    NODE_ADDRESS,
    NODE_PODS,
    PODS,
    PROJECT,
    SERVICES,
    Layout,
)

CHART = PROJECT / "deploy" / "helm" / "liandong"


@pytest.fixture
def layout(tmp_path) -> Layout:
    made = Layout(tmp_path / "cluster")
    cluster._prepare(made, 12345)
    return made


def manifests() -> list[dict]:
    return [
        document
        for path in sorted(MANIFESTS.glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    ]


def test_every_file_on_a_command_line_is_there(layout):
    parts = components.components(layout, Path("/programs"), "/group")
    words = [word for part in parts for word in part.command[1:]]
    named = {
        Path(word.partition("=")[2])
        for word in words
        if re.search(r"=/.*\.(crt|key|pub|json|toml|kubeconfig)$", word)
    }
    assert len(named) > 12
    assert [path for path in named if not path.is_file()] == []


def test_every_file_that_the_kubelet_reads_is_there(layout):
    components.write_settings(layout, "/group")
    settings = components.kubelet_settings(layout, "/group")
    for name in ("tlsCertFile", "tlsPrivateKeyFile", "resolvConf"):
        assert Path(settings[name]).is_file()
    assert Path(settings["authentication"]["x509"]["clientCAFile"]).is_file()


def test_every_program_is_built_or_comes_with_a_package(layout):
    parts = components.components(layout, Path("/programs"), "/group")
    for part in parts:
        program = Path(part.command[0])
        assert program.name in (PACKAGES if program.parent == Path("/programs") else cluster.DEBIAN)


def test_the_networks_do_not_overlap():
    pods, services = ipaddress.ip_network(PODS), ipaddress.ip_network(SERVICES)
    assert not pods.overlaps(services)
    assert ipaddress.ip_network(NODE_PODS).subnet_of(pods)
    assert ipaddress.ip_address(NODE_ADDRESS) not in pods
    assert ipaddress.ip_address(API_SERVICE) == next(services.hosts())
    assert ipaddress.ip_address(DNS_SERVICE) in services


def test_pods_ask_the_address_at_which_names_are_resolved(layout):
    asked = components.kubelet_settings(layout, "/group")["clusterDNS"]
    services = {
        document["metadata"]["name"]: document["spec"]
        for document in manifests()
        if document["kind"] == "Service"
    }
    assert asked == [services["kube-dns"]["clusterIP"]]


def test_names_are_resolved_at_the_port_that_policies_name():
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    named = values["networkPolicy"]["dns"]["port"]
    (resolver,) = (
        document["spec"]["template"]["spec"]
        for document in manifests()
        if document["kind"] == "Deployment" and document["metadata"]["name"] == "coredns"
    )
    # A policy sees the pod's own port, not the service's.
    open_for_dns = {
        port["containerPort"]
        for port in resolver["containers"][0]["ports"]
        if port["name"].startswith("dns")
    }
    (settings,) = (document["data"] for document in manifests() if document["kind"] == "ConfigMap")
    assert open_for_dns == {named}
    assert settings["Corefile"].startswith(f".:{named} ")


def test_every_image_of_the_cluster_is_made_here():
    used = {
        container["image"]
        for document in manifests()
        if document["kind"] == "Deployment"
        for container in document["spec"]["template"]["spec"]["containers"]
    }
    assert used <= images.PROGRAM_IMAGES.keys()
    assert images.PAUSE in components.containerd_settings(Layout(Path("/x")))
    assert set(images.PROGRAM_IMAGES.values()) <= PACKAGES.keys()


def test_every_workload_selects_its_own_pods():
    for document in manifests():
        if document["kind"] == "Deployment":
            labels = document["spec"]["template"]["metadata"]["labels"]
            assert document["spec"]["selector"]["matchLabels"].items() <= labels.items()


def test_a_volume_is_a_folder_that_any_pod_may_write_to(layout):
    for volume in cluster._volumes(layout):
        folder = Path(volume["spec"]["hostPath"]["path"])
        assert folder.stat().st_mode & 0o777 == 0o777


def test_nothing_is_left_but_logs(layout, monkeypatch):
    layout.logs.mkdir()
    assert not cluster.down(layout)
    assert [path.name for path in layout.folder.iterdir()] == ["logs"]
