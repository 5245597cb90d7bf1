#!/usr/bin/env python3
"""Two implementations of docs/format/sealed-file.md open each other's files, and refuse the same damaged ones. interop_test.py PEER
PEER is libs/seal/tests/file_peer.cc; the other one is sealed_file.py."""
import os
import random
import subprocess
import sys
import unittest

import make_vectors as fixed
import sealed_file as sf

PEER = sys.argv.pop(1)
RANDOM = random.Random(20)
IDENTITY = sf.IdentitySecret(fixed.X25519_SECRET, fixed.KEM_SEED)
SIGNER = sf.Signer(fixed.ED25519_SEED, fixed.ML_DSA_SEED)
PASSPHRASE = "mhuri yose"

# kind → words for the peer that seals, words for the peer that opens, recipient here, key here
PUBLIC = (IDENTITY.pk + IDENTITY.kem_pk).hex()
SECRET = (fixed.X25519_SECRET + fixed.KEM_SEED).hex()
KINDS = {
    "w": (["w=" + fixed.KEY.hex()], ["w=" + fixed.KEY.hex()], sf.Symmetric(fixed.KEY), sf.Symmetric(fixed.KEY)),
    "s": (["s=" + PASSPHRASE], ["s=" + PASSPHRASE], sf.Passphrase(PASSPHRASE.encode(), 2, 64), sf.Passphrase(PASSPHRASE.encode())),
    "x": (["x=" + PUBLIC], ["x=" + SECRET], IDENTITY.public(), IDENTITY),
    "a": (["a=" + PUBLIC], ["x=" + SECRET], IDENTITY.public(True), IDENTITY),
}
SIZES = (0, 1, 8, 4095, 4096, 4097, 8192, 70001)


def peer(*words, data):
    return subprocess.run([PEER, *words], input=data, capture_output=True, timeout=60)


