"""What the HTTP runs share: a certificate, our peer, and the foreign servers; none is told a port that was not bound before."""
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

PATIENCE = 60  # seconds until something that hangs is a failure


class Folder:
    """A temporary folder with a certificate for localhost."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="tablinum_http_")
        self.certificate, self.key = self.path + "/cert.pem", self.path + "/key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3", "-subj",
                        "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", self.key, "-out",
                        self.certificate], check=True, capture_output=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def pattern(size):
    return bytes((i * 7 + i // 251) % 256 for i in range(size))


class Server:
    """A process that is ended with the block. `port` is where it listens."""

    def __init__(self, command, **more):
        self.process = subprocess.Popen(command, **more)
        self.port = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.stdin:
            self.process.stdin.close()
        else:
            self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def ours(peer, *certificate):
    """Our server: plain (HTTP/1.1, and HTTP/2 by prior knowledge), or with TLS."""
    server = Server([peer, "server", *certificate], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    server.port = port_line(server.process)
    return server


def port_line(process):
    line = process.stdout.readline()
    if not line.startswith("port "):
        raise SystemExit("a server did not start")
    return int(line.split()[1])


def go_server(program, folder):
    server = Server([program, folder.certificate, folder.key], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    server.port = port_line(server.process)
    return server


def nghttpd(folder, *options):
    """Its port is the system's choice, and read from /proc."""
    program = shutil.which("nghttpd") or "/usr/sbin/nghttpd"
    server = Server([program, "-a", "127.0.0.1", *options, "0", folder.key, folder.certificate], stdout=subprocess.DEVNULL)
    server.port = listening_port(server.process)
    return server


def listening_port(process):
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit and process.poll() is None:
        try:
            links = [os.readlink(entry) for entry in pathlib.Path(f"/proc/{process.pid}/fd").iterdir()]
        except OSError:
            links = []
        inodes = {link[8:-1] for link in links if link.startswith("socket:[")}
        for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
            words = line.split()
            if words[9] in inodes and words[3] == "0A":
                return int(words[1].split(":")[1], 16)
        time.sleep(0.01)
    raise SystemExit("a server did not start")


NGINX = """
%(user)sdaemon off; worker_processes 1; pid %(folder)s/nginx.pid; error_log %(folder)s/error.log;
events { worker_connections 512; }
http { access_log off; client_body_temp_path %(folder)s/a; proxy_temp_path %(folder)s/b; fastcgi_temp_path %(folder)s/c;
  uwsgi_temp_path %(folder)s/d; scgi_temp_path %(folder)s/e; client_max_body_size 64m; %(http)s
  server { listen 127.0.0.1:%(port)d %(listen)s; ssl_certificate %(certificate)s; ssl_certificate_key %(key)s; %(server)s } }
"""


def nginx(folder, listen="", server="", http=""):
    """With a socket that is bound and listening already: nginx takes over what the variable NGINX names, as in its binary upgrade."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    port = listener.getsockname()[1]
    config = pathlib.Path(folder.path, f"nginx{port}.conf")
    config.write_text(NGINX % {"folder": folder.path, "port": port, "listen": listen, "server": server, "http": http,
                               "certificate": folder.certificate, "key": folder.key,
                               # Its worker would read our folder as somebody else.
                               "user": "user root; " if os.getuid() == 0 else ""})
    os.set_inheritable(listener.fileno(), True)
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    started = Server([program, "-p", folder.path, "-c", str(config)], env=dict(os.environ, NGINX=f"{listener.fileno()};"),
                     pass_fds=[listener.fileno()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    listener.close()
    started.port = port
    return started
