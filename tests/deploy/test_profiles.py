"""Every template, rendered for every profile: valid for Kubernetes, and true to itself."""

from __future__ import annotations

import functools
import json
import re

import kubernetes_validate
import pytest
import yaml

from deploy.chart import assemble
from services import graph
from tests.deploy.conftest import OPERATORS

pytestmark = [pytest.mark.helm, pytest.mark.timeout(1800)]

SITE, SMALL = "ci/zhoucun-values.yaml", "ci/township-values.yaml"
EVERYTHING = (
    "postgresql.mode=cloudnativepg,rabbitmq.mode=operator,tls.mode=cert-manager,"
    "priorityClasses.create=true,storage.exchange.enabled=true,authorities.existingSecret=ours"
)
SHAPES = {
    "district": (("profiles/district.yaml", SITE), (), ""),
    "township": (("profiles/township.yaml", SMALL), (), ""),
    "village": (("profiles/village.yaml", SMALL), (), ""),
    "development": (("profiles/development.yaml",), (), ""),
    "district with operators": (("profiles/district.yaml", SITE), OPERATORS, EVERYTHING),
    "township with operators": (("profiles/township.yaml", SMALL), OPERATORS, EVERYTHING),
    "district with Secrets for TLS": (("profiles/district.yaml", SITE), (), "tls.mode=secrets"),
}
# Kinds that operators bring; Kubernetes itself publishes no schema of theirs.
FOREIGN = {
    "postgresql.cnpg.io/v1/Cluster", "rabbitmq.com/v1beta1/RabbitmqCluster",
    "keda.sh/v1alpha1/ScaledObject", "keda.sh/v1alpha1/TriggerAuthentication",
    "cert-manager.io/v1/Certificate", "cert-manager.io/v1/Issuer",
    "monitoring.coreos.com/v1/ServiceMonitor", "monitoring.coreos.com/v1/PrometheusRule",
}  # fmt: skip


@pytest.fixture(params=SHAPES)
def shape(request, profile):
    files, api, told = SHAPES[request.param]
    return profile(*files, api=api, told=told)


@pytest.fixture
def operators(profile):
    files, api, told = SHAPES["district with operators"]
    return profile(*files, api=api, told=told)


@functools.cache
def taken(version: str, text: str) -> None:
    kubernetes_validate.validate(json.loads(text), version, strict=True)


@pytest.mark.parametrize("version", ["1.29", "1.37"])
def test_kubernetes_takes_every_object(shape, version):
    """Against 1.29, the oldest that the chart allows, and the newest schemas that are published."""
    for each in shape.objects:
        if f"{each['apiVersion']}/{each['kind']}" not in FOREIGN:
            taken(version, json.dumps(each, sort_keys=True))  # many are in several profiles


def test_the_newest_published_schemas_are_those_that_are_asked():
    assert kubernetes_validate.latest_version().startswith("1.37")


# helm lint cannot be told what operators a cluster knows; for the others rendering has to do.
@pytest.mark.parametrize("name", [name for name, (_, api, _) in SHAPES.items() if not api])
def test_lint_finds_nothing_in_any_profile(helm, chart, name):
    files, _, told = SHAPES[name]
    words = [word for file in files for word in ("--values", str(chart / file))]
    done = helm("lint", "--strict", str(chart), *words, *(("--set", told) if told else ()))
    assert not done.returncode, done.stdout
    assert "[WARNING]" not in done.stdout


def pods(shape):
    """The pods of everything that runs, the one of `helm test` included."""
    tests = {name: {"metadata": each["metadata"], "spec": each["spec"]}
             for name, each in shape.of("Pod").items()}  # fmt: skip
    return shape.pods() | tests


def containers(pod):
    return pod["spec"]["containers"] + pod["spec"].get("initContainers", [])


def selects(labels, pod) -> bool:
    return labels.items() <= pod["metadata"]["labels"].items()


def test_every_selector_finds_somebody(shape):
    selectors = [
        (f"{kind}/{name}", each["spec"].get("selector") or each["spec"]["podSelector"])
        for kind in ("Deployment", "StatefulSet", "Service", "NetworkPolicy", "PodDisruptionBudget")
        for name, each in shape.of(kind).items()
    ]
    for name, selector in selectors:
        labels = selector.get("matchLabels", selector)
        assert [pod for pod in pods(shape).values() if selects(labels, pod)], name


def test_pods_are_spread_among_their_own(shape):
    for name, each in shape.of("Deployment").items():
        pod = each["spec"]["template"]
        for rule in pod["spec"].get("topologySpreadConstraints", ()):
            assert rule["labelSelector"] == each["spec"]["selector"], name


