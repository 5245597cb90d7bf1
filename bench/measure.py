#!/usr/bin/env python3
"""Measures tablinum beside its peers and writes RESULTS.md: what is called by bench/run.sh, which builds the programs."""
import argparse
import datetime
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import time
import uuid

import changes
import questions

PARTS = ["import", "million", "startup", "person", "modules"]
PORT, PEER_PORT = 18990, 18991
MILLION, EDIT_PEOPLE = 1_000_000, (100_000, 1_000_000)  # the latter: what store_store_bench knows
PAIRS = 3
MODULES = ["tree_gedcom_bench", "tree_model_bench", "tree_kinship_bench", "store_store_bench", "search_search_bench", "io_io_bench", "net_http_bench"]


def run(command, **more):
    """Runs to the end. Returns CPU seconds, wall seconds and peak MiB of the process and its children."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **more)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]} failed: {errors.decode(errors='replace')[-500:]}")
    return {"cpu": usage.ru_utime + usage.ru_stime, "wall": time.monotonic() - begin, "mib": usage.ru_maxrss / 1024}


def spread(values, digits=2):
    """Median (lowest – highest)."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} – {max(values):.{digits}f})"


def verdict(value, target):
    return "met" if value <= target else "**missed**"


class Bench:
    def __init__(self, programs, work, people):
        self.programs, self.work, self.people = programs.resolve(), work.resolve(), people
        self.tablinum = str(self.programs / "tablinum")
        self.out = []
        self.work.mkdir(parents=True, exist_ok=True)

    def say(self, *lines):
        print(*lines, sep="\n", flush=True)
        self.out.extend(lines)

    def gedcom(self, people):
        path = self.work / f"{people}.ged"
        if not path.exists():
            shared = pathlib.Path("../shared/tools/make_gedcom.py")
            if shared.exists():
                command = [str(shared), "--individuals", str(people), "--version", "5.5.1", "--seed", "1", "-o", str(path)]
            else:
                command = ["bench/make_gedcom.py", str(people), str(path)]
            subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return path

    def archive(self, people):
        """An archive with that many people. Returns its folder and how the import went."""
        folder = self.work / f"archive-{people}"
        shutil.rmtree(folder, ignore_errors=True)
        return folder, run([self.tablinum, "import", str(self.gedcom(people)), "--data", str(folder)])

    def gramps(self, people):
        home = self.work / "gramps-home"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        names = dict(os.environ, HOME=str(home), GRAMPSHOME=str(home), LC_ALL="C.UTF-8")
        return run(["gramps", "-y", "-C", "bench", "-i", str(self.gedcom(people))], env=names)

    def part_import(self):
        self.say("", "## Import of a GEDCOM file into an empty archive", "")
        runs = [self.archive(100_000)[1] for _ in range(PAIRS)]
        cpu, mib = [r["cpu"] for r in runs], [r["mib"] for r in runs]
        self.say("| 100,000 people | median (lowest – highest) | target | |", "|---|---|---|---|",
                 f"| CPU s | {spread(cpu)} | 3.0 | {verdict(statistics.median(cpu), 3.0)} |",
                 f"| wall s | {spread([r['wall'] for r in runs])} | | |",
                 f"| memory MiB | {spread(mib, 0)} | 250 MB | {verdict(statistics.median(mib), 238)} |")
        if shutil.which("gramps") is None:
            return self.say("", "Gramps is not installed: no comparison.")
        ours, theirs = statistics.median(cpu), self.gramps(100_000)["cpu"]
        version = subprocess.run(["gramps", "--version"], capture_output=True, text=True).stdout
        version = re.search(r"gramps\s*[:=]?\s*(\d[\d.]+)", version, re.IGNORECASE)
        self.say("", f"Beside Gramps {version[1] if version else ''} (`gramps -y -C bench -i FILE`), the same file, once; "
                 f"with its start-up: {theirs:.0f} CPU s, {theirs / ours:.0f} times ours (target 100: {verdict(100, theirs / ours)}).")

    def part_million(self):
        self.say("", "## A million people" if self.people == MILLION else f"## {self.people:,} people", "")
        folder, went = self.archive(self.people)
        self.say("| import, once | measured | target | |", "|---|---|---|---|",
                 f"| CPU s | {went['cpu']:.1f} | 45 | {verdict(went['cpu'], 45)} |",
                 f"| wall s | {went['wall']:.1f} | | |",
                 f"| memory MiB | {went['mib']:.0f} | 500 MB | {verdict(went['mib'], 477)} |")
        self.say("", "Questions to a server of it, one after the other over HTTP/1.1 keep-alive (bench/questions.py):", "",
                 *questions.table(questions.measure(self.tablinum, str(folder))))
        self.say("", "Change sets sent to a server of it (bench/changes.py), each taken back again:", "",
                 *changes.table(changes.measure(self.tablinum, str(folder))))
        shutil.rmtree(folder)
        edit = self.edit(self.people if self.people in EDIT_PEOPLE else EDIT_PEOPLE[0])
        self.say("", "One edit with its log and roots (the store's own call, 2,000 of them, synchronous=FULL; generated records):", "",
                 "| ms, wall | measured | target | |", "|---|---|---|---|", f"| p50 | {edit['p50_ms']:.2f} | 1 | {verdict(edit['p50_ms'], 1)} |",
                 f"| p99 | {edit['p99_ms']:.2f} | | |")

    def edit(self, people):
        """The store's own call for one edit, durable (synchronous=FULL), in an archive of that many people: its counters."""
        figures = self.work / "edit.json"
        run([str(self.programs / "store_store_bench"), f"--benchmark_filter=BM_Edit/{people}/", f"--benchmark_out={figures}",
             "--benchmark_out_format=json"], env=dict(os.environ, TMPDIR=str(self.work)))
        return json.loads(figures.read_text())["benchmarks"][0]

    def serve(self, folder, *options):
        """Starts the server. Returns it and the milliseconds until /health answered."""
        begin = time.monotonic()
        server = subprocess.Popen([self.tablinum, "serve", "--data", str(folder), "--listen", f"127.0.0.1:{PORT}", *options],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return server, wait_for(server, PORT, "/health", begin)

    def part_startup(self):
        folder, _ = self.archive(100_000)
        version = [run([self.tablinum, "version"])["wall"] * 1000 for _ in range(20)]
        health = []
        for _ in range(10):
            server, ms = self.serve(folder)
            health.append(ms)
            stop(server)
        self.say("", "## Start", "", "| ms, wall | median (lowest – highest) | target | |", "|---|---|---|---|",
                 f"| `tablinum version` | {spread(version, 1)} | 10 | {verdict(statistics.median(version), 10)} |",
                 f"| `serve`, 100,000 people, until /health answers | {spread(health, 0)} | 100 | {verdict(statistics.median(health), 100)} |")

    def part_person(self):
        folder, _ = self.archive(100_000)
        with sqlite3.connect(folder / "archive.db") as database:
            rows = "SELECT id FROM record WHERE kind = 1 AND deleted = 0 LIMIT 1 OFFSET 50000"
            person = uuid.UUID(bytes=database.execute(rows).fetchone()[0])
        server, _ = self.serve(folder, "--log-level", "error")  # neither writes a line for each request
        peer = subprocess.Popen([str(self.work / "peer/bin/uvicorn"), "service:app", "--app-dir", "bench/peers/fastapi", "--port", str(PEER_PORT),
                                 "--no-access-log", "--log-level", "error"], env=dict(os.environ, ARCHIVE=str(folder / "archive.db")))
        wait_for(peer, PEER_PORT, f"/persons/{person}", time.monotonic())
        pairs = []
        for _ in range(PAIRS):
            pairs.append((wrk(f"http://127.0.0.1:{PORT}/api/v1/persons/{person}"), wrk(f"http://127.0.0.1:{PEER_PORT}/persons/{person}")))
        stop(server)
        stop(peer)
        ours, theirs = [p[0] for p in pairs], [p[1] for p in pairs]
        ratio = statistics.median(a["rate"] / b["rate"] for a, b in pairs)
        no_worse = verdict(statistics.median(a["p99"] for a in ours), statistics.median(b["p99"] for b in theirs))
        self.say("", "## A person by id over HTTP/1.1 keep-alive", "",
                 "`wrk -t2 -c16 -d5s --latency`, in turns, all on one machine, neither with an access log. FastAPI with uvicorn, uvloop and "
                 "httptools, one process, reads the same SQLite row (bench/peers/fastapi).", "", "| | requests a second | p99 ms |", "|---|---|---|",
                 f"| tablinum | {spread([r['rate'] for r in ours], 0)} | {spread([r['p99'] for r in ours])} |",
                 f"| FastAPI | {spread([r['rate'] for r in theirs], 0)} | {spread([r['p99'] for r in theirs])} |",
                 f"| ratio | {ratio:.1f}; target 10: {verdict(10, ratio)} | no worse: {no_worse} |")

    def part_modules(self):
        self.say("", "## Modules", "", "google-benchmark's own figures, one run each; times of one iteration. `search_search_bench` asks a tree of a "
                 "million people: targets p99 2 ms (suggest), 10 ms (name), 30 ms (commonest word with facets).")
        for name in MODULES:
            program = self.programs / name
            if not program.exists():
                self.say("", f"{name}: not built.")
                continue
            figures = self.work / f"{name}.json"
            # What takes a million people is measured with them.
            command = [str(program), f"--benchmark_out={figures}", "--benchmark_out_format=json", "--benchmark_filter=-BM_Edit/1000000/"]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode != 0:
                self.say("", f"{name}: failed.")
                continue
            self.say("", f"### {name}", "", "| | wall | cpu | counters |", "|---|---|---|---|")
            for row in json.loads(figures.read_text())["benchmarks"]:
                self.say(module_row(row))


KNOWN = {"name", "family_index", "per_family_instance_index", "run_name", "run_type", "repetitions", "repetition_index", "threads",
         "iterations", "real_time", "cpu_time", "time_unit", "aggregate_name", "aggregate_unit", "label", "error_occurred", "error_message"}


def module_row(row):
    if row.get("error_occurred"):
        return f"| {row['name']} | failed: {row['error_message']} | | |"
    counters = ", ".join(f"{key} {value:.4g}" for key, value in row.items() if key not in KNOWN and isinstance(value, (int, float)))
    unit = row["time_unit"]
    return f"| {row['name']} | {row['real_time']:.4g} {unit} | {row['cpu_time']:.4g} {unit} | {' '.join(filter(None, [counters, row.get('label')]))} |"


def wait_for(process, port, path, begin):
    """Milliseconds from `begin` until the path answers with 200."""
    while process.poll() is None and time.monotonic() < begin + 30:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return (time.monotonic() - begin) * 1000
        except OSError:
            time.sleep(0.001)
    sys.exit(f"nothing answers on port {port}")


def stop(process):
    process.send_signal(signal.SIGINT)
    process.wait(timeout=30)


def wrk(url):
    said = subprocess.run(["wrk", "-t2", "-c16", "-d5s", "--latency", url], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        sys.exit(f"errors from {url}:\n{said}")
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    return {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]), "p99": float(p99[1]) * {"us": 0.001, "ms": 1, "s": 1000}[p99[2]]}


