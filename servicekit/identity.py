"""Who calls: short-lived signed tokens that name a person's post or a service.

A token is a JWT signed with Ed25519. It is checked against real time, never against the legal
clock: a steered clock in a rehearsal must not lengthen anybody's session. Nothing here knows what
a post or a role means; `servicekit.policy` does.

Source: RFC 7519 (JWT); RFC 8037 (Ed25519 in JOSE); GB/T 22239-2019 8.1.4.1 身份鉴别.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple, Self
from urllib.parse import quote

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from servicekit.blobs import write_atomically
from servicekit.errors import UnauthenticatedError

__all__ = [
    "AUDIENCE",
    "ISSUER",
    "Caller",
    "Keyring",
    "SigningKey",
    "TokenExpiredError",
    "TokenInvalidError",
    "TokenIssuer",
    "TokenMissingError",
    "TokenVerifier",
    "bearer_token",
]

ISSUER: Final = "liandong"
AUDIENCE: Final = "liandong.services"
LIVE_KEYS: Final = 2
CLOCK_SKEW: Final = timedelta(seconds=5)  # between two machines that keep NTP time
LARGEST_TOKEN: Final = 8192  # characters; a header longer than this is not one of ours
_TEXT_CLAIMS: Final = {
    "assignment": "asg",
    "post_kind": "post",
    "unit": "unit",
    "unit_path": "path",
    "authority": "auth",
    "service": "svc",
    "purpose": "purpose",
}


class TokenMissingError(UnauthenticatedError):
    """The call carries no bearer token."""

    reason = "TOKEN_MISSING"


class TokenExpiredError(UnauthenticatedError):
    """The token was good and is over: sign in again."""

    reason = "TOKEN_EXPIRED"


class TokenInvalidError(UnauthenticatedError):
    """The token is not one that this installation issued for this audience."""

    reason = "TOKEN_INVALID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One caller: either a person at a post or a service with a purpose, never both.

    With neither it is nobody, which only a public call may be; no token names nobody.

    `unit_path` is the materialised path of the unit ("/a/b/"). It begins and ends with a slash,
    because a subtree is found by prefix and "/a/b" would also cover "/a/bc/".
    """

    person: str = ""
    assignment: str = ""
    post_kind: str = ""
    roles: frozenset[str] = field(default_factory=frozenset)
    unit: str = ""
    unit_path: str = ""
    authority: str = ""
    service: str = ""
    purpose: str = ""

    def __post_init__(self) -> None:
        if self.person and self.service:
            raise ValueError("a caller is either a person or a service")
        if self.unit_path and not (self.unit_path[0] == "/" == self.unit_path[-1]):
            raise ValueError("a unit path begins and ends with a slash")

    @property
    def key(self) -> str:
        """The caller as idempotency keys know it: stable over sign-ins and rotations of keys."""
        if self.is_service:
            return f"service:{quote(self.service, safe='')}"
        if not self.person:
            return "nobody"
        return f"person:{quote(self.person, safe='')}/{quote(self.assignment, safe='')}"

    @property
    def is_service(self) -> bool:
        return bool(self.service)

    def covers(self, unit_path: str) -> bool:
        """Whether `unit_path` lies in the caller's subtree; a caller without a unit covers none."""
        return bool(self.unit_path) and unit_path.startswith(self.unit_path)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 key with its name; `private` is absent where tokens are only verified."""

    public: Ed25519PublicKey
    private: Ed25519PrivateKey | None = field(default=None, repr=False)

    @classmethod
    def create(cls) -> Self:
        private = Ed25519PrivateKey.generate()
        return cls(private.public_key(), private)

    @property
    def kid(self) -> str:
        """The name follows from the key, so two keys never share one (RFC 7638 thumbprint)."""
        members = {"crv": "Ed25519", "kty": "OKP", "x": _encode(self.public.public_bytes_raw())}
        canonical = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
        return _encode(hashlib.sha256(canonical).digest())[:16]

    def to_jwk(self) -> dict[str, str]:
        jwk = {"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": self.kid}
        jwk["x"] = _encode(self.public.public_bytes_raw())
        if self.private is not None:
            jwk["d"] = _encode(self.private.private_bytes_raw())
        return jwk

    @classmethod
    def from_jwk(cls, jwk: Mapping[str, str]) -> Self:
        public = Ed25519PublicKey.from_public_bytes(_decode(jwk["x"]))
        private = None
        if "d" in jwk:
            private = Ed25519PrivateKey.from_private_bytes(_decode(jwk["d"]))
            if private.public_key() != public:
                raise ValueError("the private and the public part of a key do not belong together")
        key = cls(public, private)
        if jwk["kid"] != key.kid:
            raise ValueError("the name of a key does not belong to the key")
        return key


@dataclass(frozen=True, slots=True)
class Keyring:
    """The live keys: the first signs, and the one behind it verifies.

    Rotation in three steps, so that no token is issued that somebody cannot verify yet, and none
    is alive that nobody can verify any more: `announced()` for every verifier (`public()`), then
    `switched()` for the issuer, and once no token of the old key is alive, `alone()` for all.
    """

    keys: tuple[SigningKey, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.keys) <= LIVE_KEYS:
            raise ValueError(f"a keyring has one to {LIVE_KEYS} keys")

    @classmethod
    def create(cls) -> Self:
        return cls((SigningKey.create(),))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        return cls(tuple(SigningKey.from_jwk(jwk) for jwk in content["keys"]))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the keys as a JWK set that only its owner can read."""
        content = {"keys": [key.to_jwk() for key in self.keys]}
        write_atomically(Path(path), json.dumps(content, indent=2).encode() + b"\n")

    def public(self) -> Self:
        """The same keys without private parts, for whoever only verifies."""
        return type(self)(tuple(SigningKey(key.public) for key in self.keys))

    def announced(self) -> Self:
        """A keyring with a new key behind the one that signs: it verifies before it signs."""
        return type(self)((*self.keys, SigningKey.create()))

    def switched(self) -> Self:
        """The same keys with the other one signing."""
        return type(self)(self.keys[::-1])

    def alone(self) -> Self:
        """Only the key that signs; what the other one signed is refused from now on."""
        return type(self)(self.keys[:1])

    @property
    def current(self) -> SigningKey:
        return self.keys[0]

    def find(self, kid: object) -> SigningKey | None:
        return next((key for key in self.keys if key.kid == kid), None)


