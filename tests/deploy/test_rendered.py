"""What helm makes of the chart: every process, and nothing it must not have."""

from __future__ import annotations

import importlib
import re
from itertools import product

import pytest

from services import graph

pytestmark = [pytest.mark.helm, pytest.mark.timeout(1800)]

ROLES = ("api", "relay", "worker", "jobs")
PROCESSES = [f"liandong-{service}-{role}" for service, role in product(graph.SERVICES, ROLES)]
TEST = "liandong-test"  # what `helm test` runs
MIGRATIONS = [f"liandong-{service}-migrate" for service in graph.SERVICES]
ADDRESSES = {
    "database": "postgresql://user:word@database/name",
    "amqp": "amqps://user:word@broker/",
}


def selects(selector, pod) -> bool:
    return selector.items() <= pod["metadata"]["labels"].items()


def container(pod):
    (only,) = pod["spec"]["containers"]
    return only


def role_of(name: str) -> str:
    return name.rpartition("-")[2]


def service_of(name: str) -> str:
    return name.split("-")[1]


def test_lint_finds_nothing(helm, chart):
    done = helm("lint", "--strict", str(chart), "-f", str(chart / "ci" / "zhoucun-values.yaml"))
    assert not done.returncode, done.stdout
    assert "[WARNING]" not in done.stdout


def test_there_are_five_services_of_four_processes_and_five_migrations(rendered):
    assert sorted(rendered.of("Deployment")) == sorted(PROCESSES)
    assert sorted(rendered.of("Job")) == sorted(MIGRATIONS)


def test_each_process_runs_its_own_service_and_role(rendered):
    for name, pod in rendered.pods().items():
        assert container(pod)["args"] == ["-m", f"services.{service_of(name)}", role_of(name)]


@pytest.mark.parametrize("kind", ["Deployment", "NetworkPolicy", "PodDisruptionBudget", "Service"])
def test_selectors_match_just_the_pods_they_are_named_after(rendered, kind):
    for name, each in rendered.of(kind).items():
        if name == TEST:
            continue
        selector = each["spec"].get("selector") or each["spec"].get("podSelector")
        selector = selector.get("matchLabels", selector)
        chosen = {other for other, pod in rendered.pods().items() if selects(selector, pod)}
        if name == "liandong-default-deny":
            assert chosen == {*PROCESSES, *MIGRATIONS}
        else:
            assert chosen == {f"{name}-api" if kind == "Service" else name}


def test_every_process_has_a_policy_and_a_budget_of_its_own(rendered):
    assert set(rendered.of("NetworkPolicy")) == {
        *PROCESSES, *MIGRATIONS, TEST, "liandong-default-deny",
    }  # fmt: skip
    assert set(rendered.of("PodDisruptionBudget")) == set(PROCESSES)


def test_every_port_is_named_and_used(rendered):
    for name, each in rendered.of("Deployment").items():
        spec = container(each["spec"]["template"])
        ports = {port["name"]: port["containerPort"] for port in spec["ports"]}
        used = {
            rule["port"]
            for policy in [rendered.of("NetworkPolicy")[name]]
            for way in policy["spec"]["ingress"]
            for rule in way["ports"]
        }
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            if role_of(name) == "api":
                assert spec[probe]["grpc"]["port"] == ports["health"]
                used.add("health")
            else:
                path = "/readyz" if probe == "readinessProbe" else "/healthz"
                assert spec[probe]["httpGet"] == {"path": path, "port": "metrics"}
        if role_of(name) == "api":
            offered = rendered.of("Service")[f"liandong-{service_of(name)}"]["spec"]
            assert offered["clusterIP"] == "None"
            used |= {port["targetPort"] for port in offered["ports"]}
        assert used == set(ports)


def test_a_process_has_time_to_wait_for_the_broker_before_it_counts_as_failed(rendered):
    for each in rendered.of("Deployment").values():
        probe = container(each["spec"]["template"])["startupProbe"]
        assert probe["periodSeconds"] * probe["failureThreshold"] > 60 + 30


