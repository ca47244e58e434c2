from __future__ import annotations

import base64
import json
import stat
import threading
import time
from datetime import timedelta

import jwt
import pytest

from servicekit.errors import UnauthenticatedError
from servicekit.identity import (
    AUDIENCE,
    ISSUER,
    Caller,
    Keyring,
    TokenExpiredError,
    TokenInvalidError,
    TokenIssuer,
    TokenMissingError,
    TokenVerifier,
    bearer_token,
)

HOUR = timedelta(hours=1)
CLERK = Caller(
    person="p-17",
    assignment="a-3",
    post_kind="WINDOW",
    roles=frozenset({"window.accept", "window.receive"}),
    unit="370306000000",
    unit_path="/370300000000/370306000000/",
    authority="au-9",
)


class Instruments:
    """Real and monotonic time that stand until a test moves them."""

    def __init__(self):
        self.wall = time.time()
        self.monotonic = 1000.0

    def pass_by(self, seconds):
        self.wall += seconds
        self.monotonic += seconds


@pytest.fixture(scope="module")
def keyring():
    return Keyring.create()


def claims(**changes):
    now = int(time.time())
    return {
        "iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + 600,
        "sub": CLERK.key, "person": "p-17", "asg": "a-3", "roles": [],
    } | changes  # fmt: skip


def signed(keyring, content, **headers):
    key = keyring.current
    return jwt.encode(content, key.private, algorithm="EdDSA", headers={"kid": key.kid} | headers)


def segment(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "caller",
    [
        pytest.param(CLERK, id="person-at-a-post"),
        pytest.param(Caller(service="review", purpose="hand-over"), id="service"),
        pytest.param(Caller(person="周/村|1", post_kind="APPLICANT"), id="odd-characters"),
    ],
)
def test_a_token_names_exactly_the_caller_it_was_issued_for(keyring, caller):
    token = TokenIssuer(keyring).issue(caller, lifetime=HOUR)
    assert TokenVerifier(keyring.public()).verify(token) == caller


def test_the_second_look_at_a_token_gives_the_same_caller_without_verifying(keyring):
    verifier = TokenVerifier(keyring)
    token = TokenIssuer(keyring).issue(CLERK, lifetime=HOUR)
    assert verifier.verify(token) is verifier.verify(token)


def test_an_expired_token_is_refused_as_expired(keyring):
    yesterday = TokenIssuer(keyring, wall=lambda: time.time() - 86400)
    token = yesterday.issue(CLERK, lifetime=HOUR)
    with pytest.raises(TokenExpiredError) as refusal:
        TokenVerifier(keyring).verify(token)
    assert refusal.value.reason == "TOKEN_EXPIRED"


def alg_none(ring):
    header = {"alg": "none", "typ": "JWT", "kid": ring.current.kid}
    return f"{segment(header)}.{segment(claims())}."


def public_key_as_shared_secret(ring):
    secret = ring.current.public.public_bytes_raw()
    return jwt.encode(claims(), secret, algorithm="HS256", headers={"kid": ring.current.kid})


def tampered(ring):
    head, _, signature = signed(ring, claims()).split(".")
    return f"{head}.{segment(claims(roles=['admin']))}.{signature}"


def without(claim):
    return lambda ring: signed(
        ring, {name: value for name, value in claims().items() if name != claim}
    )


def with_claim(**changes):
    return lambda ring: signed(ring, claims(**changes))


def issued_by(ring, **options):
    return TokenIssuer(ring, **options).issue(CLERK, lifetime=HOUR)


