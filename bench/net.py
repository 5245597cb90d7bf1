#!/usr/bin/env python3
"""Measures our server beside others over HTTP/1.1, HTTP/2 and HTTP/3, one processor for the server and one for the load, in turn. Writes
bench/results/net.md.
  bench/net.py --program build/bench-build/net_http_bench [--rounds 5] [--seconds 3] [--work build/bench/net]"""
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
H3_REQUESTS, AT_ONCE = 40_000, 100
PLAIN, TLS, QUIC, BULK = "HTTP/1.1, plain", "HTTP/2 over TLS", "HTTP/3, 1 KiB", "HTTP/3, 1 GiB"
# What the issue asks: (row, peer, least ratio of rates).
TARGETS = [(PLAIN, "nginx", 1.2), (TLS, "nginx", 1.2), (QUIC, "gtlsserver", 1.7), (QUIC, "quic-go", 5.0), (BULK, "gtlsserver", 1.3),
           (BULK, "quic-go", 1.8)]


class Gtls(servers.Running):
    """ngtcp2's own server; its port is read from /proc."""

    def __init__(self, www, key, cert):
        super().__init__("gtlsserver", ["/usr/sbin/gtlsserver", "--quiet", "--htdocs=" + www, "127.0.0.1", "0", key, cert],
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.port = self.udp_port()

    def udp_port(self):
        for _ in range(2000):
            links = []
            try:
                links = [os.readlink(entry) for entry in pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir()]
            except OSError:
                pass
            inodes = {link[8:-1] for link in links if link.startswith("socket:[")}
            for line in pathlib.Path("/proc/net/udp").read_text().splitlines()[1:]:
                words = line.split()
                if words[9] in inodes and int(words[1].split(":")[1], 16):
                    return int(words[1].split(":")[1], 16)
            subprocess.run(["sleep", "0.01"], check=True)
        raise SystemExit("gtlsserver did not start")


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


def http3(server, options, path, count, at_once):
    said = run_load([options.program, "--get3", str(server.port), options.certificate, path, str(count), str(at_once)]).split()
    seconds, got = float(said[0]), int(said[1])
    if got != count * (SMALL if path == server.small else LARGE):
        raise SystemExit(f"{server.name} gave {got} bytes")
    return seconds


def quic_small(server, options):
    seconds = http3(server, options, server.small, H3_REQUESTS, AT_ONCE)
    return H3_REQUESTS / seconds, H3_REQUESTS


def quic_large(server, options):
    seconds = http3(server, options, server.large, 1, 1)
    return LARGE * 8 / seconds / 1e9, 1


def prepare(folder, options):
    """The servers of each row."""
    options.certificate, key = servers.certificate(folder)
    www = pathlib.Path(folder, "www")
    www.mkdir()
    (www / "small").write_bytes(b"x" * SMALL)
    with open(www / "large", "wb") as large:
        large.truncate(LARGE)
    ours = lambda *words: servers.Running("tablinum", [options.program, "--serve", "0", *words], stdout=subprocess.PIPE).read_port()
    files = f"root {www}; ssl_certificate {options.certificate}; ssl_certificate_key {key};"
    plain, secure = ours(), ours(options.certificate, key)
    nginx, nginx_tls = servers.nginx(folder, server=f"root {www};"), servers.nginx(folder, listen="ssl http2", server=files)
    gtls = Gtls(str(www), key, options.certificate)
    rows = {PLAIN: (http1, [plain, nginx]), TLS: (http2, [secure, nginx_tls]), QUIC: (quic_small, [secure, gtls]), BULK: (quic_large, [secure, gtls])}
    if options.go:
        go = servers.Running("quic-go", [options.go, "server", "--cert", options.certificate, "--key", key, "--www", str(www)],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(os.environ, GOMAXPROCS="1")).read_port()
        rows[QUIC][1].append(go)
        rows[BULK][1].append(go)
    for _, many in rows.values():
        for server in many:
            server.small, server.large = (f"/bytes/{SMALL}", f"/bytes/{LARGE}") if server.name == "tablinum" else ("/small", "/large")
    return rows


def build_go(work):
    program = work / "quic_go_peer"
    done = subprocess.run(["go", "build", "-o", str(program), "."], cwd=ROOT / "tests" / "interop" / "quic" / "go_peer", check=False)
    return str(program) if done.returncode == 0 else None


def spread(values, digits):
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"


def write(options, figures, loads):
    lines = ["# HTTP beside nginx, ngtcp2's server and quic-go", "",
             f"Written by bench/net.py. {servers.machine()}, load {min(loads):.1f}–{max(loads):.1f}; {options.rounds} rounds in turn; server and load "
             f"on a processor each: median (least–most). {SMALL} bytes with 64 connections of wrk (HTTP/1.1), one connection and {AT_ONCE} requests at "
             f"once of h2load (HTTP/2) and of our client (HTTP/3, for every server); the last row one file of a GiB. Ours answers from memory through "
             "router and middleware, the others from files. CPU time in ticks of 10 ms.", "",
             "| | server | a second | CPU µs each |", "|---|---|---|---|"]
    for (row, name), values in figures.items():
        unit = " Gbit" if row == BULK else ""
        lines.append(f"| {row} | {name} | {spread([v[0] for v in values], 2 if row == BULK else 0)}{unit} | {spread([v[1] for v in values], 1)} |")
    lines += ["", "| | beside | rate | CPU | target (rate) | |", "|---|---|---|---|---|---|"]
    for row, peer, least in TARGETS:
        if (row, peer) not in figures:
            lines.append(f"| {row} | {peer} | not there | | {least} | |")
            continue
        pairs = list(zip(figures[(row, "tablinum")], figures[(row, peer)]))
        rate = statistics.median(a[0] / b[0] for a, b in pairs)
        cpu = statistics.median(b[1] / a[1] for a, b in pairs)
        lines.append(f"| {row} | {peer} | {rate:.2f} | {cpu:.2f} | {least} | {'met' if rate >= least else '**missed**'} |")
    version = lambda *command: servers.first_line(command)
    lines += ["", f"{version('nginx', '-v')}; ngtcp2 {version('dpkg-query', '-W', '-f=${Version}', 'ngtcp2-server')}; quic-go 0.55.0, {version('go', 'version')}; "
              f"{version('wrk', '-v')}; {version('h2load', '--version')}."]
    options.out.write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


def main():
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--program", required=True)
    reader.add_argument("--rounds", type=int, default=5)
    reader.add_argument("--seconds", type=int, default=3)
    reader.add_argument("--work", type=pathlib.Path, default=pathlib.Path("build/bench/net"))
    reader.add_argument("--out", type=pathlib.Path, default=ROOT / "bench" / "results" / "net.md")
    options = reader.parse_args()
    options.work = options.work.resolve()
    options.work.mkdir(parents=True, exist_ok=True)
    options.go = build_go(options.work)
    figures, loads = {}, []
    with tempfile.TemporaryDirectory(prefix="tablinum_bench_") as folder:
        rows = prepare(folder, options)
        running = {id(server): server for _, many in rows.values() for server in many}.values()
        try:
            for step in range(options.rounds + 1):
                loads.append(os.getloadavg()[0])
                for row, (measure, many) in rows.items():
                    for server in many:
                        before = server.cpu()
                        rate, count = measure(server, options)
                        # The first round warms files and code.
                        if step > 0:
                            figures.setdefault((row, server.name), []).append((rate, (server.cpu() - before) * 1e6 / count))
        finally:
            for server in running:
                server.__exit__()
    write(options, figures, loads)


if __name__ == "__main__":
    main()
