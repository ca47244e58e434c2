"""Which cluster a check and a test work on."""

from __future__ import annotations

from deploy.cluster import cluster
from deploy.cluster.layout import Layout


def meant(tmp_path, monkeypatch, *, up, named):
    monkeypatch.setattr(cluster, "find_kubectl", lambda: "kubectl")
    layout = Layout(tmp_path)
    if up:
        layout.kubeconfig.write_text("")
    monkeypatch.setenv("KUBECONFIG", named.format(own=layout.kubeconfig))
    found, node = cluster.meant(layout)
    return found.kubeconfig == layout.kubeconfig, node


def test_the_node_of_this_machine_is_meant_where_the_environment_names_no_other(
    tmp_path, monkeypatch
):
    assert meant(tmp_path, monkeypatch, up=True, named="") == (True, True)
    assert meant(tmp_path, monkeypatch, up=True, named="{own}") == (True, True)


def test_the_cluster_that_the_environment_names_is_meant(tmp_path, monkeypatch):
    assert meant(tmp_path, monkeypatch, up=True, named="/elsewhere") == (False, False)


def test_without_a_node_the_current_context_is_meant(tmp_path, monkeypatch):
    assert meant(tmp_path, monkeypatch, up=False, named="") == (False, False)