class TokenIssuer:
    """Signs tokens. Real time is a parameter only so that a test can issue yesterday's token."""

    def __init__(
        self,
        keyring: Keyring,
        *,
        issuer: str = ISSUER,
        audience: str = AUDIENCE,
        wall: Callable[[], float] = time.time,
    ) -> None:
        if keyring.current.private is None:
            raise ValueError("this keyring can verify tokens, not issue them")
        self._key = keyring.current.private
        self._kid = keyring.current.kid
        self._issuer = issuer
        self._audience = audience
        self._wall = wall

    def issue(self, caller: Caller, *, lifetime: timedelta) -> str:
        if lifetime <= timedelta(0):
            raise ValueError("a token has a lifetime")
        if not caller.person and not caller.service:
            raise ValueError("a token names a person or a service")
        now = self._wall()
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": self._audience,
            "iat": int(now),
            "exp": int(now + lifetime.total_seconds()),
            "sub": caller.key,
            "roles": sorted(caller.roles),
        }
        if caller.person:
            claims["person"] = caller.person
        for attribute, claim in _TEXT_CLAIMS.items():
            if value := getattr(caller, attribute):
                claims[claim] = value
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": self._kid})


class _Verified(NamedTuple):
    caller: Caller
    expires_at: float  # real time
    expires_after: float  # monotonic time


