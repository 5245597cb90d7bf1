"""The cases of the QUIC interop runner between our QUIC and others', both roles, through wire.py. Prints a table; --report writes it
into a Markdown file between its marks. --short: the set of `make test`. Exit status 1 if a case that is not listed as known failed."""
import argparse
import hashlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from wire import Wire

HERE = pathlib.Path(__file__).resolve().parent
V2 = 0x6B3343CF
CHACHA20 = 0x1303
CHROME = ["chromium", "google-chrome", "chrome"]
UNSUPPORTED = 127


class Fault(Exception):
    """Why a case failed."""


class Skipped(Exception):
    """The peer, or this machine, cannot do that."""


# ---- peers

class Program:
    """A peer with quic_peer.cc's command line."""
    can = set()

    def __init__(self, name, command, version=""):
        self.name, self.command, self.version = name, command, version

    def start_server(self, files, options):
        process = subprocess.Popen(self.command + ["server", "--cert", files.chain, "--key", files.key, "--www", files.www] + options,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=files.log, text=True)
        line = process.stdout.readline()
        if not line.startswith("port "):
            if process.wait() == UNSUPPORTED:
                raise Skipped("the peer's server cannot")
            raise Fault("the server did not start")
        return process, int(line.split()[1])

    def stop_server(self, process):
        process.stdin.close()
        try:
            text = process.stdout.read()
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return {}
        return last_json(text)

    def run_client(self, files, port, options, paths, limit):
        done = subprocess.run(self.command + ["client", "--port", str(port), "--ca", files.certificate, "--out", files.out] + options + paths,
                              stdout=subprocess.PIPE, stderr=files.log, text=True, timeout=limit, check=False)
        if done.returncode == UNSUPPORTED:
            raise Skipped("the peer's client cannot")
        return last_json(done.stdout)


class Ngtcp2(Program):
    """Debian's gtlsserver and gtlsclient."""

    def start_server(self, files, options):
        words = ["--quiet", "--htdocs=" + files.www]
        address = "127.0.0.1"
        # GnuTLS refuses 0-RTT with tickets that look older than the server, and our TLS tells their age in whole seconds.
        age = 1.2 if "--early" in options else 0
        options = list(options)
        while options:
            word = options.pop(0)
            if word == "--address":
                address = options.pop(0)
            elif word == "--retry":
                words.append("--validate-addr")
            elif word == "--v2":
                words.append("--preferred-versions=0x6b3343cf")
            elif word == "--chacha20":
                words.append("--ciphers=NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+CHACHA20-POLY1305")
            elif word != "--early":
                raise Skipped(word)
        process = subprocess.Popen([self.command[1]] + words + [address, "0", files.key, files.chain], stdin=subprocess.DEVNULL,
                                   stdout=files.log, stderr=files.log)
        port = udp_port_of(process)
        time.sleep(age)
        return process, port

    def stop_server(self, process):
        process.kill()
        process.wait()
        return {}

    def run_client(self, files, port, options, paths, limit):
        words = ["--quiet", "--exit-on-all-streams-close", "--download=" + files.out, "--timeout=30s"]
        address, each, twice = "127.0.0.1", False, False
        options = list(options)
        while options:
            word = options.pop(0)
            if word == "--address":
                address = options.pop(0)
            elif word == "--v2":
                words.append("--version=0x6b3343cf")
            elif word == "--chacha20":
                words.append("--ciphers=NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+CHACHA20-POLY1305")
            elif word == "--key-update":
                words.append("--key-update=100ms")
            elif word == "--migrate":
                words.append("--change-local-addr=300ms")
            elif word == "--each":
                each = True
            elif word in ("--resume", "--early"):
                twice = True
                words += ["--session-file=" + files.folder + "/session", "--tp-file=" + files.folder + "/parameters"]
                if word == "--resume":
                    words.append("--disable-early-data")
        rounds = [[path] for path in paths] if each else [paths[:1], paths[1:]] if twice else [paths]
        for i, some in enumerate(rounds):
            wait = ["--wait-for-ticket"] if twice and i == 0 else []
            urls = ["https://localhost:%d/%s" % (port, path) for path in some]
            # Without this it ends as its first stream does.
            many = ["--nstreams=%d" % len(some)] if len(some) > 1 else []
            subprocess.run([self.command[0]] + words + wait + many + [address, str(port)] + urls, stdin=subprocess.DEVNULL,
                           stdout=files.log, stderr=files.log, timeout=limit, check=False)
        return {}


