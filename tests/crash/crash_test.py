#!/usr/bin/env python3
"""kill -9 at random moments: the archive opens, every hash agrees, nothing acknowledged is lost, no half tree is seen.

SEED repeats a run; ROUNDS makes it longer.
"""
import os
import pathlib
import random
import signal
import subprocess
import sys
import time
import urllib.error

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
from program import PROGRAM, ProgramTest, Server, gedcom, main, many_people  # noqa: E402

SEED = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
ROUNDS = int(os.environ.get("ROUNDS", 8))
PEOPLE = 30_000
WAIT_S = 90


class Crash(ProgramTest):
    def setUp(self):
        super().setUp()
        print(f"SEED={SEED}", file=sys.stderr)
        self.random = random.Random(SEED)
        self.file = self.write("big.ged", many_people(PEOPLE))
        self.run_program("import", self.write("first.ged", gedcom("0 @I1@ INDI\n")), "--tree", "first")

    def people_by_tree(self):
        with_server = Server(self.data)
        try:
            return {tree["name"]: with_server.get(f"/api/v1/trees/{tree['id']}/persons?limit=1")["total"]
                    for tree in with_server.get("/api/v1/trees")["items"]}
        finally:
            with_server.stop()

    def time_of_an_import(self):
        begun = time.monotonic()
        self.run_program("import", self.file, "--tree", "whole")
        return time.monotonic() - begun

    def test_killed_imports(self):
        lasts = self.time_of_an_import()
        published = {"first": 1, "whole": PEOPLE}
        for n in range(ROUNDS):
            process = subprocess.Popen([PROGRAM, "import", self.file, "--data", self.data, "--tree", f"killed {n}", "--json"],
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            time.sleep(self.random.uniform(0, lasts * 1.1))
            process.kill()
            said = process.communicate()[0]
            # Before anybody writes again: a reader sees whole trees only.
            for name in [*published, f"killed {n}"]:
                found = subprocess.run([PROGRAM, "stats", "--data", self.data, "--tree", name, "--json"], capture_output=True, text=True)
                if name in published or said:
                    self.assertEqual(found.returncode, 0, (name, said, found.stderr))
                self.assertIn(found.returncode, (0, 4), found.stderr)
                if found.returncode == 0:
                    self.assertIn(f'"INDI":{published.get(name, PEOPLE)},', found.stdout)
                    published[name] = published.get(name, PEOPLE)
            self.assert_well()
        self.run_program("import", self.write("last.ged", gedcom("0 @I1@ INDI\n")), "--tree", "last")
        self.assert_well()

    def test_a_killed_server_goes_on_with_the_upload(self):
        acknowledged = 0
        for n in range(ROUNDS // 2):
            server = Server(self.data)
            try:
                server.upload(self.file, f"upload{n}.ged")
                acknowledged += 1
            except (urllib.error.URLError, ConnectionError) as error:
                self.fail(f"the upload was not taken: {error}")
            time.sleep(self.random.uniform(0, 1.5))
            server.stop(signal.SIGKILL)
            self.assert_well()
        server = Server(self.data)
        try:
            deadline = time.monotonic() + WAIT_S
            while time.monotonic() < deadline:
                trees = server.get("/api/v1/trees")["items"]
                if len(trees) >= 1 + acknowledged:
                    break
                time.sleep(1)
            self.assertEqual(len(trees), 1 + acknowledged)
        finally:
            self.assertEqual(server.stop(), 0)
        self.assert_well()
        self.assertEqual(list((self.data / "uploads").iterdir()), [])
        for n in range(acknowledged):
            self.assertEqual(self.json("stats", "--tree", f"upload{n}")["INDI"], PEOPLE)


if __name__ == "__main__":
    main()
