"""What is made for an installation is what the chart asks for; no cluster is needed to see it."""

from __future__ import annotations

import base64
import json
import subprocess

import pytest
import yaml

from deploy.cluster.errors import ClusterError
from deploy.cluster.kubectl import Kubectl
from deploy.cluster.layout import PROJECT
from deploy.cluster.shown import __main__ as main
from deploy.cluster.shown import releases
from deploy.cluster.shown.progress import Progress
from deploy.cluster.shown.runner import Runner, _pod
from deploy.cluster.shown.surroundings import RELEASE, Surroundings, owner, user
from servicekit.identity import Keyring
from services import graph

CHART = PROJECT / "deploy" / "helm" / "liandong"


class Recorded:
    """Stands for a cluster: keeps what it is given and answers with nothing."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], dict] = {}
        self.sql: list[str] = []
        self.broker: list[tuple[str, ...]] = []
        self.connected = ["0"]  # the last answer stays

    def attempt(self, *words: str, stdin: str | None = None):
        answer = ""
        if words[0] == "apply":
            for item in json.loads(stdin)["items"]:
                self.objects[item["kind"], item["metadata"]["name"]] = item
        elif words[0] == "exec" and stdin:
            self.sql.append(stdin)
            if "pg_stat_activity" in stdin:
                answer = self.connected.pop(0) if len(self.connected) > 1 else self.connected[0]
        elif words[0] == "exec":
            self.broker.append(words[words.index("sh", 5) + 1 :])
        return subprocess.CompletedProcess(words, 0, answer, "")

    def secret(self, name: str) -> dict[str, str]:
        data = self.objects["Secret", name]["data"]
        return {key: base64.b64decode(text).decode() for key, text in data.items()}


@pytest.fixture
def cluster(monkeypatch) -> Recorded:
    recorded = Recorded()
    monkeypatch.setattr(Kubectl, "attempt", lambda _self, *words, stdin=None: recorded.attempt(
        *words, stdin=stdin
    ))  # fmt: skip
    return recorded


@pytest.fixture
def around(cluster, tmp_path) -> Surroundings:
    made = Surroundings(Kubectl("kubectl"), tmp_path)
    made.make()
    return made


def wanted_secrets() -> dict[str, set[str]]:
    """Return the Secrets that the chart's values name for what every installation has."""
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    found = {values["keyring"]["existingSecret"]: {values["keyring"]["key"]}}
    for name, service in values["services"].items():
        for part in ("database", "amqp"):
            found[service[part]["existingSecret"]] = {service[part]["key"]}
        found[service["keystore"]["existingSecret"]] = {"keystore.json"}
        if "serviceToken" in service:
            roles = {f"{role}.token" for asking, role in graph.ASKS if asking == name}
            found[service["serviceToken"]["existingSecret"]] = roles
    return found


def test_every_secret_that_the_chart_names_is_made_with_its_keys(cluster, around):
    for name, keys in wanted_secrets().items():
        assert keys <= cluster.secret(name).keys(), name


def test_what_signs_tokens_never_goes_to_the_cluster(cluster, around):
    signs = json.loads((around.keys / "issuer.json").read_text(encoding="utf-8"))["keys"][0]["d"]
    for kind, name in cluster.objects:
        if kind == "Secret":
            assert not [key for key, text in cluster.secret(name).items() if signs in text]


def test_a_database_user_is_exchanged_and_what_it_made_stays(cluster, around):
    before = cluster.secret(f"{RELEASE}-intake-database")["url"]
    old = around.new_database_users()
    after = cluster.secret(f"{RELEASE}-intake-database")["url"]
    assert user("intake", 1) in before
    assert user("intake", 2) in after
    assert f"ALTER ROLE {user('intake', 2)} SET role TO '{owner('intake')}'" in "".join(cluster.sql)
    assert old == [user(service, 1) for service in graph.SERVICES]


def test_a_user_is_dropped_when_the_last_pod_that_drains_has_gone(cluster, around, monkeypatch):
    monkeypatch.setattr("deploy.cluster.kubectl.time.sleep", lambda _seconds: None)
    old = around.new_database_users()
    cluster.connected = ["2", "1", "0"]
    around.drop_database_users(old[:1])
    asked = [script for script in cluster.sql if "pg_stat_activity" in script]
    assert (len(asked), cluster.sql[-1]) == (3, f"DROP ROLE {old[0]}")