def last_json(text):
    for line in reversed(text.splitlines()):
        if line.startswith("{"):
            return json.loads(line)
    return {}


def udp_port_of(process):
    for _ in range(1000):
        try:
            links = [os.readlink(entry) for entry in pathlib.Path("/proc/%d/fd" % process.pid).iterdir()]
        except OSError:
            links = []
        inodes = {link[8:-1] for link in links if link.startswith("socket:[")}
        for table in ("/proc/net/udp", "/proc/net/udp6"):
            if not os.path.exists(table):
                continue
            for line in pathlib.Path(table).read_text().splitlines()[1:]:
                words = line.split()
                if words[9] in inodes and int(words[1].split(":")[1], 16):
                    return int(words[1].split(":")[1], 16)
        if process.poll() is not None:
            raise Fault("the server did not start")
        time.sleep(0.01)
    raise Fault("the server has no port")


# ---- files

class Files:
    """Certificate, what the server offers, where the client writes; one folder a run."""

    def __init__(self, log, long_chain=False):
        self.folder = tempfile.mkdtemp(prefix="tablinum_interop_")
        self.certificate, self.key = self.folder + "/cert.pem", self.folder + "/key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1",
                        "-keyout", self.key, "-out", self.certificate], check=True, capture_output=True)
        self.chain = self.certificate
        if long_chain:
            # 9 KB of it, so that the server has more to say than three times the client's first datagram.
            self.chain = self.folder + "/chain.pem"
            comment = "nsComment=" + "x" * 2900
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3",
                            "-subj", "/CN=filler", "-addext", comment, "-keyout", self.folder + "/filler.key", "-out",
                            self.folder + "/filler.pem"], check=True, capture_output=True)
            filler = pathlib.Path(self.folder + "/filler.pem").read_text()
            pathlib.Path(self.chain).write_text(pathlib.Path(self.certificate).read_text() + filler * 3)
        self.www, self.out = self.folder + "/www", self.folder + "/out"
        os.mkdir(self.www)
        os.mkdir(self.out)
        self.log = log

    def offer(self, count, size):
        names = []
        for i in range(count):
            name = "file%d_%d" % (i, size)
            pathlib.Path(self.www, name).write_bytes(hashlib.shake_128(name.encode()).digest(size))
            names.append(name)
        return names

    def check(self, names):
        for name in names:
            got = pathlib.Path(self.out, name)
            if not got.exists():
                raise Fault("no file came" if len(names) == 1 else "%d of %d files came" % (
                    sum(pathlib.Path(self.out, each).exists() for each in names), len(names)))
            if got.read_bytes() != pathlib.Path(self.www, name).read_bytes():
                raise Fault("a file differs")

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


# ---- cases

KIB, MIB = 1 << 10, 1 << 20
LINE = {"delay": 0.015, "rate": 10e6 / 8, "queue": 25}


class Case:
    def __init__(self, name, files, wire=None, server=(), client=(), look=None, limit=60, **more):
        self.name, self.files, self.wire, self.server, self.client = name, files, wire or {}, list(server), list(client)
        self.look, self.limit, self.more = look, limit, more


def need(true, why):
    if not true:
        raise Fault(why)


def look_retry(seen, ours, role):
    need(seen["server"].get("retry", 0) >= 1, "no Retry")
    need(seen["client"].get("token", 0) >= 1, "no token came back")


def look_resumed(seen, ours, role):
    need(ours.get("resumed") == 1, "the second connection was not resumed")


