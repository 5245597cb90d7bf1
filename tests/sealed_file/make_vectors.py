#!/usr/bin/env python3
"""Prints the test vectors of docs/format/sealed-file.md: one "name value" a line, bytes in hexadecimal."""
import random

import sealed_file as sf

KEY = bytes(range(0x40, 0x60))
FK = bytes(range(0x00, 0x20))
SALT = bytes(range(0x20, 0x40))
SHORT = b"tablinum"
LONG = bytes(random.Random(1).randbytes(4096 * 2 + 5))
PASSPHRASE = "Mhuri yekwaMoyo ¾".encode()
X25519_SECRET = bytes(range(0x60, 0x80))
KEM_SEED = bytes(range(0x80, 0xC0))
ED25519_SEED = bytes(range(0xC0, 0xE0))
ML_DSA_SEED = bytes(range(0xE0, 0x100))


def vectors():
    """name, key's kind, content, sealed file"""
    core = lambda **changed: sf.Core(**{"log2chunk": 12, "salt": SALT, **changed})
    symmetric = [sf.Symmetric(KEY)]
    passphrase = [sf.Passphrase(PASSPHRASE, 2, 64, bytes(range(16)))]
    identity = sf.IdentitySecret(X25519_SECRET, KEM_SEED)
    signer = sf.Signer(ED25519_SEED, ML_DSA_SEED)
    padded = [(0x81, b"\x01")]
    yield "w-short", "w", SHORT, sf.seal(SHORT, symmetric, core(), FK)
    yield "w-empty", "w", b"", sf.seal(b"", symmetric, core(), FK)
    yield "w-chunks", "w", LONG, sf.seal(LONG, symmetric, core(), FK)
    yield "w-two-whole-chunks", "w", LONG[:8192], sf.seal(LONG[:8192], symmetric, core(), FK)
    yield "w-xchacha", "w", LONG, sf.seal(LONG, symmetric, core(cipher=2), FK)
    yield "w-xchacha-empty", "w", b"", sf.seal(b"", symmetric, core(cipher=2), FK)
    yield "w-padded", "w", LONG, sf.seal(LONG, symmetric, core(meta=[(1, "tsvimbo".encode())] + padded), FK)
    yield "w-padded-empty", "w", b"", sf.seal(b"", symmetric, core(meta=padded), FK)
    yield "w-comment", "w", SHORT, sf.seal(SHORT, symmetric, core(log2chunk=16, meta=[(1, b"for people"), (0x40, b"")]), FK)
    yield "s-short", "s", SHORT, sf.seal(SHORT, passphrase, core(), FK)
    yield "x-short", "x", SHORT, sf.seal(SHORT, [identity.public()], core(), FK)
    yield "x-anonymous", "x", SHORT, sf.seal(SHORT, [identity.public(True)], core(), FK)
    yield "x-signed", "x", SHORT, sf.seal(SHORT, [identity.public(), *symmetric], core(), FK, signer)
    signed = [(0x82, b"\x01")]
    yield "x-content-signed", "x", LONG, sf.seal(LONG, [identity.public()], core(meta=signed), FK, signer)
    yield "x-content-signed-padded", "x", b"", sf.seal(b"", [identity.public()], core(meta=padded + signed), FK, signer)


def main():
    signer = sf.Signer(ED25519_SEED, ML_DSA_SEED)
    print("# Made by tests/sealed_file/make_vectors.py. Stanza X and signatures are random: made anew they differ.")
    for name, value in (("key", KEY), ("file_key", FK), ("salt", SALT), ("passphrase", PASSPHRASE), ("x25519_secret", X25519_SECRET),
                        ("ml_kem_seed", KEM_SEED), ("signer", signer.public())):
        print(name, value.hex())
    for name, kind, content, sealed in vectors():
        print(f"content.{kind}.{name}", content.hex() or "-")
        print(f"sealed.{kind}.{name}", sealed.hex())


if __name__ == "__main__":
    main()
