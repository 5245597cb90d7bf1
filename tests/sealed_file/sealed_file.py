"""Sealed files, written from docs/format/sealed-file.md alone: slow, whole files in memory, for checking the other implementation."""
import hashlib
import hmac
import os
import struct
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from dilithium_py.ml_dsa import ML_DSA_65
from kyber_py.ml_kem import ML_KEM_768
from nacl import bindings as sodium
from nacl import pwhash
from nacl.exceptions import CryptoError

MAGIC = b"SEAL\x01\r\n\x1a"


class CannotOpen(Exception):
    """The one answer."""


def require(condition):
    if not condition:
        raise CannotOpen


def H(data):
    return hashlib.sha3_256(data).digest()


def hkdf(salt, ikm, info, length=32):
    return HKDF(algorithm=hashes.SHA512(), length=length, salt=salt, info=info).derive(ikm)


def raw(key):
    return key.public_bytes_raw()


# ---- header


@dataclass
class Core:
    cipher: int = 1
    log2chunk: int = 16
    salt: bytes = field(default_factory=lambda: os.urandom(32))
    meta: list = field(default_factory=list)  # (type, value)

    def bytes(self):
        meta = b"".join(struct.pack("<BH", kind, len(value)) + value for kind, value in self.meta)
        return MAGIC + bytes([1, self.cipher, self.log2chunk, 0]) + self.salt + struct.pack("<H", len(meta)) + meta

    @property
    def padded(self):
        return any(kind == 0x81 for kind, _ in self.meta)

    @property
    def content_signed(self):
        return any(kind == 0x82 for kind, _ in self.meta)


@dataclass
class Header:
    core: Core
    stanzas: list  # (type, flags, body)
    mac: bytes = b""
    sig: bytes = b""

    def before_mac(self):
        parts = [self.core.bytes(), struct.pack("<H", len(self.stanzas))]
        parts += [struct.pack("<BBI", kind, flags, len(body)) + body for kind, flags, body in self.stanzas]
        return b"".join(parts)

    def bytes(self):
        return self.before_mac() + self.mac + struct.pack("<I", len(self.sig)) + self.sig

    def message(self):
        return b"seal/v1/sig" + H(self.before_mac() + self.mac)


class Reader:
    def __init__(self, data):
        self.data, self.place = data, 0

    def take(self, count):
        require(len(self.data) - self.place >= count)
        self.place += count
        return self.data[self.place - count : self.place]

    def number(self, form):
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))[0]


LENGTHS = {0x53: 72, 0x57: 64, 0x58: 1172}


def read_meta(data):
    reader, fields = Reader(data), []
    while reader.place < len(data):
        kind = reader.number("B")
        value = reader.take(reader.number("H"))
        require(kind > (fields[-1][0] if fields else 0))
        require(kind < 0x80 or (kind in (0x81, 0x82) and value == b"\x01"))
        fields.append((kind, value))
    return fields


def read_header(data):
    reader = Reader(data)
    require(reader.take(8) == MAGIC)
    version, cipher, log2chunk, flags = reader.take(4)
    require(version == 1 and cipher in (1, 2) and 12 <= log2chunk <= 24 and flags == 0)
    salt = reader.take(32)
    core = Core(cipher, log2chunk, salt, read_meta(reader.take(reader.number("H"))))
    count = reader.number("H")
    require(1 <= count <= 256)
    stanzas, total = [], 0
    for _ in range(count):
        kind, flags, length = reader.number("B"), reader.number("B"), reader.number("I")
        total += 6 + length
        require(total <= 4194304 and flags in (0, 1))
        require(kind in LENGTHS or kind == 0x50 or flags == 0)
        require(LENGTHS.get(kind, length) == length)
        stanzas.append((kind, flags, reader.take(length)))
    kinds = [kind for kind, _, _ in stanzas]
    require(kinds == sorted(kinds) and (0x53 not in kinds or count == 1))
    mac = reader.take(32)
    sig_len = reader.number("I")
    require(sig_len in (0, 3406))
    sig = reader.take(sig_len)
    require(not sig or sig[0] == 1)
    return Header(core, stanzas, mac, sig), reader.place


def header_mac(header, fk):
    key = hkdf(header.core.salt, fk, b"seal/v1/hdr")
    return hmac.new(key, header.before_mac(), hashlib.sha512).digest()[:32]


# ---- stanzas: each kind of key has wrap(fk, core_hash) and unwrap(stanza, core_hash) → fk or None


def wrap(kek, fk, core_hash):
    return AESGCM(kek).encrypt(bytes(12), fk, core_hash)


