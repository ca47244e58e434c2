"""The signing key is exchanged while calls go on, and no call is refused."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import grpc
import pytest
from liandong.delivery.v1 import delivery_service_pb2 as pb
from liandong.delivery.v1 import delivery_service_pb2_grpc as pb_grpc

from cli.keys import ERRANDS
from cli.main import main
from servicekit import keyring_file
from servicekit.client import TracedChannel, connect
from servicekit.database import make_engine
from servicekit.grpc_errors import refusal_of
from servicekit.identity import Keyring, TokenIssuer
from servicekit.keyring_file import FollowingVerifier
from servicekit.tests.toy import CLERK, Toy, metadata
from servicekit.tests.toy_server import Desk
from services import graph


@pytest.fixture
def keys(tmp_path, capsys):
    """A folder of keys, and what one step of the rotation prints."""
    folder = tmp_path / "keys"
    main(["keys", "create", str(folder)])
    capsys.readouterr()

    def step(name):
        code = main(["keys", "signing", name, str(folder)])
        said = capsys.readouterr()
        return code, [line.rpartition("/")[2] for line in said.out.splitlines()], said.err

    step.folder = folder
    return step


@pytest.fixture
def served(keys, tmp_path, monkeypatch):
    monkeypatch.setattr(keyring_file, "LOOK_AGAIN_S", 0.0)
    engine = make_engine(f"sqlite:///{tmp_path / 'toy.db'}")
    metadata.create_all(engine)
    verifier = FollowingVerifier(keys.folder / "verifier.json")
    desk = Desk(Toy(engine).runner, verifier=verifier)
    server = desk.server()
    server.start()
    yield f"127.0.0.1:{server.port}"
    server.stop()
    engine.dispose()


def sign_in(folder):
    return TokenIssuer(Keyring.load(folder / "issuer.json")).issue(
        CLERK, lifetime=timedelta(hours=1)
    )


def ask(channel, token):
    stub = pb_grpc.DeliveryServiceStub(
        TracedChannel(channel, lambda: token, timeout=20, peer="delivery")
    )
    return stub.GetCourierOffer(pb.GetCourierOfferRequest(case_number="A1"))


def test_no_call_is_refused_while_the_key_is_exchanged_and_the_old_one_is_over_afterwards(
    keys, served
):
    before = sign_in(keys.folder)
    session = [before]
    answered, stop = threading.Semaphore(0), threading.Event()

    def work(channel):
        while not stop.is_set():
            ask(channel, session[0])
            ask(channel, sign_in(keys.folder))  # somebody signs in at this moment
            answered.release()

    def some_calls_later():
        for _ in range(20):
            assert answered.acquire(timeout=60)

    with connect(served) as channel, ThreadPoolExecutor(3) as pool:
        working = [pool.submit(work, channel) for _ in range(3)]
        try:
            some_calls_later()
            assert keys("add")[:2] == (0, ["verifier.json"])
            some_calls_later()
            code, made, _ = keys("switch")
            assert (code, made[0]) == (0, "issuer.json")
            assert len(made) == 1 + len(graph.ASKS) + len(ERRANDS)
            some_calls_later()
            session[0] = sign_in(keys.folder)  # the old session has run out
            some_calls_later()
            assert keys("retire")[:2] == (0, ["verifier.json"])
            some_calls_later()
        finally:
            stop.set()
        for each in working:
            each.result(60)
        with pytest.raises(grpc.RpcError) as caught:
            ask(channel, before)
    assert refusal_of(caught.value).reason == "TOKEN_INVALID"


def test_steps_out_of_order_are_refused_in_a_sentence(keys):
    assert keys("switch")[0] == 1
    assert "先执行 keys signing add" in keys("switch")[2]
    assert "没有可停用的" in keys("retire")[2]
    keys("add")
    assert "先执行 keys signing retire" in keys("add")[2]


def test_a_switch_can_be_undone_and_an_addition_withdrawn(keys):
    first = Keyring.load(keys.folder / "issuer.json").current.kid
    for name in ("add", "switch", "switch", "retire"):
        assert keys(name)[0] == 0
    assert [key.kid for key in Keyring.load(keys.folder / "issuer.json").keys] == [first]


def test_the_old_key_stays_while_a_services_token_of_it_is_in_use(keys):
    old = (keys.folder / "intake-api.token").read_text()
    keys("add")
    keys("switch")
    (keys.folder / "intake-api.token").write_text(old)
    code, made, said = keys("retire")
    assert (code, made) == (1, [])
    assert "intake-api.token" in said
    main(["keys", "create", str(keys.folder)])
    assert keys("retire")[0] == 0


def test_a_folder_without_the_issuers_key_says_so(tmp_path, capsys):
    assert main(["keys", "signing", "add", str(tmp_path)]) == 1
    assert "issuer.json" in capsys.readouterr().err