def look_early(seen, ours, role):
    need(seen["client"].get("0rtt", 0) >= 1, "no 0-RTT packet")
    need(ours.get("early") == 1, "0-RTT was not accepted")


def look_chacha(seen, ours, role):
    need(ours.get("cipher") == CHACHA20, "another cipher suite")


def look_v2(seen, ours, role):
    need(V2 in seen["versions"] and ours.get("version") == V2, "version 2 was not used")


def look_keys(seen, ours, role):
    need(ours.get("key_updates", 0) >= 1, "the keys were not updated")


def look_amplification(seen, ours, role):
    need(seen["amplified"] <= 3.0, "the server sent %.2f times what it had received" % seen["amplified"])


def look_ecn(seen, ours, role):
    need(seen["ecn_client"] > 0, "no mark from the client")
    need(seen["ecn_server"] > 0, "no mark from the server")


def look_rebound(seen, ours, role):
    need(seen["rebinds"] >= 1, "over before the address changed")


def look_migrated(seen, ours, role):
    need(len(seen["client_addresses"]) > 1 or seen["clients"] > 1, "the client stayed where it was")


def look_damage(seen, ours, role):
    need(seen["dropped"] + seen["corrupted"] > 0, "nothing was harmed")


CASES = [
    Case("handshake", (1, KIB), LINE),
    Case("transfer", (3, 2 * MIB), LINE),
    Case("longrtt", (1, KIB), {"delay": 0.75}),
    Case("multiplexing", (1999, 32), {"delay": 0.015}, limit=120),
    Case("chacha20", (1, MIB), LINE, ["--chacha20"], ["--chacha20"], look_chacha),
    Case("retry", (1, KIB), LINE, ["--retry"], [], look_retry),
    Case("resumption", (2, KIB), LINE, [], ["--resume"], look_resumed),
    Case("zerortt", (2, KIB), LINE, ["--early"], ["--early"], look_early),
    Case("http3", (3, 512 * KIB), LINE),
    Case("keyupdate", (1, 3 * MIB), LINE, [], ["--key-update"], look_keys),
    Case("v2", (1, MIB), LINE, ["--v2"], ["--v2"], look_v2),
    Case("amplificationlimit", (1, 5 * KIB), {"delay": 0.015, "lose_from_client": range(2, 8)}, [], [], look_amplification, 60, long_chain=True),
    Case("blackhole", (1, 4 * MIB), dict(LINE, blackhole=(1.0, 3.0)), [], [], look_damage),
    Case("handshakeloss", (20, KIB), {"delay": 0.015, "loss": 0.3, "drops_in_a_row": 3}, [], ["--each"], look_damage, 240),
    Case("transferloss", (1, 2 * MIB), dict(LINE, loss=0.02, drops_in_a_row=3), [], [], look_damage),
    Case("handshakecorruption", (20, KIB), {"delay": 0.015, "corrupt": 0.3}, [], ["--each"], look_damage, 240),
    Case("transfercorruption", (1, 2 * MIB), dict(LINE, corrupt=0.02), [], [], look_damage),
    Case("ecn", (1, 100 * KIB), LINE, [], [], look_ecn),
    Case("rebind-port", (1, 3 * MIB), dict(LINE, rebind="port"), [], [], look_rebound),
    Case("rebind-addr", (1, 3 * MIB), dict(LINE, rebind="address"), [], [], look_rebound),
    Case("ipv6", (1, MIB), LINE, ["--address", "::1"], ["--address", "::1"], family=socket.AF_INET6),
    Case("connectionmigration", (1, 3 * MIB), LINE, [], ["--migrate"], look_migrated),
    Case("reordering", (1, 2 * MIB), dict(LINE, reorder=0.05, duplicate=0.02)),
]
SHORT = ["handshake", "retry", "resumption", "zerortt", "chacha20", "keyupdate", "v2", "transferloss", "rebind-port"]
SHORT_SCALE = 4  # files are so much smaller then, but for what needs the time