def unwrap(kek, wrapped, core_hash):
    try:
        return AESGCM(kek).decrypt(bytes(12), wrapped, core_hash)
    except InvalidTag:
        return None


class Symmetric:
    def __init__(self, key):
        self.key = key
        self.id = hkdf(b"", key, b"seal/v1/w-id", 16)

    def kek(self, core_hash):
        return hkdf(core_hash, self.key, b"seal/v1/w")

    def wrap(self, fk, core_hash):
        return 0x57, 0, self.id + wrap(self.kek(core_hash), fk, core_hash)

    def unwrap(self, stanza, core_hash):
        kind, _, body = stanza
        if kind != 0x57 or body[:16] != self.id:
            return None
        return unwrap(self.kek(core_hash), body[16:], core_hash)


class Passphrase:
    def __init__(self, passphrase, passes=4, memory_kib=49152, salt=None):
        self.passphrase, self.passes, self.memory_kib = passphrase, passes, memory_kib
        self.salt = salt or os.urandom(16)

    def kek(self, salt, passes, memory_kib, core_hash):
        stretched = pwhash.argon2id.kdf(32, self.passphrase, salt, opslimit=passes, memlimit=memory_kib * 1024)
        return hkdf(core_hash, stretched, b"seal/v1/s")

    def wrap(self, fk, core_hash):
        kek = self.kek(self.salt, self.passes, self.memory_kib, core_hash)
        return 0x53, 0, self.salt + struct.pack("<II", self.passes, self.memory_kib) + wrap(kek, fk, core_hash)

    def unwrap(self, stanza, core_hash):
        kind, _, body = stanza
        if kind != 0x53:
            return None
        passes, memory_kib = struct.unpack("<II", body[16:24])
        if not (1 <= passes <= 16 and 8 <= memory_kib <= 1048576 and passes * memory_kib <= 4194304):
            return None
        return unwrap(self.kek(body[:16], passes, memory_kib, core_hash), body[24:], core_hash)


class IdentityPublic:
    def __init__(self, pk, kem_pk, anonymous=False):
        self.pk, self.kem_pk, self.anonymous = pk, kem_pk, anonymous

    @staticmethod
    def kek(ss_m, ss_x, ct_x, pk, ct_m):
        return H(ss_m + ss_x + ct_x + pk + H(ct_m) + b"seal/v1/x")

    @staticmethod
    def tag(ct_x, pk):
        return H(b"seal/v1/tag" + ct_x + pk)[:4]

    def wrap(self, fk, core_hash):
        ephemeral = X25519PrivateKey.generate()
        ct_x = raw(ephemeral.public_key())
        ss_x = ephemeral.exchange(X25519PublicKey.from_public_bytes(self.pk))
        ss_m, ct_m = ML_KEM_768.encaps(self.kem_pk)
        tag = bytes(4) if self.anonymous else self.tag(ct_x, self.pk)
        return 0x58, 0, tag + ct_x + ct_m + wrap(self.kek(ss_m, ss_x, ct_x, self.pk, ct_m), fk, core_hash)


class IdentitySecret:
    """From the X25519 secret key (32 bytes) and the seed d ‖ z of ML-KEM-768 (64 bytes)."""

    def __init__(self, x25519, seed):
        self.x25519 = X25519PrivateKey.from_private_bytes(x25519)
        self.kem_pk, self.kem_sk = ML_KEM_768.key_derive(seed)
        self.pk = raw(self.x25519.public_key())

    def public(self, anonymous=False):
        return IdentityPublic(self.pk, self.kem_pk, anonymous)

    def unwrap(self, stanza, core_hash):
        kind, _, body = stanza
        if kind != 0x58:
            return None
        tag, ct_x, ct_m, wrapped = body[:4], body[4:36], body[36:1124], body[1124:]
        if tag not in (bytes(4), IdentityPublic.tag(ct_x, self.pk)):
            return None
        try:
            ss_x = self.x25519.exchange(X25519PublicKey.from_public_bytes(ct_x))
        except ValueError:  # all zero
            return None
        ss_m = ML_KEM_768.decaps(self.kem_sk, ct_m)
        return unwrap(IdentityPublic.kek(ss_m, ss_x, ct_x, self.pk, ct_m), wrapped, core_hash)


# ---- signatures