def test_what_is_mounted_is_a_volume_and_what_is_a_volume_is_mounted(shape):
    for name, pod in pods(shape).items():
        volumes = {each["name"] for each in pod["spec"]["volumes"]}
        volumes |= {
            each["metadata"]["name"]
            for each in shape.of("StatefulSet").get(name, {}).get("spec", {}).get(
                "volumeClaimTemplates", ()
            )
        }  # fmt: skip
        mounted = {m["name"] for each in containers(pod) for m in each.get("volumeMounts", ())}
        assert mounted == volumes, name


def test_what_is_referred_to_and_belongs_to_the_release_is_in_it(shape):
    claims, maps = shape.of("PersistentVolumeClaim"), shape.of("ConfigMap")
    for pod in pods(shape).values():
        for volume in pod["spec"]["volumes"]:
            if "persistentVolumeClaim" in volume:
                assert volume["persistentVolumeClaim"]["claimName"] in claims
            if "configMap" in volume:
                assert volume["configMap"]["name"] in maps
        account = pod["spec"].get("serviceAccountName")
        assert account is None or account in shape.of("ServiceAccount")
        priority = pod["spec"].get("priorityClassName")
        assert priority is None or priority in shape.of("PriorityClass")


def test_ports_are_named_and_whoever_refers_to_one_finds_it(shape):
    for service, each in shape.of("Service").items():
        chosen = [pod for pod in pods(shape).values() if selects(each["spec"]["selector"], pod)]
        for port in each["spec"]["ports"]:
            for pod in chosen:
                named = {p["name"] for c in pod["spec"]["containers"] for p in c["ports"]}
                assert port["targetPort"] in named, service


def test_no_secret_is_in_plain_text(shape):
    assert shape.of("Secret") == {}
    # $(NAME) is put in by Kubernetes from a Secret.
    assert not re.search(r"://[^/\s]*:(?!\$\()[^/\s]*@|BEGIN [A-Z ]*KEY", shape.text)
    for pod in pods(shape).values():
        for each in (v for c in containers(pod) for v in c.get("env", ())):
            if re.search(r"PASS|TOKEN$|SECRET", each["name"]):
                assert "valueFrom" in each or each["value"].startswith("/run/"), each["name"]


def test_every_process_is_of_the_service_graph(shape):
    everywhere = {f"liandong-{name}-{role}" for name in graph.SERVICES
                  for role in ("api", "relay", "worker", "jobs")}  # fmt: skip
    running = set(shape.of("Deployment"))
    assert running <= everywhere
    assert running in (everywhere, {name for name in everywhere if "-intake-" in name})


def test_no_pod_may_anything_it_does_not_need(shape):
    for name, pod in pods(shape).items():
        assert pod["spec"]["automountServiceAccountToken"] is False, name
        assert pod["spec"]["securityContext"]["runAsNonRoot"] is True, name
        for each in containers(pod):
            assert each["securityContext"]["readOnlyRootFilesystem"] is True, name
            assert each["securityContext"]["capabilities"] == {"drop": ["ALL"]}, name
            assert each["resources"]["limits"]["memory"], name


def test_a_number_of_pods_is_said_by_one_only(shape):
    scaled = {
        each["spec"]["scaleTargetRef"]["name"]
        for kind in ("HorizontalPodAutoscaler", "ScaledObject")
        for each in shape.of(kind).values()
    }
    for name, each in shape.of("Deployment").items():
        assert ("replicas" in each["spec"]) != (name in scaled), name


def test_a_migration_comes_before_the_release_unless_the_servers_come_with_it(shape):
    brings = bool(shape.of("StatefulSet")) or "postgresql.cnpg.io" in shape.text
    hook = "post-install,pre-upgrade" if brings else "pre-install,pre-upgrade"
    for each in shape.of("Job").values():
        assert each["metadata"]["annotations"]["helm.sh/hook"] == hook
        assert ("initContainers" in each["spec"]["template"]["spec"]) == brings


@pytest.mark.parametrize("name", ["township", "village"])
def test_a_small_site_runs_intake_alone_and_asks_the_district(profile, name):
    small = profile(f"profiles/{name}.yaml", SMALL)
    assert {each.split("-")[1] for each in small.of("Deployment")} == {"intake"}
    told = small.environments()["liandong-intake-jobs"]
    assert told["INTAKE_REVIEW_TARGET"]["value"] == "review.district.example:50051"
    assert told["INTAKE_CATALOG_TARGET"]["value"] == "catalog.district.example:50051"
    district = [{"ipBlock": {"cidr": "192.0.2.0/24"}}]
    reaching = {
        policy
        for policy, each in small.of("NetworkPolicy").items()
        for rule in each["spec"].get("egress", ())
        if rule["to"] == district
    }
    assert reaching == {"liandong-intake-api", "liandong-intake-jobs"}


