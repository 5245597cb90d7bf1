#!/usr/bin/env python3
"""`tablinum proof` from end to end: files, pipes, exit codes, what an altered proof and a wrong program become.

    proof_test.py [Class[.test]]
"""
import hashlib
import json
import os
import signal
import subprocess
import time


from program import PROGRAM, ProgramTest, main

LETTER = b"Grandmother was born in Trieste."
COMMANDS = "prove verify batch inspect circuits soundness stats bench".split()


def program_of(message):
    return "01" + hashlib.sha256(message).hexdigest()


class ProofTest(ProgramTest):
    def proof(self, *words, **options):
        return self.run_program("proof", *words, data=False, **options)

    def proof_json(self, *words, **options):
        return json.loads(self.proof(*words, "--json", **options).stdout.splitlines()[-1])

    def prove(self, message, name="letter", *words):
        secret = self.write(f"{name}.txt", message)
        target = self.folder / f"{name}.proof"
        return target, self.proof_json("prove", "--statement", "message", "-i", secret, "-o", target, *words)


class ProveAndVerify(ProofTest):
    def test_every_command_explains_itself(self):
        for command in COMMANDS:
            self.assertIn(command, self.proof(command, "--help").stdout)

    def test_both_back_ends_and_auto(self):
        for backend in ("auto", "lf", "vole"):
            target, said = self.prove(LETTER, backend, "--backend", backend)
            self.assertEqual(said["program"], program_of(LETTER))
            self.assertEqual(said["proofBytes"], target.stat().st_size)
            self.assertGreaterEqual(said["soundnessBits"], 115)
            self.assertTrue(self.proof_json("verify", target, "--program", said["program"])["accepted"])
            self.assertFalse(self.proof_json("verify", target, "--program", program_of(b"another letter"), code=1)["accepted"])

    def test_program_file(self):
        target, said = self.prove(LETTER)
        program = self.write("program", bytes.fromhex(said["program"]))
        self.proof("verify", target, "--program-file", program)
        again = self.folder / "again.proof"
        self.proof("prove", "--program-file", program, "-i", self.folder / "letter.txt", "-o", again)
        self.proof("verify", again, "--program-file", program)

    def test_pipes(self):
        made = self.proof("prove", "--statement", "message", input=LETTER, text=False)
        self.assertEqual(made.stdout[:4], b"TPRF")
        self.proof("verify", "-", "--program", program_of(LETTER), input=made.stdout, text=False)
        self.proof("inspect", "-", input=made.stdout, text=False)

    def test_altered_proofs(self):
        target, said = self.prove(LETTER)
        proof = target.read_bytes()
        for at in (4, 5, 6, 7, 8, 20, 60, len(proof) // 2, len(proof) - 1):
            altered = self.write("altered", proof[:at] + bytes([proof[at] ^ 1]) + proof[at + 1:])
            done = subprocess.run([PROGRAM, "proof", "verify", altered, "--program", said["program"]], capture_output=True, text=True)
            self.assertIn(done.returncode, (1, 3), f"byte {at}: {done.stdout}{done.stderr}")
        for bad in (b"", proof[:-1], proof + b"\0", b"not a proof at all"):
            self.proof("verify", self.write("bad", bad), "--program", said["program"], code=3)

    def test_bad_input(self):
        secret = self.write("letter.txt", LETTER)
        out = self.folder / "out"
        self.proof("prove", "--program", program_of(b"else"), "-i", secret, "-o", out, code=3)
        self.assertFalse(out.exists())
        self.proof("prove", "--program", "00", "-i", secret, "-o", out, code=3)
        self.proof("prove", "--program", "zz", "-i", secret, "-o", out, code=3)
        self.proof("prove", "-i", secret, "-o", out, code=3)
        self.proof("prove", "--statement", "poem", "-i", secret, "-o", out, code=3)
        self.proof("prove", "--statement", "message", "-i", self.write("empty", b""), "-o", out, code=3)
        self.proof("prove", "--statement", "message", "-i", self.folder / "absent", "-o", out, code=4)
        self.proof("prove", "--statement", "message", "-i", secret, "-o", out, "--backend", "sp1", code=3)
        self.proof("prove", "--statement", "message", "-i", secret, "-o", out, "--backend", "vole", "--profile", "9", code=3)
        self.proof("prove", "--statement", "message", "-i", self.write("large", bytes((1 << 20) + 1)), "-o", out, code=7)
        self.proof("prove", "--nonsense", code=2)
        self.proof(code=2)
        self.assertFalse(out.exists())

    def test_nothing_is_overwritten_unasked(self):
        target, _ = self.prove(LETTER)
        before = target.read_bytes()
        self.proof("prove", "--statement", "message", "-i", self.folder / "letter.txt", "-o", target, code=6)
        self.assertEqual(target.read_bytes(), before)
        self.proof("prove", "--statement", "message", "-i", self.folder / "letter.txt", "-o", target, "--force")
        self.assertNotEqual(target.read_bytes(), before)

    def test_errors_show_no_input(self):
        secret = b"a very recognisable secret"
        done = self.proof("prove", "--program", program_of(b"else"), "-i", self.write("secret", secret), "-o", self.folder / "o", code=3)
        for shown in (done.stdout, done.stderr):
            self.assertNotIn(secret.decode(), shown)
            self.assertNotIn(secret.hex(), shown)

    def test_ctrl_c(self):
        process = subprocess.Popen([PROGRAM, "proof", "stats", "--rounds", "10000", "--backend", "lf"], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        self.assertIn(process.wait(20), (130, -signal.SIGINT))


class Words(ProofTest):
    def test_inspect(self):
        target, said = self.prove(LETTER)
        seen = self.proof_json("inspect", target, "--program", said["program"])
        self.assertIn(hashlib.sha256(LETTER).hexdigest(), seen["says"])
        self.assertIn("SHA-256", seen["restsOn"])
        self.assertEqual(seen["bytes"], target.stat().st_size)
        self.assertIn("not a check", self.proof("inspect", target).stdout)
        self.proof("inspect", self.write("bad", b"TPRF"), code=3)
        proof = bytearray(target.read_bytes())
        proof[6] = 0x7F  # a type that nobody knows
        self.assertIn("does not know", self.proof("inspect", self.write("unknown", bytes(proof))).stdout)

    def test_circuits_and_soundness(self):
        circuits = self.proof_json("circuits")["circuits"]
        self.assertEqual({c["backend"] for c in circuits}, {"lf", "vole"})
        profiles = self.proof_json("soundness")["profiles"]
        for profile in profiles:
            self.assertEqual(profile["refused"], profile["profile"] == "LF128")
            if profile["profile"] in ("P115", "fast", "small"):
                self.assertGreaterEqual(profile["bits"], 115)

    def test_stats(self):
        figures = self.proof_json("stats", "--rounds", "4")
        self.assertEqual(figures["health"], "healthy")
        self.assertEqual(figures["totalProofs"], 2)
        self.assertEqual(figures["proofHits"], 2)
        self.assertEqual(figures["circuitMisses"], 1)

    def test_bench(self):
        rows = self.proof_json("bench", "--blocks", "1", "--rounds", "2")["rows"]
        sizes = {row["backend"]: row["proofBytes"] for row in rows}
        self.assertLess(sizes["vole"], sizes["lf"])


class Settings(ProofTest):
    def test_file_environment_and_flags(self):
        config = self.write("tablinum.yaml", "proof: {backend: vole, max_input_bytes: 40, threads: 1, cache_proofs: 0}\n")
        _, said = self.prove(LETTER, "file", "--config", config)
        self.assertEqual(said["backend"], "vole")
        _, said = self.prove(LETTER, "flag", "--config", config, "--backend", "lf")
        self.assertEqual(said["backend"], "lf")
        long = self.write("long", b"x" * 41)
        self.proof("prove", "--config", config, "--statement", "message", "-i", long, "-o", self.folder / "out", code=7)
        os.environ["TABLINUM_PROOF_BACKEND"] = "lf"
        try:
            _, said = self.prove(LETTER, "environment", "--config", config)
        finally:
            del os.environ["TABLINUM_PROOF_BACKEND"]
        self.assertEqual(said["backend"], "lf")
        figures = self.proof_json("stats", "--rounds", "3", "--config", config)
        self.assertEqual((figures["backend"], figures["proofHits"], figures["totalProofs"]), ("vole", 0, 3))

    def test_bad_settings(self):
        for text in ("proof: {backed: lf}\n", "proof: {threads: many}\n", "proof: {queue_max: 0}\n", "proof: {proving_timeout_s: 86401}\n",
                     "proof: {backend: sp1}\n"):
            config = self.write("tablinum.yaml", text)
            self.proof("prove", "--config", config, "--statement", "message", "-i", self.write("letter", LETTER), "-o", self.folder / "out", code=3)
        self.proof("stats", "--config", self.folder / "absent", code=4)


class Progress(ProofTest):
    def events(self, *words, **options):
        lines = [json.loads(line) for line in self.proof(*words, "--json", **options).stdout.splitlines()]
        self.assertTrue(all(line["event"] == "progress" for line in lines[:-1]))
        stages = {}
        for line in lines[:-1]:
            stages.setdefault(line["stage"], []).append(line["share"])
        for stage, shares in stages.items():
            self.assertEqual((shares[0], shares[-1], shares), (0, 1, sorted(shares)), stage)
        return list(stages)

    def test_lines_of_a_proof(self):
        secret = self.write("letter.txt", LETTER)
        target = self.folder / "letter.proof"
        prove = ["prove", "--statement", "message", "-i", secret, "-o", target]
        self.assertEqual(self.events(*prove), ["circuit", "prove"])
        self.assertEqual(self.events("verify", target, "--program", program_of(LETTER)), ["circuit", "verify"])
        self.assertEqual(self.events(*prove, "--force", "--quiet"), [])
        checks = self.write("checks", f"{program_of(LETTER)}\t{target}\n" * 3)
        self.assertEqual(self.events("batch", checks, "--verify"), ["verify"])

    def test_nothing_beside_a_proof_on_standard_output(self):
        made = self.proof("prove", "--statement", "message", "--json", input=LETTER, text=False)
        self.assertEqual(made.stdout[:4], b"TPRF")


class Batches(ProofTest):
    def make_list(self, messages):
        lines = []
        for i, (message, shown) in enumerate(messages):
            secret = self.write(f"{i}.txt", message)
            lines.append(f"{program_of(shown)}\t{secret}\t{self.folder / f'{i}.proof'}")
        return self.write("list", "\n".join(lines) + "\n")

    def test_prove_then_verify(self):
        messages = [(b"letter %d" % i, b"letter %d" % i) for i in range(5)]
        self.assertEqual(self.proof_json("batch", self.make_list(messages))["good"], 5)
        checks = self.write("checks", "".join(f"{program_of(m)}\t{self.folder / f'{i}.proof'}\n" for i, (m, _) in enumerate(messages)))
        self.assertEqual(self.proof_json("batch", checks, "--verify")["good"], 5)
        crossed = self.write("crossed", f"{program_of(messages[0][0])}\t{self.folder / '1.proof'}\n")
        done = self.proof_json("batch", crossed, "--verify", code=1)
        self.assertEqual((done["good"], done["refused"]), (0, 1))

    def test_items_have_outcomes_of_their_own(self):
        done = self.proof_json("batch", self.make_list([(b"a", b"a"), (b"b", b"not b"), (b"c", b"c")]), code=1)
        self.assertEqual((done["good"], done["failed"]), (2, 1))
        self.assertEqual(done["items"][1]["error"], "input")
        self.assertFalse((self.folder / "1.proof").exists())

    def test_strict(self):
        done = self.proof_json("batch", self.make_list([(b"x", b"not x")] + [(b"%d" % i, b"%d" % i) for i in range(30)]), "--strict",
                               "--at-once", "1", code=1)
        self.assertGreater(done["failed"], 1)

    def test_bad_lists(self):
        self.proof("batch", self.write("list", "nothing\n"), code=3)
        self.proof("batch", self.write("list", "zz\tfile\tout\n"), code=3)
        self.proof("batch", self.write("list", f"{program_of(LETTER)}\tabsent\tout\n"), code=4)


if __name__ == "__main__":
    main()
