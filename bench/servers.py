"""Servers that bench/net.py and bench/proxy.py measure: on ports that the system chooses, pinned to a processor, and ended by id."""
import json
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


def resident_kib(pid):
    """Of a process and its children; what is shared between them counts once."""
    total = 0
    for each in [pid, *children_of(pid)]:
        fields = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()[1:])
        total += int(fields["Pss"].split()[0])
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


def chosen_port(server, protocol):
    """The port that a server bound which was told to take any: of its sockets in /proc/net/{tcp,udp}."""
    limit = time.monotonic() + 30
    while time.monotonic() < limit and server.process.poll() is None:
        try:
            links = [os.readlink(entry) for entry in pathlib.Path(f"/proc/{server.process.pid}/fd").iterdir()]
        except OSError:
            links = []
        inodes = {link[8:-1] for link in links if link.startswith("socket:[")}
        for line in pathlib.Path(f"/proc/net/{protocol}").read_text().splitlines()[1:]:
            words = line.split()
            port = int(words[1].split(":")[1], 16)
            # 0A: listens.
            if words[9] in inodes and port and (protocol == "udp" or words[3] == "0A"):
                return port
        time.sleep(0.01)
    raise SystemExit(f"{server.name} did not start")


def caddy(folder, handler, tls=None):
    """One handler for everything.  @param tls certificate and key, or none."""
    site = {"listen": ["127.0.0.1:0"], "automatic_https": {"disable": True}, "routes": [{"handle": [handler]}], "protocols": ["h1", "h2"]}
    apps = {"http": {"servers": {"bench": site}}}
    if tls:
        site["tls_connection_policies"] = [{}]
        apps["tls"] = {"certificates": {"load_files": [{"certificate": tls[0], "key": tls[1]}]}}
    config = pathlib.Path(folder, f"caddy{len(list(pathlib.Path(folder).glob('caddy*.json')))}.json")
    config.write_text(json.dumps({"admin": {"disabled": True}, "logging": {"logs": {"default": {"level": "ERROR"}}}, "apps": apps}))
    started = Running("Caddy", ["caddy", "run", "--config", str(config)], env=dict(os.environ, HOME=str(folder), GOMAXPROCS="1"),
                      stdout=subprocess.DEVNULL)
    started.port = chosen_port(started, "tcp")
    wait_for(started.port)
    return started


def first_line(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip().split("\n")[0]


def machine():
    return f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} processors ({os.uname().machine}, Linux {os.uname().release})"


def go_module(folder, name):
    """The version that go.mod asks for."""
    line = next(line for line in (folder / "go.mod").read_text().splitlines() if name + " " in line)
    return line.split(name + " ")[1].split()[0].lstrip("v")


def write_between_marks(page, script, lines):
    """What was measured; what was found out about it stands around the marks and stays."""
    mark = f"<!-- measured by {script} -->"
    text = page.read_text()
    if text.count(mark) != 2:
        raise SystemExit(f"{page} does not have the mark {mark} twice")
    head, _, rest = text.split(mark)
    page.write_text(head + mark + "\n" + "\n".join(lines) + "\n" + mark + rest)