def test_a_user_that_stays_connected_is_not_dropped(cluster, around, monkeypatch):
    monkeypatch.setattr("deploy.cluster.shown.surroundings.DRAINED_SECONDS", -1.0)
    old = around.new_database_users()
    cluster.connected = ["2"]
    with pytest.raises(ClusterError, match="still connected 2 times"):
        around.drop_database_users(old)
    assert not [script for script in cluster.sql if "DROP ROLE" in script]


def test_a_broker_user_is_exchanged(cluster, around):
    old = around.new_broker_user()
    around.delete_broker_user(old)
    assert [words[0] for words in cluster.broker] == ["add_user", "set_permissions", "delete_user"]
    assert cluster.broker[-1][1] == old
    assert "://district-2:" in cluster.secret(f"{RELEASE}-review-amqp")["url"]


def test_no_token_is_signed_that_a_verifier_does_not_know_yet(cluster, around):
    def verifiers() -> Keyring:
        path = around.keys / "seen.json"
        path.write_text(cluster.secret(f"{RELEASE}-keyring")["keyring.json"], encoding="utf-8")
        return Keyring.load(path)

    first = Keyring.load(around.keys / "issuer.json").keys[0].kid
    rotated = around.rotate_signing_key()
    assert rotated.keys[0].kid in {key.kid for key in verifiers().keys}
    assert Keyring.load(around.keys / "issuer.json").keys[0].kid == first
    around.sign_with(rotated)
    assert {key.kid for key in verifiers().keys} == {first, rotated.keys[0].kid}
    around.forget_old_keys()
    assert [key.kid for key in verifiers().keys] == [rotated.keys[0].kid]


def test_the_values_are_ones_that_the_chart_knows():
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))

    def unknown(ours, theirs, path=""):
        for key, value in ours.items():
            if key not in theirs:
                yield f"{path}{key}"
            elif isinstance(value, dict) and isinstance(theirs[key], dict):
                yield from unknown(value, theirs[key], f"{path}{key}.")

    assert list(unknown(releases.values(releases.this()), values)) == []


def test_no_autoscaler_undoes_what_a_step_does(tmp_path):
    chart = tmp_path / releases.CHART
    chart.mkdir(parents=True)
    (chart / "values.yaml").write_text("roles: {}\n", encoding="utf-8")
    without = releases.values(releases.Version("previous", "0", tmp_path))["roles"]
    assert "autoscaling" not in without["api"]  # an older chart refuses what it does not know
    roles = releases.values(releases.this())["roles"]
    assert roles["api"]["autoscaling"] == roles["worker"]["autoscaling"] == {"enabled": False}


def test_clerks_and_databases_are_whom_the_network_lets_through():
    policy = releases.values(releases.this())["networkPolicy"]
    pod = _pod("any", "image")
    peer = policy["clients"]["peers"][0]["podSelector"]["matchLabels"]
    assert peer.items() <= pod["metadata"]["labels"].items()


def test_the_runner_reads_the_claims_that_the_chart_makes():
    claims = {
        volume["persistentVolumeClaim"]["claimName"]
        for volume in _pod("runner", "image")["spec"]["volumes"]
        if "persistentVolumeClaim" in volume
    }
    expected = {f"{RELEASE}-{service}-checkpoints" for service in graph.SERVICES}
    assert claims == expected | {f"{RELEASE}-intake-blobs"}


def test_nobody_ends_work_that_nobody_began(cluster, around):
    with pytest.raises(ClusterError, match="nobody is at work"):
        Runner(around, "image").end()


def version(folder, *, head: str, field: str) -> releases.Version:
    for service in graph.SERVICES:
        migrations = folder / "services" / service / "migrations"
        migrations.mkdir(parents=True)
        (migrations / "HEAD").write_text(f"{head}\n", encoding="utf-8")
    protos = folder / "protos" / "liandong" / "intake" / "v1"
    protos.mkdir(parents=True)
    text = f"message CaseAccepted {{\n  string case_number = 1; // = 9\n  string {field} = 2;\n}}\n"
    (protos / "intake_events.proto").write_text(text, encoding="utf-8")
    return releases.Version(folder.name, "", folder)


