#!/usr/bin/env python3
"""The proofs beside their peers in one run: proof.py PROGRAMS WORK [--out FILE] [--no-snarkjs | --snarkjs-setup]. PROGRAMS has tablinum,
proof_lf_bench and proof_service_bench.

google/longfellow-zk is measured where TABLINUM_LONGFELLOW names a program around it, called as `PROGRAM bench BLOCKS ROW_LENGTH ROUNDS`,
which prints one JSON object: compile_ms, prove_ms, verify_ms (processor time, one thread), bytes, rss_kb. Else its figures of the last run
where it was there stand in the table. snarkjs (Groth16) comes from npm; its set-up is made once, in WORK, and not counted:
`--snarkjs-setup` does that alone, takes the time that it takes, and goes on where an earlier one was cut off.
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
BLOCKS = (1, 2, 4, 8, 16, 32)
ROUNDS = 3
SNARKJS = ROOT / "bench/peers/snarkjs_sha256.sh"
SNARKJS_LIMIT_S = 270
# Longfellow at commit 8aeca544, Intel Xeon (Sapphire Rapids), measured beside ours: compile ms, prove ms, verify ms, bytes, KiB.
KNOWN = {1: (181, 15.3, 3.9, 87_354, 0), 2: (390, 24.0, 7.0, 90_564, 0), 4: (842, 43.9, 13.9, 98_296, 0), 8: (1873, 88.4, 29.6, 112_848, 0),
         16: (4057, 179, 63.0, 138_160, 0), 32: (9080, 355, 129, 160_608, 1_153_000)}


def row_length(blocks):
    return 4096 if blocks <= 10 else 8192


def benchmarks(program, pattern):
    """name → (real time, processor time, counters) of google-benchmark's rows, milliseconds."""
    done = subprocess.run([program, f"--benchmark_filter={pattern}", "--benchmark_format=json", "--benchmark_min_time=0.2"], check=True,
                          capture_output=True, text=True)
    scale = {"ns": 1e-6, "us": 1e-3, "ms": 1, "s": 1e3}
    return {row["name"].removesuffix("/real_time"): (row["real_time"] * scale[row["time_unit"]], row["cpu_time"] * scale[row["time_unit"]], row)
            for row in json.loads(done.stdout)["benchmarks"]}


def longfellow(blocks):
    program = os.environ.get("TABLINUM_LONGFELLOW")
    if program is None:
        return KNOWN[blocks]
    said = json.loads(subprocess.run([program, "bench", str(blocks), str(row_length(blocks)), str(ROUNDS)], check=True, capture_output=True,
                                     text=True).stdout)
    return said["compile_ms"], said["prove_ms"], said["verify_ms"], said["bytes"], said["rss_kb"]


def peak_kib(command):
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"{command} failed")
    return usage.ru_maxrss


class Report:
    def __init__(self):
        self.lines = []

    def say(self, *lines):
        print(*lines, sep="\n", flush=True)
        self.lines += lines


def verdict(value, target):
    return "met" if value >= target else "**missed**"


def part_lf(report, programs, work):
    here = os.environ.get("TABLINUM_LONGFELLOW") is not None
    report.say("", "## `lf` beside google/longfellow-zk: SHA-256 preimages of N blocks", "",
               "Equal security (rate 1/7, 143 queries). One thread: processor time. Two threads: wall time." +
               ("" if here else " **Longfellow was not at hand: its figures are those of an earlier run on another machine.**"), "",
               "| blocks | prove ms, ours / theirs | times (1.5) | two threads ms | times (2.5) | verify ms | times (1.5) | compile ms | times | "
               "proof bytes |", "|---|---|---|---|---|---|---|---|---|---|")
    theirs_peak = 0
    for n in BLOCKS:
        ours = benchmarks(programs / "proof_lf_bench", f"^(prove|verify|compile)/{n}(/[12])?(/real_time)?$")
        compile_ms, prove_ms, verify_ms, size, theirs_peak = longfellow(n)
        one, two, check = ours[f"prove/{n}/1"], ours[f"prove/{n}/2"], ours[f"verify/{n}/1"]
        compiled = ours.get(f"compile/{n}")
        report.say(f"| {n} | {one[1]:.1f} / {prove_ms:.1f} | {prove_ms / one[1]:.2f} {verdict(prove_ms / one[1], 1.5)} | {two[0]:.1f} | "
                   f"{prove_ms / two[0]:.2f} {verdict(prove_ms / two[0], 2.5)} | {check[1]:.2f} / {verify_ms:.1f} | "
                   f"{verify_ms / check[1]:.1f} {verdict(verify_ms / check[1], 1.5)} | " +
                   (f"{compiled[1]:.1f} / {compile_ms:.0f} | {compile_ms / compiled[1]:.0f}" if compiled else f"– / {compile_ms:.0f} | ") +
                   f" | {int(one[2]['proof_bytes']):,} / {size:,} {verdict(size, one[2]['proof_bytes'])} |")
    message = work / "message"
    message.write_bytes(b"a" * (64 * 32 - 9))
    ours_peak = peak_kib([programs / "tablinum", "proof", "prove", "--statement", "message", "--backend", "lf", "--threads", "1", "-i", message,
                          "-o", work / "proof", "--force"])
    report.say("", f"Compile: 5 times at one block and 50 times at 32 are wanted. Peak memory of a process that compiles and proves 32 blocks: "
               f"{ours_peak / 1024:.0f} MiB against {theirs_peak / 1024:.0f} ({ours_peak / theirs_peak:.2f}; at most 0.25: "
               f"{verdict(0.25, ours_peak / theirs_peak)}).")
    model = benchmarks(programs / "proof_lf_bench", "^model_two/")
    report.say("", "Two threads by a count of loop bodies (what two free processors would take; no wall time), prove ms: " +
               ", ".join(f"{n}: {model[f'model_two/{n}'][2]['prove_ms']:.1f}" for n in BLOCKS) + ".")


