#!/usr/bin/env python3
"""The command line from end to end: what each command prints, its exit codes, and what it does with bad files and a bad world.

    command_line_test.py [Class[.test]]
"""
import json
import os
import pathlib
import pty
import random
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
import unittest
import urllib.request
import zipfile

from program import PROGRAM, ROOT, SAMPLE, ProgramTest, Server, gedcom, main, many_people

COMMANDS = "import export search kin chart history undo show check stats backup restore doctor serve openapi version completion man".split()
COUNTS = "INDI FAM SOUR REPO OBJE NOTE SUBM BIRT DEAT MARR named_individuals".split()
FAMILY = gedcom("0 @I1@ INDI\n1 NAME Anna /Moyo/\n1 SEX F\n1 FAMS @F1@\n1 BIRT\n2 DATE 1900\n0 @I2@ INDI\n1 NAME Ben /Moyo/\n1 FAMC @F1@\n"
                "0 @I3@ INDI\n1 NAME Carl /Alone/\n0 @F1@ FAM\n1 WIFE @I1@\n1 CHIL @I2@\n")


def child_may_write(bytes_max):
    """For a child process: files may not grow beyond this."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, bytes_max))
    return limit


class Basics(ProgramTest):
    def test_every_command_explains_itself(self):
        for command in COMMANDS:
            self.assertIn("--data", self.run_program("--help", data=False).stdout)
            self.assertIn(command, self.run_program(command, "--help", data=False).stdout)

    def test_a_command_alone_is_the_command_among_all(self):
        """Where a command comes first, only its group is made (app/CMakeLists.txt says which that is)."""
        listed = re.search(r"\nSubcommands:\n(.*?)\n\n", self.run_program("--help", data=False).stdout, re.DOTALL).group(1)
        commands = re.findall(r"^  ([a-z]+)", listed, re.MULTILINE)
        self.assertLessEqual(set(COMMANDS), set(commands))
        for command in commands:
            self.assertEqual(self.run_program(command, "--help", data=False).stdout, self.run_program("--quiet", command, "--help", data=False).stdout)
        named = " ".join(re.findall(r'COMMANDS "([^"]*)"', (ROOT / "app" / "CMakeLists.txt").read_text())).split()
        self.assertEqual(sorted([*named, "version", "completion", "man"]), sorted(commands))

    def test_usage(self):
        self.run_program("nonsense", data=False, code=2)
        self.run_program("import", code=2)
        self.run_program("export", code=2)
        self.run_program("search", "x", "--limit", "0", code=2)
        self.run_program("completion", "tcsh", code=2)
        self.run_program(data=False, code=2)

    def test_version_and_openapi(self):
        self.assertTrue(self.json("version", data=False)["version"])
        self.assertEqual(json.loads(self.run_program("openapi", data=False).stdout)["openapi"][:3], "3.1")

    def test_import_and_stats_give_the_same_counts(self):
        imported = self.json("import", SAMPLE, "--tree", "sample")
        counted = self.json("stats", "--tree", "sample")
        for key in COUNTS:
            self.assertEqual(imported[key], counted[key], key)
        self.assertIsInstance(imported["problems"], list)
        self.assertIsInstance(counted["problems"], list)
        self.assertGreater(imported["INDI"], 100)

    def test_the_answer_is_no(self):
        self.run_program("import", self.write("a.ged", FAMILY))
        self.assertEqual(self.json("search", "nobodyatall", code=1)["total"], 0)
        self.assertFalse(self.json("kin", "I1", "I3", code=1)["related"])
        self.run_program("import", self.write("b.ged", gedcom("0 @I1@ INDI\n1 BIRT\n2 DATE 1900\n1 DEAT\n2 DATE 1800\n")), "--tree", "odd")
        self.assertGreater(self.json("check", "--tree", "odd", code=1)["total"], 0)

    def test_reading_commands(self):
        self.run_program("import", self.write("a.ged", FAMILY))
        self.assertIn("1 NAME Anna /Moyo/", self.json("show", "@I1@")["gedcom"])
        self.assertEqual(self.json("search", "Anna")["hits"][0]["xref"], "I1")
        kin = self.json("kin", "I1", "Ben")
        self.assertTrue(kin["related"])
        self.assertEqual(kin["coefficient"], 0.25)
        self.assertEqual(self.json("check")["total"], 0)
        self.assertTrue(self.json("doctor")["ok"])

    def test_charts(self):
        self.run_program("import", self.write("a.ged", FAMILY))
        for kind in "pedigree descendants hourglass fan relatives everyone timeline map".split():
            written = self.folder / f"{kind}.pdf"
            self.assertEqual(self.json("chart", kind, "I1", "-o", written)["bytes"], written.stat().st_size)
            text = subprocess.run(["pdftotext", "-layout", written, "-"], capture_output=True, text=True, check=True).stdout
            if kind == "map":  # none of them has a place: the world, with its title
                self.assertNotIn("Anna", text)
                continue
            self.assertIn("Anna", text)
            self.assertEqual("Carl" in text, kind == "everyone", kind)
        self.run_program("chart", "path", "I2", "--to", "I1", "-o", self.folder / "path.svg")
        drawn = (self.folder / "path.svg").read_text()
        self.assertTrue(all(name in drawn for name in ("Anna", "Ben")) and "Carl" not in drawn)
        self.run_program("chart", "fan", "I1", "-o", self.folder / "fan.pdf", code=6)  # it is there
        self.run_program("chart", "path", "I2", "-o", self.folder / "no.pdf", code=3)
        self.run_program("chart", "fan", "I99", "-o", self.folder / "no.pdf", code=4)
        self.run_program("chart", "fan", "I1", "-o", self.folder / "no.svg", "--paper", "A4", code=3)
        self.run_program("chart", "star", "I1", "-o", self.folder / "no.pdf", code=2)
        self.assertFalse((self.folder / "no.pdf").exists())

    def test_history_and_undo(self):
        self.run_program("import", self.write("a.ged", FAMILY))
        server = Server(self.data)
        try:
            tree = server.get("/api/v1/trees")["items"][0]["id"]
            person = server.get(f"/api/v1/trees/{tree}/persons?limit=1")["items"][0]["id"]
            change = {"reason": "a nickname", "ops": [{"op": "patch", "id": person, "merge": {"sex": "X"}}]}
            request = urllib.request.Request(f"{server.url}/api/v1/trees/{tree}/changes", json.dumps(change).encode(),
                                             {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"})
            with urllib.request.urlopen(request, timeout=60) as answer:
                done = json.load(answer)["changeSet"]
        finally:
            server.stop()
        listed = self.json("history")["changes"]
        self.assertEqual([(change["kind"], change["reason"]) for change in listed][0], ("edit", "a nickname"))
        self.assertEqual(listed[0]["id"], done)
        shown = self.json("history", done)
        self.assertEqual(shown["recordsTotal"], 1)
        self.assertIn("SEX X", " ".join(line for difference in shown["records"][0]["differences"] for line in difference["after"]))
        self.assertIn("SEX X", self.run_program("history", done).stdout)
        self.assertIsNone(self.json("undo", done, "--dry-run")["change"])
        undone = self.json("undo", done, "--reason", "it was not so")
        self.assertEqual(undone["undoes"], done)
        out = self.folder / "out.ged"
        self.run_program("export", "-o", out)
        self.assertEqual(out.read_text(), FAMILY)
        self.assertEqual(self.json("history")["changes"][0]["undoes"], done)
        self.run_program("undo", undone["change"])
        self.assertIn("SEX X", self.run_program("show", shown["records"][0]["xref"]).stdout)
        self.run_program("undo", "nonsense", code=3)
        self.run_program("undo", "00000000-0000-7000-8000-000000000000", code=4)
        self.run_program("history", "nonsense", code=3)

    def test_export_gives_back_what_came_in(self):
        self.run_program("import", self.write("a.ged", FAMILY), "--verify")
        out = self.folder / "out.ged"
        self.assertEqual(self.json("export", "-o", out)["records"], 4)
        self.assertEqual(out.read_text(), FAMILY)
        self.assertEqual(self.json("export", "-o", self.folder / "out.gdz", "--as", "gedzip")["bytes"], (self.folder / "out.gdz").stat().st_size)

    def test_export_to_standard_output(self):
        self.run_program("import", self.write("a.ged", FAMILY))
        done = self.run_program("export", "-o", "-")
        self.assertEqual(done.stdout, FAMILY)
        self.assertIn("4 records to standard output", done.stderr)
        self.assertEqual(self.run_program("export", "-o", "-", "--quiet").stderr, "")
        self.assertEqual(self.run_program("export", "-o", self.folder / "out.ged", "--quiet").stdout, "")
        self.run_program("export", "-o", "-", "--json", code=3)

    def test_not_found_and_unclear(self):
        self.assertEqual(self.json("stats", code=4)["code"], "not_found")
        self.run_program("import", self.folder / "nothing.ged", code=4)
        self.run_program("import", self.write("a.ged", FAMILY))
        self.run_program("show", "I99", code=4)
        self.run_program("stats", "--tree", "no such", code=4)
        self.run_program("show", "Moyo", code=3)
        self.run_program("import", self.write("b.ged", FAMILY))
        self.assertIn("which tree", self.run_program("stats", code=3).stderr)
        self.run_program("export", "--tree", "a", "-o", self.folder / "no/such/folder.ged", code=4)
        self.run_program("doctor", "--config", self.folder / "none.yaml", code=4)
        self.run_program("doctor", "--config", self.write("bad.yaml", "server: {listen: ["), code=3)

    def test_quiet_and_progress(self):
        file = self.write("a.ged", many_people(20000))
        self.assertEqual(self.run_program("import", file, "--tree", "1").stderr, "")
        for flag, shown in (("--quiet", False), ("--json", False), (None, True)):
            # A file of 2 MB a tree: the bar shows itself at the end of each step at the latest.
            main_end, end = pty.openpty()
            self.run_program("import", file, "--tree", f"of {flag}", *([flag] if flag else []), capture_output=False,
                             stdout=subprocess.DEVNULL, stderr=end)
            os.close(end)
            seen = b""
            try:
                while piece := os.read(main_end, 65536):
                    seen += piece
            except OSError:
                pass  # how a terminal says that nobody writes any more
            os.close(main_end)
            self.assertEqual(b"%" in seen, shown, flag)

    def test_manual_and_completion(self):
        for command in ["", *COMMANDS]:
            page = self.run_program("man", *([command] if command else []), data=False).stdout
            done = subprocess.run(["groff", "-man", "-ww", "-Tutf8"], input=page, text=True, capture_output=True, check=True)
            self.assertEqual(done.stderr, "", command)
            self.assertIn("tablinum", done.stdout)
        self.run_program("man", "nonsense", data=False, code=4)
        for shell, words in {"bash": ["-n"], "zsh": ["-n"], "fish": ["--no-execute"]}.items():
            script = self.write(f"completion.{shell}", self.run_program("completion", shell, data=False).stdout)
            if shutil.which(shell):
                subprocess.run([shell, *words, script], check=True)
        reply = subprocess.run(["bash", "-c", f"source {self.folder}/completion.bash; COMP_WORDS=(tablinum imp); COMP_CWORD=1; _tablinum; "
                                "echo ${COMPREPLY[@]}"], text=True, capture_output=True, check=True)
        self.assertEqual(reply.stdout, "import\n")


class BesideAServer(ProgramTest):
    def setUp(self):
        super().setUp()
        self.run_program("import", SAMPLE, "--tree", "sample")
        self.server = Server(self.data)

    def tearDown(self):
        self.server.stop()
        super().tearDown()

    def test_writing_is_refused_and_reading_goes_on(self):
        refused = self.run_program("import", self.write("a.ged", FAMILY), code=8)
        self.assertIn("127.0.0.1", refused.stderr)
        self.run_program("serve", "--listen", "127.0.0.1:0", code=8)
        self.assertGreater(self.json("stats")["INDI"], 100)
        self.assertGreater(self.json("search", "Moyo")["total"], 1)
        self.run_program("export", "-o", self.folder / "out.ged")
        self.assert_well()

    def test_backup_restore_and_a_tampered_backup(self):
        backup = self.folder / "backup"
        self.assertEqual(self.json("backup", backup)["trees"], 1)
        self.run_program("backup", backup, code=6)
        before = self.json("stats")
        self.assertEqual(self.server.stop(), 0)
        self.json("restore", backup, "--check", data=False)
        self.data = self.folder / "restored"
        self.json("restore", backup)
        self.assertEqual(self.json("stats"), before)
        self.assert_well()
        self.run_program("restore", backup, code=6)
        for file in sorted(f for f in backup.rglob("*") if f.is_file()):
            whole = file.read_bytes()
            file.chmod(0o600)
            file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]) if whole else b"x")
            self.run_program("restore", backup, "--check", data=False, code=3)
            file.write_bytes(whole)
        self.data = self.folder / "again"
        (backup / "archive.db").write_bytes(b"")
        self.run_program("restore", backup, code=3)
        self.assertFalse((self.data / "archive.db").exists())

    def test_an_address_that_others_reach_needs_the_flag(self):
        self.server.stop()
        self.run_program("serve", "--listen", "0.0.0.0:0", code=3)

    def test_stops_cleanly(self):
        self.server.get("/health")
        self.assertEqual(self.server.stop(signal.SIGTERM), 0)


class BadFiles(ProgramTest):
    def refused(self, file, code=3):
        answer = self.json("import", file, code=code)
        self.assertFalse(answer["ok"])
        self.assertTrue(answer["error"])
        self.assert_nothing_stayed()

    def assert_nothing_stayed(self):
        self.run_program("stats", code=4)
        self.assert_well()

    def test_not_a_file_of_this_kind(self):
        self.refused(self.folder)
        self.refused("/dev/null")
        self.refused(self.write("empty.ged", b""))
        self.refused(self.write("garbage.ged", bytes(b for b in random.Random(1).randbytes(100_000) if b not in b"\r\n0")))
        self.refused(self.write("text.ged", "Dear Anna,\nhere is no pedigree.\n"))
        self.refused(self.write("page.ged", "<!doctype html><html><body>sign in</body></html>\n"))

    def test_cut_at_any_place(self):
        whole = SAMPLE.read_bytes()
        for share in (0.1, 0.5, 0.99):
            self.refused(self.write("cut.gdz", whole[:int(len(whole) * share)]))
        text = FAMILY.encode()
        for cut in range(30, len(text), 17):
            self.json("import", self.write("cut.ged", text[:cut]), "--tree", f"cut {cut}")
        self.assert_well()

    def test_a_line_longer_than_the_memory(self):
        # Two gigabytes take many seconds to read, four times over: the same law holds for less of both.
        line, memory = (2 << 30, 1 << 30) if os.environ.get("TABLINUM_LONG_TESTS") == "1" else (400 << 20, 320 << 20)
        file = self.folder / "long.ged"
        with file.open("wb") as out:
            out.write(b"0 HEAD\n1 GEDC\n2 VERS 5.5.1\n0 @I1@ INDI\n1 NAME ")
            out.seek(line)
            out.write(b"x\n0 TRLR\n")
        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        # A sanitizer reserves terabytes of addresses.
        answer = self.json("import", file, preexec_fn=None if os.environ.get("TABLINUM_SANITIZED") else limit, timeout=600)
        self.assertEqual(answer["INDI"], 1)

    def test_ten_thousand_levels(self):
        deep = "0 @I1@ INDI\n" + "".join(f"{i} _X deep\n" for i in range(1, 10_001))
        answer = self.json("import", self.write("deep.ged", gedcom(deep)), "--verify")
        self.assertTrue(answer["lossless"])
        self.assertTrue(answer["findings"])

    def zip(self, name, entries):
        file = self.folder / name
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry, content in entries:
                archive.writestr(entry, content)
        return file

    def test_zips(self):
        self.refused(self.zip("nothing.gdz", [("readme.txt", "no gedcom")]))
        self.refused(self.zip("bomb.gdz", [("gedcom.ged", gedcom("0 @I1@ INDI\n")), ("bomb.bin", b"\0" * (50 << 20))]), code=7)
        self.refused(self.zip("bomb2.gdz", [("gedcom.ged", b"0 HEAD\n" + b"\n" * (50 << 20))]), code=7)

    def test_paths_that_lead_outside(self):
        file = self.zip("paths.gdz", [("gedcom.ged", gedcom("0 @M1@ OBJE\n1 FILE ../../escaped.txt\n2 FORM txt\n")),
                                      ("../../escaped.txt", "out"), ("/tmp/absolute-escaped.txt", "out"), ("C:\\escaped.txt", "out")])
        answer = self.json("import", file)
        self.assertGreaterEqual(answer["findings"]["zip_name_refused"], 2)
        self.assertFalse(list(self.folder.parent.glob("escaped.txt")) or pathlib.Path("/tmp/absolute-escaped.txt").exists())


class Doctor(ProgramTest):
    """`doctor --repair` on archives that are damaged in one way each."""

    PLACES = gedcom("0 @I1@ INDI\n1 NAME Anna /Moyo/\n1 BIRT\n2 DATE 1900\n2 PLAC Harare, Zimbabwe\n0 @M1@ OBJE\n1 FILE a.txt\n2 FORM txt\n")
    # Names must be old or wrong for a rebuild to be seen to do something: what is in `search` and `broken` afterwards is checked.
    DAMAGES = {
        "a person without a row": "DELETE FROM person",
        "a person without a name": "DELETE FROM name",
        "a name of nobody": "INSERT INTO name(rid, ord, kind, variant, full_text, tree_no, sort_key) SELECT max(rid) + 9, 1, 0, 0, 'x', rid >> 32, 'x' FROM record",
        "an event of nobody": "INSERT INTO event(rid, ord, kind, precision, tree_no) SELECT max(rid) + 9, 1, 1, 0, rid >> 32 FROM record",
        "a link of nobody": "INSERT INTO link(rid, ord, kind, target, field) SELECT max(rid) + 9, 1, 1, min(rid), 0 FROM record",
        "a place that is not there": "DELETE FROM place WHERE name = 'Harare'",
        "no search documents": "DELETE FROM document",
        "a search document of nothing": "INSERT INTO document(rid, name) SELECT max(rid) + 9, 'x' FROM document",
    }

    def change(self, *statements):
        database = sqlite3.connect(self.data / "archive.db")
        with database:
            for statement in statements:
                database.execute(statement)
        database.close()

    def states(self, code=0):
        return {check["name"]: check["state"] for check in self.json("doctor", code=code)["checks"]}

    def make(self):
        self.run_program("import", self.write("a.ged", self.PLACES))
        self.assertEqual(self.states()["tree a"], "well")

    def found(self):
        return [(hit["kind"], hit["name"]) for hit in self.json("search", "Harare")["hits"]]

    def test_rows_that_follow_from_the_records(self):
        self.make()
        whole = self.folder / "whole"
        shutil.copytree(self.data, whole)
        stats, found = self.json("stats"), self.found()
        self.assertEqual(found, [("place", "Harare, Zimbabwe"), ("person", "Anna Moyo")])
        for name, statement in self.DAMAGES.items():
            with self.subTest(name):
                shutil.rmtree(self.data)
                shutil.copytree(whole, self.data)
                self.change(statement)
                self.assertEqual(self.states(code=1)["tree a"], "broken")
                self.assertIn("Damaged rows in: a", self.run_program("doctor", "--repair").stdout)
                self.assertEqual(self.states()["tree a"], "well")
                self.assertEqual(self.json("stats"), stats)
                self.assertEqual(self.found(), found)
                self.assertNotIn("Damaged", self.run_program("doctor", "--repair").stdout)

    def test_rows_of_older_rules(self):
        self.make()
        found = self.found()
        self.change("UPDATE setting SET value = '1'", "UPDATE document SET name = 'old'", "DELETE FROM document WHERE rid & 2147483648")
        self.assertEqual(self.states()["derived rows"], "odd")
        self.assertIn("rows of 1 trees anew", self.run_program("doctor", "--repair").stdout)
        self.assertEqual(self.states()["derived rows"], "well")
        self.assertEqual(self.found(), found)

    def test_a_server_writes_rows_of_older_rules_anew(self):
        self.make()
        found = self.found()
        self.change("UPDATE setting SET value = '1'", "UPDATE document SET name = 'old'")
        server = Server(self.data)
        try:
            deadline = time.monotonic() + 60
            while (job := server.get("/api/v1/jobs")["items"][0])["state"] != "succeeded" and time.monotonic() < deadline:
                time.sleep(0.05)
            self.assertEqual((job["kind"], job["state"]), ("rebuild", "succeeded"))
            self.assertEqual(job["done"], job["total"])
        finally:
            server.stop()
        self.assertEqual(self.states()["derived rows"], "well")
        self.assertEqual(self.found(), found)

    def test_an_index_that_does_not_agree(self):
        self.make()
        found = self.found()
        self.change("INSERT INTO document_index(document_index) VALUES('delete-all')")
        self.assertEqual(self.json("search", "Anna", code=1)["total"], 0)
        self.assertIn("Made the search index anew", self.run_program("doctor", "--repair").stdout)
        self.assertEqual(self.found(), found)

    def test_files_that_nothing_names(self):
        self.make()
        blobs = sorted(f for f in (self.data / "blobs").rglob("*") if f.is_file())
        # A second tree's file, whose tree is gone: its blob is nobody's.
        self.run_program("import", self.write("b.ged", FAMILY))
        lost = [f for f in (self.data / "blobs").rglob("*") if f.is_file() and f not in blobs]
        self.assertEqual(len(lost), 1)
        self.change("DELETE FROM import_job WHERE tree_no = (SELECT tree_no FROM tree WHERE name = 'b')")
        self.assertIn("Removed 0 unused files", self.run_program("doctor", "--repair").stdout)
        os.utime(lost[0], (time.time() - 2 * 86_400,) * 2)
        self.assertIn("Removed 1 unused files", self.run_program("doctor", "--repair").stdout)
        self.assertEqual(sorted(f for f in (self.data / "blobs").rglob("*") if f.is_file()), blobs)

    def test_a_folder_that_others_can_read(self):
        self.make()
        self.data.chmod(0o755)
        self.assertEqual(self.states(code=1)["data folder"], "broken")
        self.assertEqual(json.loads(self.run_program("doctor", "--repair", "--json").stdout.splitlines()[-1])["ok"], True)

    def test_what_is_wrong_with_the_records_stays(self):
        self.make()
        self.change("UPDATE record SET root = zeroblob(32)")
        self.run_program("doctor", "--repair", code=1)
        self.assertIn("backup", self.run_program("doctor", code=1).stdout)


class BadWorld(ProgramTest):
    def test_a_full_disk(self):
        file = self.write("big.ged", many_people(20000))
        self.run_program("import", self.write("a.ged", FAMILY), "--tree", "first")
        done = subprocess.run([PROGRAM, "import", file, "--data", self.data, "--json"], text=True, capture_output=True,
                              preexec_fn=child_may_write(3 << 20))
        self.assertIn(done.returncode, (7, 8), done.stderr)
        self.assertFalse(json.loads(done.stdout.splitlines()[-1])["ok"])
        self.assertEqual(self.json("stats")["INDI"], 3)
        self.assert_well()
        self.json("import", file, "--tree", "second")

    def test_an_export_into_a_full_disk_leaves_nothing(self):
        self.run_program("import", self.write("big.ged", many_people(20000)))
        out = self.folder / "out.ged"
        done = subprocess.run([PROGRAM, "export", "--data", self.data, "-o", out], capture_output=True, preexec_fn=child_may_write(100_000))
        self.assertEqual(done.returncode, 7, done.stderr)
        self.assertEqual(list(self.folder.glob("out.ged*")), [])

    def test_a_data_folder_that_is_none(self):
        self.data = self.write("file", "not a folder")
        self.assertIn(str(self.data), self.run_program("import", self.write("a.ged", FAMILY), code=4).stderr)

    @unittest.skipIf(os.geteuid() == 0 and not shutil.which("setpriv"), "root may write everywhere")
    def test_a_data_folder_that_may_not_be_written(self):
        self.data.mkdir()
        file = self.write("a.ged", FAMILY)
        self.folder.chmod(0o755)
        self.data.chmod(0o555)
        words = [PROGRAM, "import", file, "--data", self.data]
        if os.geteuid() == 0:
            words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *words]
        done = subprocess.run(words, capture_output=True, text=True)
        self.assertEqual(done.returncode, 5, done.stderr)

    def test_ctrl_c_during_an_import(self):
        file = self.write("big.ged", many_people(150_000))
        process = subprocess.Popen([PROGRAM, "import", file, "--data", self.data, "--quiet"], stderr=subprocess.PIPE)
        while not (self.data / "archive.db").exists():
            time.sleep(0.01)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        self.assertIn(b"stopped", process.communicate(timeout=60)[1])
        self.assertEqual(process.returncode, 130)
        self.run_program("stats", code=4)
        self.assert_well()


class MakeRun(ProgramTest):
    """tools/run.sh: what `make run` does once everything is built."""

    def setUp(self):
        super().setUp()
        self.script = self.folder / "tools/run.sh"
        self.script.parent.mkdir()
        shutil.copy(ROOT / "tools/run.sh", self.script)
        shutil.copytree(ROOT / "samples/models", self.folder / "samples/models")
        (self.folder / "web/dist").mkdir(parents=True)
        self.write("web/dist/index.html", "<!doctype html><title>pages</title>")

    def start(self, file, data, **options):
        process = subprocess.Popen([self.script, PROGRAM, data, file, "0"], stdout=subprocess.PIPE, text=True, **options)
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("Serving "):
                break
        url = lines[-1].split()[1].rstrip("/")
        with urllib.request.urlopen(url + "/health", timeout=30) as answer:
            self.assertEqual(answer.status, 200)
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=60)[0]
        self.assertEqual(process.returncode, 0)
        self.assertIn("Stopped.", rest)
        return "".join(lines)

    def test_imports_once_and_stops_cleanly(self):
        own = self.write("my family.ged", FAMILY)
        self.assertIn("Importing", self.start(SAMPLE, "./data", cwd=self.folder))
        self.assertNotIn("Importing", self.start(SAMPLE, "./data", cwd=self.folder))
        self.assertIn("Importing", self.start(own, "./data", cwd=self.folder))
        self.assertEqual(self.json("stats", "--tree", "my family")["INDI"], 3)

    def test_a_file_that_is_not_there(self):
        done = subprocess.run([self.script, PROGRAM, self.data, self.folder / "none.ged", "0"], capture_output=True)
        self.assertEqual(done.returncode, 4)


if __name__ == "__main__":
    main()
