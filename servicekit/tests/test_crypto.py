from __future__ import annotations

import json
import stat

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from servicekit.crypto import (
    Ciphertext,
    DamagedError,
    KeySet,
    KeyStore,
    SoftwareCrypto,
    UnknownKeyError,
)

KEYS = KeyStore.create()
CRYPTO = SoftwareCrypto(KEYS)


def test_the_digest_is_sm3_of_the_standard():
    expected = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert CRYPTO.digest(b"abc").hex() == expected


def test_the_block_cipher_is_sm4_of_the_standard():
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    cipher = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()
    assert cipher.update(key).hex() == "681edf34d206965e86b3e94f536e4246"


def test_the_software_provider_says_that_it_is_not_certified():
    assert CRYPTO.certified is False


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_what_was_encrypted_decrypts_in_its_context(plain, context):
    assert CRYPTO.decrypt(CRYPTO.encrypt(plain, context=context), context=context) == plain


@given(st.data())
def test_any_changed_bit_is_noticed(data):
    sealed = CRYPTO.encrypt(b"370306198212310014", context=b"id")
    raw = bytearray(sealed.nonce + sealed.body)
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    changed = Ciphertext(sealed.key_id, bytes(raw[:12]), bytes(raw[12:]))
    with pytest.raises(DamagedError):
        CRYPTO.decrypt(changed, context=b"id")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda s: s._replace(body=s.body[:-1]), id="shortened"),
        pytest.param(lambda s: s._replace(body=b"x"), id="shorter-than-a-tag"),
        pytest.param(lambda s: s._replace(nonce=b""), id="without-nonce"),
    ],
)
def test_a_cut_ciphertext_is_noticed(change):
    with pytest.raises(DamagedError):
        CRYPTO.decrypt(change(CRYPTO.encrypt(b"plain", context=b"")), context=b"")


def test_another_context_does_not_open_it():
    with pytest.raises(DamagedError):
        CRYPTO.decrypt(CRYPTO.encrypt(b"plain", context=b"phone"), context=b"name")


def test_a_rotated_store_opens_the_old_and_seals_with_the_new():
    rotated = SoftwareCrypto(KEYS.rotated("data"))
    old = CRYPTO.encrypt(b"plain", context=b"")
    new = rotated.encrypt(b"plain", context=b"")
    assert rotated.decrypt(old, context=b"") == b"plain"
    assert new.key_id != old.key_id
    with pytest.raises(UnknownKeyError):
        CRYPTO.decrypt(new, context=b"")


@pytest.mark.parametrize("section", ["data", "index", "audit", "checkpoint"])
def test_rotating_one_section_leaves_the_others(section):
    rotated = KEYS.rotated(section)
    changed = {
        name
        for name in ("data", "index", "audit", "checkpoint")
        if getattr(rotated, name).current != getattr(KEYS, name).current
    }
    assert changed == {section}


def test_a_mac_depends_on_key_use_and_data():
    index, audit = CRYPTO.current_key("index"), CRYPTO.current_key("audit")
    macs = {
        CRYPTO.mac("index", index, b"a"), CRYPTO.mac("audit", audit, b"a"),
        CRYPTO.mac("index", index, b"b"),
    }  # fmt: skip
    assert len(macs) == 3
    with pytest.raises(UnknownKeyError):
        CRYPTO.mac("index", audit, b"a")


def test_a_signature_holds_for_its_data_only():
    key_id, signature = CRYPTO.sign(b"head")
    assert CRYPTO.signature_holds(key_id, signature, b"head")
    assert not CRYPTO.signature_holds(key_id, signature, b"tail")
    with pytest.raises(UnknownKeyError):
        CRYPTO.signature_holds("other", signature, b"head")


def test_a_store_survives_its_file_which_only_the_owner_reads(tmp_path):
    path = tmp_path / "keys.json"
    KEYS.rotated("checkpoint").save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    loaded = SoftwareCrypto(KeyStore.load(path))
    assert loaded.decrypt(CRYPTO.encrypt(b"x", context=b""), context=b"") == b"x"
    assert loaded.signature_holds(*CRYPTO.sign(b"head"), b"head")
    assert loaded.mac("audit", CRYPTO.current_key("audit"), b"a") == (
        CRYPTO.mac("audit", CRYPTO.current_key("audit"), b"a")
    )


def test_a_process_can_be_given_some_keys_only(tmp_path):
    path = tmp_path / "api.json"
    KEYS.only("data", "index").save(path)
    assert set(json.loads(path.read_text(encoding="utf-8"))) == {"data", "index"}
    limited = SoftwareCrypto(KeyStore.load(path))
    assert limited.encrypt(b"x", context=b"").key_id == KEYS.data.current
    with pytest.raises(UnknownKeyError):
        limited.current_key("audit")
    with pytest.raises(UnknownKeyError):
        limited.sign(b"head")


def test_whoever_verifies_checkpoints_cannot_sign_them(tmp_path):
    path = tmp_path / "auditor.json"
    KeyStore(checkpoint=KEYS.checkpoint.verifier()).save(path)
    auditor = SoftwareCrypto(KeyStore.load(path))
    assert auditor.signature_holds(*CRYPTO.sign(b"head"), b"head")
    with pytest.raises(UnknownKeyError):
        auditor.sign(b"head")


@pytest.mark.parametrize(
    ("current", "keys", "message"),
    [
        pytest.param("b", {"a": b"x"}, "not among", id="current-is-unknown"),
        pytest.param("a.b", {"a.b": b"x"}, "key id", id="dot-in-a-name"),
    ],
)
def test_a_set_of_keys_that_cannot_work_is_refused(current, keys, message):
    with pytest.raises(ValueError, match=message):
        KeySet(current, keys)


def test_a_key_of_the_wrong_length_is_not_loaded(tmp_path):
    path = tmp_path / "keys.json"
    path.write_text('{"data": {"current": "a", "keys": {"a": "AAAA"}}}', encoding="utf-8")
    with pytest.raises(ValueError, match="16 bytes"):
        KeyStore.load(path)


def test_keys_do_not_show_in_a_log():
    secrets = [*KEYS.data.keys.values(), *KEYS.audit.keys.values(), *KEYS.index.keys.values()]
    assert all(repr(secret) not in repr(KEYS) for secret in secrets)
