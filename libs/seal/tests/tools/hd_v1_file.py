#!/usr/bin/env python3
"""Writes tests/data/hd_v1.json: an identity file as the older exchange's program writes it, made from the description of its format alone, with
Python's own library (BIP-39, PBKDF2) and secp256k1 written out below. The ML-DSA-87 pair is of NIST's ACVP vectors (data/vectors/acvp), since that
program's keys are random, too; the PRE keys are other bytes, which are only kept.   hd_v1_file.py > tests/data/hd_v1.json"""
import hashlib
import json
import os

HERE = os.path.join(os.path.dirname(__file__), "..", "data")
WORDS = "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth title"
P = 2**256 - 2**32 - 977
G = (0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798, 0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8)


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    slope = (3 * a[0] * a[0] * pow(2 * a[1], -1, P) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, P)) % P
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(k, point):
    result = None
    for bit in bin(k)[2:]:
        result = add(result, result)
        if bit == "1":
            result = add(result, point)
    return result


def ml_dsa_87():
    with open(f"{HERE}/vectors/acvp/ML-DSA-keyGen-FIPS204-expectedResults.json", encoding="ascii") as file:
        cases = [case for group in json.load(file)["testGroups"] for case in group["tests"]]
    return next(case for case in cases if len(case["pk"]) == 2 * 2592)


seed = hashlib.pbkdf2_hmac("sha512", WORDS.encode(), b"mnemonic", 2048)
scalar = hashlib.pbkdf2_hmac("sha256", seed, b"classic:m/44'/60'/0'/0/0", 100_000, 32)
x, y = times(int.from_bytes(scalar, "big"), G)
pair = ml_dsa_87()
print(json.dumps({
    "mnemonic": WORDS,
    "version": "hd_v1",
    "derivable": True,
    "rotation_count": 0,
    "derivation_paths": {"classic": "m/44'/60'/0'/0/0", "pq": "m/44'/60'/0'/0/1"},
    "crypto_context": {"context_bytes_hex": "01" * 20, "context_source": "http://127.0.0.1:8000", "context_size": 20},
    "auth_keys": {
        "classic": {"pk_hex": f"04{x:064x}{y:064x}", "sk_hex": scalar.hex()},
        "pq": [{"alg": "ML-DSA-87", "pk_hex": pair["pk"].lower(), "sk_hex": pair["sk"].lower()}],
        "pre": {"pk_hex": "02" * 30, "sk_hex": "03" * 30},
        "ed25519": {"pk_hex": "04" * 32, "sk_hex": "05" * 32},
    },
}, indent=2))
