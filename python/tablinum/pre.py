"""Vector proxy re-encryption under the names of the exchange's first Python module (its lib/pre.py): change the import, keep the rest.

Not for new files: whoever has a re-encryption key and the receiver's secret key has the sender's, and ciphertexts are malleable.
Seal files with tablinum.seal. Serialised objects are this library's own; see docs/migrate/dcypher.md.
"""
from __future__ import annotations

import array
import base64
import sys
import weakref
from typing import Any, Iterable, List, Optional, Sequence

from ._library import Error, check, fetch, ffi, lib, make

__all__ = [
    "CoefficientOutOfRangeError", "CryptoContext", "KeyPair", "PublicKey", "SecretKey", "ReEncryptionKey", "Ciphertext",
    "is_openfhe_available", "create_crypto_context", "get_slot_count", "generate_keys", "bytes_to_coefficients",
    "coefficients_to_bytes", "encrypt", "decrypt", "generate_re_encryption_key", "re_encrypt", "serialize_to_bytes", "serialize",
    "deserialize_cc", "deserialize_public_key", "deserialize_secret_key", "deserialize_ciphertext", "deserialize_re_encryption_key",
]


class CoefficientOutOfRangeError(ValueError):
    """A coefficient does not fit in 16 bits."""


class _Object:
    _kind = ""

    def __init__(self, handle: Any) -> None:
        self._handle = handle

    def _bytes(self) -> bytes:
        return fetch(getattr(lib, f"tablinum_pre_{self._kind}_write"), self._handle)


class CryptoContext(_Object):
    """Equal parameters give the same object for as long as one of it lives."""

    _kind = "context"
    _live: "weakref.WeakSet[CryptoContext]" = weakref.WeakSet()

    @classmethod
    def _of(cls, handle: Any) -> "CryptoContext":
        for known in list(cls._live):
            if lib.tablinum_pre_same_context(known._handle, handle):
                return known
        made = cls(handle)
        cls._live.add(made)
        return made

    def GetRingDimension(self) -> int:
        return int(lib.tablinum_pre_slots(self._handle))

    def GetPlaintextModulus(self) -> int:
        return int(lib.tablinum_pre_plaintext_modulus(self._handle))

    def KeyGen(self) -> "KeyPair":
        return generate_keys(self)


class PublicKey(_Object):
    _kind = "public_key"


class SecretKey(_Object):
    _kind = "secret_key"


class ReEncryptionKey(_Object):
    _kind = "rekey"


class Ciphertext(_Object):
    _kind = "ciphertext"


class KeyPair:
    def __init__(self, publicKey: PublicKey, secretKey: SecretKey) -> None:
        self.publicKey = publicKey
        self.secretKey = secretKey

    def good(self) -> bool:
        return True


def is_openfhe_available() -> bool:
    """Whether re-encryption works: always, since nothing else needs to be installed."""
    return True


def create_crypto_context(plaintext_modulus: int = 65537, scaling_mod_size: int = 60, security_level: int = 128) -> CryptoContext:
    """128 bits of security, whatever `security_level` says: it never had an effect.

    Raises RuntimeError where the numbers make no context (the modulus must be a prime, the size 40 to 60 bits)."""
    del security_level
    try:
        return CryptoContext._of(make("pre_context", lib.tablinum_pre_context_create, plaintext_modulus, scaling_mod_size))
    except OverflowError as error:
        raise RuntimeError(f"parameters out of range: {error}") from error


def get_slot_count(cc: CryptoContext) -> int:
    """How many values one ciphertext holds."""
    return cc.GetRingDimension()


def generate_keys(cc: CryptoContext) -> KeyPair:
    public, secret = ffi.new("tablinum_pre_public_key**"), ffi.new("tablinum_pre_secret_key**")
    check(lib.tablinum_pre_generate_keys(cc._handle, public, secret))
    return KeyPair(PublicKey(ffi.gc(public[0], lib.tablinum_pre_public_key_free)),
                   SecretKey(ffi.gc(secret[0], lib.tablinum_pre_secret_key_free)))


def bytes_to_coefficients(data: bytes, slot_count: int) -> List[int]:
    """Little-endian 16-bit numbers; an odd length gets a zero byte. `slot_count` has no effect."""
    del slot_count
    numbers = array.array("H", bytes(data) + b"\0" * (len(data) % 2))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tolist()


def coefficients_to_bytes(coeffs: Sequence[int], total_bytes: int, strict: bool = True) -> bytes:
    """The inverse, cut to `total_bytes`. Not `strict`: numbers are reduced modulo 2^16.

    Raises CoefficientOutOfRangeError for a number outside 0 … 65535."""
    if strict:
        for number in coeffs:
            if not 0 <= number < 65536:
                raise CoefficientOutOfRangeError(f"Coefficient {number} is out of range for unsigned short (0-65535).")
        numbers = array.array("H", coeffs)
    else:
        numbers = array.array("H", [number & 0xFFFF for number in coeffs])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()[:total_bytes]