def test_the_changes_between_two_versions_are_named(tmp_path):
    before = version(tmp_path / "before", head="0001", field="item")
    after = version(tmp_path / "after", head="0002", field="lane")
    text = releases.changes(before, after)
    assert "intake 0001 → 0002" in text
    assert "intake.CaseAccepted" in text


@pytest.mark.parametrize(("head", "field"), [("0001", "lane"), ("0002", "item")])
def test_an_upgrade_without_both_changes_shows_little_and_says_so(tmp_path, head, field):
    before = version(tmp_path / "before", head="0001", field="item")
    after = version(tmp_path / "after", head=head, field=field)
    with pytest.raises(ClusterError, match="shows little"):
        releases.changes(before, after)


def test_the_events_of_this_version_are_found():
    events = releases.this().events()
    assert len(events) > 30
    assert releases.this().heads().keys() == set(graph.SERVICES)


def test_a_version_from_before_the_steady_clerks_is_lent_them(tmp_path):
    before = tmp_path / "journeys"
    before.mkdir()
    (before / "world.py").write_text("# of an older client\n", encoding="utf-8")
    releases._lend_clerks(tmp_path)
    for name in ("steady.py", "world.py"):
        assert (before / name).read_bytes() == (PROJECT / "journeys" / name).read_bytes()


def test_a_version_with_clerks_of_its_own_keeps_them(tmp_path):
    clerks = tmp_path / "journeys" / "steady.py"
    clerks.parent.mkdir()
    clerks.write_text("# their own\n", encoding="utf-8")
    releases._lend_clerks(tmp_path)
    assert clerks.read_text(encoding="utf-8") == "# their own\n"


def test_a_later_call_goes_on_with_the_users_of_an_earlier_one(cluster, around, tmp_path):
    around.new_broker_user()
    later = Surroundings(Kubectl("kubectl"), tmp_path)
    assert later.urls == around.urls
    assert later.amqp_url == around.amqp_url
    assert later.new_database_users() == [user(service, 1) for service in graph.SERVICES]
    assert later.new_broker_user() == "district-2"


def test_a_slow_machine_gives_processes_time_to_start_where_the_chart_lets_it(tmp_path):
    assert releases.values(releases.this())["probes"] == {"startupSeconds": 900}
    chart = tmp_path / releases.CHART
    chart.mkdir(parents=True)
    (chart / "values.yaml").write_text("roles: {}\n", encoding="utf-8")
    assert "probes" not in releases.values(releases.Version("previous", "0", tmp_path))


class Steady:
    """Stands for a runner: says what it was asked to do."""

    def __init__(self, told: list[str], name: str) -> None:
        self._told = told
        self.name = name

    def __getattr__(self, verb: str):
        def act(*_words: object) -> str:
            if verb != "abandon":
                self._told.append(f"{self.name} {verb}")
            return verb

        return act


@pytest.fixture
def shown(tmp_path):
    told: list[str] = []
    made = object.__new__(main.Shown)
    made._progress = Progress(tmp_path / "passed.json", {})
    made._earlier, made._runner = Steady(told, "earlier"), Steady(told, "now")
    made._helm = Steady(told, "helm")
    made._steady = 0.0
    made._after = releases.this()
    return made, told


def test_an_upgrade_is_worked_through_by_the_clerks_of_before_and_checked_by_those_of_now(shown):
    made, told = shown
    made.upgrade()
    assert told == [
        "earlier begin", "helm upgrade", "earlier end", "now ledger_of", "now check",
    ]  # fmt: skip


def test_after_an_upgrade_that_failed_those_of_now_work(shown):
    made, told = shown

    def refuse(_version: object) -> str:
        raise ClusterError("a hook failed")

    made._helm.upgrade = refuse
    with pytest.raises(ClusterError, match="a hook failed"):
        made.upgrade()
    made.journey()
    assert told == ["earlier begin", "now begin", "now end", "now ledger_of", "now check"]
