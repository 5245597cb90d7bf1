"""Servers that bench/net.py and bench/proxy.py measure: started with sockets that are bound already, pinned to a processor, and ended by id."""
import os
import pathlib
import shutil
import socket
import subprocess
import time

SERVER_CORE, LOAD_CORE = 0, 1


def pinned(core):
    """For Popen's preexec_fn; on a machine with one processor it changes nothing."""
    have = sorted(os.sched_getaffinity(0))
    return lambda: os.sched_setaffinity(0, {have[core % len(have)]})


def cpu_seconds(pid):
    """User and system time of a process and of its children that are alive."""
    total = 0.0
    for each in [pid, *children_of(pid)]:
        fields = pathlib.Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def children_of(pid):
    return [int(word) for word in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class Running:
    """A server under measurement; ended with its block."""

    def __init__(self, name, command, core=SERVER_CORE, **more):
        self.name = name
        self.port = None
        self.process = subprocess.Popen(command, preexec_fn=pinned(core), stderr=subprocess.DEVNULL, text=True, **more)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def cpu(self):
        return cpu_seconds(self.process.pid)

    def read_port(self, key="port "):
        line = self.process.stdout.readline()
        if key not in line:
            raise SystemExit(f"{self.name} did not start: {line}")
        self.port = int("".join(c for c in line.split(key)[1].strip().strip('"').split('"')[0] if c.isdigit()))
        return self


def wait_for(port):
    limit = time.monotonic() + 30
    while time.monotonic() < limit:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"nothing listens on port {port}")


def certificate(folder):
    cert, key = f"{folder}/cert.pem", f"{folder}/key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", cert], check=True,
                   capture_output=True)
    return cert, key


NGINX = """
%(user)sdaemon off; worker_processes 1; pid %(folder)s/%(port)d.pid; error_log /dev/null; events { worker_connections 4096; }
http { access_log off; keepalive_requests 1000000000; client_body_temp_path %(folder)s/a; proxy_temp_path %(folder)s/b;
  fastcgi_temp_path %(folder)s/c; uwsgi_temp_path %(folder)s/d; scgi_temp_path %(folder)s/e; %(http)s
  server { listen 127.0.0.1:%(port)d %(listen)s; %(server)s } }
"""


def nginx(folder, name="nginx", listen="", server="", http="", core=SERVER_CORE):
    """With a listening socket that it takes over (as in its binary upgrade), so that no port is chosen beforehand."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1024)
    port = listener.getsockname()[1]
    config = pathlib.Path(folder, f"nginx{port}.conf")
    config.write_text(NGINX % {"folder": folder, "port": port, "listen": listen, "server": server, "http": http,
                               "user": "user root; " if os.getuid() == 0 else ""})
    os.set_inheritable(listener.fileno(), True)
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    started = Running(name, [program, "-p", folder, "-c", str(config)], core, env=dict(os.environ, NGINX=f"{listener.fileno()};"),
                      pass_fds=[listener.fileno()], stdout=subprocess.DEVNULL)
    listener.close()
    started.port = port
    wait_for(port)
    return started


def free_port():
    """For Caddy, which takes no socket over: another program could be faster; then Caddy does not start and the run says so."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def caddy(folder, site):
    port = free_port()
    config = pathlib.Path(folder, "Caddyfile")
    config.write_text("{\n  admin off\n  auto_https off\n}\nhttp://127.0.0.1:%d {\n  %s\n}\n" % (port, site))
    started = Running("Caddy", ["caddy", "run", "--config", str(config), "--adapter", "caddyfile"],
                      env=dict(os.environ, HOME=str(folder), GOMAXPROCS="1"), stdout=subprocess.DEVNULL)
    started.port = port
    wait_for(port)
    return started


def first_line(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip().split("\n")[0]


def machine():
    return f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} processors ({os.uname().machine}, Linux {os.uname().release})"
