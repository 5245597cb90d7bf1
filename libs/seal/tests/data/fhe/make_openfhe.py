#!/usr/bin/env python3
"""Writes openfhe.json: keys, ciphertexts and re-encryptions of OpenFHE 1.6.1 (PyPI openfhe==1.6.1.0.22.4, CPython 3.10) at a small
ring dimension, as words in its transform's domain, for fhe_openfhe_test.cc. Usage: make_openfhe.py > openfhe.json"""
import json
import os
import random
import struct
import sys
import tempfile

import openfhe as fhe

N, T, LIMBS = 64, 65537, 2


def context():
    p = fhe.CCParamsBFVRNS()
    p.SetPlaintextModulus(T)
    p.SetScalingModSize(60)
    p.SetSecurityLevel(fhe.HEStd_NotSet)
    p.SetRingDim(N)
    cc = fhe.GenCryptoContext(p)
    for feature in (fhe.PKE, fhe.KEYSWITCH, fhe.LEVELEDSHE, fhe.PRE):
        cc.Enable(feature)
    return cc


def serialized(obj):
    fd, path = tempfile.mkstemp()
    os.close(fd)
    assert fhe.SerializeToFile(path, obj, fhe.BINARY)
    data = open(path, "rb").read()
    os.remove(path)
    return data


def polynomials(obj):
    """Vectors of N words, each after its length as 64 bits; of the last run where a shared object repeats none."""
    data, found, at = serialized(obj), [], 0
    mark = struct.pack("<Q", N)
    while (at := data.find(mark, at)) >= 0:
        if at + 8 + 8 * N <= len(data):
            words = list(struct.unpack_from(f"<{N}Q", data, at + 8))
            if all(w < 1 << 60 for w in words) and sum(w > 1 << 40 for w in words) > N // 2:
                found.append(words)
                at += 8 * N
        at += 1
    return [sum(found[i:i + LIMBS], []) for i in range(0, len(found), LIMBS)]


def main():
    random.seed(7)
    cc = context()
    alice, bob = cc.KeyGen(), cc.KeyGen()
    values = [random.randrange(-(T // 2), T // 2 + 1) for _ in range(N)]
    packed = cc.Encrypt(alice.publicKey, cc.MakePackedPlaintext(values))
    coefficients = cc.Encrypt(alice.publicKey, cc.MakeCoefPackedPlaintext(values))
    rekey = cc.ReKeyGen(alice.secretKey, bob.publicKey)
    moved = cc.ReEncrypt(packed, rekey)
    assert list(cc.Decrypt(bob.secretKey, moved).GetPackedValue()) == values
    out = {
        "library": "OpenFHE 1.6.1", "n": N, "t": T, "values": values,
        "alice_public": polynomials(alice.publicKey), "alice_secret": polynomials(alice.secretKey),
        "bob_public": polynomials(bob.publicKey), "bob_secret": polynomials(bob.secretKey),
        "packed": polynomials(packed), "coefficients": polynomials(coefficients),
        "rekey": polynomials(rekey), "reencrypted": polynomials(moved),
    }
    sys.stderr.write(str({k: len(v) for k, v in out.items() if isinstance(v, list)}) + "\n")
    json.dump(out, sys.stdout, separators=(",", ":"))


main()
