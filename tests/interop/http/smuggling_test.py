"""Requests that two servers could read in two ways, as raw bytes: what our server takes, nginx must read in the same way, and what our
proxy lets through must reach the backend as one request and no other. Sources: RFC 9112 §11, and the variants published since 2005
(CL.TE, TE.CL, TE.TE, CL.0, chunk sizes and extensions, folded lines, bare CR and LF).

Usage: smuggling_test.py HTTP_PEER TABLINUM
"""
import pathlib
import re
import signal
import socket
import subprocess
import sys
import threading

import peers

PEER, TABLINUM = sys.argv[1], sys.argv[2]
HIDDEN = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
LAST = b"GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


def request(fields, body=b"", line=b"POST /first HTTP/1.1"):
    return line + b"\r\nHost: a\r\n" + fields + b"\r\n" + body


def chunked(body, fields=b"Transfer-Encoding: chunked\r\n"):
    return request(fields, body)


END = b"0\r\n\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(HIDDEN)
# name: (bytes, what our server must make of them: the requests that it answers with 200, and whether it refuses what follows)
FIRST, BOTH, REFUSED = ["/first"], ["/first", "/last"], []
TABLE = {
    "plain": (request(b"Content-Length: 3\r\n", b"abc"), BOTH, False),
    "chunked": (chunked(b"3\r\nabc\r\n" + END), BOTH, False),
    "a request as a body": (request(LENGTH, HIDDEN), BOTH, False),
    "a request as a chunk": (chunked(b"%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n" + END), BOTH, False),
    "CL.TE": (request(b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n" % (len(END) + len(HIDDEN)), END + HIDDEN), REFUSED, True),
    "TE.CL": (request(b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", b"%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n" + END), REFUSED, True),
    "CL.TE with an empty body": (request(b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", END + HIDDEN), REFUSED, True),
    "TE.TE: two fields": (request(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", END + HIDDEN), REFUSED, True),
    "TE.TE: a list": (request(b"Transfer-Encoding: identity, chunked\r\n", END + HIDDEN), REFUSED, True),
    "TE.TE: chunked twice": (request(b"Transfer-Encoding: chunked, chunked\r\n", END + HIDDEN), REFUSED, True),
    "TE.TE: xchunked": (request(b"Transfer-Encoding: xchunked\r\n" + LENGTH, HIDDEN), REFUSED, True),
    "TE.TE: space before the colon": (request(b"Transfer-Encoding : chunked\r\n" + LENGTH, HIDDEN), REFUSED, True),
    "TE.TE: tab before the value": (request(b"Transfer-Encoding:\tchunked\r\n", END), BOTH, False),
    "TE.TE: vertical tab": (request(b"Transfer-Encoding: \x0bchunked\r\n" + LENGTH, HIDDEN), REFUSED, True),
    "TE.TE: quoted": (request(b'Transfer-Encoding: "chunked"\r\n' + LENGTH, HIDDEN), REFUSED, True),
    "TE.TE: in a folded line": (request(b"X: a\r\n Transfer-Encoding: chunked\r\n" + LENGTH, HIDDEN), REFUSED, True),
    "TE.TE: behind a bare LF": (request(b"X: a\nTransfer-Encoding: chunked\r\n" + LENGTH, HIDDEN), REFUSED, True),
    "TE.TE: behind a bare CR": (request(b"X: a\rTransfer-Encoding: chunked\r\n" + LENGTH, HIDDEN), REFUSED, True),
    "TE.TE: name with an underscore": (request(b"Transfer_Encoding: chunked\r\n" + LENGTH, HIDDEN), BOTH, False),
    "TE in HTTP/1.0": (request(b"Transfer-Encoding: chunked\r\n", END, b"POST /first HTTP/1.0"), REFUSED, True),
    "two lengths that differ": (request(b"Content-Length: 0\r\n" + LENGTH, HIDDEN), REFUSED, True),
    "two equal lengths": (request(LENGTH + LENGTH, HIDDEN), REFUSED, True),
    "a list of lengths": (request(b"Content-Length: 0, %d\r\n" % len(HIDDEN), HIDDEN), REFUSED, True),
    "length with a sign": (request(b"Content-Length: +%d\r\n" % len(HIDDEN), HIDDEN), REFUSED, True),
    "negative length": (request(b"Content-Length: -1\r\n", HIDDEN), REFUSED, True),
    "length in hexadecimal": (request(b"Content-Length: 0x3\r\n", b"abc"), REFUSED, True),
    "length with a space": (request(b"Content-Length: 3 3\r\n", b"abc"), REFUSED, True),
    "length over 64 bits": (request(b"Content-Length: 18446744073709551619\r\n", b"abc"), REFUSED, True),
    "length with a fraction": (request(b"Content-Length: 3.0\r\n", b"abc"), REFUSED, True),
    "length behind NUL": (request(b"Content-Length\x00: 3\r\n", b"abc"), REFUSED, True),
    "chunk size over 64 bits": (chunked(b"10000000000000003\r\nabc\r\n" + END), REFUSED, True),
    "chunk size of 2^64 - 1": (chunked(b"ffffffffffffffff\r\nabc\r\n" + END), REFUSED, True),
    "negative chunk size": (chunked(b"-3\r\nabc\r\n" + END), REFUSED, True),
    "chunk size with 0x": (chunked(b"0x3\r\nabc\r\n" + END), REFUSED, True),
    "chunk size with a space": (chunked(b"3 \r\nabc\r\n" + END), REFUSED, True),
    "chunk size with an underscore": (chunked(b"0_3\r\nabc\r\n" + END), REFUSED, True),
    "no chunk size": (chunked(b"\r\nabc\r\n" + END), REFUSED, True),
    "chunk extension": (chunked(b"3;a=b\r\nabc\r\n0;c\r\n\r\n"), BOTH, False),
    "chunk extension with a bare LF": (chunked(b"3;a\nabc\r\n" + END), REFUSED, True),
    "chunk extension with a bare CR": (chunked(b"3;a\rb\r\nabc\r\n" + END), REFUSED, True),
    "chunk that is longer than its size": (chunked(b"3\r\nabcde\r\n" + END), REFUSED, True),
    "chunk that ends in a bare LF": (chunked(b"3\r\nabc\n" + END), REFUSED, True),
    "chunk size that ends in a bare LF": (chunked(b"3\nabc\r\n" + END), REFUSED, True),
    "last chunk with a bare LF": (chunked(b"3\r\nabc\r\n0\r\n\n"), REFUSED, True),
    "trailer that frames": (chunked(b"3\r\nabc\r\n0\r\nContent-Length: 50\r\n\r\n"), REFUSED, True),
    "trailer": (chunked(b"3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n"), BOTH, False),
    "folded line": (request(b"X: a\r\n b\r\nContent-Length: 0\r\n"), REFUSED, True),
    "first field folded": (b"POST /first HTTP/1.1\r\n Host: a\r\nContent-Length: 0\r\n\r\n", REFUSED, True),
    "bare LF behind the request line": (b"POST /first HTTP/1.1\nHost: a\r\nContent-Length: 0\r\n\r\n", REFUSED, True),
    "bare LF at the end of the head": (b"POST /first HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\n", REFUSED, True),
    "two hosts": (request(b"Host: b\r\nContent-Length: 0\r\n"), REFUSED, True),
    "no host": (b"POST /first HTTP/1.1\r\nContent-Length: 0\r\n\r\n", REFUSED, True),
    "absolute target of another host": (request(b"Content-Length: 0\r\n", b"", b"POST http://b/first HTTP/1.1"), BOTH, False),
    "a body with GET": (request(LENGTH, HIDDEN, b"GET /first HTTP/1.1"), BOTH, False),
    "Upgrade that nobody asked for": (request(b"Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: \r\n" + LENGTH, HIDDEN), BOTH, False),
    "Connection that lists the length": (request(b"Connection: content-length\r\n" + LENGTH, HIDDEN), BOTH, False),
    "Expect and a body at once": (request(b"Expect: 100-continue\r\n" + LENGTH, HIDDEN), BOTH, False),
}
failures = []


def ask(port, data):
    """Everything that comes back to these bytes, with a last request behind them; then our side is closed."""
    with socket.create_connection(("127.0.0.1", port), peers.PATIENCE) as connection:
        got = b""
        try:
            connection.sendall(data + LAST)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                got += piece
        except ConnectionError:
            pass
        return got


def answers(data):
    """Status and body of each answer; each has a Content-Length. 100 Continue is none."""
    found = []
    while data:
        head, _, rest = data.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        if status == 100:
            data = rest
            continue
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        size = int(length[1]) if length else len(rest)
        found.append((status, rest[:size].decode(errors="replace")))
        data = rest[size:]
    return found


def targets(found):
    """Of the requests that were taken: the second word of what our server and nginx say of each."""
    return [body.split()[1].removeprefix("http://b") for status, body in found if status == 200]


class Backend(threading.Thread):
    """Behind the proxy: keeps what it is sent, reads it as leniently as the laxest server would, and answers everything."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.seen, self.lock = [], threading.Lock()

    def run(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        reader = connection.makefile("rb")
        with connection, reader:
            try:
                while line := reader.readline():
                    if line.strip():
                        self.take(reader, line, connection)
            except (OSError, ValueError, IndexError):
                pass

    def take(self, reader, line, connection):
        fields = {}
        while field := reader.readline().strip():
            name, _, value = field.partition(b":")
            fields[name.strip().lower()] = value.strip().lower()
        with self.lock:
            self.seen.append(line.split()[1].decode())
        if b"transfer-encoding" in fields:
            while size := int(reader.readline().split(b";")[0], 16):
                reader.read(size + 2)
            while reader.readline().strip():
                pass
        else:
            reader.read(int(fields.get(b"content-length", 0)))
        text = line.split()[0] + b" " + line.split()[1]
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(text) + text)

    def take_seen(self):
        with self.lock:
            return list(self.seen)


def check(name, true, said):
    if not true:
        failures.append(name)
        print(f"FAILED  {name}: {said}", flush=True)


def start_proxy(folder, backend):
    config = pathlib.Path(folder.path, "proxy.yaml")
    config.write_text("listen: [127.0.0.1:0]\nupstreams:\n  app: {backends: [http://127.0.0.1:%d], health: {active: false}}\n"
                      "hosts:\n  - routes: [{upstream: app}]\n" % backend.port)
    process = subprocess.Popen([TABLINUM, "--json", "proxy", "--config", str(config), "--cores", "1", "--no-watch"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    found = re.search(r":(\d+)\"", process.stdout.readline())
    return process, int(found[1])


def main(folder):
    says = 'default_type text/plain; location / { return 200 "$request_method $request_uri "; }'
    backend = Backend()
    backend.start()
    proxy, proxy_port = start_proxy(folder, backend)
    try:
        with peers.ours(PEER) as server, peers.nginx(folder, "", says) as nginx:
            for number, (name, (data, taken, refused)) in enumerate(TABLE.items()):
                # Each row has its own targets: what was broken off may reach the backend when the next row is under way.
                data, taken = data.replace(b"/first", b"/first%d" % number), [own_name(target, number) for target in taken]
                own = answers(ask(server.port, data))
                check(name, targets(own) == taken, f"our server took {own}")
                check(name, (own[-1][0] >= 400) == refused, f"our server ended with {own}")
                # nginx may take more: what it takes before must be the same.
                theirs = targets(answers(ask(nginx.port, data)))
                agrees = theirs[:len(taken)] == taken
                check(name, agrees or name in NGINX_REFUSES and not theirs, f"nginx took {theirs}")
                check(name, "/smuggled" not in targets(own), "the hidden request was answered")
                through = answers(ask(proxy_port, data))
                check(name, targets(through) == taken, f"through the proxy: {through}")
    finally:
        proxy.send_signal(signal.SIGINT)
        proxy.wait(peers.PATIENCE)
    seen = backend.take_seen()
    for number, name in enumerate(TABLE):
        check(name, seen.count(f"/first{number}") <= 1, f"the backend saw it {seen.count(f'/first{number}')} times")
    hidden = [each for each in seen if not each.startswith(("/first", "/last"))]
    check("all rows", not hidden, f"the backend saw {hidden}")
    check("all rows", "/first0" in seen, "the backend saw nothing")


def own_name(target, number):
    return f"/first{number}" if target == "/first" else target


# Harmless, and refused there all the same.
NGINX_REFUSES = {"TE.TE: tab before the value"}

with peers.Folder() as the_folder:
    main(the_folder)
print(f"{len(TABLE)} rows, {len(failures)} failures")
sys.exit(1 if failures else 0)