def batch_of_64(programs, number):
    """Milliseconds of 64 proofs on one slot and on two, and of 64 on one slot in each of two processes that run at once: what two
    processors can do for work that shares nothing. In turns; medians."""
    program = programs / "proof_service_bench"

    def command(slots):
        return [program, f"--benchmark_filter=^BM_Batch64/{number}/{slots}/", "--benchmark_format=json"]

    def times(said):
        return [row["real_time"] for row in json.loads(said)["benchmarks"]]
    one, two, both = [], [], []
    for _ in range(3):
        for slots, found in ((1, one), (2, two)):
            found += times(subprocess.run(command(slots), check=True, capture_output=True, text=True).stdout)
        peers = [subprocess.Popen(command(1), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) for _ in range(2)]
        for peer in peers:
            both += times(peer.communicate()[0])
    return statistics.median(one), statistics.median(two), statistics.median(both)


def part_service(report, programs):
    report.say("", "## The service", "", "| | target | measured | |", "|---|---|---|---|")
    rows = benchmarks(programs / "proof_service_bench", "BM_(Fresh|Repeated|Circuit)")

    def ratio(what, target, slow, fast):
        value = rows[slow][0] / rows[fast][0]
        report.say(f"| {what} | {target} | {value:,.2f} ({rows[slow][0]:.3g} ms / {rows[fast][0]:.3g} ms) | {verdict(value, target)} |")
    for number, name in ((1, "lf"), (2, "vole")):
        for blocks in (1, 8):
            ratio(f"repeated request, {name}, {blocks} blocks", 100, f"BM_Fresh/{number}/{blocks}", f"BM_Repeated/{number}/{blocks}")
        for blocks in (1, 32):
            ratio(f"circuit from the cache, {name}, {blocks} blocks", 10, f"BM_CircuitCompiled/{number}/{blocks}", f"BM_CircuitReused/{number}/{blocks}")
        one, two, both = batch_of_64(programs, number)
        report.say(f"| batch of 64 on two slots, {name} | 1.9 | {one / two:.2f} ({one:.0f} ms / {two:.0f} ms) | {verdict(one / two, 1.9)} |",
                   f"| the same work in two processes at once: the machine's limit | – | {2 * one / both:.2f} ({one:.0f} ms / {both / 2:.0f} ms) | |")
    sizes = [int(rows[f"BM_Fresh/{number}/1"][2]["proof_bytes"]) for number in (2, 1)]
    report.say(f"| bytes of one block, vole below lf | 1 | {sizes[0]:,} / {sizes[1]:,} | {verdict(sizes[1], sizes[0])} |")


def part_snarkjs(report, programs, work):
    report.say("", "## snarkjs (Groth16), one block", "")
    if shutil.which("npm") is None:
        return report.say("npm is not installed: not measured.")
    # In a session of its own, so that its programs end with it: one that goes on would disturb what is measured next.
    peer = subprocess.Popen([SNARKJS, work / "snarkjs"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            start_new_session=True)
    try:
        out, errors = peer.communicate(timeout=SNARKJS_LIMIT_S)
    except subprocess.TimeoutExpired:
        os.killpg(peer.pid, signal.SIGKILL)
        peer.communicate()
        return report.say(f"Not measured: Groth16's set-up did not end within {SNARKJS_LIMIT_S} s; the next run goes on with it.")
    if peer.returncode != 0:
        return report.say(f"Not measured: {errors.strip().splitlines()[-1] if errors.strip() else 'the script failed'}.")
    theirs = json.loads(out.splitlines()[-1])
    report.say("| | prove ms | verify ms | times (50) |", "|---|---|---|---|",
               f"| snarkjs {theirs['version']}, its own threads | {theirs['prove_ms']:.0f} | {theirs['verify_ms']:.0f} | |")
    for threads in (1, 2):
        said = json.loads(subprocess.run([programs / "tablinum", "proof", "bench", "--blocks", "1", "--rounds", "21", "--threads", str(threads), "--json"],
                                         check=True, capture_output=True, text=True).stdout.splitlines()[-1])
        for row in said["rows"]:
            value = theirs["prove_ms"] / row["proveMs"]
            report.say(f"| {row['backend']}, {threads} thread{'s' * (threads > 1)} | {row['proveMs']:.1f} | {row['verifyMs']:.1f} | "
                       f"{value:.0f} {verdict(value, 50)} |")
    report.say("", f"Groth16's set-up for this circuit ({theirs['constraints']:,} constraints) "
               f"took {theirs['setup_cpu_s']:.0f} s of processor time and is not counted; "
               "`lf` and `vole` have none.")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--no-snarkjs", action="store_true")
    parser.add_argument("--snarkjs-setup", action="store_true", help="make snarkjs' set-up and measure nothing")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    if given.snarkjs_setup:
        sys.exit(subprocess.run([SNARKJS, given.work / "snarkjs", "setup"]).returncode)
    report = Report()
    report.say("# Proofs", "", "`bench/run.sh --only proof` writes this page; each table is one run. Load before: "
               f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} processors.")
    part_lf(report, given.programs, given.work)
    part_service(report, given.programs)
    if not given.no_snarkjs:
        part_snarkjs(report, given.programs, given.work)
    report.say("", f"Load after: {os.getloadavg()[0]:.1f}.")
    if given.out:
        given.out.write_text("\n".join(report.lines) + "\n")


main()
