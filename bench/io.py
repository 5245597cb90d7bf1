#!/usr/bin/env python3
"""Measures io beside tokio and Go, in turn, and writes bench/results/io.md. CPU time, not wall time: it does not depend on what
else the machine does, apart from caches and clock rates. The program under measurement on one processor, the load on another.
  bench/io.py --program build/bench-build/io_peer_bench [--rounds 5] [--work build/bench/io]"""
import argparse
import os
import pathlib
import platform
import statistics
import subprocess
import time

import servers

ROOT = pathlib.Path(__file__).resolve().parent.parent
PEERS = ROOT / "bench" / "peers" / "io"
COUNTS = {"spawn": 1_000_000, "yield": 1_000_000, "channel": 300_000, "timers": 999_000, "idle": 100_000}
# Stacks and goroutines of a million would be gigabytes.
COUNTS_WITH_STACKS = dict(COUNTS, timers=200_000)
TITLES = {"spawn": "spawn + join, batches of 1000", "yield": "yield", "channel": "bounded(1) channel, round trip",
          "timers": f"{COUNTS['timers']:,} tasks (with stacks {COUNTS_WITH_STACKS['timers']:,}) sleep 1–3 s, CPU per task", "idle": "bytes per waiting task",
          "echo 64": "TCP echo, 64 connections, CPU of the server per request",
          "echo 1000": "TCP echo, 1000 connections, CPU of the server per request"}
# What design asks for: (our model, peer, largest ratio).
TARGETS = {"spawn": [("stackless", "tokio", 0.35), ("green", "go", 0.6)], "yield": [("stackless", "tokio", 0.2), ("green", "go", 0.6)],
           "channel": [("stackless", "tokio", 0.6)], "timers": [("stackless", "tokio", 0.75), ("green", "go", 1.0)],
           "idle": [("stackless", "tokio", 1.1)], "echo 64": [("stackless", "tokio", 1.03), ("green", "go", 0.95)],
           "echo 1000": [("stackless", "tokio", 1.03), ("green", "go", 0.95)]}
REQUESTS = 200_000


def build_peers(work):
    environment = dict(os.environ, CARGO_TARGET_DIR=str(work / "cargo"))
    subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=PEERS / "tokio", env=environment, check=True)
    subprocess.run(["go", "build", "-o", str(work / "io-peer-go"), "."], cwd=PEERS / "go", check=True)


def cpu_ns(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1e9 / os.sysconf("SC_CLK_TCK")


def number(command, environment):
    return float(subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=300,
                                preexec_fn=servers.pinned(servers.SERVER_CORE)).stdout.split()[-1])


def echo(command, environment, client, connections):
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, preexec_fn=servers.pinned(servers.SERVER_CORE)) as server:
        try:
            port = server.stdout.readline().strip()
            before = cpu_ns(server.pid)
            subprocess.run([client, "stackless", "ask", port, str(connections), str(REQUESTS)], check=True, timeout=300,
                           preexec_fn=servers.pinned(servers.LOAD_CORE))
            return (cpu_ns(server.pid) - before) / REQUESTS
        finally:
            server.kill()


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--program", required=True)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--work", default="build/bench/io")
    options.add_argument("--out", default=str(ROOT / "bench" / "results" / "io.md"))
    given = options.parse_args()
    work = pathlib.Path(given.work).resolve()
    work.mkdir(parents=True, exist_ok=True)
    build_peers(work)
    program = str(pathlib.Path(given.program).resolve())
    plain = dict(os.environ)
    runners = {"stackless": ([program, "stackless"], plain), "green": ([program, "green"], plain),
               "tokio": ([str(work / "cargo" / "release" / "io-peer")], plain),
               "go": ([str(work / "io-peer-go")], dict(plain, GOMAXPROCS="1"))}
    figures = {}
    began = time.strftime("%Y-%m-%d %H:%M")
    loads = []
    for _ in range(given.rounds):
        loads.append(os.getloadavg()[0])
        for name, (command, environment) in runners.items():
            for what, count in (COUNTS_WITH_STACKS if name in ("green", "go") else COUNTS).items():
                figures.setdefault((what, name), []).append(number([*command, what, str(count)], environment))
            for connections in (64, 1000):
                value = echo([*command, "echo"], environment, program, connections)
                figures.setdefault((f"echo {connections}", name), []).append(value)
    write(pathlib.Path(given.out), figures, began, loads, given.rounds)


def cell(values):
    return f"{statistics.median(values):,.0f} ({min(values):,.0f}–{max(values):,.0f})"


def write(out, figures, began, loads, rounds):
    version = lambda command: subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")[0]
    tokio = next(line.split("=", 1)[1].split('"')[1] for line in (PEERS / "tokio" / "Cargo.toml").read_text().split("\n")
                 if line.startswith("tokio"))
    lines = [f"{began}, {os.cpu_count()} processors ({platform.machine()}, Linux {platform.release()}), {rounds} rounds in turn, load "
             f"{min(loads):.1f}–{max(loads):.1f}. ns of CPU time unless said: median (least–most). tokio {tokio.lstrip('=')} "
             f"(current thread, {version(['rustc', '--version'])}), {version(['go', 'version'])} (GOMAXPROCS=1); one thread each. A server's "
             f"CPU time comes in ticks of 10 ms, {1e7 / REQUESTS:.0f} ns a request.", "",
             "| | Stackless | Green | tokio | Go | target | reached |", "|---|---|---|---|---|---|---|"]
    for what, title in TITLES.items():
        median = {name: statistics.median(figures[(what, name)]) for name in ("stackless", "green", "tokio", "go")}
        ratios = [(ours, peer, most, median[ours] / median[peer]) for ours, peer, most in TARGETS[what]]
        targets = "; ".join(f"{ours.capitalize()} ≤ {most} {peer}" for ours, peer, most, _ in ratios)
        reached = "; ".join(f"{ratio:.2f}{'' if ratio <= most else ' (missed)'}" for _, _, most, ratio in ratios)
        cells = " | ".join(cell(figures[(what, name)]) for name in median)
        lines.append(f"| {title} | {cells} | {targets} | {reached} |")
    servers.write_between_marks(out, "bench/io.py", lines)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
