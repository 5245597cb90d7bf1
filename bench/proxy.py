#!/usr/bin/env python3
"""HTTP/1.1 to HTTP/1.1 through one worker each of tablinum, nginx and Caddy before the same nginx, with wrk; interleaved rounds. Writes
bench/results/proxy.md's table.
  bench/proxy.py --program build/bench-build/tablinum [--rounds 5] [--seconds 4] [--out bench/results/proxy.md]"""
import argparse
import os
import pathlib
import re
import statistics
import subprocess
import tempfile

import servers

ROOT = pathlib.Path(__file__).resolve().parent.parent
BODY_BYTES = 768
# What the issue asks of CPU time and rate: (peer, at least).
TARGETS = [("nginx", 1.0), ("Caddy", 2.0)]


def start(folder, program):
    origin = servers.nginx(folder, "origin", server=f'location / {{ default_type text/plain; return 200 "{"x" * BODY_BYTES}"; }}',
                           core=servers.LOAD_CORE)
    upstream = f"upstream app {{ server 127.0.0.1:{origin.port}; keepalive 128; keepalive_requests 1000000000; }}"
    passing = ('location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; '
               "proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme; }")
    passing_on = {"handler": "reverse_proxy", "upstreams": [{"dial": f"127.0.0.1:{origin.port}"}]}
    config = pathlib.Path(folder, "proxy.yaml")
    config.write_text("listen: [127.0.0.1:0]\nlimits: {connections_per_address: 10000}\nupstreams:\n"
                      f"  app: {{backends: [http://127.0.0.1:{origin.port}], health: {{active: false}}}}\nhosts:\n  - routes: [{{upstream: app}}]\n")
    ours = servers.Running("tablinum", [program, "--json", "proxy", "--config", str(config), "--cores", "1", "--no-watch"],
                           stdout=subprocess.PIPE).read_port("http://127.0.0.1:")
    return origin, [ours, servers.nginx(folder, server=passing, http=upstream), servers.caddy(folder, passing_on)]


def measure(server, seconds):
    """Requests a second, and microseconds of the proxy's CPU for each."""
    before = server.cpu()
    said = subprocess.run(["wrk", "-t1", "-c64", f"-d{seconds}s", f"http://127.0.0.1:{server.port}/"], capture_output=True, text=True, check=True,
                          preexec_fn=servers.pinned(servers.LOAD_CORE)).stdout
    used = server.cpu() - before
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"{server.name} failed:\n{said}")
    requests = int(re.search(r"(\d+) requests in", said)[1])
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]), used * 1e6 / requests


def spread(values, digits):
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"


def table(figures, loads, options):
    ours = figures["tablinum"]
    lines = [f"{servers.machine()}, load {min(loads):.1f}–{max(loads):.1f}; {options.rounds} rounds of {options.seconds} s in turn, "
             f"{BODY_BYTES} bytes, 64 connections of `wrk`; the proxies on one processor, wrk and the origin on another. "
             f"{servers.first_line(['nginx', '-v'])}, Caddy {servers.first_line(['caddy', 'version'])}. CPU time in ticks of 10 ms.", "",
             "| proxy | requests a second | CPU µs a request |", "|---|---|---|"]
    lines += [f"| {name} | {spread([r[0] for r in rows], 0)} | {spread([r[1] for r in rows], 1)} |" for name, rows in figures.items()]
    lines += ["", "| beside | rate | CPU | target | |", "|---|---|---|---|---|"]
    for peer, least in TARGETS:
        rate = statistics.median(a[0] / b[0] for a, b in zip(ours, figures[peer]))
        cpu = statistics.median(b[1] / a[1] for a, b in zip(ours, figures[peer]))
        lines.append(f"| {peer} | {rate:.2f} | {cpu:.2f} | {least:.1f} | {'met' if min(rate, cpu) >= least else '**missed**'} |")
    return lines


def main():
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--program", required=True)
    reader.add_argument("--rounds", type=int, default=5)
    reader.add_argument("--seconds", type=int, default=4)
    reader.add_argument("--out", type=pathlib.Path, default=ROOT / "bench" / "results" / "proxy.md")
    options = reader.parse_args()
    loads, figures = [], {}
    with tempfile.TemporaryDirectory(prefix="tablinum_bench_") as folder:
        origin, proxies = start(folder, options.program)
        with origin, proxies[0], proxies[1], proxies[2]:
            for proxy in proxies:
                measure(proxy, 1)
            for _ in range(options.rounds):
                loads.append(os.getloadavg()[0])
                for proxy in proxies:
                    figures.setdefault(proxy.name, []).append(measure(proxy, options.seconds))
    lines = table(figures, loads, options)
    print("\n".join(lines))
    servers.write_between_marks(options.out, "bench/proxy.py", lines)


if __name__ == "__main__":
    main()