@pytest.mark.parametrize(("seconds", "failures"), [(180, 36), (182, 37), (900, 180)])
def test_a_slow_machine_may_give_a_process_longer_to_start(render, seconds, failures):
    for each in render(**{"probes.startupSeconds": seconds}).of("Deployment").values():
        probe = container(each["spec"]["template"])["startupProbe"]
        assert (probe["periodSeconds"], probe["failureThreshold"]) == (5, failures)
        assert each["spec"]["progressDeadlineSeconds"] > seconds


def test_what_is_mounted_is_a_volume_and_what_is_a_volume_is_mounted(rendered):
    claims = set(rendered.of("PersistentVolumeClaim"))
    claimed = set()
    for name, pod in rendered.pods().items():
        volumes = {each["name"]: each for each in pod["spec"]["volumes"]}
        assert {each["name"] for each in container(pod)["volumeMounts"]} == set(volumes), name
        for volume in volumes.values():
            if "persistentVolumeClaim" in volume:
                claimed.add(volume["persistentVolumeClaim"]["claimName"])
            if "secret" in volume:
                assert len(volume["secret"]["items"]) == 1
    assert claimed == claims


OPENED = {
    "KEYRING": {"api"},
    "KEYSTORE": {"api", "relay", "worker", "jobs"},
    "CHECKPOINTS": {"jobs"},
    "BLOBS": {"api", "jobs"},
    "SERVICE_TOKEN": {"api", "jobs"},
}


@pytest.mark.parametrize("setting", OPENED)
def test_files_are_mounted_for_the_roles_that_open_them_and_for_no_other(rendered, setting):
    for name, environment in rendered.environments().items():
        told = environment.get(f"{service_of(name).upper()}_{setting}")
        mounts = {each["mountPath"] for each in container(rendered.pods()[name])["volumeMounts"]}
        opens = told is not None and role_of(name) in OPENED[setting]
        path = told["value"] if told else ""
        mounted = path in mounts or path.rpartition("/")[0] in mounts
        assert mounted == opens, name


def test_a_token_is_given_to_each_who_asks_and_to_nobody_else(rendered):
    having = {
        (service_of(name), role_of(name))
        for name, pod in rendered.pods().items()
        if "token" in {each["name"] for each in pod["spec"]["volumes"]}
    }
    assert having == set(graph.ASKS)


@pytest.mark.parametrize("name", [*PROCESSES, *MIGRATIONS])
def test_every_process_would_start_with_its_environment(rendered, monkeypatch, name):
    service = service_of(name)
    for variable, each in rendered.environments()[name].items():
        if "value" in each:
            monkeypatch.setenv(variable, each["value"])
        else:
            secret = each["valueFrom"]["secretKeyRef"]["name"]
            monkeypatch.setenv(variable, ADDRESSES[secret.rpartition("-")[2]])
    module = importlib.import_module(f"services.{service}.config")
    settings = getattr(module, f"{service.title()}Settings").load(service)
    assert settings.profile == "production"
    assert settings.database("psycopg").startswith("postgresql+psycopg://")
    for asked in graph.ASKS.get((service, role_of(name)), ()):
        host, _, port = getattr(settings, f"{asked}_target").partition(":")
        assert host == f"liandong-{asked}.district.svc"
        assert int(port) == rendered.of("Service")[f"liandong-{asked}"]["spec"]["ports"][0]["port"]
    if role_of(name) == "api":
        grace = rendered.pods()[name]["spec"]["terminationGracePeriodSeconds"]
        assert grace > settings.drain_s + 5


def test_every_variable_belongs_to_the_service(rendered):
    for name, environment in rendered.environments().items():
        assert {each.split("_")[0] for each in environment} == {service_of(name).upper()}