def run_case(case, server, client, ours_serves, log, scale=1):
    files = Files(log, case.more.get("long_chain", False))
    try:
        count, size = case.files
        names = files.offer(count, size if "rebind" in case.wire or size <= KIB else size // scale)
        process, port = server.start_server(files, case.server)
        server_facts, client_facts, wire = {}, {}, None
        try:
            wire = Wire(port, case.more.get("family", socket.AF_INET), **case.wire)
            client_facts = client.run_client(files, wire.port, case.client, names, case.limit)
        except subprocess.TimeoutExpired:
            raise Fault("not done after %d s" % case.limit) from None
        except OSError as error:
            raise Skipped(str(error)) from error
        finally:
            server_facts = server.stop_server(process)
            if wire is not None:
                wire.close()
        files.check(names)
        seen = dict(wire.seen, rebinds=wire.rebinds, clients=len(wire.clients))
        if case.look:
            case.look(seen, server_facts if ours_serves else client_facts, ours_serves)
    finally:
        files.remove()


# ---- table

def peers_of(options):
    peers = []
    if shutil.which("gtlsclient"):
        server = shutil.which("gtlsserver") or "/usr/sbin/gtlsserver"
        peers.append(Ngtcp2("ngtcp2", ["gtlsclient", server]))
    try:
        import aioquic
        peers.append(Program("aioquic", [sys.executable, str(HERE / "aioquic_peer.py")], aioquic.__version__))
    except ImportError:
        pass
    if options.go and os.path.exists(options.go) and not options.short:
        peers.append(Program("quic-go", [options.go]))
    return peers


def write_report(path, columns, rows, notes):
    lines = ["| case | " + " | ".join(columns) + " |", "|---|" + "---|" * len(columns)]
    lines += ["| %s | %s |" % (name, " | ".join(cells)) for name, cells in rows]
    lines += [""] + ["- " + note for note in notes]
    begin, end = "<!-- quic table -->\n", "<!-- end -->"
    text = pathlib.Path(path).read_text()
    head, rest = text.split(begin)
    pathlib.Path(path).write_text(head + begin + "\n".join(lines) + "\n" + end + rest.split(end, 1)[1])


def main():
    reader = argparse.ArgumentParser()
    reader.add_argument("--peer", required=True)
    reader.add_argument("--go")
    reader.add_argument("--short", action="store_true")
    reader.add_argument("--report")
    reader.add_argument("--log", default=os.devnull)
    reader.add_argument("--case", action="append")
    reader.add_argument("--only", action="append", help="a column, e.g. aioquic-client")
    options = reader.parse_args()
    ours = Program("ours", [options.peer])
    pairs = []
    for peer in peers_of(options):
        pairs += [(peer.name + "-client", ours, peer, True), (peer.name + "-server", peer, ours, False)]
    if not options.short:
        pairs.append(("ours", ours, ours, True))
    if options.only:
        pairs = [pair for pair in pairs if pair[0] in options.only]
    rows, notes, failed, passed = [], [], 0, 0
    with open(options.log, "a") as log:
        for case in CASES:
            if options.short and case.name not in SHORT or options.case and case.name not in options.case:
                continue
            cells = []
            for column, server, client, ours_serves in pairs:
                begin = time.monotonic()
                print("== %s %s" % (case.name, column), file=log, flush=True)
                try:
                    run_case(case, server, client, ours_serves, log, SHORT_SCALE if options.short else 1)
                    cell = "yes"
                    passed += 1
                except Skipped:
                    cell = "–"
                except Fault as fault:
                    cell = "**no**"
                    failed += 1
                    notes.append("%s, %s: %s" % (case.name, column, fault))
                cells.append(cell)
                print("%-20s %-16s %-7s %5.1f s  %s" % (case.name, column, cell.strip("*"), time.monotonic() - begin,
                                                     notes[-1] if cell == "**no**" else ""), flush=True)
            rows.append((case.name, cells))
    if options.report:
        write_report(options.report, [pair[0] for pair in pairs], rows, notes)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