class Signer:
    def __init__(self, ed25519_seed, ml_dsa_seed):
        self.ed25519 = Ed25519PrivateKey.from_private_bytes(ed25519_seed)
        self.pk, self.sk = ML_DSA_65.key_derive(ml_dsa_seed)

    def public(self):
        return raw(self.ed25519.public_key()) + self.pk

    def sign(self, message):
        return b"\x01" + H(b"seal/v1/fingerprint" + self.public()) + self.ed25519.sign(message) + ML_DSA_65.sign(self.sk, message)


def is_good(block, message, public):
    """A block is signer ‖ Ed25519 signature ‖ ML-DSA-65 signature; public is the Ed25519 key and the ML-DSA-65 key."""
    if block[:32] != H(b"seal/v1/fingerprint" + public):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public[:32]).verify(block[32:96], message)
    except InvalidSignature:
        return False
    return ML_DSA_65.verify(public[32:], message, block[96:])


def is_signed_by(header, public):
    return bool(header.sig) and is_good(header.sig[1:], header.message(), public)


def content_message(core, content):
    return b"seal/v1/content" + H(core.bytes()) + struct.pack("<Q", len(content)) + hashlib.sha256(content).digest()


def sign_content(core, content, signer):
    return content + signer.sign(content_message(core, content))[1:]


def split_signed(core, data, signed_by):
    """The content; signed_by, if given, must have signed it."""
    require(len(data) >= 3405)
    content, block = data[:-3405], data[-3405:]
    require(signed_by is None or is_good(block, content_message(core, content), signed_by))
    return content


# ---- payload


def payload_cipher(core, fk):
    key = hkdf(core.salt, fk, b"seal/v1/payload" + H(core.bytes()))
    if core.cipher == 1:
        return 12, AESGCM(key).encrypt, AESGCM(key).decrypt
    encrypt = lambda nonce, data, aad: sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(data, aad, nonce, key)
    decrypt = lambda nonce, data, aad: sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(data, aad, nonce, key)
    return 24, encrypt, decrypt


def nonce(size, number, last):
    return number.to_bytes(size - 1, "big") + bytes([last])


def cut(data, size):
    return [data[i : i + size] for i in range(0, len(data), size)] or [b""]


def padded_length(content):
    length = content + 8
    e = length.bit_length() - 1
    s = e.bit_length()
    step = 1 << (e - s)
    return -(-length // step) * step


def pad(content):
    return content + bytes(padded_length(len(content)) - len(content) - 8) + struct.pack("<Q", len(content))


def unpad(data):
    require(len(data) >= 8)
    length = struct.unpack("<Q", data[-8:])[0]
    require(length <= 1 << 62 and padded_length(length) == len(data) and not any(data[length:-8]))
    return data[:length]


def seal_payload(core, fk, content):
    size, encrypt, _ = payload_cipher(core, fk)
    chunks = cut(pad(content) if core.padded else content, 1 << core.log2chunk)
    return b"".join(encrypt(nonce(size, i, i == len(chunks) - 1), chunk, b"") for i, chunk in enumerate(chunks))


def open_payload(core, fk, payload):
    size, _, decrypt = payload_cipher(core, fk)
    chunks = cut(payload, (1 << core.log2chunk) + 16)
    require(len(chunks) == 1 or len(chunks[-1]) > 16)
    try:
        plain = b"".join(decrypt(nonce(size, i, i == len(chunks) - 1), chunk, b"") for i, chunk in enumerate(chunks))
    except (InvalidTag, CryptoError, ValueError):
        raise CannotOpen from None
    return unpad(plain) if core.padded else plain


# ---- files


def seal(content, recipients, core=None, fk=None, signer=None):
    core, fk = core or Core(), fk or os.urandom(32)
    if core.content_signed:
        content = sign_content(core, content, signer)
    header = Header(core, sorted((each.wrap(fk, H(core.bytes())) for each in recipients), key=lambda stanza: stanza[0]))
    header.mac = header_mac(header, fk)
    if signer:
        header.sig = signer.sign(header.message())
    return header.bytes() + seal_payload(core, fk, content)


def find_key(header, keys):
    core_hash = H(header.core.bytes())
    for stanza in header.stanzas:
        for key in keys:
            fk = key.unwrap(stanza, core_hash)
            if fk is not None:
                require(hmac.compare_digest(header_mac(header, fk), header.mac))
                return fk
    raise CannotOpen


def open_sealed(data, keys, signed_by=None):
    header, length = read_header(data)
    fk = find_key(header, keys)
    require(signed_by is None or is_signed_by(header, signed_by))
    content = open_payload(header.core, fk, data[length:])
    return split_signed(header.core, content, signed_by) if header.core.content_signed else content
