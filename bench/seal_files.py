#!/usr/bin/env python3
"""Sealed files beside what does the same: openssl (the cipher alone), cp (no cipher) and age (Debian's package). Every figure is a ratio of
runs that take turns, the best of each, since the machine may be busy.
    bench/seal_files.py --tablinum PROGRAM --bench BUILD/seal_file_bench [--bytes N] [--folder DIR] [--rounds N] [--out FILE]"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time

TARGETS = {  # row → (what must hold, whether more is better)
    "seal 1 MiB in memory / openssl, one thread": (0.9, True),
    "open 1 MiB in memory / openssl, one thread": (0.9, True),
    "seal 64 MiB in memory / openssl, one thread": (0.9, True),
    "open 64 MiB in memory / openssl, one thread": (0.9, True),
    "seal in memory, two threads / one": (1.8, True),
    "open in memory, two threads / one": (1.8, True),
    "seal / cp": (0.8, True),
    "open / cp": (0.8, True),
    "seal / age": (3, True),
    "open / age": (3, True),
    "10 KB sealed, whole process, ms": (8, False),
    "10,000 files a second and core, symmetric": (20000, True),
    "10,000 files a second and core, hybrid": (4000, True),
    "1 MiB in the middle of 4 GiB, ms": (5, False),
    "memory for sealing, MiB": (64, False),
    "memory for opening, MiB": (64, False),
}


def run(*command, stdin=None, stdout=subprocess.DEVNULL):
    """Seconds by the clock, seconds of the processors, MiB at most."""
    begin = time.monotonic()
    child = subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE)
    text = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        sys.exit(f"{' '.join(command)}: {text.decode()}")
    return time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def best(rounds, works):
    """Each work once a round, in turn; of each the run that took least by the clock."""
    runs = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            runs[name].append(work())
    return {name: min(all_runs) for name, all_runs in runs.items()}


class Rows:
    def __init__(self):
        self.rows = []

    def add(self, name, value, how):
        self.rows.append((name, value, how))
        print(f"{name}: {value:.2f}   ({how})", flush=True)

    def table(self):
        lines = ["| | measured | must hold | how |", "|---|---|---|---|"]
        for name, value, how in self.rows:
            bound, more = TARGETS[name]
            holds = value >= bound if more else value <= bound
            lines.append(f"| {name} | {value:,.2f} | {'≥' if more else '≤'} {bound:,} {'✓' if holds else '✗'} | {how} |")
        return "\n".join(lines) + "\n"


def openssl_rate():
    """Bytes a second of processor time."""
    shown = subprocess.run(["openssl", "speed", "-seconds", "1", "-evp", "aes-256-gcm", "-bytes", "65536"], capture_output=True, text=True)
    return float(re.search(r"^AES-256-GCM\s+([0-9.]+)k", shown.stdout, re.MULTILINE | re.IGNORECASE).group(1)) * 1000


def benchmark(program, pattern):
    shown = subprocess.run([program, f"--benchmark_filter={pattern}", "--benchmark_format=json", "--benchmark_min_time=0.5"], capture_output=True, text=True)
    return {row["name"]: row for row in json.loads(shown.stdout)["benchmarks"]}


def in_memory(rows, program, rounds):
    rates = {}
    speeds = []
    for _ in range(rounds):
        speeds.append(openssl_rate())
        for name, row in benchmark(program, "BM_(Seal|Open)InMemory/bytes:[0-9]+/cipher:1/.*").items():
            size = int(re.search(r"bytes:(\d+)", name).group(1))
            key = (name.split("/")[0], size, int(re.search(r"threads:(\d)", name).group(1)))
            cpu, wall = (size / (row[time] * 1e-9) for time in ("cpu_time", "real_time"))
            old = rates.get(key, (0, 0))
            rates[key] = (max(old[0], cpu), max(old[1], wall))
    openssl = max(speeds)
    for verb in ("Seal", "Open"):
        for mib in (1, 64):
            rate = rates[(f"BM_{verb}InMemory", mib << 20, 1)][0]
            how = f"processor time; {rate / 1e9:.1f} and {openssl / 1e9:.1f} GB/s"
            rows.add(f"{verb.lower()} {mib} MiB in memory / openssl, one thread", rate / openssl, how)
    for verb in ("Seal", "Open"):
        (cpu_one, one), (cpu_two, two) = (rates[(f"BM_{verb}InMemory", 64 << 20, threads)] for threads in (1, 2))
        how = f"by the clock, 64 MiB, {two / 1e9:.1f} and {one / 1e9:.1f} GB/s; both threads together use {cpu_one / cpu_two:.2f} times the processor time of one"
        rows.add(f"{verb.lower()} in memory, two threads / one", two / one, how)


def whole_files(rows, tablinum, folder, size, rounds):
    at = lambda name: os.path.join(folder, name)
    with open(at("in"), "wb") as out:
        block = os.urandom(1 << 24)
        for _ in range(size >> 24):
            out.write(block)
    subprocess.run(["age-keygen", "-o", at("age.key")], check=True, capture_output=True)
    with open(at("age.key"), encoding="ascii") as key:
        public = re.search(r"age1\w+", key.read()).group(0)

    def fresh(name, *command):
        def work():
            if os.path.exists(at(name)):
                os.unlink(at(name))
            return run(*command)
        return work

    seal = fresh("sealed", tablinum, "-q", "seal", "-r", at("card"), "-o", at("sealed"), at("in"))
    sealing = best(rounds, {
        "cp": fresh("copy", "cp", at("in"), at("copy")),
        "tablinum": seal,
        "age": fresh("in.age", "age", "-r", public, "-o", at("in.age"), at("in")),
    })
    os.unlink(at("copy"))
    opening = best(rounds, {
        "cp": fresh("opened", "cp", at("in"), at("opened")),
        "tablinum": fresh("opened", tablinum, "-q", "open", "-i", at("id"), "-o", at("opened"), at("sealed")),
        "age": fresh("opened", "age", "-d", "-i", at("age.key"), "-o", at("opened"), at("in.age")),
    })
    gib = size / (1 << 30)
    for verb, runs in (("seal", sealing), ("open", opening)):
        for peer in ("cp", "age"):
            how = f"by the clock, {gib:g} GiB: {runs['tablinum'][0]:.2f} s and {runs[peer][0]:.2f} s; processors {runs['tablinum'][1]:.2f} s and {runs[peer][1]:.2f} s"
            rows.add(f"{verb} / {peer}", runs[peer][0] / runs["tablinum"][0], how)
    rows.add("memory for sealing, MiB", sealing["tablinum"][2], f"{gib:g} GiB, whole process")
    rows.add("memory for opening, MiB", opening["tablinum"][2], f"{gib:g} GiB, whole process")
    fresh("opened", tablinum, "-q", "open", "-i", at("id"), "-o", at("opened"), at("sealed"))()
    subprocess.run(["cmp", at("in"), at("opened")], check=True)


def small_file(rows, tablinum, folder):
    at = lambda name: os.path.join(folder, name)
    with open(at("small"), "wb") as out:
        out.write(os.urandom(10_000))
    runs = sorted(run(tablinum, "-q", "seal", "-r", at("card"), "-f", "-o", at("small.sealed"), at("small")) for _ in range(50))
    rows.add("10 KB sealed, whole process, ms", runs[0][0] * 1e3, f"fastest of 50; median {runs[25][0] * 1e3:.1f} ms, processor {min(r[1] for r in runs) * 1e3:.1f} ms")


def many_files(rows, program):
    found = benchmark(program, "BM_SealFiles/hybrid:[01]/threads:1|BM_RangeRead")
    for name, row in found.items():
        if "RangeRead" in name:
            rows.add("1 MiB in the middle of 4 GiB, ms", row["cpu_time"] / 1e3, f"opening the file included; processor time; by the clock {row['real_time'] / 1e3:.2f} ms")
        else:
            kind = "hybrid" if "hybrid:1" in name else "symmetric"
            rows.add(f"10,000 files a second and core, {kind}", 10_000 / (row["cpu_time"] / 1e3), f"10 KiB each, outputs new, processor time; {10_000 / (row['real_time'] / 1e3):,.0f} by the clock")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--tablinum", required=True)
    arguments.add_argument("--bench", required=True)
    arguments.add_argument("--bytes", type=int, default=4 << 30)
    arguments.add_argument("--folder", default="/dev/shm")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--out")
    options = arguments.parse_args()
    folder = os.path.join(options.folder, f"seal_files_{os.getpid()}")
    os.mkdir(folder, 0o700)
    rows = Rows()
    load = os.getloadavg()[0]
    try:
        tablinum = os.path.abspath(options.tablinum)
        subprocess.run([tablinum, "-q", "identity", "new", "--no-passphrase", "-o", "id", "--name", "Bench"], cwd=folder, check=True, capture_output=True)
        card = subprocess.run([tablinum, "identity", "card", "-i", "id"], cwd=folder, check=True, capture_output=True).stdout
        with open(os.path.join(folder, "card"), "wb") as out:
            out.write(card)
        in_memory(rows, options.bench, options.rounds)
        many_files(rows, options.bench)
        small_file(rows, tablinum, folder)
        whole_files(rows, tablinum, folder, options.bytes, options.rounds)
    finally:
        shutil.rmtree(folder)
    text = f"Load of the machine {load:.1f} before and {os.getloadavg()[0]:.1f} after, {os.cpu_count()} processors, {options.rounds} rounds.\n\n" + rows.table()
    print(text)
    if options.out:
        with open(options.out, "w", encoding="utf-8") as out:
            out.write("# Sealed files\n\n`bench/seal_files.py`: " + text)


if __name__ == "__main__":
    main()
