"""The server under test, a client that shows the wire, and an oracle: the sample's GEDCOM read by a dozen lines of Python."""
import contextlib
import http.client
import io
import json
import os
import pathlib
import re
import signal
import subprocess
import time
import urllib.parse
import uuid
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "samples" / "family" / "moyo-whitfield.gdz"
MODELS = ROOT / "samples" / "models"
BINARY = os.environ["TABLINUM_BINARY"]
JOB_SECONDS = 60


class Answer:
    def __init__(self, response, body):
        self.status, self.headers, self.body = response.status, response.headers, body

    @property
    def type(self):
        return (self.headers.get("content-type") or "").split(";")[0]

    def json(self):
        return json.loads(self.body)


class Server:
    """A running `tablinum serve` on a free port. Every request has a connection of its own."""

    def __init__(self, data):
        self.data = data
        self.log = open(f"{data}.log", "ab")
        self.process = subprocess.Popen([BINARY, "--json", "serve", "--data", str(data), "--listen", "127.0.0.1:0", "--models", str(MODELS)],
                                        stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        self.url = json.loads(line)["url"]
        self.port = urllib.parse.urlsplit(self.url).port

    def connect(self, timeout=30):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def ask(self, method, path, body=None, headers=None, **query):
        if query:
            path += "?" + urllib.parse.urlencode(query)
        connection = self.connect()
        try:
            if isinstance(body, (dict, list)):
                body, headers = json.dumps(body), {"content-type": "application/json", **(headers or {})}
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Answer(response, response.read())
        finally:
            connection.close()

    def get(self, path, **query):
        answer = self.ask("GET", path, **query)
        assert answer.status == 200, (path, query, answer.status, answer.body)
        return answer.json()

    def upload(self, path, content, name="family.ged", **fields):
        return self.ask("POST", path, *form(content, name, **fields))

    def job(self, answer):
        """Follows the job of a 202 to its end, by polling."""
        assert answer.status == 202, (answer.status, answer.body)
        address = answer.headers["location"]
        deadline = time.monotonic() + JOB_SECONDS
        while time.monotonic() < deadline:
            job = self.get(address)
            if job["state"] in ("succeeded", "failed", "cancelled"):
                return job
            time.sleep(0.05)
        raise AssertionError(f"the job did not end: {job}")

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(30)
        self.log.close()
        self.process.stdout.close()
        return code


def form(content, name="family.ged", **fields):
    """A multipart body and its headers, as ask() takes them."""
    boundary = uuid.uuid4().hex
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode() for key, value in fields.items()]
    parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="gedcomFile"; filename="{name}"\r\n'
                 f'Content-Type: application/octet-stream\r\n\r\n'.encode() + content + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), {"content-type": f"multipart/form-data; boundary={boundary}"}


def import_sample(data):
    done = subprocess.run([BINARY, "--json", "import", str(SAMPLE), "--data", str(data)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def all_rows(server, path, limit, **query):
    """Every row of a list, page by page; the total must be the same on each and equal what came."""
    rows, cursor = [], {}
    while True:
        page = server.get(path, limit=limit, **query, **cursor)
        assert len(page["items"]) <= limit
        rows += page["items"]
        assert len(rows) <= page["total"], (path, query, "the pages do not end")
        if page["nextCursor"] is None:
            assert page["total"] == len(rows), (path, query)
            return rows
        assert page["items"], "a page with a successor is not empty"
        cursor = {"cursor": page["nextCursor"]}


@contextlib.contextmanager
def own_tree(server, gedcom):
    """A tree of the test's own, deleted after it: (tree id, {given name: person id})"""
    tree = server.ask("POST", "/api/v1/trees", {"name": "a test's own"}).json()["id"]
    job = server.job(server.upload(f"/api/v1/trees/{tree}/imports", gedcom.encode(), "own.ged"))
    assert job["state"] == "succeeded", job
    yield tree, {p["given"]: p["id"] for p in server.get(f"/api/v1/trees/{tree}/persons")["items"]}
    server.ask("DELETE", f"/api/trees/{tree}")


class Line:
    def __init__(self, tag, value, xref=None):
        self.tag, self.value, self.xref, self.children = tag, value, xref, []

    def all(self, *path):
        found = [self]
        for tag in path:
            found = [child for line in found for child in line.children if child.tag == tag]
        return found

    def text(self, *path):
        return next((line.value for line in self.all(*path)), "")


def read_gedcom(text):
    records, stack = [], []
    for line in text.lstrip("\ufeff").splitlines():
        level, xref, tag, value = re.fullmatch(r"(\d+) (?:(@[^@]+@) )?(\w+)(?: (.*))?", line).groups()
        node = Line(tag, (value or "").replace("@@", "@", 1) if (value or "").startswith("@@") else value or "", xref)
        del stack[int(level):]
        (stack[-1].children if stack else records).append(node)
        stack.append(node)
    return records


def gedcom_of(gedzip):
    with zipfile.ZipFile(io.BytesIO(gedzip) if isinstance(gedzip, bytes) else gedzip) as packed:
        return packed.read("gedcom.ged").decode()


def flat(records):
    """Structures as comparable text, one a line, without what a writer may choose."""
    def walk(line, level):
        yield f"{level} {line.xref or ''} {line.tag} {line.value}".replace("  ", " ")
        for child in line.children:
            yield from walk(child, level + 1)
    return [text for record in records if record.tag != "TRLR" for text in walk(record, 0)]


TINY = b"0 HEAD\n1 GEDC\n2 VERS 7.0\n0 @I1@ INDI\n1 NAME Ada /Lamb/\n1 SEX F\n1 FAMS @F1@\n0 @I2@ INDI\n1 NAME Ben /Lamb/\n1 SEX M\n" \
       b"1 FAMS @F1@\n0 @I3@ INDI\n1 NAME Cy /Lamb/\n1 FAMC @F1@\n0 @F1@ FAM\n1 HUSB @I2@\n1 WIFE @I1@\n1 CHIL @I3@\n0 TRLR\n"