def machine():
    model = re.search(r"model name\s*:\s*(.+)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())[1]) / (1 << 20)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    return (f"{datetime.date.today()}, commit {commit}; {model[1] if model else 'unknown processor'}, {os.cpu_count()} processors, {memory:.0f} GiB, "
            f"Linux {os.uname().release}. Load when it began: {os.getloadavg()[0]:.1f} (0 is a quiet machine; figures above that are too high).")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--only", default=",".join(PARTS), help="parts, divided by commas: " + " ".join(PARTS))
    parser.add_argument("--people", type=int, default=MILLION, help="of the part million, to try it on fewer")
    options = parser.parse_args()
    parts = options.only.split(",")
    if unknown := set(parts) - set(PARTS):
        parser.error("no such part: " + " ".join(unknown))
    bench = Bench(options.programs, options.work, options.people)
    bench.say("# Measured", "", "Written by `make bench` (bench/run.sh), which measures all of it again.", "", machine(), "",
              "Each with its own page: [sealed files](results/seal-file.md),",
              "[re-encryption](results/seal-pre.md), [vectors](results/seal-fhe.md), [identities](results/identity.md),",
              "[proofs](results/proof.md), [models](results/models.md), [charts](results/charts.md), [change sets](results/changes.md),",
              "[HTTP and QUIC](results/net.md), [proxy](results/proxy.md), [runtime](results/io.md), [pages](results/web.md).")
    if parts != PARTS:
        bench.say("", f"Only these parts were run: {', '.join(parts)}.")
    for part in parts:
        getattr(bench, "part_" + part)()
    options.out.write_text("\n".join(bench.out) + "\n")


if __name__ == "__main__":
    main()
