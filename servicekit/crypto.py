"""Keys and the few operations made with them, behind one port.

The software provider uses SM3 and SM4 of OpenSSL. It is not a certified module (商用密码产品) and
says so by `certified`; an installation that needs a certified one supplies its own provider.

Source: 商用密码管理条例 第四十一条; GM/T 0002 (SM4), GM/T 0004 (SM3); GB/T 39786-2021.
"""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal, NamedTuple, Protocol, Self, TypeVar

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from servicekit.blobs import write_atomically

__all__ = [
    "Ciphertext",
    "CryptoProvider",
    "DamagedError",
    "KeySet",
    "KeyStore",
    "SigningKeys",
    "SoftwareCrypto",
    "UnknownKeyError",
]

Use = Literal["data", "index", "audit"]
MacUse = Literal["index", "audit"]
KEY_SIZES: Final = {"data": 16, "index": 32, "audit": 32}  # bytes; an SM4 key has 16
NONCE_SIZE: Final = 12
TAG_SIZE: Final = 16
_T = TypeVar("_T")
_R = TypeVar("_R")
_KEY_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")


class UnknownKeyError(Exception):
    """A key is asked for that this process was not given."""


class DamagedError(Exception):
    """A ciphertext does not open: it was changed, belongs elsewhere, or the key is another one."""


@dataclass(frozen=True, slots=True)
class KeySet:
    """Symmetric keys by name. New work uses the current one, the others still open old work."""

    current: str = ""
    keys: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if self.keys and self.current not in self.keys:
            raise ValueError("the current key is not among the keys")
        if not all(_KEY_ID.fullmatch(key_id) for key_id in self.keys):
            raise ValueError("a key id has letters, digits, hyphens and underscores")

    @property
    def current_id(self) -> str:
        if not self.current:
            raise UnknownKeyError("this process was not given the key")
        return self.current

    def find(self, key_id: str) -> bytes:
        try:
            return self.keys[key_id]
        except KeyError:
            raise UnknownKeyError(f"there is no key {key_id!r}") from None

    def with_new(self, size: int) -> KeySet:
        key_id = _new_id()
        return KeySet(key_id, {**self.keys, key_id: secrets.token_bytes(size)})


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """Ed25519 keys by name; whoever only verifies holds the public parts alone."""

    current: str = ""
    public: Mapping[str, Ed25519PublicKey] = field(default_factory=dict)
    private: Mapping[str, Ed25519PrivateKey] = field(default_factory=dict, repr=False)

    def with_new(self) -> SigningKeys:
        key_id, key = _new_id(), Ed25519PrivateKey.generate()
        return SigningKeys(
            key_id, {**self.public, key_id: key.public_key()}, {**self.private, key_id: key}
        )

    def verifier(self) -> SigningKeys:
        """The public parts alone, for whoever may not sign."""
        return SigningKeys(self.current, self.public)


