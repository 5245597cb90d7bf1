"""The proxy in front of real servers (nginx, Python, Node) that are killed and started again under load.

Must hold: not one failed idempotent request. Usage: upstreams_test.py TABLINUM [SECONDS]
"""
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

TABLINUM = sys.argv[1]
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 12.0
TOKEN = "a token for this test only"
BODY = b"the same answer from everybody\n"

PYTHON = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Length', str(len(BODY)))
        self.send_header('X-Server', 'python')
        self.end_headers()
        self.wfile.write(BODY)
    def do_PUT(self):
        self.rfile.read(int(self.headers.get('Content-Length', 0)))
        self.do_GET()
    def log_message(self, *a): pass
BODY = %r
class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True
server = Server(('127.0.0.1', int(sys.argv[1])), Handler)
server.serve_forever()
""" % BODY
NODE = """
const body = %s;
require('http').createServer((request, response) => {
  request.resume();
  request.on('end', () => { response.setHeader('X-Server', 'node'); response.setHeader('Content-Length', body.length); response.end(body); });
}).listen(Number(process.argv[2]), '127.0.0.1');
""" % json.dumps(BODY.decode())
NGINX = """
daemon off; worker_processes 1; pid %(folder)s/nginx.pid; error_log /dev/null;
events { worker_connections 512; }
http { access_log off; client_body_temp_path %(folder)s/a; proxy_temp_path %(folder)s/b; fastcgi_temp_path %(folder)s/c;
  uwsgi_temp_path %(folder)s/d; scgi_temp_path %(folder)s/e;
  server { listen 127.0.0.1:%(port)d; location / { add_header X-Server nginx; default_type text/plain; return 200 "%(body)s"; } } }
"""


def pick_port():
    """Below the range from which the system takes ports for outgoing connections, so that it is still free at the next start."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class Upstream:
    def __init__(self, folder, kind):
        self.kind, self.folder, self.port, self.process = kind, folder, pick_port(), None

    def command(self):
        if self.kind == "python":
            return [sys.executable, "-c", PYTHON, str(self.port)]
        if self.kind == "node":
            return ["node", "-e", NODE.replace("process.argv[2]", "process.argv[1]"), str(self.port)]
        config = pathlib.Path(self.folder, f"nginx{self.port}.conf")
        config.write_text(NGINX % {"folder": self.folder, "port": self.port, "body": BODY.decode().replace("\n", "\\n")})
        return [shutil.which("nginx") or "/usr/sbin/nginx", "-p", self.folder, "-c", str(config)]

    def start(self):
        self.process, limit = None, time.monotonic() + 60
        while time.monotonic() < limit:
            if self.process is None or self.process.poll() is not None:
                self.process = subprocess.Popen(self.command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                if self.process.poll() is None:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise SystemExit(f"{self.kind} does not start")

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def ask_admin(port, what):
    admin = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    admin.request("GET", "/_wraith/" + what, headers={"Authorization": "Bearer " + TOKEN})
    return json.loads(admin.getresponse().read())


def wait_for_all(port):
    """Until all backends serve again: the test is about one that is gone, not about all."""
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        backends = ask_admin(port, "backends")["backends"]
        if all(b["state"] in ("healthy", "unknown") and b["breaker"] != "open" for b in backends):
            return
        time.sleep(0.05)
    raise SystemExit(f"not all came back: {backends}")


class Load(threading.Thread):
    def __init__(self, port, stop, method):
        super().__init__()
        self.port, self.stop, self.method = port, stop, method
        self.done, self.failures, self.servers = 0, [], set()

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        while not self.stop.is_set():
            try:
                connection.request(self.method, "/x", body=b"hello" if self.method == "PUT" else None)
                answer = connection.getresponse()
                body = answer.read()
                if answer.status != 200 or body != BODY:
                    self.failures.append(f"{self.method} {answer.status} {body[:60]!r}")
                self.servers.add(answer.headers["X-Server"])
            except Exception as error:  # a broken connection is a failed request
                self.failures.append(f"{self.method} {error!r}")
                connection.close()
            self.done += 1


def main():
    with tempfile.TemporaryDirectory() as folder:
        upstreams = [Upstream(folder, kind) for kind in ("nginx", "python", "node")]
        for upstream in upstreams:
            upstream.start()
        backends = ", ".join(f"http://127.0.0.1:{u.port}" for u in upstreams)
        pathlib.Path(folder, "token").write_text(TOKEN)
        config = pathlib.Path(folder, "proxy.yaml")
        config.write_text(
            f"listen: [127.0.0.1:0]\nadmin: {{listen: 127.0.0.1:0, token_file: {folder}/token}}\n"
            f"upstreams:\n  app:\n    backends: [{backends}]\n    algorithm: least_connections\n"
            "    health: {path: /health, interval: 500ms, timeout: 5s}\n    breaker: {open: 1s}\n"
            "hosts:\n  - routes: [{upstream: app}]\n")
        proxy = subprocess.Popen([TABLINUM, "--json", "proxy", "--config", str(config), "--cores", "1"], stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL)
        try:
            started = json.loads(proxy.stdout.readline())
            port = int(started["url"].rsplit(":", 1)[1])
            stop = threading.Event()
            loads = [Load(port, stop, "PUT" if i % 4 == 3 else "GET") for i in range(12)]
            for load in loads:
                load.start()
            end, rounds = time.monotonic() + SECONDS, 0
            while time.monotonic() < end or rounds < 4:  # each has been gone, and the file was read again
                upstream = upstreams[rounds % 3]
                upstream.kill()
                time.sleep(0.7)
                upstream.start()
                wait_for_all(started["admin_port"])
                rounds += 1
                if rounds == 3:  # read the file again in the middle
                    config.write_text(config.read_text() + "name: again\n")
                    proxy.send_signal(signal.SIGHUP)
            stop.set()
            for load in loads:
                load.join()
            stats = ask_admin(started["admin_port"], "stats")
        finally:
            proxy.terminate()
            for upstream in upstreams:
                upstream.kill()
        code = proxy.wait(30)
        done = sum(load.done for load in loads)
        failures = [f for load in loads for f in load.failures]
        servers = set().union(*(load.servers for load in loads))
        print(f"{done} requests, {len(failures)} failed, {rounds} kills, {stats['repeats']} repeats, "
              f"{stats['upstream_errors']} upstream errors, reloads {stats['reloads']}, answered by {sorted(servers)}")
        for failure in failures[:10]:
            print("  ", failure)
        assert not failures
        assert servers == {"nginx", "python", "node"}, servers
        assert stats["reloads"] >= 1 and stats["upstream_errors"] >= 1, stats
        assert code == 0, code


main()