BAD_TOKENS = {
    "wrong-key": lambda ring: issued_by(Keyring.create()),
    "wrong-key-under-a-known-name": lambda ring: signed(
        Keyring.create(), claims(), kid=ring.current.kid
    ),
    "wrong-audience": lambda ring: issued_by(ring, audience="elsewhere"),
    "wrong-issuer": lambda ring: issued_by(ring, issuer="somebody"),
    "alg-none": alg_none,
    "public-key-as-shared-secret": public_key_as_shared_secret,
    "tampered-claims": tampered,
    "no-key-name": lambda ring: jwt.encode(claims(), ring.current.private, algorithm="EdDSA"),
    "odd-key-name": lambda ring: (
        f"{segment({'alg': 'EdDSA', 'kid': ['x']})}.{segment(claims())}.AA"
    ),
    "no-expiry": without("exp"),
    "no-audience": without("aud"),
    "no-subject": without("sub"),
    "issued-tomorrow": with_claim(iat=int(time.time()) + 86400),
    "subject-of-another": with_claim(sub="person:p-18/a-3"),
    "roles-are-a-text": with_claim(roles="admin"),
    "role-is-a-number": with_claim(roles=[1]),
    "unit-path-is-a-list": with_claim(path=["/"]),
    "unit-path-without-end": with_claim(path="/3703"),
    "person-and-service": with_claim(svc="review"),
    "nobody": with_claim(person="", asg="", sub="nobody"),
    "not-a-token": lambda ring: "hello",
    "not-ascii": lambda ring: "周.村.区",
    "lone-surrogate": lambda ring: "\ud800.a.b",
    "too-long": lambda ring: "a" * 9000,
}


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("make", BAD_TOKENS.values(), ids=BAD_TOKENS)
def test_a_token_that_is_not_ours_is_refused_without_showing_it(keyring, make):
    token = make(keyring)
    with pytest.raises(TokenInvalidError) as refusal:
        TokenVerifier(keyring).verify(token)
    assert refusal.value.reason == "TOKEN_INVALID"
    assert str(refusal.value) == "The token is not valid"
    assert refusal.value.facts == {}
    assert refusal.value.__cause__ is None


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer  ", "Basic abc", "abc"])
def test_a_call_without_a_bearer_token_is_told_that_it_is_missing(header):
    with pytest.raises(TokenMissingError) as refusal:
        bearer_token(header)
    assert refusal.value.reason == "TOKEN_MISSING"


@pytest.mark.parametrize("header", ["Bearer abc", "bearer abc ", "BEARER  abc"])
def test_the_scheme_of_the_header_is_read_in_any_case(header):
    assert bearer_token(header) == "abc"


def test_an_empty_token_is_missing(keyring):
    with pytest.raises(UnauthenticatedError, match="no token"):
        TokenVerifier(keyring).verify("")


def test_after_a_rotation_both_keys_verify_and_the_new_one_signs(keyring):
    old_token = TokenIssuer(keyring).issue(CLERK, lifetime=HOUR)
    rotated = keyring.announced().switched()
    verifier = TokenVerifier(rotated.public())
    new_token = TokenIssuer(rotated).issue(CLERK, lifetime=HOUR)
    assert verifier.verify(old_token) == verifier.verify(new_token) == CLERK
    assert jwt.get_unverified_header(new_token)["kid"] == rotated.current.kid
    assert rotated.current.kid != keyring.current.kid


def test_after_two_rotations_the_first_key_is_dead_even_for_remembered_tokens(keyring):
    verifier = TokenVerifier(keyring)
    token = TokenIssuer(keyring).issue(CLERK, lifetime=HOUR)
    verifier.verify(token)
    verifier.replace(keyring.announced().switched().alone().public())
    with pytest.raises(TokenInvalidError):
        verifier.verify(token)


@pytest.mark.parametrize(
    "move",
    [
        pytest.param(lambda at: at.pass_by(3700), id="time-passed"),
        pytest.param(lambda at: setattr(at, "wall", at.wall + 3700), id="machine-slept"),
        pytest.param(lambda at: setattr(at, "monotonic", 4800.0), id="clock-was-turned-back"),
    ],
)
def test_a_remembered_token_is_verified_again_once_its_time_is_over(keyring, move):
    at = Instruments()
    verifier = TokenVerifier(keyring, wall=lambda: at.wall, monotonic=lambda: at.monotonic)
    token = TokenIssuer(keyring).issue(CLERK, lifetime=HOUR)
    first = verifier.verify(token)
    assert verifier.verify(token) is first
    move(at)
    assert verifier.verify(token) is not first  # real time has not moved: verified anew