def test_addresses_with_passwords_come_from_secrets_and_nothing_else_does(rendered):
    for name, environment in rendered.environments().items():
        service = service_of(name)
        referred = {
            variable: each["valueFrom"]["secretKeyRef"]
            for variable, each in environment.items()
            if "valueFrom" in each
        }
        assert referred == {
            f"{service.upper()}_DATABASE_URL": {
                "name": f"liandong-{service}-database",
                "key": "url",
            },
            f"{service.upper()}_AMQP_URL": {"name": f"liandong-{service}-amqp", "key": "url"},
        }


def test_no_secret_is_in_plain_text(rendered):
    assert rendered.of("Secret") == {} == rendered.of("ConfigMap")
    assert not re.search(r"://[^/\s]*@|BEGIN [A-Z ]*KEY|password", rendered.text)


def test_pods_may_nothing_they_do_not_need(rendered):
    for name, pod in rendered.pods().items():
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["enableServiceLinks"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] > 0
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & spec.keys()
        assert container(pod)["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, name
        assert container(pod)["resources"]["requests"].keys() == {"cpu", "memory"}
        assert "memory" in container(pod)["resources"]["limits"]


def test_every_service_has_an_account_without_a_token(rendered):
    accounts = rendered.of("ServiceAccount")
    assert not any(each["automountServiceAccountToken"] for each in accounts.values())
    used = {
        each["spec"]["template"]["spec"]["serviceAccountName"]
        for each in rendered.of("Deployment").values()
    }
    assert used == set(accounts) == {f"liandong-{service}" for service in graph.SERVICES}


def test_a_migration_needs_nothing_of_a_release_that_is_not_there_yet(rendered):
    for name, each in rendered.of("Job").items():
        spec = each["spec"]["template"]["spec"]
        assert "serviceAccountName" not in spec
        assert [next(iter(volume.keys() - {"name"})) for volume in spec["volumes"]] == ["emptyDir"]
        assert spec["restartPolicy"] == "Never"
        policy = rendered.of("NetworkPolicy")[name]["metadata"]["annotations"]
        job = each["metadata"]["annotations"]
        assert job["helm.sh/hook"] == policy["helm.sh/hook"] == "pre-install,pre-upgrade"
        assert int(policy["helm.sh/hook-weight"]) < int(job["helm.sh/hook-weight"])


def reached(policy, rendered) -> set[str]:
    """The apis that a policy lets its pods call."""
    peers = [peer for rule in policy["spec"].get("egress", ()) for peer in rule["to"]]
    selectors = [
        peer["podSelector"]["matchLabels"]
        for peer in peers
        if "podSelector" in peer and "namespaceSelector" not in peer
    ]
    pods = rendered.pods()
    return {name for name in pods for selector in selectors if selects(selector, pods[name])}


def test_calls_go_along_the_edges_of_the_graph_and_no_others_at_both_ends(rendered):
    policies = rendered.of("NetworkPolicy")
    edges = {
        (f"liandong-{service}-{role}", f"liandong-{asked}-api")
        for (service, role), all_asked in graph.ASKS.items()
        for asked in all_asked
    }
    going = {
        (name, to) for name in set(policies) - {TEST} for to in reached(policies[name], rendered)
    }
    coming = set()
    for name, policy in policies.items():
        for rule in policy["spec"].get("ingress", ()):
            for peer in rule["from"]:
                if "namespaceSelector" in peer:
                    continue
                labels = peer["podSelector"]["matchLabels"]
                if labels["app.kubernetes.io/component"] == "test":
                    continue
                assert [port["port"] for port in rule["ports"]] == ["grpc"]
                coming |= {
                    (who, name) for who, pod in rendered.pods().items() if selects(labels, pod)
                }
    assert going == coming == edges


def to_namespace(policy, namespace: str) -> set[int]:
    label = {"kubernetes.io/metadata.name": namespace}
    return {
        port["port"]
        for rule in policy["spec"]["egress"]
        for peer in rule["to"]
        if peer.get("namespaceSelector", {}).get("matchLabels") == label
        for port in rule["ports"]
    }


def test_all_reach_the_database_and_only_those_who_speak_to_the_broker_reach_it(rendered):
    for name in (*PROCESSES, *MIGRATIONS):
        policy = rendered.of("NetworkPolicy")[name]
        assert to_namespace(policy, "kube-system") == {53}
        assert to_namespace(policy, "postgresql") == {5432}
        speaks = role_of(name) in {"relay", "worker", "migrate"}
        assert to_namespace(policy, "rabbitmq") == ({5671} if speaks else set())


def test_no_rule_is_open_to_everybody(rendered):
    for name, policy in rendered.of("NetworkPolicy").items():
        assert set(policy["spec"]["policyTypes"]) == {"Ingress", "Egress"}
        ways = [(rule, "to") for rule in policy["spec"].get("egress", ())]
        ways += [(rule, "from") for rule in policy["spec"].get("ingress", ())]
        for rule, way in ways:
            assert rule[way], name
            assert all(rule[way]), name
            assert rule["ports"], name


def test_only_the_monitoring_and_real_callers_come_in(rendered):
    for name, policy in rendered.of("NetworkPolicy").items():
        ports = {p["port"] for rule in policy["spec"].get("ingress", ()) for p in rule["ports"]}
        expected = {"api": {"metrics", "grpc", "health"}}
        expected |= {other: set() for other in ("migrate", "deny", "test")}
        assert ports == expected.get(role_of(name), {"metrics"})


def test_what_must_outlive_the_release_is_kept(rendered):
    for claim in rendered.of("PersistentVolumeClaim").values():
        assert claim["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


def test_a_service_may_differ_in_one_thing_without_touching_the_others(render):
    changed = render(**{
        "services.intake.roles": {"api": {"autoscaling": {"minReplicas": 5}}},
        "services.intake.settings": {"TRACE_RATIO": 0},
    })  # fmt: skip
    least = {
        name: each["spec"]["minReplicas"]
        for name, each in changed.of("HorizontalPodAutoscaler").items()
        if name.endswith("-api")
    }
    assert least.pop("liandong-intake-api") == 5
    assert set(least.values()) == {2}
    ratios = {
        name: environment[f"{service_of(name).upper()}_TRACE_RATIO"]["value"]
        for name, environment in changed.environments().items()
    }
    assert {name for name, ratio in ratios.items() if ratio == "0"} == {
        name for name in ratios if service_of(name) == "intake"
    }


def test_claims_made_elsewhere_are_used(render):
    changed = render(**{
        "storage.blobs.existingClaim": "files", "storage.checkpoints.existingClaim": "proof",
    })  # fmt: skip
    assert changed.of("PersistentVolumeClaim") == {}
    claimed = {
        volume["persistentVolumeClaim"]["claimName"]
        for pod in changed.pods().values()
        for volume in pod["spec"]["volumes"]
        if "persistentVolumeClaim" in volume
    }
    assert claimed == {"files", "proof"}


def test_policies_can_be_left_to_somebody_else(render):
    assert render(**{"networkPolicy.enabled": False}).of("NetworkPolicy") == {}


def test_traces_are_let_through_where_they_are_sent(render):
    changed = render(**{
        "settings.OTLP_ENDPOINT": "http://collector.monitoring.svc:4318/v1/traces",
        "networkPolicy.traces.peers": [{"podSelector": {"matchLabels": {"app": "collector"}}}],
    })  # fmt: skip
    for name in PROCESSES:
        ports = [
            port["port"]
            for rule in changed.of("NetworkPolicy")[name]["spec"]["egress"]
            for port in rule["ports"]
        ]
        assert 4318 in ports


def test_names_stay_within_what_kubernetes_takes(render):
    for each in render(release="a" * 53).objects:
        assert len(each["metadata"]["name"]) <= 63
