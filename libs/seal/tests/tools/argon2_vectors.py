#!/usr/bin/env python3
"""Writes tests/data/argon2id.txt: Argon2id of one lane, without secret and associated data (what base/crypto.h and the sealed file's format have),
by OpenSSL through PyPI's cryptography. RFC 9106's own vector (§5.3) has four lanes, a secret and associated data, which libsodium cannot compute;
so that implementation is held to it here before anything is written.   argon2_vectors.py > tests/data/argon2id.txt"""
import random

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

rfc = Argon2id(salt=b"\x02" * 16, length=32, iterations=3, lanes=4, memory_cost=32, ad=b"\x04" * 12, secret=b"\x03" * 8)
assert rfc.derive(b"\x01" * 32).hex() == "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659", "not RFC 9106 §5.3"

numbers = random.Random(9106)
print("# Written by tests/tools/argon2_vectors.py: password | salt | passes | memory in KiB | Argon2id, one lane.")
for passes, memory_kib, password_bytes, length in ((1, 8, 0, 16), (1, 9, 1, 32), (2, 64, 7, 32), (3, 32, 32, 32), (3, 100, 33, 64), (4, 1024, 64, 65), (2, 8192, 129, 128)):
    password, salt = numbers.randbytes(password_bytes), numbers.randbytes(16)
    key = Argon2id(salt=salt, length=length, iterations=passes, lanes=1, memory_cost=memory_kib).derive(password)
    print(f"{password.hex()}|{salt.hex()}|{passes}|{memory_kib}|{key.hex()}")