class TokenVerifier:
    """Verifies tokens and remembers the good ones, by digest, until they expire.

    A signature costs a tenth of a millisecond and a session makes hundreds of calls. An entry
    ends by whichever of real and monotonic time comes first: the first is right after the machine
    slept, the second after somebody turned the clock back. Safe to share between threads.
    """

    def __init__(
        self,
        keyring: Keyring,
        *,
        issuer: str = ISSUER,
        audience: str = AUDIENCE,
        cache_size: int = 4096,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keyring = keyring
        self._issuer = issuer
        self._audience = audience
        self._cache_size = cache_size
        self._wall = wall
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()

    def verify(self, token: str) -> Caller:
        """Return who the token names, or raise the UnauthenticatedError that says why not."""
        if not token:
            raise TokenMissingError("The call carries no token")
        if len(token) > LARGEST_TOKEN:
            raise TokenInvalidError("The token is not valid")
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._recall(digest)
        if known is not None:
            return known
        with self._lock:
            keyring = self._keyring
        claims = self._claims(token, keyring)
        caller = _caller(claims)
        self._remember(digest, caller, float(claims["exp"]), keyring)
        return caller

    def replace(self, keyring: Keyring) -> None:
        """Use these keys from now on; what a retired key had verified is forgotten."""
        with self._lock:
            self._keyring = keyring
            self._verified.clear()

    def _claims(self, token: str, keyring: Keyring) -> Mapping[str, Any]:
        # The library's messages may quote parts of the token, so none of them travels on.
        try:
            key = keyring.find(jwt.get_unverified_header(token).get("kid"))
            if key is None:
                raise TokenInvalidError("The token is not valid")
            return jwt.decode(
                token,
                key.public,
                algorithms=["EdDSA"],
                audience=self._audience,
                issuer=self._issuer,
                leeway=CLOCK_SKEW,
                options={"require": ["iss", "aud", "iat", "exp", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise TokenExpiredError("The token has expired") from None
        except (jwt.PyJWTError, UnicodeError):
            raise TokenInvalidError("The token is not valid") from None

    def _recall(self, digest: bytes) -> Caller | None:
        with self._lock:
            known = self._verified.get(digest)
            if known is None:
                return None
            if self._wall() >= known.expires_at or self._monotonic() >= known.expires_after:
                del self._verified[digest]
                return None
            self._verified.move_to_end(digest)
            return known.caller

    def _remember(self, digest: bytes, caller: Caller, expires_at: float, keyring: Keyring) -> None:
        expires_after = self._monotonic() + expires_at - self._wall()
        with self._lock:
            if self._keyring is not keyring:  # replaced while this token was being verified
                return
            self._verified[digest] = _Verified(caller, expires_at, expires_after)
            while len(self._verified) > self._cache_size:
                self._verified.popitem(last=False)


def bearer_token(authorization: str | None) -> str:
    """Return the token of an `authorization` header, or raise TokenMissingError.

    Source: RFC 6750 2.1.
    """
    scheme, _, token = (authorization or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenMissingError("The call carries no bearer token")
    return token.strip()


def _caller(claims: Mapping[str, Any]) -> Caller:
    """Read the caller out of verified claims; a signature does not make a claim well-formed."""
    roles = claims.get("roles", [])
    texts = {name: claims.get(claim, "") for name, claim in _TEXT_CLAIMS.items()}
    texts["person"] = claims.get("person", "")
    if not isinstance(roles, list) or not all(
        isinstance(value, str) for value in (*roles, *texts.values())
    ):
        raise TokenInvalidError("The token is not valid")
    try:
        caller = Caller(roles=frozenset(roles), **texts)
    except ValueError:
        raise TokenInvalidError("The token is not valid") from None
    if claims["sub"] != caller.key or not (caller.person or caller.service):
        raise TokenInvalidError("The token is not valid")
    return caller


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
