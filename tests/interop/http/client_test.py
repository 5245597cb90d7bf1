"""Our HTTP client with servers that others wrote: nghttpd, nginx and Go's net/http, in HTTP/2 and HTTP/1.1 over TLS.

Usage: client_test.py HTTP_PEER GO_SERVER
"""
import hashlib
import pathlib
import subprocess
import sys

import peers

PEER, GO = sys.argv[1], sys.argv[2]
LARGE = 3_000_000
failures = []


def check(name, true, said=""):
    print(("ok      " if true else "FAILED  ") + name, flush=True)
    if not true:
        failures.append(name)
        print(said[-2000:], flush=True)


def fetch(folder, port, paths, *options):
    """The printed lines, in the order in which answers came."""
    urls = [f"https://localhost:{port}{path}" for path in paths]
    done = subprocess.run([PEER, "client", "--ca", folder.certificate, *options, *urls], capture_output=True, text=True,
                          timeout=peers.PATIENCE, check=False)
    return done.stdout.splitlines() or [done.stderr]


def line(body, status=200, more=""):
    return f"{status} {len(body)} {hashlib.sha256(body).hexdigest()}{more}"


def same(name, got, want):
    check(name, sorted(got) == sorted(want), "\n".join(got[:20]))


def with_nghttpd(folder):
    www = pathlib.Path(folder.path, "www")
    www.mkdir(exist_ok=True)
    small, large = b"a small file\n", peers.pattern(LARGE)
    (www / "small").write_bytes(small)
    (www / "large").write_bytes(large)
    with peers.nghttpd(folder, "-d", str(www)) as server:
        same("nghttpd: a small file", fetch(folder, server.port, ["/small"], "--http2"), [line(small)])
        same("nghttpd: a large file", fetch(folder, server.port, ["/large"], "--http2"), [line(large)])
        same("nghttpd: 200 at once on the way through ALPN", fetch(folder, server.port, ["/small"], "--at-once", "200"), [line(small)] * 200)
        got = fetch(folder, server.port, ["/missing"], "--http2")
        check("nghttpd: a file that is not there", len(got) == 1 and got[0].startswith("404 "), "\n".join(got))
    with peers.nghttpd(folder, "-d", str(www), "--trailer", "x-sum: 42") as server:
        same("nghttpd: trailers", fetch(folder, server.port, ["/small"], "--http2"), [line(small, more=" x-sum=42")])
    with peers.nghttpd(folder, "--echo-upload") as server:
        for size in (0, 1, 70_000, LARGE):
            body = peers.pattern(size)
            same(f"nghttpd: echo of {size} bytes", fetch(folder, server.port, ["/"], "--http2", "--post", str(size)), [line(body)])
    with peers.nghttpd(folder, "-d", str(www), "-m", "3", "--window-bits=16", "--header-table-size=0") as server:
        same("nghttpd: three streams at a time, a table of nothing", fetch(folder, server.port, ["/small", "/large"], "--at-once", "20"),
             [line(small), line(large)] * 20)


def with_nginx(folder):
    www = pathlib.Path(folder.path, "www")
    small, large = (www / "small").read_bytes(), (www / "large").read_bytes()
    files = f"root {www};"
    with peers.nginx(folder, "ssl http2", files) as server:
        same("nginx: small and large", fetch(folder, server.port, ["/small", "/large"]), [line(small), line(large)])
        same("nginx: 200 at once", fetch(folder, server.port, ["/small"], "--at-once", "200"), [line(small)] * 200)
    with peers.nginx(folder, "ssl http2", files, "keepalive_requests 7; http2_max_concurrent_streams 3;") as server:
        same("nginx: goes away after every seventh request", fetch(folder, server.port, ["/small"], "--at-once", "10", "--times", "10"),
             [line(small)] * 100)
    with peers.nginx(folder, "ssl", files, "keepalive_requests 3;") as server:
        same("nginx without HTTP/2: falls back", fetch(folder, server.port, ["/small", "/large"], "--at-once", "5", "--times", "3"),
             [line(small), line(large)] * 15)
        got = fetch(folder, server.port, ["/small"], "--http2")
        check("nginx without HTTP/2: refused where nothing else will do", got[0].startswith("error protocol"), "\n".join(got))
    with peers.nginx(folder, "ssl http2", "location / { return 204; } location /away { return 302 /; }") as server:
        same("nginx: 204 and 302", [each.split()[0] for each in fetch(folder, server.port, ["/", "/away"])], ["204", "302"])


def with_go(folder):
    with peers.go_server(GO, folder) as server:
        for options in (["--http2"], ["--http1"]):
            name = "Go, " + options[0][2:]
            for size in (0, 1, LARGE):
                body = peers.pattern(size)
                same(f"{name}: echo of {size} bytes", fetch(folder, server.port, ["/echo"], *options, "--post", str(size)), [line(body)])
            same(f"{name}: trailers", fetch(folder, server.port, ["/trailers"], *options), [line(b"body", more=" x-sum=42")])
            same(f"{name}: 50 at once", fetch(folder, server.port, ["/bytes"], *options, "--at-once", "50"),
                 [line(peers.pattern(50_000))] * 50)
        got = fetch(folder, server.port, ["/abort"], "--http2")
        check("Go: a stream that is reset in its middle", len(got) == 1 and got[0].startswith("error"), "\n".join(got))
        same("Go: hints before the answer", fetch(folder, server.port, ["/hints"], "--http2"), [line(b"after the hints")])


with peers.Folder() as folder:
    with_nghttpd(folder)
    with_nginx(folder)
    with_go(folder)
sys.exit("failed: " + ", ".join(failures) if failures else 0)