def test_servers_for_development_say_that_they_are_and_only_the_release_reaches_them(profile):
    shape = profile("profiles/development.yaml")
    names = {"liandong-development-postgresql", "liandong-development-rabbitmq"}
    assert set(shape.of("StatefulSet")) == names
    for name in names:
        said = shape.of("StatefulSet")[name]["metadata"]["annotations"]["liandong/purpose"]
        assert said.startswith("development only")
        (rule,) = shape.of("NetworkPolicy")[name]["spec"]["ingress"]
        (peer,) = rule["from"]
        assert peer["podSelector"]["matchLabels"]["app.kubernetes.io/part-of"] == "liandong"
    script = shape.of("ConfigMap")["liandong-development-postgresql"]["data"]["databases.sql"]
    made = set(re.findall(r"CREATE DATABASE (\w+);", script))
    assert made == set(graph.SERVICES)
    for service in graph.SERVICES:
        told = shape.environments()[f"liandong-{service}-api"]
        assert told[f"{service.upper()}_DATABASE_URL"]["value"].endswith(f":5432/{service}")
        assert told[f"{service.upper()}_CLOCK_CONTROL"]["value"].endswith("/clock.json")
    assert "--journey" in shape.of("Pod")["liandong-test"]["spec"]["containers"][0]["args"]


def test_in_production_nobody_steers_a_clock_and_the_test_drives_no_journey(profile):
    shape = profile("profiles/district.yaml", SITE)
    assert "CLOCK_CONTROL" not in shape.text
    told = shape.of("Pod")["liandong-test"]["spec"]["containers"][0]["args"]
    assert "--journey" not in told
    assert [each.partition("=")[0] for each in told if "=" in each] == sorted(graph.SERVICES)


def test_workers_follow_the_queues_that_wait_for_them(operators):
    scaled = operators.of("ScaledObject")
    assert set(scaled) == {f"liandong-{service}-worker" for service in graph.SERVICES}
    for service in graph.SERVICES:
        each = scaled[f"liandong-{service}-worker"]["spec"]
        queues = {trigger["metadata"]["queueName"] for trigger in each["triggers"]}
        assert queues == {f"{service}.{source}" for source in graph.sources_of(service)}
        shown = operators.of("TriggerAuthentication")[f"liandong-{service}-worker"]["spec"]
        (address,) = shown["secretTargetRef"]
        environment = operators.environments()[f"liandong-{service}-worker"]
        told = environment[f"{service.upper()}_AMQP_URL"]["valueFrom"]["secretKeyRef"]
        assert (address["name"], address["key"]) == (told["name"], told["key"])


def test_without_keda_the_processor_decides(profile):
    shape = profile("profiles/district.yaml", SITE)
    scaled = set(shape.of("HorizontalPodAutoscaler"))
    assert scaled == {f"liandong-{s}-{role}" for s in graph.SERVICES for role in ("api", "worker")}


@pytest.mark.parametrize("name", ["district with operators", "district with Secrets for TLS"])
def test_whoever_asks_or_is_asked_shows_a_certificate_and_nobody_else(profile, name):
    files, api, told = SHAPES[name]
    shape = profile(*files, api=api, told=told)
    showing = {
        deployment
        for deployment, environment in shape.environments().items()
        if any(variable.endswith("_TLS_CERT") for variable in environment)
    }
    asking = {f"liandong-{service}-{role}" for service, role in graph.ASKS}
    assert showing == asking | {f"liandong-{service}-api" for service in graph.SERVICES}
    for each in showing:
        pod = shape.pods()[each]["spec"]
        (volume,) = [v for v in pod["volumes"] if v["name"] == "tls"]
        assert volume["secret"]["secretName"] == f"liandong-{each.split('-')[1]}-tls"
        (mount,) = [m for m in pod["containers"][0]["volumeMounts"] if m["name"] == "tls"]
        assert "subPath" not in mount, "a renewed certificate would never arrive"


def test_a_certificate_names_every_address_of_its_service_and_the_service_itself(operators):
    for service in graph.SERVICES:
        spec = operators.of("Certificate")[f"liandong-{service}"]["spec"]
        assert f"liandong-{service}.district.svc" in spec["dnsNames"]
        assert spec["uris"] == [f"spiffe://liandong/{service}"]
        assert {"server auth", "client auth"} <= set(spec["usages"])
        assert spec["issuerRef"]["name"] in operators.of("Issuer")


