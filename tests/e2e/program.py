"""What the tests of the whole program share: the program (TABLINUM in the environment, else the release build), folders, a server."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "samples/family/moyo-whitfield.gdz"
PROGRAM = pathlib.Path(os.environ.get("TABLINUM", ROOT / "build/release/tablinum")).resolve()
LIMIT_S = 120


def gedcom(records, version="5.5.1"):
    return f"0 HEAD\n1 GEDC\n2 VERS {version}\n1 CHAR UTF-8\n{records}0 TRLR\n"


def many_people(count):
    return gedcom("".join(f"0 @I{i}@ INDI\n1 NAME Given{i % 977} /Family{i % 1013}/\n1 BIRT\n2 DATE {1700 + i % 300}\n2 PLAC Town{i % 499}, Land\n"
                          for i in range(count)))


class Server:
    """A server on a port of its own choosing; `url` is where it answers."""

    def __init__(self, data, *options):
        self.process = subprocess.Popen([PROGRAM, "serve", "--data", data, "--listen", "127.0.0.1:0", "--json", *options], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the server did not start: {self.process.wait()}")
        self.url = json.loads(line)["url"].rstrip("/")

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=LIMIT_S) as answer:
            return json.load(answer)

    def upload(self, file, name):
        """Posts a file as the import page does; the job's description."""
        boundary = "boundary7f3a"
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="gedcomFile"; filename="{name}"\r\n\r\n'
        body = head.encode() + pathlib.Path(file).read_bytes() + f"\r\n--{boundary}--\r\n".encode()
        request = urllib.request.Request(self.url + "/api/v1/imports", body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})
        with urllib.request.urlopen(request, timeout=LIMIT_S) as answer:
            return json.load(answer)

    def stop(self, how=signal.SIGINT):
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(LIMIT_S)
        self.process.stdout.close()
        return code


class ProgramTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tablinum-test-"))
        self.data = self.folder / "data"

    def tearDown(self):
        for folder, _, _ in os.walk(self.folder):
            os.chmod(folder, 0o700)
        shutil.rmtree(self.folder)

    def write(self, name, content):
        file = self.folder / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def run_program(self, *words, code=0, data=True, **options):
        """Runs a command to its end and checks how it ended."""
        options = {"capture_output": True, "text": True, "timeout": LIMIT_S} | options
        done = subprocess.run([PROGRAM, *map(str, words), *(["--data", self.data] if data else [])], **options)
        self.assertEqual(done.returncode, code, f"{words}\n{(done.stdout or '')[-2000:]}\n{(done.stderr or '')[-2000:]}")
        return done

    def json(self, *words, code=0, **options):
        """The object in the last line of a command's output."""
        return json.loads(self.run_program(*words, "--json", code=code, **options).stdout.splitlines()[-1])

    def assert_well(self):
        checks = self.json("doctor")["checks"]
        self.assertEqual([c for c in checks if c["state"] == "broken"], [])


def main():
    unittest.main(verbosity=2)