def encrypt(cc: CryptoContext, public_key: PublicKey, data_coeffs: Sequence[int]) -> List[Ciphertext]:
    """As many ciphertexts as the numbers need: none for none. Numbers are 0 … modulus − 1, or centred."""
    slots = get_slot_count(cc)
    try:
        numbers = array.array("q", data_coeffs)
    except OverflowError as error:
        raise Error("invalid", f"a coefficient is out of range: {error}") from error
    capacity = -(-len(numbers) // slots)
    out, made = ffi.new("tablinum_pre_ciphertext*[]", max(capacity, 1)), ffi.new("size_t*")
    view = ffi.from_buffer("int64_t[]", numbers) if numbers else ffi.NULL
    check(lib.tablinum_pre_encrypt_all(cc._handle, public_key._handle, view, len(numbers), _threads(capacity), out, capacity, made))
    return _owned(out, made[0])


def _threads(count: int) -> int:
    return 1 if count < 2 else 0  # 0: one for each processor


def _owned(handles: Any, count: int) -> List[Ciphertext]:
    return [Ciphertext(ffi.gc(handles[i], lib.tablinum_pre_ciphertext_free)) for i in range(count)]


def decrypt(cc: CryptoContext, secret_key: SecretKey, ciphertexts: Iterable[Ciphertext], length: Optional[int] = None) -> List[int]:
    """The numbers of all ciphertexts, 0 … modulus − 1. A key that does not fit gives garbage, not an exception.

    Give `length`: without it the result ends at the first zero, wherever that is."""
    slots, modulus = get_slot_count(cc), cc.GetPlaintextModulus()
    handles = [one._handle for one in ciphertexts]
    plain = array.array("q", bytes(8 * slots * len(handles)))
    if handles:
        check(lib.tablinum_pre_decrypt_all(cc._handle, secret_key._handle, ffi.new("tablinum_pre_ciphertext*[]", handles), len(handles),
                                           _threads(len(handles)), ffi.from_buffer("int64_t[]", plain), len(plain)))
    numbers = [number + modulus if number < 0 else number for number in plain]
    if length is not None:
        return numbers[:length]
    return numbers[:numbers.index(0)] if 0 in numbers else numbers


def generate_re_encryption_key(cc: CryptoContext, alice_secret_key: SecretKey, bob_public_key: PublicKey) -> ReEncryptionKey:
    """What turns Alice's ciphertexts into Bob's."""
    return ReEncryptionKey(
        make("pre_rekey", lib.tablinum_pre_generate_rekey, cc._handle, alice_secret_key._handle, bob_public_key._handle))


def re_encrypt(cc: CryptoContext, re_encryption_key: ReEncryptionKey, ciphertexts: Iterable[Ciphertext]) -> List[Ciphertext]:
    """Raises Error (a RuntimeError) with code "limit" for one re-encryption more than the noise allows."""
    handles = [one._handle for one in ciphertexts]
    out = ffi.new("tablinum_pre_ciphertext*[]", max(len(handles), 1))
    check(lib.tablinum_pre_reencrypt_all(cc._handle, re_encryption_key._handle, ffi.new("tablinum_pre_ciphertext*[]", handles), len(handles),
                                         _threads(len(handles)), out))
    return _owned(out, len(handles))


def serialize_to_bytes(obj: _Object) -> bytes:
    if not isinstance(obj, _Object):
        raise RuntimeError(f"Serialization failed for object of type {type(obj)}")
    return obj._bytes()


def serialize(obj: _Object) -> str:
    """Base64 of serialize_to_bytes()."""
    return base64.b64encode(serialize_to_bytes(obj)).decode("ascii")


def _read(kind: str, data: bytes) -> Any:
    return make(f"pre_{kind}", getattr(lib, f"tablinum_pre_{kind}_read"), ffi.from_buffer(data), len(data))


def deserialize_cc(data: bytes) -> CryptoContext:
    """Raises RuntimeError for anything that is not a context; so do the others below."""
    return CryptoContext._of(_read("context", data))


def deserialize_public_key(data: bytes) -> PublicKey:
    return PublicKey(_read("public_key", data))


def deserialize_secret_key(data: bytes) -> SecretKey:
    return SecretKey(_read("secret_key", data))


def deserialize_ciphertext(data: bytes) -> Ciphertext:
    return Ciphertext(_read("ciphertext", data))


def deserialize_re_encryption_key(data: bytes) -> ReEncryptionKey:
    return ReEncryptionKey(_read("rekey", data))