class Interop(unittest.TestCase):
    def from_peer(self, kind, size, *options, signed_by=None):
        content = RANDOM.randbytes(size)
        sealed = peer("seal", *KINDS[kind][0], *options, data=content)
        self.assertEqual(sealed.returncode, 0, sealed.stderr)
        self.assertEqual(sf.open_sealed(sealed.stdout, [KINDS[kind][3]], signed_by), content)
        return sealed.stdout

    def to_peer(self, kind, size, core, *options, signer=None):
        content = RANDOM.randbytes(size)
        sealed = sf.seal(content, [KINDS[kind][2]], core, signer=signer)
        opened = peer("open", *KINDS[kind][1], *options, data=sealed)
        self.assertEqual(opened.returncode, 0, opened.stderr)
        self.assertEqual(opened.stdout, content)

    def test_every_kind_of_recipient(self):
        for kind in KINDS:
            for stream in ([], ["stream"]):
                with self.subTest(kind=kind, stream=stream):
                    self.from_peer(kind, 5000, "chunk=12", *stream)
                    self.to_peer(kind, 5000, sf.Core(log2chunk=12), *stream)

    def test_every_size_cipher_and_padding(self):
        for size in SIZES:
            for cipher in (1, 2):
                for padme in (False, True):
                    with self.subTest(size=size, cipher=cipher, padme=padme):
                        words = [f"cipher={cipher}", "chunk=12", *(["padme"] if padme else [])]
                        sealed = self.from_peer("w", size, *words, *(["stream"] if size % 2 else []))
                        core = sf.Core(cipher, 12, meta=[(0x81, b"\x01")] if padme else [])
                        self.to_peer("w", size, core)
                        if padme:
                            self.assertEqual(sf.read_header(sealed)[0].core.meta, [(0x81, b"\x01")])

    def test_chunk_sizes(self):
        for log2 in (12, 16, 20, 24):
            self.from_peer("w", 300000, f"chunk={log2}", "stream")
            self.to_peer("w", 300000, sf.Core(log2chunk=log2), "stream")

    def test_signatures_both_ways(self):
        seeds = (fixed.ED25519_SEED + fixed.ML_DSA_SEED).hex()
        self.from_peer("x", 100, "sign=" + seeds, "comment=hello", signed_by=SIGNER.public())
        self.to_peer("x", 100, sf.Core(meta=[(1, b"hello")]), "by=" + SIGNER.public().hex(), signer=SIGNER)

    def test_signed_content_both_ways(self):
        seeds, by = (fixed.ED25519_SEED + fixed.ML_DSA_SEED).hex(), "by=" + SIGNER.public().hex()
        for size in (0, 1, 691, 4096, 70001):  # 691: the signature ends with a chunk
            for padme in (False, True):
                words = ["chunk=12", "content", "sign=" + seeds, *(["padme"] if padme else []), *(["stream"] if size % 2 else [])]
                self.from_peer("w", size, *words, signed_by=SIGNER.public())
                meta = [(0x81, b"\x01")] * padme + [(0x82, b"\x01")]
                self.to_peer("w", size, sf.Core(log2chunk=12, meta=meta), by, signer=SIGNER)

    def test_another_content_under_a_signed_header(self):
        """Whoever can open the file knows its key: with the content signed, that is not enough to write another content."""
        for field, refused in (([(0x82, b"\x01")], True), ([], False)):
            core, fk = sf.Core(log2chunk=12, meta=field), os.urandom(32)
            sealed = sf.seal(b"what the owner wrote", [KINDS["w"][2]], core, fk, SIGNER)
            header, length = sf.read_header(sealed)
            block = sf.open_payload(core, fk, sealed[length:])[-3405:] if field else b""
            forged = sealed[:length] + sf.seal_payload(core, fk, b"what a reader likes" + block)
            answer = peer("open", *KINDS["w"][1], "by=" + SIGNER.public().hex(), data=forged)
            self.assertEqual(answer.returncode != 0, refused)
            self.assertEqual(answer.stdout == b"what a reader likes", not refused)
            if refused:
                with self.assertRaises(sf.CannotOpen):
                    sf.open_sealed(forged, [KINDS["w"][3]], SIGNER.public())

    def test_several_recipients(self):
        content = b"for several"
        words = [word for kind in "wxa" for word in KINDS[kind][0]]
        sealed = peer("seal", *words, data=content).stdout
        for kind in "wx":
            self.assertEqual(sf.open_sealed(sealed, [KINDS[kind][3]]), content)
        sealed = sf.seal(content, [KINDS[kind][2] for kind in "xwa"])
        for kind in "wx":
            self.assertEqual(peer("open", *KINDS[kind][1], data=sealed).stdout, content)

    def test_both_refuse_the_same(self):
        """Whatever is changed, both say no, or both still say yes with the same content."""
        sealed = sf.seal(RANDOM.randbytes(4200), [sf.Symmetric(fixed.KEY)], sf.Core(log2chunk=12, meta=[(1, b"x")]))
        length = sf.read_header(sealed)[1]
        places = list(range(60)) + RANDOM.sample(range(length), 30) + RANDOM.sample(range(length, len(sealed)), 20)
        damaged = [sealed[:i] + bytes([sealed[i] ^ (1 << RANDOM.randrange(8))]) + sealed[i + 1 :] for i in places]
        damaged += [sealed[:i] for i in RANDOM.sample(range(len(sealed)), 30)] + [sealed + b"x", sealed + sealed[-120:]]
        refused = 0
        for changed in damaged:
            try:
                here = sf.open_sealed(changed, [sf.Symmetric(fixed.KEY)])
            except sf.CannotOpen:
                here = None
            there = peer("open", "w=" + fixed.KEY.hex(), data=changed)
            self.assertEqual(there.returncode == 0, here is not None)
            self.assertEqual(there.stdout if there.returncode == 0 else None, here)
            refused += here is None
        self.assertEqual(refused, len(damaged))

    def test_vectors_of_the_page_are_what_this_implementation_makes(self):
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../libs/seal/tests/data/sealed_file_vectors.txt")
        with open(path, encoding="ascii") as lines:
            stored = dict(line.split() for line in lines if not line.startswith("#"))
        keys = {"w": sf.Symmetric(fixed.KEY), "s": sf.Passphrase(fixed.PASSPHRASE), "x": IDENTITY}
        for name, kind, content, sealed in fixed.vectors():
            old = bytes.fromhex(stored[f"sealed.{kind}.{name}"])
            self.assertEqual(sf.open_sealed(old, [keys[kind]]), content)
            if kind in "ws":
                self.assertEqual(old, sealed)
            with open(os.path.join(os.path.dirname(path), "../../../../docs/format/sealed-file.md"), encoding="utf-8") as page:
                if name == "w-short":
                    self.assertIn(sealed.hex(), page.read().replace("\n", ""))


if __name__ == "__main__":
    unittest.main()