@dataclass(frozen=True, slots=True)
class KeyStore:
    """What one process may use. A section that its file lacks is empty: least privilege by file.

    `data` seals columns, `index` makes blind indexes, `audit` chains audit rows and `checkpoint`
    signs what leaves the database. An api needs the first two, the audit sealer the last two.
    """

    data: KeySet = field(default_factory=KeySet)
    index: KeySet = field(default_factory=KeySet)
    audit: KeySet = field(default_factory=KeySet)
    checkpoint: SigningKeys = field(default_factory=SigningKeys)

    @classmethod
    def create(cls) -> Self:
        return cls(
            KeySet().with_new(KEY_SIZES["data"]),
            KeySet().with_new(KEY_SIZES["index"]),
            KeySet().with_new(KEY_SIZES["audit"]),
            SigningKeys().with_new(),
        )

    def rotated(self, section: Literal["data", "index", "audit", "checkpoint"]) -> Self:
        """The same keys and a new current one in `section`."""
        match section:
            case "data":
                return replace(self, data=self.data.with_new(KEY_SIZES["data"]))
            case "index":
                return replace(self, index=self.index.with_new(KEY_SIZES["index"]))
            case "audit":
                return replace(self, audit=self.audit.with_new(KEY_SIZES["audit"]))
            case "checkpoint":
                return replace(self, checkpoint=self.checkpoint.with_new())

    def only(self, *sections: str) -> Self:
        """The keys of these sections alone, for the file of a process that needs no others."""
        empty = type(self)()
        return replace(
            self,
            data=self.data if "data" in sections else empty.data,
            index=self.index if "index" in sections else empty.index,
            audit=self.audit if "audit" in sections else empty.audit,
            checkpoint=self.checkpoint if "checkpoint" in sections else empty.checkpoint,
        )

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        sets = {}
        for section, size in KEY_SIZES.items():
            part = content.get(section, {"current": "", "keys": {}})
            keys = {key_id: base64.b64decode(key) for key_id, key in part["keys"].items()}
            if any(len(key) != size for key in keys.values()):
                raise ValueError(f"a key of section {section!r} has {size} bytes")
            sets[section] = KeySet(part["current"], keys)
        part = content.get("checkpoint", {"current": "", "public": {}, "private": {}})
        checkpoint = SigningKeys(
            part["current"],
            _each(part["public"], _public_key),
            _each(part.get("private", {}), _private_key),
        )
        return cls(checkpoint=checkpoint, **sets)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the keys into a file that only its owner can read."""
        content: dict[str, object] = {
            section: {"current": keys.current, "keys": _each(keys.keys, _base64)}
            for section, keys in (("data", self.data), ("index", self.index), ("audit", self.audit))
            if keys.keys
        }
        if self.checkpoint.public:
            content["checkpoint"] = {
                "current": self.checkpoint.current,
                "public": _each(
                    self.checkpoint.public, lambda key: _base64(key.public_bytes_raw())
                ),
                "private": _each(
                    self.checkpoint.private, lambda key: _base64(key.private_bytes_raw())
                ),
            }
        write_atomically(Path(path), json.dumps(content, indent=2).encode() + b"\n")


class Ciphertext(NamedTuple):
    key_id: str
    nonce: bytes
    body: bytes  # the ciphertext with its tag behind it


class CryptoProvider(Protocol):
    """What the kit asks of cryptography; keys stay behind it and are named by id."""

    @property
    def certified(self) -> bool:
        """Whether the module holds a certificate for commercial cryptography (商用密码产品认证)."""
        ...

    def current_key(self, use: Use) -> str: ...
    def keys_of(self, use: Use) -> tuple[str, ...]: ...
    def digest(self, data: bytes) -> bytes: ...
    def mac(self, use: MacUse, key_id: str, data: bytes) -> bytes: ...
    def encrypt(self, plain: bytes, *, context: bytes) -> Ciphertext: ...
    def decrypt(self, sealed: Ciphertext, *, context: bytes) -> bytes: ...
    def sign(self, data: bytes) -> tuple[str, bytes]: ...
    def signature_holds(self, key_id: str, signature: bytes, data: bytes) -> bool: ...


class SoftwareCrypto:
    """SM3, HMAC-SM3, SM4-GCM and Ed25519 in this process; not a certified module.

    Source: NIST SP 800-38D (GCM); RFC 8998 (SM4-GCM); RFC 8032 (Ed25519).
    """

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        self._sets: Mapping[str, KeySet] = {
            "data": keys.data,
            "index": keys.index,
            "audit": keys.audit,
        }

    @property
    def certified(self) -> bool:
        return False

    def current_key(self, use: Use) -> str:
        return self._sets[use].current_id

    def keys_of(self, use: Use) -> tuple[str, ...]:
        """The names of the keys of one use, the current one first."""
        keys = self._sets[use]
        return tuple(sorted(keys.keys, key=lambda key_id: (key_id != keys.current, key_id)))

    def digest(self, data: bytes) -> bytes:
        digest = hashes.Hash(hashes.SM3())
        digest.update(data)
        return digest.finalize()

    def mac(self, use: MacUse, key_id: str, data: bytes) -> bytes:
        code = hmac.HMAC(self._sets[use].find(key_id), hashes.SM3())
        code.update(data)
        return code.finalize()

    def encrypt(self, plain: bytes, *, context: bytes) -> Ciphertext:
        """Encrypt under the current data key; `context` must be the same to decrypt."""
        key_id = self._keys.data.current_id
        # Random nonces are safe for 2^32 values under one key: rotate long before that.
        nonce = secrets.token_bytes(NONCE_SIZE)
        cipher = Cipher(algorithms.SM4(self._keys.data.find(key_id)), modes.GCM(nonce)).encryptor()
        cipher.authenticate_additional_data(context)
        body = cipher.update(plain) + cipher.finalize()
        return Ciphertext(key_id, nonce, body + cipher.tag)

    def decrypt(self, sealed: Ciphertext, *, context: bytes) -> bytes:
        key = self._keys.data.find(sealed.key_id)
        if len(sealed.nonce) != NONCE_SIZE or len(sealed.body) < TAG_SIZE:
            raise DamagedError("the ciphertext is too short")
        body, tag = sealed.body[:-TAG_SIZE], sealed.body[-TAG_SIZE:]
        cipher = Cipher(algorithms.SM4(key), modes.GCM(sealed.nonce, tag)).decryptor()
        cipher.authenticate_additional_data(context)
        plain = cipher.update(body)
        try:
            return plain + cipher.finalize()
        except InvalidTag:
            raise DamagedError("the ciphertext does not open") from None

    def sign(self, data: bytes) -> tuple[str, bytes]:
        """Sign with the current checkpoint key and return its id and the signature."""
        signing = self._keys.checkpoint
        if signing.current not in signing.private:
            raise UnknownKeyError("this process was not given a key that signs")
        return signing.current, signing.private[signing.current].sign(data)

    def signature_holds(self, key_id: str, signature: bytes, data: bytes) -> bool:
        key = self._keys.checkpoint.public.get(key_id)
        if key is None:
            raise UnknownKeyError(f"there is no key {key_id!r}")
        try:
            key.verify(signature, data)
        except InvalidSignature:
            return False
        return True


def _each(values: Mapping[str, _T], change: Callable[[_T], _R]) -> dict[str, _R]:
    return {key_id: change(value) for key_id, value in values.items()}


def _public_key(text: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(text))


def _private_key(text: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(text))


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _new_id() -> str:
    return secrets.token_hex(4)
