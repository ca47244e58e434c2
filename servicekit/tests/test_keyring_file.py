"""Verifiers follow their file: a key that is added verifies, one that is gone does not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from servicekit.identity import Keyring, TokenInvalidError, TokenIssuer
from servicekit.keyring_file import FollowingVerifier
from servicekit.tests.toy import CLERK


@pytest.fixture
def path(tmp_path):
    return tmp_path / "verifier.json"


def token(keyring):
    return TokenIssuer(keyring).issue(CLERK, lifetime=timedelta(hours=1))


def test_a_key_that_was_added_verifies_and_one_that_was_taken_out_does_not(path):
    now = [0.0]
    old = Keyring.create()
    old.public().save(path)
    verifier = FollowingVerifier(path, looks_after=lambda: now[0])
    first = token(old)
    assert verifier.verify(first) == CLERK
    new = old.announced().switched()
    new.public().save(path)
    with pytest.raises(TokenInvalidError):
        verifier.verify(token(new))  # looked at once a second
    now[0] = 1.0
    assert verifier.verify(token(new)) == CLERK
    assert verifier.verify(first) == CLERK
    new.alone().public().save(path)
    now[0] = 2.0
    with pytest.raises(TokenInvalidError):
        verifier.verify(first)


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"keys": []}', '{"keys": [{"kid": "x", "x": "AA"}]}']
)
def test_a_file_that_is_no_keyring_is_left_alone(path, content, caplog):
    now = [0.0]
    keyring = Keyring.create()
    keyring.save(path)
    verifier = FollowingVerifier(path, looks_after=lambda: now[0])
    path.write_text(content)
    now[0] = 1.0
    assert verifier.verify(token(keyring)) == CLERK
    assert "keyring_unusable" in caplog.text
    path.unlink()
    now[0] = 2.0
    assert verifier.verify(token(keyring)) == CLERK


def test_a_process_does_not_start_without_its_keys(path):
    with pytest.raises(OSError, match="No such file"):
        FollowingVerifier(path)
