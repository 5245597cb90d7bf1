"""IDK messages: what tablinum.pre encrypts, as signed text in parts."""
from __future__ import annotations

import json
from typing import Any, Dict, Mapping, Optional, Tuple

from ._library import check, fetch, ffi, lib, text
from .pre import PublicKey, ReEncryptionKey, SecretKey

__all__ = ["generate_signing_key", "create", "verify", "decrypt", "recrypt"]


def _exactly(value: bytes, size: int, what: str) -> bytes:
    if len(value) != size:
        raise ValueError(f"{what} must have {size} bytes")
    return bytes(value)


def generate_signing_key() -> Tuple[bytes, bytes]:
    """Secret key (32 bytes) and public key (64 bytes) of secp256k1."""
    secret, public = ffi.new("uint8_t[32]"), ffi.new("uint8_t[64]")
    check(lib.tablinum_idk_generate_signing_key(secret, public))
    return bytes(ffi.buffer(secret)), bytes(ffi.buffer(public))


def create(data: bytes, key: PublicKey, signing_key: bytes, headers: Optional[Mapping[str, str]] = None) -> str:
    """A message for the owner of `key`."""
    strings = [text(item) for pair in (headers or {}).items() for item in pair]
    pairs = ffi.new("char*[]", strings) if strings else ffi.NULL
    return fetch(lib.tablinum_idk_create, key._handle, _exactly(signing_key, 32, "the signing key"), ffi.from_buffer(data), len(data),
                 pairs, len(strings) // 2).decode("ascii")


def _key(expected: Optional[bytes]) -> Any:
    return ffi.NULL if expected is None else _exactly(expected, 64, "the public key")


def verify(message: str, expected: Optional[bytes] = None) -> Dict[str, Any]:
    """What is there, what is missing, what does not verify, and how far the signer can be believed."""
    data = message.encode("utf-8")
    return json.loads(fetch(lib.tablinum_idk_verify, data, len(data), _key(expected)))


def decrypt(message: str, key: SecretKey, expected: Optional[bytes] = None) -> bytes:
    """Raises Error: "corrupt" for missing parts and whatever does not verify, "unauthenticated" for another signer than expected."""
    data = message.encode("utf-8")
    return fetch(lib.tablinum_idk_decrypt, key._handle, data, len(data), _key(expected))


def recrypt(message: str, rekey: ReEncryptionKey, proxy_key: bytes, recipient: str, timestamp: str, sender: Optional[str] = None) -> str:
    """Re-encrypts and signs as the proxy. `timestamp` is RFC 3339."""
    data = message.encode("utf-8")
    return fetch(lib.tablinum_idk_recrypt, rekey._handle, _exactly(proxy_key, 32, "the proxy's key"), data, len(data), text(sender),
                 text(recipient), text(timestamp)).decode("ascii")
