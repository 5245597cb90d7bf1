"""tablinum pre …: the commands and files of the exchange's first command line, as people run them."""
import base64
import json
import os
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["TABLINUM"]


class Pre(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.keep = tempfile.TemporaryDirectory()
        cls.folder = cls.keep.name
        cls.run_in("gen-cc")
        for name in ("alice", "bob"):
            cls.run_in("gen-keys", "--output-prefix", name)
        cls.run_in("gen-signing-keys")
        cls.run_in("gen-signing-keys", "--output-prefix", "proxy")
        with open(os.path.join(cls.folder, "plain"), "wb") as f:
            f.write(os.urandom(40_000))
        cls.run_in("encrypt", "--pk-path", "alice.pub", "--signing-key-path", "idk_signing.sec", "--input-file", "plain")
        cls.run_in("gen-rekey", "--sk-path-from", "alice.sec", "--pk-path-to", "bob.pub")

    @classmethod
    def tearDownClass(cls):
        cls.keep.cleanup()

    @classmethod
    def run_in(cls, *arguments, exit_code=0, data=None):
        done = subprocess.run([PROGRAM, "pre", *arguments], cwd=cls.folder, input=data, capture_output=True, timeout=60)
        assert done.returncode == exit_code, (arguments, done.returncode, done.stderr)
        return done

    def read(self, name):
        with open(os.path.join(self.folder, name), "rb") as f:
            return f.read()

    def test_files_are_those_of_the_reference(self):
        self.assertEqual(list(json.loads(self.read("cc.json"))), ["cc"])
        self.assertEqual(list(json.loads(self.read("alice.pub"))), ["key"])
        self.assertEqual(list(json.loads(self.read("rekey.json"))), ["rekey"])
        self.assertEqual(len(bytes.fromhex(self.read("idk_signing.sec").decode())), 32)
        self.assertEqual(len(bytes.fromhex(self.read("idk_signing.pub").decode())), 65)
        for secret in ("alice.sec", "idk_signing.sec", "rekey.json"):
            self.assertEqual(os.stat(os.path.join(self.folder, secret)).st_mode & 0o077, 0, secret)

    def test_decrypt(self):
        done = self.run_in("decrypt", "--sk-path", "alice.sec", "--verifying-key-path", "idk_signing.pub", "--output-file", "back",
                           "--json")
        self.assertEqual(self.read("back"), self.read("plain"))
        self.assertEqual(json.loads(done.stdout.splitlines()[-1])["bytes"], 40_000)

    def test_pipes(self):
        message = self.run_in("encrypt", "--pk-path", "alice.pub", "--signing-key-path", "idk_signing.sec", "--input-file", "-",
                              "--output", "-", data=b"from a pipe").stdout
        plain = self.run_in("decrypt", "--sk-path", "alice.sec", "--verifying-key-path", "idk_signing.pub", "--ciphertext-path", "-",
                            data=message).stdout
        self.assertEqual(plain, b"from a pipe")

    def test_recrypt_a_message(self):
        for name in ("recrypt", "re-encrypt"):
            self.run_in(name, "--ciphertext-path", "ciphertext.idk", "--signing-key-path", "proxy.sec", "--recipient", "04bb", "--output",
                        "moved.idk", "--force")
        plain = self.run_in("decrypt", "--sk-path", "bob.sec", "--verifying-key-path", "proxy.pub", "--ciphertext-path", "moved.idk").stdout
        self.assertEqual(plain, self.read("plain"))
        self.run_in("recrypt", "--ciphertext-path", "ciphertext.idk", "--output", "none", exit_code=3)

    def test_recrypt_the_older_json(self):
        message = self.read("ciphertext.idk").decode().splitlines()
        pieces = [line for line in message if ": " not in line and not line.startswith("-----")]
        with open(os.path.join(self.folder, "old.json"), "w", encoding="ascii") as f:
            json.dump({"ciphertexts": pieces, "length": 20_000}, f)
        self.run_in("recrypt", "--ciphertext-path", "old.json", "--output", "new.json")
        moved = json.loads(self.read("new.json"))
        self.assertEqual(moved["length"], 20_000)
        self.assertEqual([len(base64.b64decode(p)) for p in moved["ciphertexts"]], [len(base64.b64decode(p)) for p in pieces])

    def test_the_verifying_key_is_used(self):
        self.run_in("decrypt", "--sk-path", "alice.sec", "--verifying-key-path", "proxy.pub", "--output-file", "never", exit_code=5)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "never")))

    def test_missing_parts_are_an_error(self):
        text = self.read("ciphertext.idk").decode()
        with open(os.path.join(self.folder, "short.idk"), "w", encoding="ascii") as f:
            f.write(text[:text.index("----- BEGIN IDK MESSAGE PART 3/3")])
        done = self.run_in("decrypt", "--sk-path", "alice.sec", "--verifying-key-path", "idk_signing.pub", "--ciphertext-path", "short.idk",
                           "--output-file", "never", exit_code=3)
        self.assertIn(b"part 3", done.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "never")))

    def test_nothing_is_overwritten_without_force(self):
        before = self.read("cc.json"), self.read("alice.sec")
        self.run_in("gen-cc", exit_code=6)
        self.run_in("gen-keys", "--output-prefix", "alice", exit_code=6)
        self.assertEqual(before, (self.read("cc.json"), self.read("alice.sec")))

    def test_secret_keys_that_others_can_read_are_refused(self):
        path = os.path.join(self.folder, "open.sec")
        with open(path, "wb") as f:
            f.write(self.read("alice.sec"))
        os.chmod(path, 0o644)
        done = self.run_in("decrypt", "--sk-path", "open.sec", "--verifying-key-path", "idk_signing.pub", exit_code=5)
        self.assertIn(b"chmod 600", done.stderr)

    def test_wrong_files_name_the_file(self):
        done = self.run_in("encrypt", "--pk-path", "cc.json", "--signing-key-path", "idk_signing.sec", "--data", "x", exit_code=3)
        self.assertIn(b"cc.json", done.stderr)
        done = self.run_in("encrypt", "--pk-path", "nobody.pub", "--signing-key-path", "idk_signing.sec", "--data", "x", exit_code=4)
        self.assertIn(b"nobody.pub", done.stderr)
        self.run_in("encrypt", "--pk-path", "alice.pub", "--signing-key-path", "idk_signing.sec", exit_code=3)
        self.run_in("encrypt", "--signing-key-path", "idk_signing.sec", exit_code=2)


if __name__ == "__main__":
    unittest.main()
