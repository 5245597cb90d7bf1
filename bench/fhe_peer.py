#!/usr/bin/env python3
"""The fhe profile against OpenFHE at the same ring and modulus: both from Python, alternating, one process each a round.

    fhe_peer.py PYTHON310_WITH_OPENFHE PYTHON_WITH_TABLINUM SEAL_FHE_BENCH [ROUNDS] [--wall]

OpenFHE: `pip install openfhe==1.6.1.0.22.4` for CPython 3.10. Prints the medians over the rounds and their ratios as a table. With --wall, the batch
row compares our executor of two threads (C++) with OpenFHE allowed two threads (OMP_NUM_THREADS=2), wall clock: for an idle machine only."""
import json
import os
import resource
import statistics
import subprocess
import sys
import time

REPEAT = 40
BATCH = 64


def measure(what, repeat=REPEAT):
    """Processor time of the whole process: OpenFHE's OpenMP waits for its threads, which on a busy machine is all one would see."""
    what()  # tables, first use
    times = []
    for _ in range(repeat):
        start = time.process_time()
        what()
        times.append(time.process_time() - start)
    return statistics.median(times) * 1e6


def openfhe_operations():
    import openfhe as fhe

    parameters = fhe.CCParamsBFVRNS()
    parameters.SetPlaintextModulus(65537)
    parameters.SetScalingModSize(60)
    cc = fhe.GenCryptoContext(parameters)
    for feature in (fhe.PKE, fhe.KEYSWITCH, fhe.LEVELEDSHE, fhe.PRE):
        cc.Enable(feature)
    alice, bob = cc.KeyGen(), cc.KeyGen()
    values = [i % 30000 for i in range(8192)]
    ciphertext = cc.Encrypt(alice.publicKey, cc.MakePackedPlaintext(values))
    rekey = cc.ReKeyGen(alice.secretKey, bob.publicKey)
    assert cc.Decrypt(bob.secretKey, cc.ReEncrypt(ciphertext, rekey)).GetPackedValue() == values
    return {
        "keygen": cc.KeyGen,
        "encode and encrypt": lambda: cc.Encrypt(alice.publicKey, cc.MakePackedPlaintext(values)),
        "rekey": lambda: cc.ReKeyGen(alice.secretKey, bob.publicKey),
        "re-encrypt": lambda: cc.ReEncrypt(ciphertext, rekey),
        "decrypt": lambda: cc.Decrypt(alice.secretKey, ciphertext).GetPackedValue(),
    }


def tablinum_operations():
    from tablinum import pre

    cc = pre.create_crypto_context()
    alice, bob = pre.generate_keys(cc), pre.generate_keys(cc)
    values = [i % 30000 for i in range(8192)]
    ciphertexts = pre.encrypt(cc, alice.publicKey, values)
    rekey = pre.generate_re_encryption_key(cc, alice.secretKey, bob.publicKey)
    assert pre.decrypt(cc, bob.secretKey, pre.re_encrypt(cc, rekey, ciphertexts), 8192) == values
    return {
        "keygen": lambda: pre.generate_keys(cc),
        "encode and encrypt": lambda: pre.encrypt(cc, alice.publicKey, values),
        "rekey": lambda: pre.generate_re_encryption_key(cc, alice.secretKey, bob.publicKey),
        "re-encrypt": lambda: pre.re_encrypt(cc, rekey, ciphertexts),
        "decrypt": lambda: pre.decrypt(cc, alice.secretKey, ciphertexts, 8192),
    }


def worker(which):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    operations = openfhe_operations() if which == "openfhe" else tablinum_operations()
    result = {name: measure(what) for name, what in operations.items()}
    result["memory_kib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    encrypt = operations["encode and encrypt"]
    kept = []
    start = time.perf_counter()
    for _ in range(BATCH):
        kept.append(encrypt())
    result["batch"] = (time.perf_counter() - start) / BATCH * 1e6
    result["memory_kept_kib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(json.dumps(result))


def run(python, which, threads):
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads))
    done = subprocess.run([python, __file__, "--worker", which], env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def batch_over_two_threads(bench):
    done = subprocess.run([bench, "--benchmark_filter=EncryptBatch/2", "--benchmark_format=json", "--benchmark_min_time=0.5"],
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["benchmarks"][0]["real_time"] * 1000 / BATCH


def main():
    openfhe, tablinum, bench = sys.argv[1:4]
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 and sys.argv[4].isdigit() else 5
    load = os.getloadavg()[0]
    wall = "--wall" in sys.argv
    theirs, theirs2, ours, ours2 = [], [], [], []
    for _ in range(rounds):
        theirs.append(run(openfhe, "openfhe", 1))
        ours.append(run(tablinum, "tablinum", 1))
        if wall:
            theirs2.append(run(openfhe, "openfhe", 2)["batch"])
            ours2.append(batch_over_two_threads(bench))
    median = lambda rows, key: statistics.median(row[key] for row in rows)  # noqa: E731
    print(f"load {load:.1f} before, {os.getloadavg()[0]:.1f} after; {rounds} rounds\n")
    print("| operation | OpenFHE 1.6.1 | here | ratio |\n|---|---|---|---|")
    for key in ours[0]:
        if key in ("batch", "memory_kib", "memory_kept_kib"):
            continue
        a, b = median(theirs, key), median(ours, key)
        print(f"| {key} | {a:.0f} µs | {b:.0f} µs | {a / b:.1f} |")
    if wall:
        a, b = statistics.median(theirs2), statistics.median(ours2)
        print(f"| batch of {BATCH}, two threads, each | {a:.0f} µs | {b:.0f} µs | {a / b:.1f} |")
    for key, text in (("memory_kib", "memory that the work adds"), ("memory_kept_kib", f"the same with {BATCH} ciphertexts kept")):
        a, b = median(theirs, key), median(ours, key)
        print(f"| {text} | {a / 1024:.0f} MiB | {b / 1024:.0f} MiB | {a / b:.1f} |")


if __name__ == "__main__":
    worker(sys.argv[2]) if sys.argv[1] == "--worker" else main()
