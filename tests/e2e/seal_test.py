#!/usr/bin/env python3
"""The seal on the command line, as people use it and as others misuse it: TABLINUM names the program (else the release build)."""
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = str(pathlib.Path(os.environ.get("TABLINUM", ROOT / "build/release/tablinum")).resolve())
LIMIT_S = 120
PASSPHRASE = "a passphrase of some length"


class SealTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.common = pathlib.Path(tempfile.mkdtemp(prefix="seal-common-"))
        for name in ("rudo", "bob", "carol"):
            cls.program("identity", "new", "--no-passphrase", "-o", f"{name}.id", "--name", name.capitalize(), "--words-to", f"{name}.words", at=cls.common)
            cls.program("identity", "card", "-i", f"{name}.id", "-o", f"{name}.card", at=cls.common)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.common)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="seal-"))
        for file in self.common.iterdir():
            if file.is_file():
                shutil.copy2(file, self.folder)
        self.content = os.urandom(300_001)
        self.write("photo.jpg", self.content)

    def tearDown(self):
        shutil.rmtree(self.folder)

    # what tests are made of

    @classmethod
    def environment(cls, at):
        return {"PATH": os.environ["PATH"], "HOME": str(at), "XDG_CONFIG_HOME": str(at / "config"), "LANG": "C.UTF-8",
                **{name: value for name, value in os.environ.items() if name.startswith(("ASAN", "UBSAN", "LLVM", "TSAN"))}}

    @classmethod
    def program(cls, *arguments, at, want=0, stdin=b"", env=None, **options):
        done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=at, input=stdin, capture_output="stdout" not in options, timeout=LIMIT_S,
                              env={**cls.environment(at), **(env or {})}, start_new_session=True, **options)
        if done.returncode != want:
            raise AssertionError(f"{arguments} ended with {done.returncode} instead of {want}: {done.stderr} {done.stdout}")
        return done

    def run_it(self, *arguments, want=0, **options):
        return self.program(*arguments, at=self.folder, want=want, **options)

    def refused(self, want, *arguments, says=(), **options):
        """It ends with this code, says so on standard error, and leaves no new file."""
        before = set(self.folder.rglob("*"))
        done = self.run_it(*arguments, want=want, **options)
        text = done.stderr.decode()
        for word in (says,) if isinstance(says, str) else says:
            self.assertIn(word, text)
        new = {path for path in set(self.folder.rglob("*")) - before if "config" not in path.parts}
        self.assertEqual(new, set(), f"left behind by {arguments}")
        return text

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def read(self, name):
        return (self.folder / name).read_bytes()

    def result(self, *arguments, **options):
        return json.loads(self.run_it(*arguments, "--json", **options).stdout.decode().strip().splitlines()[-1])

    def sealed(self, name="photo.sealed", *extra):
        self.run_it("seal", "-r", "bob.card", *extra, "-o", name, "photo.jpg")
        return name

    # sealing and opening

    def test_seal_and_open(self):
        self.sealed()
        self.assertNotIn(self.content[:100], self.read("photo.sealed"))
        answer = self.result("open", "-i", "bob.id", "-o", "back.jpg", "photo.sealed")
        self.assertEqual((answer["ok"], answer["contentBytes"], answer["signature"]), (True, len(self.content), "unsigned"))
        self.assertEqual(self.read("back.jpg"), self.content)
        self.refused(3, "open", "-i", "carol.id", "-o", "no", "photo.sealed", says="photo.sealed: cannot be opened")

    def test_pipes(self):
        sealed = self.run_it("seal", "-r", "bob.card", stdin=self.content).stdout
        self.assertEqual(self.run_it("open", "-i", "bob.id", stdin=sealed).stdout, self.content)
        self.assertEqual(self.run_it("open", "-i", "bob.id", "-o", "-", "-", stdin=sealed).stdout, self.content)

    def test_empty_file_and_one_byte(self):
        for content in (b"", b"x"):
            sealed = self.run_it("seal", "-r", "bob.card", stdin=content).stdout
            self.assertEqual(self.run_it("open", "-i", "bob.id", stdin=sealed).stdout, content)

    def test_signatures(self):
        self.sealed("s", "-i", "rudo.id")
        self.assertEqual(self.result("open", "-i", "bob.id", "--from", "rudo.card", "--signed", "-o", "a", "s")["signer"], "Rudo")
        self.assertEqual(self.result("open", "-i", "rudo.id", "-o", "own", "s")["signature"], "unknown_signer")
        self.refused(3, "open", "-i", "bob.id", "--from", "carol.card", "--signed", "-o", "b", "s")
        self.assertEqual(self.result("verify", "--from", "rudo.card", "s")["signature"], "good")
        self.run_it("verify", "s", want=1)
        self.run_it("verify", "--from", "carol.card", "s", want=1)
        self.sealed("unsigned")
        self.assertEqual(self.result("verify", "--from", "rudo.card", "unsigned", want=1)["signature"], "unsigned")
        self.assertTrue(self.result("inspect", "s")["contentSigned"], "whoever can read it cannot write another content under it")

    def test_many_files_in_one_run(self):
        names = [f"file{i}" for i in range(30)]
        for name in names:
            self.write(name, name * 100)
        (self.folder / "out").mkdir()
        self.assertEqual(self.result("seal", "-r", "bob.card", "-o", "out", *names)["files"], 30)
        (self.folder / "back").mkdir()
        sealed = [f"out/{name}.sealed" for name in names]
        self.write("out/file7.sealed", self.read("out/file7.sealed")[:-1])
        answer = self.result("open", "-i", "bob.id", "-o", "back", *sealed, want=3)
        self.assertEqual((answer["files"], answer["failed"]), (29, 1))
        self.assertIn("file7", answer["error"])
        self.assertFalse((self.folder / "back/file7").exists())
        self.assertEqual(self.read("back/file8"), b"file8" * 100)
        self.run_it("seal", "-r", "bob.card", "file1", "file2")
        self.assertTrue((self.folder / "file2.sealed").exists())

    def test_readers_change_without_the_content(self):
        self.sealed("s", "-i", "rudo.id")
        self.run_it("recipients", "add", "-i", "rudo.id", "-r", "carol.card", "s")
        self.run_it("open", "-i", "carol.id", "-o", "c", "s")
        self.assertEqual(self.read("c"), self.content)
        self.run_it("recipients", "remove", "-i", "rudo.id", "-r", "bob.card", "s")
        self.refused(3, "open", "-i", "bob.id", "-o", "b", "s")
        self.refused(4, "recipients", "remove", "-i", "rudo.id", "-r", "bob.card", "s", says="not among its readers")
        self.refused(3, "recipients", "add", "-i", "bob.id", "-r", "bob.card", "s", says="cannot be opened")
        self.assertEqual(self.result("verify", "--from", "rudo.card", "s")["signature"], "good")
        self.assertEqual(len(self.result("inspect", "s")["readers"]), 2)

    def test_passphrase(self):
        self.write("pw", PASSPHRASE + "\n").chmod(0o600)
        self.run_it("seal", "-p", "--passphrase-file", "pw", "-o", "s", "photo.jpg")
        self.run_it("open", "-p", "-o", "back", "s", env={"TABLINUM_PASSPHRASE_FILE": "pw"})
        self.assertEqual(self.read("back"), self.content)
        self.write("wrong", "another\n").chmod(0o600)
        wrong = self.refused(3, "open", "-p", "--passphrase-file", "wrong", "-o", "x", "s")
        altered = bytearray(self.read("s"))
        altered[60] ^= 1
        self.write("s", bytes(altered))
        self.assertEqual(self.refused(3, "open", "-p", "--passphrase-file", "pw", "-o", "x", "s"), wrong, "one answer for both")
        self.refused(3, "seal", "-p", "-r", "bob.card", "--passphrase-file", "pw", "-o", "x", "photo.jpg", says="cannot stand beside")
        self.refused(3, "seal", "-p", "-o", "x", "photo.jpg", says="no terminal")

    # identities

    def test_identity_with_passphrase(self):
        self.write("pw", PASSPHRASE + "\n").chmod(0o600)
        self.run_it("identity", "new", "-o", "e.id", "--passphrase-file", "pw", "--name", "E", "--words-to", "e.words")
        self.assertEqual((self.folder / "e.id").stat().st_mode & 0o777, 0o600)
        self.assertEqual((self.folder / "e.words").stat().st_mode & 0o777, 0o600)
        shown = self.result("identity", "show", "-i", "e.id", env={"TABLINUM_PASSPHRASE_FILE": "pw"})
        self.write("wrong", "another\n").chmod(0o600)
        wrong = self.refused(5, "identity", "show", "-i", "e.id", "--passphrase-file", "wrong", says="e.id: wrong passphrase")
        text = self.read("e.id").decode()
        self.write("altered.id", text[:200] + ("A" if text[200] != "A" else "B") + text[201:]).chmod(0o600)
        altered = self.refused(5, "identity", "show", "-i", "altered.id", "--passphrase-file", "pw")
        self.assertEqual(altered.replace("altered.id", "e.id"), wrong, "one answer for both")
        self.refused(3, "identity", "show", "-i", "e.id", says="no terminal")
        # backup and words bring the same keys back
        self.run_it("collection", "create", "Letters", "-i", "e.id", "--passphrase-file", "pw")
        self.run_it("identity", "backup", "-i", "e.id", "--passphrase-file", "pw", "-o", "e.backup")
        self.assertNotIn(b"Letters", self.read("e.backup"))
        back = self.result("identity", "restore", "e.backup", "-o", "e2.id", "--passphrase-file", "pw", "--keys", "keys2")
        self.assertEqual(back["fingerprint"], shown["fingerprint"])
        self.assertEqual(self.result("collection", "list", "--keys", "keys2")["collections"][0]["name"], "Letters")
        self.refused(5, "identity", "restore", "e.backup", "-o", "e3.id", "--passphrase-file", "wrong", "--keys", "keys3", says="e.backup: wrong passphrase")

    def test_identity_from_words(self):
        again = self.result("identity", "restore", "--words-from", "bob.words", "--no-passphrase", "-o", "b2.id")
        self.assertEqual(again["fingerprint"], self.result("identity", "show", "-i", "bob.id")["fingerprint"])
        words = self.read("bob.words").decode().split()
        self.assertEqual(len(words), 24)
        bad = words[:1] + ["notaword"] + words[2:]
        self.write("bad.words", " ".join(bad)).chmod(0o600)
        text = self.refused(3, "identity", "restore", "--words-from", "bad.words", "--no-passphrase", "-o", "x.id", says="word 2 ")
        self.assertNotIn("notaword", text)

    def test_rotation_keeps_old_files_and_names_the_former_keys(self):
        self.sealed("old", "-i", "bob.id")
        former = self.result("identity", "show", "-i", "bob.id")["fingerprint"]
        turned = self.result("identity", "rotate", "all", "words", "-i", "bob.id", "--words-to", "new.words")
        self.assertEqual(turned["formerFingerprint"], former)
        self.assertNotEqual(self.read("new.words"), self.read("bob.words"))
        self.run_it("open", "-i", "bob.id", "-o", "back", "old")
        self.run_it("identity", "card", "-i", "bob.id", "-o", "bob2.card")
        self.assertIn(former, self.result("identity", "show", "bob2.card")["former"])
        self.run_it("seal", "-r", "bob2.card", "-i", "bob.id", "-o", "new", "photo.jpg")
        self.run_it("open", "-i", "bob.id", "--signed", "--from", "bob2.card", "-o", "back2", "new")
        self.assertEqual(self.result("verify", "--from", "bob2.card", "old")["signature"], "good", "what the former keys signed")

    def test_words_and_last_card_bring_rotated_keys_back(self):
        self.run_it("identity", "rotate", "signing", "exchange", "-i", "bob.id")
        self.run_it("identity", "card", "-i", "bob.id", "-o", "bob2.card")
        self.run_it("seal", "-r", "bob2.card", "-o", "s", "photo.jpg")
        self.run_it("identity", "restore", "--words-from", "bob.words", "--card", "bob2.card", "--no-passphrase", "-o", "b2.id")
        self.run_it("open", "-i", "b2.id", "-o", "back", "s")
        self.refused(6, "identity", "restore", "--words-from", "carol.words", "--card", "bob2.card", "--no-passphrase", "-o", "c2.id", says="bob2.card")

    def test_words_are_shown_once_on_the_terminal_and_the_passphrase_never(self):
        shown = self.on_terminal(["identity", "new", "-o", "t.id", "--name", "T"], [PASSPHRASE, PASSPHRASE])
        self.assertNotIn(PASSPHRASE, shown)
        words = re.findall(r"^ +(?:\d+ \w+ +){3,}\d+ \w+", shown.replace("\r", ""), re.M)
        self.assertEqual(len(words), 6, shown)
        self.assertTrue((self.folder / "t.id").exists())
        self.assertNotIn("were not shown", shown)
        differ = self.on_terminal(["identity", "new", "-o", "u.id"], [PASSPHRASE, "another"], want=3)
        self.assertIn("differ", differ)
        self.assertFalse((self.folder / "u.id").exists())
        stopped = self.on_terminal(["identity", "new", "-o", "v.id"], ["abc\x03"], want=130)
        self.assertIn("stopped", stopped)
        self.assertFalse((self.folder / "v.id").exists())

    def on_terminal(self, arguments, answers, want=0):
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execve(PROGRAM, [PROGRAM, *arguments], self.environment(self.folder))
        seen, answered = "", 0
        deadline = time.monotonic() + LIMIT_S
        while time.monotonic() < deadline:
            ready, _, _ = select.select([terminal], [], [], 0.1)
            if not ready:
                continue
            try:
                piece = os.read(terminal, 65536).decode(errors="replace")
            except OSError:
                break
            if not piece:
                break
            seen += piece
            if answered < len(answers) and seen.count(": ") > answered and seen.endswith(": "):
                os.write(terminal, (answers[answered] + "\n").encode())
                answered += 1
        _, status = os.waitpid(pid, 0)
        os.close(terminal)
        self.assertEqual(os.waitstatus_to_exitcode(status), want, seen)
        return seen

    def test_migration_and_the_way_back(self):
        self.run_it("identity", "migrate", "--export", "-i", "bob.id", "-o", "bob.json")
        exported = json.loads(self.read("bob.json"))
        self.assertEqual((exported["version"], exported["mnemonic"].split()), ("hd_v1", self.read("bob.words").decode().split()))
        taken = self.result("identity", "migrate", "bob.json", "--no-passphrase", "-o", "b2.id", "--name", "Bob")
        self.assertEqual(taken["fingerprint"], self.result("identity", "show", "-i", "bob.id")["fingerprint"])
        self.run_it("identity", "migrate", "--export", "-i", "b2.id", "-o", "again.json")
        self.assertEqual(self.read("again.json"), self.read("bob.json"), "as it came")
        exported["auth_keys"]["classic"]["sk_hex"] = "11" * 32
        self.write("odd.json", json.dumps(exported)).chmod(0o600)
        self.refused(3, "identity", "migrate", "odd.json", "--no-passphrase", "-o", "x.id", says="do not belong together")
        self.write("other.json", '{"version": "hd_v2"}').chmod(0o600)
        self.refused(3, "identity", "migrate", "other.json", "--no-passphrase", "-o", "x.id", says="another version")

    # collections

    def share(self):
        self.run_it("collection", "create", "Photos", "-i", "rudo.id")
        self.run_it("seal", "-c", "Photos", "-i", "rudo.id", "-o", "p.sealed", "photo.jpg")
        self.run_it("delegate", "-c", "Photos", "-r", "bob.card", "-i", "rudo.id", "-o", "bob.delegation")
        self.run_it("transform", "-d", "bob.delegation", "--from", "rudo.card", "-o", "p.bob", "p.sealed", "--keys", "proxy")

    def test_sharing_through_a_proxy(self):
        self.share()
        self.refused(3, "open", "-i", "bob.id", "-o", "x", "p.sealed")
        self.run_it("open", "-i", "bob.id", "--transformed", "p.bob", "--from", "rudo.card", "-o", "back", "p.sealed", "--keys", "bobs")
        self.assertEqual(self.read("back"), self.content)
        self.run_it("open", "-i", "rudo.id", "-o", "own", "p.sealed")
        self.refused(3, "open", "-i", "carol.id", "--transformed", "p.bob", "--from", "rudo.card", "-o", "x", "p.sealed")
        self.refused(5, "open", "-i", "bob.id", "--transformed", "p.bob", "--from", "carol.card", "-o", "x", "p.sealed", says="owner's card")
        self.refused(5, "transform", "-d", "bob.delegation", "--from", "carol.card", "-o", "x", "p.sealed", "--keys", "config/proxy")
        self.refused(4, "transform", "-d", "bob.delegation", "--from", "rudo.card", "-o", "x", self.sealed(), "--keys", "proxy", says="not of the collection")
        # another proxy than the one that bob knows
        self.run_it("transform", "-d", "bob.delegation", "--from", "rudo.card", "-o", "p.other", "p.sealed", "--keys", "proxy2")
        self.refused(5, "open", "-i", "bob.id", "--transformed", "p.other", "--from", "rudo.card", "-o", "x", "p.sealed", "--keys", "bobs", says="another proxy")

    def test_revocation(self):
        self.share()
        self.run_it("delegate", "-c", "Photos", "-r", "carol.card", "-i", "rudo.id", "-o", "carol.delegation")
        (self.folder / "new").mkdir()
        answer = self.result("revoke", "-c", "Photos", "-r", "bob.card", "-i", "rudo.id", "-o", "tombstone", "--reissue", "new")
        self.assertEqual((answer["epoch"], answer["revoked"], answer["reissued"]), (1, 1, 1))
        self.run_it("revoke", "--tombstone", "tombstone", "--from", "rudo.card", "--keys", "proxy")
        self.refused(5, "transform", "-d", "bob.delegation", "--from", "rudo.card", "-o", "x", "p.sealed", "--keys", "proxy", says="revoked")
        self.run_it("collection", "roll", "--files-only", "Photos", "p.sealed", "-i", "rudo.id")
        reissued = next((self.folder / "new").iterdir())
        self.run_it("transform", "-d", reissued, "--from", "rudo.card", "-o", "p.carol", "p.sealed", "--keys", "proxy")
        self.run_it("open", "-i", "carol.id", "--transformed", "p.carol", "--from", "rudo.card", "-o", "back", "p.sealed")
        self.assertEqual(self.read("back"), self.content)
        self.refused(4, "revoke", "-c", "Photos", "-r", "bob.card", "-i", "rudo.id", "-o", "t2", says="no such delegation")
        self.refused(5, "revoke", "--tombstone", "tombstone", "--from", "bob.card", "--keys", "proxy", says="bob.card")

    def test_receiving_key_gives_up_after_its_failures(self):
        self.share()
        budget = self.folder / "bobs/budget"
        self.run_it("open", "-i", "bob.id", "--transformed", "p.bob", "--from", "rudo.card", "-o", "back", "p.sealed", "--keys", "bobs")
        (counter,) = (path for path in budget.iterdir() if path.name != "lock")
        self.assertEqual(counter.read_text(), "0", "given back")
        counter.write_text("32")
        self.refused(7, "open", "-i", "bob.id", "--transformed", "p.bob", "--from", "rudo.card", "-o", "x", "p.sealed", "--keys", "bobs",
                     says="rotate receiving")
        self.assertEqual(counter.read_text(), "32")
        self.run_it("identity", "rotate", "receiving", "-i", "bob.id")
        self.run_it("identity", "card", "-i", "bob.id", "-o", "bob.card", "-f")
        self.run_it("delegate", "-c", "Photos", "-r", "bob.card", "-i", "rudo.id", "-o", "bob2.delegation")
        self.run_it("transform", "-d", "bob2.delegation", "--from", "rudo.card", "-o", "p.bob2", "p.sealed", "--keys", "proxy")
        self.run_it("open", "-i", "bob.id", "--transformed", "p.bob2", "--from", "rudo.card", "-o", "back2", "p.sealed", "--keys", "bobs")

    def test_a_group_reads_a_collection(self):
        self.share()
        self.run_it("collection", "create", "Family", "-i", "bob.id", "--keys", "bobs")
        self.run_it("collection", "group", "Family", "-i", "bob.id", "--keys", "bobs", "-o", "family.group")
        self.refused(5, "delegate", "-c", "Photos", "-r", "carol.card", "--group", "family.group", "-i", "rudo.id", "-o", "d", says="family.group")
        self.refused(3, "delegate", "-c", "Photos", "-r", "bob.card", "--group", "bob.card", "-i", "rudo.id", "-o", "d", says="bob.card")
        self.run_it("delegate", "-c", "Photos", "-r", "bob.card", "--group", "family.group", "-i", "rudo.id", "-o", "family.delegation")
        self.run_it("transform", "-d", "family.delegation", "--from", "rudo.card", "-o", "p.family", "p.sealed", "--keys", "proxy")
        self.run_it("open", "-i", "bob.id", "--transformed", "p.family", "--from", "rudo.card", "-o", "back", "p.sealed", "--keys", "bobs")
        self.assertEqual(self.read("back"), self.content)
        self.refused(4, "open", "-i", "bob.id", "--transformed", "p.family", "--from", "rudo.card", "-o", "x", "p.sealed", "--keys", "config/others",
                     says="none of your collections")
        self.run_it("collection", "roll", "Family", "-i", "bob.id", "--keys", "bobs")  # the former epoch's key is found
        self.run_it("open", "-i", "bob.id", "--transformed", "p.family", "--from", "rudo.card", "-o", "back2", "p.sealed", "--keys", "bobs")
        groups = [each.get("group") for each in self.result("collection", "list")["collections"][0]["delegations"]]
        self.assertEqual([group is not None for group in groups], [False, True])
        # the group is given its delegation for the next epoch like everybody else
        (self.folder / "new").mkdir()
        self.assertEqual(self.result("revoke", "-c", "Photos", "--id", self.first_delegation(), "-i", "rudo.id", "-o", "stop", "--reissue", "new")["reissued"], 1)
        self.run_it("collection", "roll", "--files-only", "Photos", "p.sealed", "-i", "rudo.id")
        self.run_it("transform", "-d", next((self.folder / "new").iterdir()), "--from", "rudo.card", "-o", "p.family2", "p.sealed", "--keys", "proxy")
        self.run_it("open", "-i", "bob.id", "--transformed", "p.family2", "--from", "rudo.card", "-o", "back3", "p.sealed", "--keys", "bobs")

    def first_delegation(self):
        return self.result("collection", "list")["collections"][0]["delegations"][0]["id"]

    def test_groups_form_no_circle(self):
        for name in ("Letters", "Family"):
            self.run_it("collection", "create", name, "-i", "rudo.id")
            self.run_it("collection", "group", name, "-i", "rudo.id", "-o", f"{name}.group")
        self.run_it("delegate", "-c", "Letters", "-r", "rudo.card", "--group", "Family.group", "-i", "rudo.id", "-o", "d")
        self.refused(6, "delegate", "-c", "Family", "-r", "rudo.card", "--group", "Letters.group", "-i", "rudo.id", "-o", "x", says="circle")
        self.refused(6, "delegate", "-c", "Family", "-r", "rudo.card", "--group", "Family.group", "-i", "rudo.id", "-o", "x")

    def test_the_last_day_counts(self):
        self.share()
        self.run_it("delegate", "-c", "Photos", "-r", "carol.card", "-i", "rudo.id", "-o", "d", "--until", "2096-02-29", "--transforms-max", "1")
        listed = self.result("collection", "list")["collections"][0]["delegations"][1]
        self.assertEqual(listed["until"], "2096-02-29T23:59:59.000Z")
        self.run_it("transform", "-d", "d", "--from", "rudo.card", "-o", "p.carol", "p.sealed", "--keys", "proxy")
        self.run_it("transform", "-d", "d", "--from", "rudo.card", "-o", "p.carol", "-f", "p.sealed", "--keys", "proxy")  # the same file again
        self.run_it("seal", "-c", "Photos", "-i", "rudo.id", "-o", "q.sealed", "photo.jpg")
        self.refused(7, "transform", "-d", "d", "--from", "rudo.card", "-o", "q.carol", "q.sealed", "--keys", "proxy", says="used up")

    # ways of sealing

    def test_key_files(self):
        self.run_it("identity", "key", "-o", "disk.key")
        self.run_it("identity", "key", "-o", "other.key")
        self.assertEqual((self.folder / "disk.key").stat().st_mode & 0o777, 0o600)
        self.refused(6, "identity", "key", "-o", "disk.key")
        self.run_it("seal", "-k", "disk.key", "-r", "bob.card", "-o", "s", "photo.jpg")
        kinds = [each["kind"] for each in self.result("inspect", "s")["readers"]]
        self.assertEqual(sorted(kinds), ["identity", "symmetric key"])
        self.run_it("open", "-k", "other.key", "-k", "disk.key", "-o", "back", "s")
        self.assertEqual(self.read("back"), self.content)
        self.refused(3, "open", "-k", "other.key", "-o", "x", "s")
        self.refused(3, "open", "-k", "bob.id", "-o", "x", "s", says="bob.id")
        os.chmod(self.folder / "disk.key", 0o644)
        self.refused(5, "open", "-k", "disk.key", "-o", "x", "s", says="disk.key")

    def test_ciphers_padding_and_anonymous_readers(self):
        self.run_it("seal", "-r", "bob.card", "--cipher", "xchacha20-poly1305", "--pad", "--anonymous", "--chunk-log2", "14", "-o", "s", "photo.jpg")
        shown = self.result("inspect", "s")
        self.assertEqual((shown["cipher"], shown["padding"], shown["chunkBytes"]), ("xchacha20-poly1305", "padme", 16384))
        self.refused(4, "recipients", "remove", "-r", "bob.card", "-i", "bob.id", "s")  # a card does not tell which reader it is
        self.run_it("open", "-i", "bob.id", "-o", "back", "s")
        self.assertEqual(self.read("back"), self.content)
        sizes = set()
        for size in (200_800, 201_000, 204_700):  # the same step of Padmé
            self.write("p", os.urandom(size))
            self.run_it("seal", "-r", "bob.card", "--pad", "-o", "padded", "-f", "p")
            sizes.add(len(self.read("padded")))
            self.run_it("open", "-i", "bob.id", "-o", "out", "-f", "padded")
            self.assertEqual(self.read("out"), self.read("p"))
        self.assertEqual(len(sizes), 1)
        self.refused(2, "seal", "-r", "bob.card", "--cipher", "rot13", "-o", "x", "photo.jpg")
        self.refused(3, "seal", "-r", "bob.card", "--chunk-log2", "25", "-o", "x", "photo.jpg")

    def test_resume_goes_on_where_a_run_was_cut_off(self):
        for count in (1, 3):
            names = [f"r{count}.{i}" for i in range(count)]
            for name in names:
                self.write(name, os.urandom(700_000))
            output = ["-o", f"{names[0]}.sealed"] if count == 1 else []
            self.run_it("seal", "-i", "rudo.id", "-r", "bob.card", *output, *names)
            for name in names:  # what a cut-off run leaves, and a finished file among them
                whole = self.folder / f"{name}.sealed"
                if name != names[-1] or count == 1:
                    (self.folder / f"{name}.sealed.partial").write_bytes(whole.read_bytes()[:400_000])
                    whole.unlink()
            done = self.read(f"{names[-1]}.sealed") if count > 1 else None
            self.run_it("seal", "--resume", "-i", "rudo.id", "-r", "bob.card", *output, *names)
            if done is not None:
                self.assertEqual(self.read(f"{names[-1]}.sealed"), done, "what was finished is left alone")
            opened = self.folder / f"opened{count}"
            opened.mkdir()
            (opened / f"{names[0]}.partial").write_bytes(self.read(names[0])[:300_000])
            target = ["-o", opened / names[0]] if count == 1 else ["-o", opened]
            self.run_it("open", "--resume", "-i", "bob.id", *target, *[f"{name}.sealed" for name in names])
            for name in names:
                self.assertEqual((opened / name).read_bytes(), self.read(name))
            self.assertEqual(list(self.folder.rglob("*.partial")), [])
        self.refused(3, "seal", "--resume", "-r", "bob.card", *names, says="-i")

    def test_what_is_no_sealed_file_is_named(self):
        for name, content, says in (("empty", b"", "it is empty"), ("diary", b"Dear diary", "not a sealed file"), ("start", b"SEAL\x01", "cut off"),
                                    ("aged", b"age-encryption.org/v1\n-> X25519 x", "age"), ("bob.card", self.read("bob.card"), "identity show")):
            if not (self.folder / name).exists():
                self.write(name, content)
            self.refused(3, "open", "-i", "rudo.id", "-o", "x", name, says=(name, says))
        self.run_it("seal", "-r", "bob.card", "-o", "s.sealed", "photo.jpg")
        self.assertIn("no key given fits", self.refused(3, "open", "-i", "rudo.id", "-o", "x", "s.sealed"))
        os.rename(self.folder / "diary", self.folder / "diary.sealed")
        (self.folder / "out").mkdir()
        self.assertIn("diary.sealed: not a sealed file", self.refused(3, "open", "-i", "rudo.id", "-o", "out", "s.sealed", "diary.sealed"))

    def test_self_test(self):
        self.assertEqual(self.result("identity", "algorithms", "--self-test")["selfTest"], "passed")

    def test_collections_by_name_and_id(self):
        created = self.result("collection", "create", "Wills and deeds", "-i", "rudo.id")
        self.refused(6, "collection", "create", "Wills and deeds", "-i", "rudo.id")
        self.run_it("seal", "-c", created["id"][:8], "-i", "rudo.id", "-o", "s", "photo.jpg")
        self.refused(4, "seal", "-c", "Nothing", "-i", "rudo.id", "-o", "x", "photo.jpg", says="Nothing")
        self.refused(3, "collection", "create", "two\nlines", "-i", "rudo.id")
        self.refused(3, "delegate", "-c", "Wills and deeds", "-r", "bob.card", "-i", "rudo.id", "-o", "d", "--until", "2027-13-01")
        self.refused(3, "delegate", "-c", "Wills and deeds", "-r", "bob.card", "-i", "rudo.id", "-o", "d", "--until", "2020-01-01")
        self.run_it("identity", "card", "-i", "bob.id", "--no-receiving", "-o", "short.card")
        self.refused(4, "delegate", "-c", "Wills and deeds", "-r", "short.card", "-i", "rudo.id", "-o", "d", says="kem-2048")
        self.refused(4, "open", "-i", "nowhere.id", "-o", "x", "s", says="nowhere.id")

    # bad input

    def test_bad_files(self):
        self.sealed("s", "-i", "rudo.id")
        whole = self.read("s")
        hostile = {"empty": b"", "text": b"Dear diary", "magic": whole[:8], "header": whole[:2000], "half": whole[:len(whole) // 2], "short": whole[:-1],
                   "longer": whole + b"x", "flipped": whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:], "version": whole[:8] + b"\x63" + whole[9:],
                   "lengths": whole[:44] + b"\xff" * 8 + whole[52:], "zeros": bytes(4096), "noise": os.urandom(70_000)}
        for name, content in hostile.items():
            self.write(name, content)
            with self.subTest(name):
                text = self.refused(3, "open", "-i", "bob.id", "-o", "out", name, says=f"{name}: ")
                self.assertLess(len(text), 400)

    def test_wrong_kinds_of_files(self):
        self.sealed("s")
        self.refused(3, "seal", "-r", "bob.id", "-o", "x", "photo.jpg", says="bob.id")
        os.chmod(self.folder / "bob.card", 0o600)
        self.refused(3, "open", "-i", "bob.card", "-o", "x", "s", says=("bob.card", "contact card"))
        self.refused(3, "inspect", "bob.card", says="tablinum identity show")
        self.refused(3, "transform", "-d", "bob.id", "--from", "rudo.card", "-o", "x", "s", says="bob.id")
        self.refused(3, "open", "-i", "bob.id", "--transformed", "photo.jpg", "--from", "rudo.card", "-o", "x", "s", says="photo.jpg")
        self.refused(3, "identity", "restore", "photo.jpg", "--no-passphrase", "-o", "x.id", says="photo.jpg")
        self.refused(3, "seal", "-o", "x", "photo.jpg", says="for whom?")

    def test_keys_that_others_may_read_are_refused(self):
        self.sealed("s")
        os.chmod(self.folder / "bob.id", 0o644)
        self.refused(5, "open", "-i", "bob.id", "-o", "x", "s", says="chmod 600 'bob.id'")
        os.chmod(self.folder / "bob.id", 0o640)
        self.refused(5, "open", "-i", "bob.id", "-o", "x", "s", says="chmod 600 'bob.id'")
        self.write("pw", PASSPHRASE).chmod(0o644)
        self.refused(5, "seal", "-p", "--passphrase-file", "pw", "-o", "x", "photo.jpg", says="chmod 600 'pw'")

    def test_unreadable_key(self):
        self.sealed("s")
        os.chmod(self.folder / "bob.id", 0)
        other = {}
        if os.geteuid() == 0:  # who reads everything; nobody does not
            os.chmod(self.folder, 0o777)
            other = {"user": 65534, "group": 65534}
        self.refused(5, "open", "-i", "bob.id", "-o", "x", "s", says="bob.id: Permission denied", **other)

    def test_missing_files(self):
        self.refused(4, "seal", "-r", "bob.card", "-o", "x", "nowhere", says="nowhere")
        self.refused(4, "seal", "-r", "nobody.card", "-o", "x", "photo.jpg", says="nobody.card")
        self.refused(4, "seal", "-r", "bob.card", "-o", "no/such/folder", "photo.jpg", says="no/such/folder")
        self.refused(3, "seal", "-r", "bob.card", "-o", "x", ".", says=".")
        self.refused(2, "seal", "--no-such-option")

    def test_never_overwrites_without_force(self):
        self.write("there", "precious")
        for arguments in (["seal", "-r", "bob.card", "-o", "there", "photo.jpg"], ["open", "-i", "bob.id", "-o", "there", self.sealed()],
                          ["identity", "new", "--no-passphrase", "-o", "there"], ["identity", "card", "-i", "bob.id", "-o", "there"]):
            self.refused(6, *arguments, says=("there", "--force"))
            self.assertEqual(self.read("there"), b"precious")
        self.run_it("seal", "-r", "bob.card", "-f", "-o", "there", "photo.jpg")
        self.run_it("open", "-i", "bob.id", "-o", "back", "there")

    def test_full_disk(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([PROGRAM, "seal", "-r", "bob.card", "photo.jpg"], cwd=self.folder, stdout=full, stderr=subprocess.PIPE,
                                  env=self.environment(self.folder), timeout=LIMIT_S)
        self.assertEqual(done.returncode, 7, done.stderr)
        self.assertIn(b"No space left", done.stderr)

    def test_full_file_system_leaves_nothing_and_loses_nothing(self):
        script = """mkdir small && mount -t tmpfs -o size=200k tmpfs small && cp photo.small small/there &&
          ! "$P" seal -r bob.card -f -o small/there photo.jpg 2>message; code=$?; ls -A small >left; cmp photo.small small/there; echo "$? $code" >result"""
        self.write("photo.small", b"precious")
        done = subprocess.run(["unshare", "-rm", "sh", "-c", script], cwd=self.folder, env={**self.environment(self.folder), "P": PROGRAM},
                              capture_output=True, timeout=LIMIT_S)
        if not (self.folder / "result").exists() or not (self.folder / "message").exists():
            self.skipTest(f"no file system may be mounted here: {done.stderr.decode()}")
        self.assertEqual(self.read("left"), b"there\n")
        self.assertEqual(self.read("result"), b"0 0\n")
        self.assertIn(b"No space left", self.read("message"))

    def test_closed_pipe(self):
        sealed = self.sealed()
        process = subprocess.Popen([PROGRAM, "open", "-i", "bob.id", sealed], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=self.environment(self.folder))
        process.stdout.close()
        self.assertEqual(process.wait(LIMIT_S), 8)
        self.assertIn(b"went away", process.stderr.read())
        process.stderr.close()

    def interrupted(self, how):
        process = subprocess.Popen([PROGRAM, "seal", "-r", "bob.card", "-o", "cut.sealed"], cwd=self.folder, stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env=self.environment(self.folder))
        try:
            for _ in range(40):
                process.stdin.write(bytes(1 << 18))
            process.send_signal(how)
            for _ in range(400):
                process.stdin.write(bytes(1 << 18))
            process.stdin.close()
        except BrokenPipeError:
            pass
        code = process.wait(LIMIT_S)
        process.stderr.close()
        try:
            process.stdin.close()
        except BrokenPipeError:
            pass
        self.assertEqual(list(self.folder.glob("*cut*")), [], "a half file was left behind")
        return code

    def test_interrupted_run(self):
        self.assertEqual(self.interrupted(signal.SIGINT), 130)
        self.assertEqual(self.interrupted(signal.SIGTERM), 130)
        self.assertEqual(self.interrupted(signal.SIGKILL), -signal.SIGKILL)

    def test_damaged_keys_folder(self):
        self.share()
        (note,) = (self.folder / "config/tablinum/keys/collections").iterdir()
        note.write_text(note.read_text()[:40])
        self.refused(3, "collection", "list", says=("collections/", "identity restore"))

    def test_two_runs_do_not_lose_each_other(self):
        self.run_it("collection", "create", "Photos", "-i", "rudo.id")
        runs = [subprocess.Popen([PROGRAM, "delegate", "-c", "Photos", "-r", "bob.card", "-i", "rudo.id", "-o", f"d{i}", "-q"], cwd=self.folder,
                                 env=self.environment(self.folder), stdout=subprocess.DEVNULL) for i in range(6)]
        self.assertEqual([run.wait(LIMIT_S) for run in runs], [0] * 6)
        self.assertEqual(len(self.result("collection", "list")["collections"][0]["delegations"]), 6)

    def test_manual_page_of_a_group_has_its_commands(self):
        page = self.run_it("man", "identity").stdout.decode()
        self.assertIn(".SH identity rotate", page)
        self.assertIn("--words-to", page.replace("\\", ""))

    def test_algorithms(self):
        names = {each["name"] for each in self.result("identity", "algorithms")["algorithms"]}
        self.assertLessEqual({"ML-KEM-768", "ML-DSA-65", "Ed25519", "X25519", "Argon2id", "kem-2048"}, names)


if __name__ == "__main__":
    unittest.main()
