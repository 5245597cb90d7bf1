#!/usr/bin/env python3
"""Measures our server beside others over HTTP/1.1, HTTP/2 and HTTP/3, one processor for the server and one for the load, in turn. Writes
bench/results/net.md.
  bench/net.py --programs build/bench-build [--rounds 5] [--seconds 2] [--only WORD[,WORD…]] [--work build/bench/net]
    --only: rows whose title contains one of the words"""
import argparse
import os
import pathlib
import re
import statistics
import subprocess
import tempfile

import servers

ROOT = pathlib.Path(__file__).resolve().parent.parent
SMALL, LARGE = 1024, 1 << 30
H3_REQUESTS, AT_ONCE = 60_000, 100
HANDSHAKES, HANDSHAKES_AT_ONCE = 2_000, 20
IDLE = 10_000
# All three close after 30 s without a packet.
IDLE_SECONDS_MAX = 25
PLAIN, TLS, QUIC, BULK = "HTTP/1.1, plain", "HTTP/2 over TLS", "HTTP/3, 1 KiB", "HTTP/3, 1 GiB"
QUIC_HANDSHAKES, TLS_HANDSHAKES, HELD = "QUIC handshakes", "TLS handshakes", f"{IDLE:,} idle HTTP/3 connections"
# What the issue asks: (row, peer, least ratio of rates).
TARGETS = [(PLAIN, "nginx", 1.2), (TLS, "nginx", 1.2), (QUIC, "gtlsserver", 1.7), (QUIC, "quic-go", 5.0), (BULK, "gtlsserver", 1.3),
           (BULK, "quic-go", 1.8), (QUIC_HANDSHAKES, "gtlsserver", 1.0), (QUIC_HANDSHAKES, "quic-go", 1.0), (TLS_HANDSHAKES, "nginx", 1.0),
           (TLS_HANDSHAKES, "Caddy", 1.0)]


def run_load(command):
    return subprocess.run(command, capture_output=True, text=True, check=True, preexec_fn=servers.pinned(servers.LOAD_CORE), timeout=300).stdout


def http1(server, options):
    said = run_load(["wrk", "-t1", "-c64", f"-d{options.seconds}s", f"http://127.0.0.1:{server.port}{server.small}"])
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"{server.name} failed:\n{said}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]), int(re.search(r"(\d+) requests in", said)[1])


def http2(server, options):
    said = run_load(["h2load", "-t1", "-c1", f"-m{AT_ONCE}", f"--duration={options.seconds}", f"https://127.0.0.1:{server.port}{server.small}"])
    done = re.search(r"requests: .*?(\d+) succeeded, (\d+) failed, (\d+) errored", said)
    if int(done[2]) + int(done[3]) > 0 or int(done[1]) == 0:
        raise SystemExit(f"{server.name} failed:\n{said}")
    return float(re.search(r"finished in .*?, ([\d.]+) req/s", said)[1]), int(done[1])


def http3(server, options, path, requests, at_once, connections=1, open_at_once=1):
    """Seconds."""
    said = run_load([options.load, "h3", str(server.port), path, str(requests), str(at_once), str(connections), str(open_at_once)]).split()
    expected = requests * connections * (LARGE if path == server.large else SMALL)
    if int(said[1]) != expected:
        raise SystemExit(f"{server.name} gave {said[1]} bytes of {expected}")
    return float(said[0])


def quic_small(server, options):
    return H3_REQUESTS / http3(server, options, server.small, H3_REQUESTS, AT_ONCE), H3_REQUESTS


def quic_large(server, options):
    return LARGE * 8 / http3(server, options, server.large, 1, 1) / 1e9, 1


def quic_handshakes(server, options):
    return HANDSHAKES / http3(server, options, server.small, 1, 1, HANDSHAKES, HANDSHAKES_AT_ONCE), HANDSHAKES


