#!/usr/bin/env python3
"""Writes tests/data/slh_dsa.txt from NIST's ACVP vectors of SLH-DSA, as github.com/cloudflare/circl v1.6.5 carries them.
    slh_vectors.py CIRCL/sign/slhdsa/testdata > tests/data/slh_dsa.txt
Of each parameter set the pure case with the shortest message, once deterministic and once hedged; of the signature its SHA-256."""
import gzip
import hashlib
import json
import sys


def load(name):
    with gzip.open(f"{sys.argv[1]}/{name}.json.gz") as file:
        whole = json.load(file)
    return whole[-1] if isinstance(whole, list) else whole


answers = {case["tcId"]: case["signature"] for group in load("sigGen_results")["testGroups"] for case in group["tests"]}
print("# Written by tests/tools/slh_vectors.py: set | secret key | message | context | randomness or - | SHA-256 of the signature.")
for group in load("sigGen_prompt")["testGroups"]:
    if group["signatureInterface"] != "external" or group["preHash"] != "pure":
        continue
    case = min(group["tests"], key=lambda each: len(each["message"]))
    signature = hashlib.sha256(bytes.fromhex(answers[case["tcId"]])).hexdigest()
    randomness = "-" if group["deterministic"] else case["additionalRandomness"].lower()
    print("|".join((group["parameterSet"], case["sk"].lower(), case["message"].lower(), case["context"].lower(), randomness, signature)))
