#!/usr/bin/env python3
"""docs/format/identity.md implemented from the page alone: reads what the program writes, with other libraries' algorithms."""
import base64
import hashlib
import hmac
import json
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import unittest

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from dilithium_py.ml_dsa import ML_DSA_65
from kyber_py.ml_kem import ML_KEM_768

PROGRAM = os.environ["TABLINUM"]
KEYS, SIGNATURE = 1984, 3373


# ---- the page, section by section

def key(entropy, label, rest=b""):
    info = b"seal/v1/id/" + label + rest
    extracted = hmac.new(b"seal/v1/identity", entropy, hashlib.sha512).digest()
    return hmac.new(extracted, info + b"\x01", hashlib.sha512).digest()[:32]


def le32(number):
    return struct.pack("<I", number)


def public(secret):
    return secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def signing_keys(entropy, generation):
    ed25519 = Ed25519PrivateKey.from_private_bytes(key(entropy, b"ed25519", le32(generation)))
    return public(ed25519) + ML_DSA_65.key_derive(key(entropy, b"ml-dsa-65", le32(generation)))[0]


def exchange_keys(entropy, generation):
    x25519 = X25519PrivateKey.from_private_bytes(key(entropy, b"x25519", le32(generation)))
    seed = key(entropy, b"ml-kem-768/d", le32(generation)) + key(entropy, b"ml-kem-768/z", le32(generation))
    return public(x25519) + ML_KEM_768.key_derive(seed)[0]


def fingerprint(keys):
    text = base64.b32encode(hashlib.sha3_256(b"seal/v1/fingerprint" + keys).digest()[:20]).decode()
    return "-".join(text[i:i + 4] for i in range(0, 32, 4))


def is_signed(keys, message, signature):
    Ed25519PublicKey.from_public_bytes(keys[:32]).verify(signature[:64], message)  # raises
    return ML_DSA_65.verify(keys[32:], message, signature[64:])


def unarmored(label, text):
    lines = text.splitlines()
    assert lines[0] == f"-----BEGIN TABLINUM {label}-----" and lines[-1] == f"-----END TABLINUM {label}-----"
    assert all(len(line) == 64 for line in lines[1:-2])
    return base64.b64decode("".join(lines[1:-1]), validate=True)