def tls_handshakes(server, options):
    said = run_load([options.load, "tls", str(server.port), str(HANDSHAKES), str(HANDSHAKES_AT_ONCE)]).split()
    return HANDSHAKES / float(said[0]), HANDSHAKES


def starters(folder, options):
    """How each server is started."""
    certificate, key = servers.certificate(folder)
    www = pathlib.Path(folder, "www")
    www.mkdir()
    (www / "small").write_bytes(b"x" * SMALL)
    with open(www / "large", "wb") as large:
        large.truncate(LARGE)
    files = f"root {www}; ssl_protocols TLSv1.3; ssl_certificate {certificate}; ssl_certificate_key {key};"

    def ours(*words):
        return servers.Running("tablinum", [options.serve, "--serve", "0", *words], stdout=subprocess.PIPE).read_port()

    def gtls():
        running = servers.Running("gtlsserver", ["/usr/sbin/gtlsserver", "--quiet", f"--htdocs={www}", "127.0.0.1", "0", key, certificate],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        running.port = servers.chosen_port(running, "udp")
        return running

    def go():
        return servers.Running("quic-go", [options.go, "server", "--cert", certificate, "--key", key, "--www", str(www)],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(os.environ, GOMAXPROCS="1")).read_port()

    made = {"plain": ours, "secure": lambda: ours(certificate, key), "nginx": lambda: servers.nginx(folder, server=f"root {www};"),
            "nginx tls": lambda: servers.nginx(folder, listen="ssl http2", server=files), "gtls": gtls,
            "caddy": lambda: servers.caddy(folder, {"handler": "file_server", "root": str(www)}, (certificate, key))}
    if options.go:
        made["go"] = go
    return made


ROWS = {PLAIN: (http1, ["plain", "nginx"]), TLS: (http2, ["secure", "nginx tls"]), QUIC: (quic_small, ["secure", "gtls", "go"]),
        BULK: (quic_large, ["secure", "gtls", "go"]), QUIC_HANDSHAKES: (quic_handshakes, ["secure", "gtls", "go"]),
        TLS_HANDSHAKES: (tls_handshakes, ["secure", "nginx tls", "caddy"])}


def wanted(row, options):
    return not options.only or any(word in row for word in options.only.split(","))


class Fleet:
    """Servers, started when they are first asked for."""

    def __init__(self, made):
        self.made = made
        self.running = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self.running.values():
            server.__exit__()

    def get(self, word):
        if word not in self.running:
            server = self.running[word] = self.made[word]()
            server.small, server.large = (f"/bytes/{SMALL}", f"/bytes/{LARGE}") if server.name == "tablinum" else ("/small", "/large")
        return self.running[word]


def measure_rates(made, options, loads):
    figures = {}
    with Fleet(made) as fleet:
        for step in range(options.rounds + 1):
            loads.append(os.getloadavg()[0])
            for row, (measure, words) in ROWS.items():
                for server in [fleet.get(word) for word in words if word in made and wanted(row, options)]:
                    before = server.cpu()
                    rate, count = measure(server, options)
                    # The first round warms files and code.
                    if step > 0:
                        figures.setdefault((row, server.name), []).append((rate, (server.cpu() - before) * 1e6 / count))
    return figures


def measure_idle(made, options):
    """KiB of a server's memory for each of many connections that have asked for a small file once, or why there is no figure."""
    found = {}
    for word in ["secure", "gtls", "go"]:
        if word not in made or not wanted(HELD, options):
            continue
        with Fleet(made) as fleet:
            server = fleet.get(word)
            http3(server, options, server.small, 1, 1)
            before = servers.resident_kib(server.process.pid)
            command = [options.load, "h3", str(server.port), server.small, "1", "1", str(IDLE), str(HANDSHAKES_AT_ONCE), "hold"]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                  preexec_fn=servers.pinned(servers.LOAD_CORE)) as load:
                seconds = float((load.stdout.readline() or "0").split()[0])
                said = load.stdout.readline()
                if seconds > IDLE_SECONDS_MAX:
                    found[server.name] = f"not held: opening them took {seconds:.0f} s, the first were closed as idle"
                elif said.strip() == "holding":
                    found[server.name] = (servers.resident_kib(server.process.pid) - before) / IDLE
                else:
                    found[server.name] = "not held: " + load.stderr.read().strip()
                load.stdin.close()
    return found


