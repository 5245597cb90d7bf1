#!/usr/bin/env python3
"""OpenFHE's proxy re-encryption of one wrapped key (32 bytes), for bench/pre_peers.py: times and memory as one JSON object a setting.
Needs CPython 3.10 and openfhe 1.6.1. Each result is checked: with its defaults at N = 4096 OpenFHE re-encrypts wrongly without an error.
    openfhe_pre.py smallest|reference"""
import json
import os
import resource
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
import openfhe  # noqa: E402


def context(setting):
    parameters = openfhe.CCParamsBFVRNS()
    parameters.SetPlaintextModulus(65537)
    if setting == "smallest":
        parameters.SetMultiplicativeDepth(0)
        parameters.SetRingDim(4096)
        parameters.SetKeySwitchTechnique(openfhe.KeySwitchTechnique.BV)
        parameters.SetDigitSize(20)
    else:
        parameters.SetScalingModSize(60)
    made = openfhe.GenCryptoContext(parameters)
    features = openfhe.PKESchemeFeature
    for feature in (features.PKE, features.KEYSWITCH, features.LEVELEDSHE, features.PRE):
        made.Enable(feature)
    return made


def timed(work, repeats):
    times = []
    for _ in range(repeats):
        start = time.perf_counter_ns()
        result = work()
        times.append(time.perf_counter_ns() - start)
    return sorted(times)[repeats // 10] / 1000, result  # the fastest tenth: the rest is other programs' time


def size_of(thing):
    return len(openfhe.Serialize(thing, openfhe.BINARY))


def main():
    setting, repeats = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 200
    cc = context(setting)
    owner, member = cc.KeyGen(), cc.KeyGen()
    words = [(7919 * i + 11) % 65536 - 32768 for i in range(16)]
    keygen, _ = timed(cc.KeyGen, repeats // 4)
    encrypt, capsule = timed(lambda: cc.Encrypt(owner.publicKey, cc.MakePackedPlaintext(words)), repeats)
    rekey, key = timed(lambda: cc.ReKeyGen(owner.secretKey, member.publicKey), repeats)
    reencrypt, transformed = timed(lambda: cc.ReEncrypt(capsule, key), repeats)
    decrypt, plain = timed(lambda: cc.Decrypt(member.secretKey, transformed), repeats)
    plain.SetLength(16)
    if plain.GetPackedValue() != words:
        sys.exit(f"{setting}: decrypted wrongly")
    print(json.dumps({
        "setting": setting, "n": cc.GetRingDimension(), "us": {"keygen": keygen, "encrypt": encrypt, "rekey": rekey,
                                                               "reencrypt": reencrypt, "decrypt": decrypt},
        "bytes": {"public_key": size_of(owner.publicKey), "capsule": size_of(capsule), "rekey": size_of(key),
                  "transformed": size_of(transformed)},
        "peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


if __name__ == "__main__":
    main()