def test_the_test_of_a_release_may_sign_people_in_for_its_journey(operators):
    uris = operators.of("Certificate")["liandong-test"]["spec"]["uris"]
    assert uris == ["spiffe://liandong/test", "spiffe://liandong/sign-in"]


def test_an_issuer_that_is_there_is_asked_and_no_authority_is_made(profile):
    told = "tls.mode=cert-manager,tls.issuer.name=centre,tls.issuer.kind=ClusterIssuer"
    shape = profile("profiles/district.yaml", SITE, api=OPERATORS, told=told)
    assert shape.of("Issuer") == {}
    issuers = {(each["spec"]["issuerRef"]["kind"], each["spec"]["issuerRef"]["name"])
               for each in shape.of("Certificate").values()}  # fmt: skip
    assert issuers == {("ClusterIssuer", "centre")}


def test_databases_and_broker_of_operators_are_named_as_the_processes_are_told(operators):
    for service in graph.SERVICES:
        cluster = operators.of("Cluster")[f"liandong-{service}-db"]
        assert cluster["spec"]["bootstrap"]["initdb"]["database"] == service
        assert cluster["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"
        told = operators.environments()[f"liandong-{service}-api"]
        address = told[f"{service.upper()}_DATABASE_URL"]["valueFrom"]["secretKeyRef"]
        assert address == {"name": f"liandong-{service}-db-app", "key": "uri"}
        broker = told[f"{service.upper()}_AMQP_URL"]["valueFrom"]["secretKeyRef"]
        assert broker == {"name": "liandong-broker-default-user", "key": "connection_string"}
    assert set(operators.of("RabbitmqCluster")) == {"liandong-broker"}


def test_batches_for_the_provincial_net_have_a_volume_of_the_jobs_alone(operators):
    writing = {
        name
        for name, pod in operators.pods().items()
        if "exchange" in {each["name"] for each in pod["spec"]["volumes"]}
    }
    assert writing == {"liandong-intake-jobs"}
    knowing = {name for name, told in operators.environments().items() if "INTAKE_EXCHANGE" in told}
    assert knowing == {f"liandong-intake-{role}" for role in ("api", "worker", "jobs")}


def test_every_process_is_scraped_once(operators):
    scraped = [
        name
        for service, each in operators.of("Service").items()
        if service.endswith("-metrics") and each["metadata"]["labels"].get("liandong/scraped")
        for name, pod in operators.pods().items()
        if selects(each["spec"]["selector"], pod)
    ]
    assert sorted(scraped) == sorted(operators.of("Deployment"))
    (monitor,) = operators.of("ServiceMonitor").values()
    (endpoint,) = monitor["spec"]["endpoints"]
    jobs = [each for each in endpoint["relabelings"] if each["targetLabel"] == "job"]
    assert [each["replacement"] for each in jobs] == ["liandong-$1"]
    labels = monitor["spec"]["selector"]["matchLabels"]
    found = [s for s in operators.of("Service").values() if selects(labels, s)]
    assert len(found) == len(graph.SERVICES)


def test_rules_and_dashboards_go_with_the_chart_word_for_word(profile, tmp_path, chart):
    """Whatever is in deploy/prometheus and deploy/grafana, none included."""
    rule = {"alert": "A", "expr": "up == 0", "annotations": {"summary": "{{ $labels.unit }} 无声"}}
    rules, boards = tmp_path / "rules", tmp_path / "dashboards"
    rules.mkdir()
    boards.mkdir()
    text = yaml.safe_dump({"groups": [{"name": "g", "rules": [rule]}]}, allow_unicode=True)
    (rules / "one_law.yaml").write_text(text, encoding="utf-8")
    (boards / "flow.json").write_text('{"title": "办件", "x": "{{unit}}"}', encoding="utf-8")
    whole = assemble(tmp_path / "chart", rules=rules, dashboards=boards)
    files, api, _ = SHAPES["district with operators"]
    shape = profile(*files, api=api, chart=whole)
    (made,) = shape.of("PrometheusRule").values()
    assert made["metadata"]["name"] == "liandong-one-law"
    assert made["spec"] == {"groups": [{"name": "g", "rules": [rule]}]}
    board = shape.of("ConfigMap")["liandong-dashboard-flow"]
    assert board["data"] == {"flow.json": '{"title": "办件", "x": "{{unit}}"}'}
    assert board["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert profile(*files, api=api).of("PrometheusRule") == {}