def test_the_memory_of_tokens_is_bounded_and_drops_the_longest_unused(keyring):
    verifier = TokenVerifier(keyring, cache_size=2)
    issuer = TokenIssuer(keyring)
    one, two, three = (
        issuer.issue(Caller(person=f"p-{number}"), lifetime=HOUR) for number in range(3)
    )
    first, second = verifier.verify(one), verifier.verify(two)
    assert verifier.verify(one) is first
    verifier.verify(three)
    assert verifier.verify(one) is first
    assert verifier.verify(two) is not second


def test_threads_share_one_verifier(keyring):
    verifier = TokenVerifier(keyring, cache_size=3)
    issuer = TokenIssuer(keyring)
    callers = [Caller(person=f"p-{number}") for number in range(6)]
    tokens = [issuer.issue(caller, lifetime=HOUR) for caller in callers]
    wrong = []

    def work():
        for _ in range(30):
            for caller, token in zip(callers, tokens, strict=True):
                if verifier.verify(token) != caller:
                    wrong.append(caller)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_keyring_survives_its_file_which_only_the_owner_reads(tmp_path, keyring):
    path = tmp_path / "keys.json"
    rotated = keyring.announced().switched()
    rotated.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    token = TokenIssuer(Keyring.load(path)).issue(CLERK, lifetime=HOUR)
    assert TokenVerifier(rotated).verify(token) == CLERK
    assert [key.kid for key in Keyring.load(path).keys] == [key.kid for key in rotated.keys]


def test_the_verifiers_file_holds_no_private_part_and_cannot_issue(tmp_path, keyring):
    path = tmp_path / "public.json"
    keyring.public().save(path)
    assert '"d"' not in path.read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="not issue"):
        TokenIssuer(Keyring.load(path))


def test_a_key_that_does_not_bear_its_own_name_is_not_loaded(tmp_path, keyring):
    path = tmp_path / "keys.json"
    keyring.public().save(path)
    content = json.loads(path.read_text(encoding="utf-8"))
    content["keys"][0]["kid"] = "another"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ValueError, match="does not belong"):
        Keyring.load(path)


def test_private_keys_do_not_show_in_a_log(keyring):
    assert "private" not in repr(keyring)


def test_a_subtree_is_covered_and_its_neighbours_are_not():
    assert CLERK.covers("/370300000000/370306000000/370306100000/")
    assert CLERK.covers("/370300000000/370306000000/")
    assert not CLERK.covers("/370300000000/")
    assert not CLERK.covers("/370300000000/3703060000001/")
    assert not Caller(person="p-1").covers("/370300000000/")


@pytest.mark.parametrize("path", ["/3703", "3703/", "3703"])
def test_a_unit_path_without_both_slashes_is_no_unit_path(path):
    with pytest.raises(ValueError, match="slash"):
        Caller(person="p-1", unit_path=path)


def test_two_different_callers_never_share_a_key():
    callers = [
        Caller(person="a", assignment="b/c"), Caller(person="a/b", assignment="c"),
        Caller(person="a"), Caller(service="a"), Caller(person="service:a"), Caller(),
    ]  # fmt: skip
    assert len({caller.key for caller in callers}) == len(callers)


def test_the_key_of_a_caller_is_stable_over_roles_and_sign_ins():
    assert Caller(person="p", assignment="a", roles=frozenset({"x"})).key == (
        Caller(person="p", assignment="a").key
    )


@pytest.mark.parametrize(
    ("caller", "lifetime"),
    [
        pytest.param(Caller(), HOUR, id="nobody"),
        pytest.param(CLERK, timedelta(0), id="no-lifetime"),
    ],
)
def test_no_token_is_issued_for_nothing(keyring, caller, lifetime):
    with pytest.raises(ValueError, match="a token"):
        TokenIssuer(keyring).issue(caller, lifetime=lifetime)