def hchacha20(secret, nonce):
    state = list(struct.unpack("<16I", b"expand 32-byte k" + secret + nonce))

    def quarter(a, b, c, d):
        for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[x] = (state[x] + state[y]) & 0xffffffff
            state[z] ^= state[x]
            state[z] = (state[z] << turn | state[z] >> (32 - turn)) & 0xffffffff

    for _ in range(10):
        for column in range(4):
            quarter(column, column + 4, column + 8, column + 12)
        for a, b, c, d in ((0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
            quarter(a, b, c, d)
    return struct.pack("<8I", *state[:4], *state[12:])


def opened(magic, box, passphrase=None):
    assert box[:8] == magic + b"\x01"
    if box[8] == 0:
        assert hashlib.sha3_256(box[:-32]).digest() == box[-32:]
        return box[9:-32]
    passes, kib = struct.unpack("<II", box[9:17])
    derived = Argon2id(salt=box[17:33], length=64, iterations=passes, lanes=1, memory_cost=kib).derive(passphrase)
    assert derived[32:] == box[33:65]
    return ChaCha20Poly1305(hchacha20(derived[:32], bytes(16))).decrypt(bytes(12), box[65:], box[:65])


class Fields:
    def __init__(self, data):
        self.data = data

    def raw(self, size):
        taken, self.data = self.data[:size], self.data[size:]
        assert len(taken) == size
        return taken

    def number(self, form):
        return struct.unpack("<" + form, self.raw(struct.calcsize(form)))[0]

    def sized(self, form):
        return self.raw(self.number(form))


def former_keys(fields):
    return [(fields.raw(KEYS), fields.number("q"), fields.raw(SIGNATURE)) for _ in range(fields.number("B"))]


def check_chain(chain, signer):
    for (keys, at, signature), after in zip(chain, [link[0] for link in chain[1:]] + [signer]):
        assert is_signed(keys, b"seal/v1/succession" + keys + after + struct.pack("<q", at), signature)


def read_card(text):
    data = unarmored("CARD", text)
    fields = Fields(data)
    assert fields.raw(7) == b"TBCARD\x01"
    card = {"name": fields.sized("B").decode(), "serial": fields.number("I"), "issued": fields.number("q"),
            "generations": [fields.number("I") for _ in range(3)], "signer": fields.raw(KEYS), "exchange": fields.raw(1216)}
    card["former"] = former_keys(fields)
    card["receiving"] = [(fields.number("q"), fields.sized("H")) for _ in range(fields.number("B"))]
    assert len(fields.data) == SIGNATURE
    assert is_signed(card["signer"], b"seal/v1/card" + data[:-SIGNATURE], fields.data)
    check_chain(card["former"], card["signer"])
    return card


def read_identity(plain):
    fields = Fields(plain)
    identity = {"name": fields.sized("B").decode(), "made": fields.number("q"), "serial": fields.number("I")}
    identity["words"] = [(fields.raw(32), [fields.number("I") for _ in range(3)]) for _ in range(fields.number("B"))]
    identity["former"] = former_keys(fields)
    identity["legacy"] = fields.sized("I")
    assert not fields.data
    return identity


# ---- against the program

class IdentityPage(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="identity-page-"))
        (self.folder / "pw").write_text("of some length\n")
        (self.folder / "pw").chmod(0o600)

    def tearDown(self):
        shutil.rmtree(self.folder)

    def run_it(self, *arguments):
        done = subprocess.run([PROGRAM, *arguments, "--json"], cwd=self.folder, check=True, capture_output=True, timeout=120, start_new_session=True,
                              env={"PATH": os.environ["PATH"], "HOME": str(self.folder), "TABLINUM_PASSPHRASE_FILE": "pw"})
        return json.loads(done.stdout.decode().splitlines()[-1])

    def read(self, name):
        return (self.folder / name).read_text()

    def test_identity_card_and_backup(self):
        made = self.run_it("identity", "new", "-o", "me", "--name", "Rudo Nyathi", "--words-to", "words")
        plain = opened(b"TBIDENT", unarmored("IDENTITY", self.read("me")), b"of some length")
        identity = read_identity(plain)
        entropy = identity["words"][0][0]
        self.assertEqual(fingerprint(signing_keys(entropy, 0)), made["fingerprint"])
        self.run_it("identity", "card", "-i", "me", "-o", "card")
        card = read_card(self.read("card"))
        self.assertEqual((card["name"], card["exchange"]), ("Rudo Nyathi", exchange_keys(entropy, 0)))
        self.assertEqual(len(card["receiving"]), 1)
        self.run_it("identity", "backup", "-i", "me", "-o", "backup")
        fields = Fields(opened(b"TBBACKU", unarmored("BACKUP", self.read("backup")), b"of some length"))
        files = [(fields.sized("H"), fields.sized("I")) for _ in range(fields.number("I"))]
        self.assertEqual(files[0][0], b"identity")
        inner = opened(b"TBIDENT", unarmored("IDENTITY", files[0][1].decode()))
        self.assertEqual(read_identity(inner), identity)

    def test_rotated_keys_and_former_words(self):
        self.run_it("identity", "new", "-o", "me", "--no-passphrase", "--words-to", "words")
        self.run_it("identity", "rotate", "signing", "exchange", "words", "exchange", "-i", "me", "--words-to", "words2")
        identity = read_identity(opened(b"TBIDENT", unarmored("IDENTITY", self.read("me"))))
        (first, generations), (second, later) = identity["words"]
        self.assertEqual((generations, later), ([1, 1, 0], [0, 1, 0]))
        self.run_it("identity", "card", "-i", "me", "-o", "card")
        card = read_card(self.read("card"))
        self.assertEqual((card["signer"], card["exchange"]), (signing_keys(second, 0), exchange_keys(second, 1)))
        self.assertEqual([link[0] for link in card["former"]], [signing_keys(first, 0), signing_keys(first, 1)])
        self.assertEqual(card["serial"], 4)


if __name__ == "__main__":
    unittest.main()