def spread(values, digits):
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"


def rate_table(figures):
    lines = ["| | server | a second | CPU µs each |", "|---|---|---|---|"]
    for (row, name), values in figures.items():
        unit = " Gbit" if row == BULK else ""
        lines.append(f"| {row} | {name} | {spread([v[0] for v in values], 2 if row == BULK else 0)}{unit} | {spread([v[1] for v in values], 1)} |")
    lines += ["", "| | beside | rate | CPU | target (rate) | |", "|---|---|---|---|---|---|"]
    for row, peer, least in TARGETS:
        if (row, peer) not in figures:
            lines.append(f"| {row} | {peer} | not measured | | {least} | |")
            continue
        pairs = list(zip(figures[(row, "tablinum")], figures[(row, peer)]))
        rate = statistics.median(a[0] / b[0] for a, b in pairs)
        cpu = statistics.median(b[1] / a[1] for a, b in pairs)
        lines.append(f"| {row} | {peer} | {rate:.2f} | {cpu:.2f} | {least} | {'met' if rate >= least else '**missed**'} |")
    return lines


def idle_table(idle):
    lines = ["", f"{HELD}, each after one request, resident memory:", "", "| server | KiB a connection |", "|---|---|"]
    return lines + [f"| {name} | {value if isinstance(value, str) else format(value, '.1f')} |" for name, value in idle.items()]


def write(options, figures, idle, loads):
    first = lambda *command: servers.first_line(command)
    versions = (f"{first('nginx', '-v')}; Caddy {first('caddy', 'version')}; ngtcp2 "
                f"{first('dpkg-query', '-W', '-f=${Version}', 'ngtcp2-server')}; quic-go {servers.go_module(GO_PEER, 'github.com/quic-go/quic-go')}, "
                f"{first('go', 'version')}; {first('wrk', '-v')}; {first('h2load', '--version')}.")
    lines = [f"{servers.machine()}, load {min(loads):.1f}–{max(loads):.1f}; {options.rounds} rounds in turn; server and load "
             f"on a processor each: median (least–most). CPU time is the server's, in ticks of 10 ms. {versions}", "", *rate_table(figures)]
    servers.write_between_marks(options.out, "bench/net.py", lines + (idle_table(idle) if idle else []))
    print("\n".join(lines + (idle_table(idle) if idle else [])))


GO_PEER = ROOT / "tests" / "interop" / "quic" / "go_peer"


def build_go(work):
    program = work / "quic_go_peer"
    done = subprocess.run(["go", "build", "-o", str(program), "."], cwd=GO_PEER, check=False)
    return str(program) if done.returncode == 0 else None


def main():
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--programs", type=pathlib.Path, required=True)
    reader.add_argument("--rounds", type=int, default=5)
    reader.add_argument("--seconds", type=int, default=2)
    reader.add_argument("--only", default="")
    reader.add_argument("--work", type=pathlib.Path, default=pathlib.Path("build/bench/net"))
    reader.add_argument("--out", type=pathlib.Path, default=ROOT / "bench" / "results" / "net.md")
    options = reader.parse_args()
    options.work = options.work.resolve()
    options.work.mkdir(parents=True, exist_ok=True)
    options.serve, options.load = (str((options.programs / name).resolve()) for name in ("net_http_bench", "net_load_bench"))
    options.go = build_go(options.work)
    loads = []
    with tempfile.TemporaryDirectory(prefix="tablinum_bench_") as folder:
        made = starters(folder, options)
        figures = measure_rates(made, options, loads)
        idle = measure_idle(made, options)
    write(options, figures, idle, loads)


if __name__ == "__main__":
    main()
