#!/usr/bin/env python3
"""The lattice half of proxy re-encryption beside OpenFHE 1.6.1, in turns in one run. Single operations are timed, and the fastest tenth
counts: on a busy machine the median of the longer ones is mostly other programs' time.
    python3.10 -m venv build/openfhe && build/openfhe/bin/pip install -r libs/seal/bench/requirements.txt
    libs/seal/bench/pre_peers.py build/release/seal_pre_bench build/openfhe/bin/python        prints the tables of bench/results/seal-pre.md
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys

TARGETS = {"smallest": {"encrypt": 15, "rekey": 10, "reencrypt": 4, "decrypt": 8},
           "reference": {"encrypt": 40, "rekey": 20, "reencrypt": 8, "decrypt": 15}}
ROUNDS = 5


def ours(program):
    out = subprocess.run([program, "--benchmark_filter=^lattice_.*/1$", "--benchmark_min_time=0.05", "--benchmark_format=json"], capture_output=True, text=True, check=True)
    rows = json.loads(out.stdout)["benchmarks"]
    return {row["run_name"].split("/")[0].removeprefix("lattice_"): row["fastest_tenth_us"] for row in rows}


def theirs(python, setting):
    script = pathlib.Path(__file__).with_name("openfhe_pre.py")
    out = subprocess.run([python, str(script), setting], capture_output=True, text=True, check=True)
    return json.loads(out.stdout)


def peak_kib(command):
    """Of one process: the largest resident set that the kernel saw."""
    code = ("import resource, subprocess, sys\n"
            "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)\n"
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
    return int(subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=True).stdout)


def main():
    program, python = sys.argv[1:3]
    mine, others = [], {setting: [] for setting in TARGETS}
    for _ in range(ROUNDS):
        mine.append(ours(program))
        for setting in TARGETS:
            others[setting].append(theirs(python, setting))
    print(f"load {os.getloadavg()[0]:.1f}, medians of {ROUNDS} rounds, microseconds\n")
    for setting, targets in TARGETS.items():
        print(f"| {setting}: N = {others[setting][0]['n']} | OpenFHE | kem-2048 | ratio | target |\n|---|---|---|---|---|")
        for work, target in targets.items():
            a = statistics.median(row["us"][work] for row in others[setting])
            b = statistics.median(row[work] for row in mine)
            print(f"| {work} | {a:.0f} | {b:.1f} | {a / b:.1f} | {target} {'' if a / b >= target else 'missed'}|")
        print()
    print("bytes:", json.dumps({setting: rows[0]["bytes"] for setting, rows in others.items()}))
    print("peak memory of OpenFHE's process, KiB:", {setting: rows[0]["peak_kib"] for setting, rows in others.items()})
    once = [program, "--benchmark_filter=^lattice_.*/1$", "--benchmark_min_time=0.002"]
    print("peak memory of ours, KiB:", peak_kib(once))


if __name__ == "__main__":
    main()
