#!/usr/bin/env python3
"""The commands of `tablinum models` from end to end: every figure of the statistics beside DuckDB's, every JSON beside its schema, exit codes,
GPUs that hang, lie and go, the live dashboard's API. Run by models.sh, which brings DuckDB and jsonschema.
"""
import gzip
import http.server
import json
import pathlib
import random
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

import duckdb
import jsonschema

from program import PROGRAM, ROOT, ProgramTest, main

SCHEMAS = ROOT / "docs/schemas"
REGISTRY = ROOT / "samples/models/MODEL_REGISTRY.json"
CATEGORIES = ROOT / "samples/models/task_categories.json"
FILES = ["--registry", REGISTRY, "--categories", CATEGORIES]
HEADER = "timestamp,task_category,selected_model,primary_category,confidence_score,final_score,gpu_id,selection_duration_ms\n"
TWO = HEADER + ("2026-01-23 08:00:00,code,google-gemma-3-270m-it,true,0.95,85.5,0,12\n"
                "2026-01-23 08:00:01,math,google-gemma-3-270m-it,false,0.70,65.2,1,10\n")
SMI = "#!/bin/sh\necho '0, NVIDIA Test GPU, 81559, 12000, 69559, 41, 37, 212.55, 700.00'\n"


def check(document, name):
    schema = json.loads((SCHEMAS / f"models-{name}.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(document)


class ModelsTest(ProgramTest):
    def models(self, *words, code=0, **options):
        return self.run_program("models", *words, code=code, data=False, cwd=self.folder, **options)

    def models_json(self, *words, code=0, schema=None):
        document = json.loads(self.models(*words, "--json", code=code).stdout.splitlines()[-1])
        if schema:
            check(document, schema)
        return document

    def no_gpus(self):
        return ["--nvml", "/nowhere.so", "--nvidia-smi", self.folder / "absent"]

    def smi(self, text=SMI):
        path = self.write("smi", text)
        path.chmod(0o755)
        return ["--nvml", "/nowhere.so", "--nvidia-smi", path]


class Analytics(ModelsTest):
    def test_the_contracts_example(self):
        file = self.write("m.csv", TWO)
        report = self.models_json("analytics", file, schema="analytics")
        self.assertEqual((report["total_requests"], report["unique_models"], report["multi_category_models"], report["secondary_requests"]), (2, 1, 1, 1))
        self.assertEqual((report["secondary_percent"], report["mean_duration_ms"], report["all"]["mean_secondary_confidence"]), (50, 11, 0.7))
        self.assertEqual(report["recommendations"], {"multi_category_utilization": "good", "secondary_confidence": "low"})
        text = self.models("analytics", file, "--report").stdout
        self.assertIn("MULTI-CATEGORY ROUTING SUMMARY", text)
        self.assertIn("| code | 1 | 1 | 85.50 | 0.95 | 12.0ms |", text)
        for form in (["--format", "markdown"], ["--format=markdown"]):
            self.assertIn("# Multi-Category Routing Analytics Report", self.models("analytics", file, *form).stdout)
        page = self.models("analytics", file, "--format", "html", "--by", "hour").stdout
        self.assertIn("<svg", page)
        self.assertNotIn("<script", page)

    def test_exit_codes(self):
        self.models("analytics", code=2)
        self.models("analytics", "absent.csv", code=4)
        bad = self.write("bad.csv", TWO + "x,y\n")
        self.assertEqual(self.models_json("analytics", bad)["malformed"], [{"file": 1, "line": 4, "reason": "fewer than eight columns"}])
        self.assertIn("line 4", self.models("analytics", bad, "--strict", code=3).stderr)
        self.models("analytics", bad, "--since", "yesterday", code=3)

    def test_every_form_of_input_gives_the_same(self):
        plain = self.write("m.csv", TWO)
        packed = self.write("m.csv.gz", gzip.compress(TWO.encode()))
        crlf = self.write("crlf.csv", b"\xef\xbb\xbf" + TWO.replace("\n", "\r\n").encode())
        reports = [self.models("analytics", f, "--json").stdout for f in (plain, packed, crlf)]
        reports.append(self.models("analytics", "-", "--json", input=TWO).stdout)
        self.assertEqual(len(set(reports)), 1)
        self.assertEqual(self.models_json("analytics", plain, packed)["total_requests"], 4)

    def random_rows(self, count, seed):
        chance = random.Random(seed)
        rows = []
        for _ in range(count):
            at = 1_767_225_600 + chance.randrange(40 * 86_400)
            stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at))
            category, model = f"c{chance.randrange(9)}", chance.choice(["a", "b,c", 'd"e', "f"]) + str(chance.randrange(3))
            quoted = '"' + model.replace('"', '""') + '"'
            rows.append(f"{stamp},{category},{quoted},{chance.choice(['true', 'false'])},{chance.random():.2f},{chance.choice([chance.uniform(0, 100), 25]):.2f},"
                        f"{chance.choice([0, 1, 2, 7, 300])},{chance.choice([chance.randrange(50), chance.randrange(4000)])}\n")
        return rows

    def test_every_figure_is_duckdbs(self):
        for seed in range(4):
            file = self.write("r.csv", HEADER + "".join(self.random_rows(5_000, seed)))
            report = self.models_json("analytics", file, "--by", "day", "--threads", "2", schema="analytics")
            db = duckdb.connect()
            db.execute(f"create table t as select *, primary_category = 'true' as p from read_csv('{file}', header = true, "
                       "types = {'primary_category': 'varchar', 'timestamp': 'timestamp', 'selection_duration_ms': 'bigint'})")
            self.assertEqual(db.execute("select count(*) from t").fetchone()[0], 5_000)
            for key, column, others, other in (("categories", "task_category", "models", "selected_model"), ("models", "selected_model", "categories", "task_category")):
                want = self.figures(db, column, other)
                self.assertEqual(len(want), len(report[key]))
                for row, (name, distinct, *rest) in zip(report[key], want):
                    self.assertEqual((row[column.split("_")[1]], row[others]), (name, distinct))
                    self.compare(row, rest)
            for row, (start, _, *rest) in zip(report["windows"], self.figures(db, "strftime(date_trunc('day', timestamp), '%Y-%m-%dT%H:%M:%SZ')", "gpu_id"), strict=True):
                self.assertEqual(row["start"], start)
                self.compare(row, rest)
            _, _, *rest = self.figures(db, "1", "selected_model")[0]
            self.compare(report["all"], rest)
            self.assertEqual([(g["gpu"], g["requests"]) for g in report["gpus"]], db.execute("select gpu_id, count(*) from t group by 1 order by 1").fetchall())
            self.assertEqual(report["multi_category_models"], db.execute("select count(*) from (select 1 from t group by selected_model "
                                                                         "having count(distinct task_category) > 1)").fetchone()[0])

    @staticmethod
    def figures(db, column, other):
        return db.execute(f"""select {column} k, count(distinct {other}), count(*), count(*) filter (p), count(*) filter (not p and final_score = 25),
            avg(final_score::decimal(18, 2)), avg(confidence_score::decimal(18, 2)), coalesce(avg(confidence_score::decimal(18, 2)) filter (not p), 0),
            avg(selection_duration_ms), min(selection_duration_ms), max(selection_duration_ms),
            quantile_disc(selection_duration_ms, [0.5, 0.9, 0.95, 0.99]) from t group by 1 order by 1""").fetchall()

    def compare(self, row, want):
        requests, primary, fallbacks, score, confidence, secondary_confidence, duration, least, most, quantiles = want
        self.assertEqual((row["requests"], row["primary_requests"], row["secondary_requests"], row["fallback_requests"]),
                         (requests, primary, requests - primary, fallbacks))
        for key, value in (("mean_score", score), ("mean_confidence", confidence), ("mean_secondary_confidence", secondary_confidence),
                           ("mean_duration_ms", duration), ("fallback_rate", fallbacks / requests), ("success_rate", 1 - fallbacks / requests)):
            self.assertAlmostEqual(row[key], float(value), places=9, msg=key)
        self.assertEqual((row["min_ms"], row["max_ms"]), (least, most))
        self.assertEqual([row[f"p{q}_ms"] for q in (50, 90, 95, 99)], quantiles)

    def test_since_and_until(self):
        rows = self.random_rows(2_000, 9)
        file = self.write("r.csv", HEADER + "".join(rows))
        want = sum("2026-01-10 00:00:00" <= r[:19] < "2026-01-20 12:00:00" for r in rows)
        self.assertEqual(self.models_json("analytics", file, "--since", "2026-01-10", "--until", "2026-01-20T12:00:00Z")["total_requests"], want)

    def test_the_order_of_rows_and_the_number_of_threads_do_not_matter(self):
        rows = self.random_rows(30_000, 3)
        first = self.models("analytics", self.write("a.csv", HEADER + "".join(rows)), "--json", "--threads", "4").stdout
        random.Random(1).shuffle(rows)
        self.assertEqual(first, self.models("analytics", self.write("b.csv", HEADER + "".join(rows)), "--json", "--threads", "1").stdout)


class Selection(ModelsTest):
    def test_explains_every_model_and_logs(self):
        log = self.folder / "metrics.csv"
        done = self.models_json("select", "--category", "code", "--max-gpu-memory", "14GB", "--explain", "--metrics", log, *FILES, schema="selection")
        self.assertEqual((done["model"], done["score"], done["fallback"]), ("google-gemma-3-270m-it", 47.5, False))
        self.assertEqual(len(done["verdicts"]), 7)
        self.assertTrue(all(v["words"] for v in done["verdicts"]))
        self.models("select", "--category", "math", "--metrics", log, *FILES)
        report = self.models_json("analytics", log)
        self.assertEqual((report["total_requests"], report["all"]["fallback_requests"], report["outcome_from"]), (2, 1, "column"))

    def test_exit_codes(self):
        self.models("select", "--category", "none", *FILES, code=4)
        self.assertFalse(self.models_json("select", "--category", "code", "--max-gpu-memory", "1", *FILES, code=1, schema="selection")["ok"])
        self.models("select", "--category", "code", "--max-gpu-memory", "much", *FILES, code=3)
        self.models("select", code=2)
        self.models("select", "--category", "code", "--registry", "absent.json", code=4)

    def test_by_gpu(self):
        done = self.models_json("select", "--category", "code", "--method", "gpu", *self.smi(), *FILES, schema="selection")
        self.assertEqual(done["gpu"], 0)
        self.assertAlmostEqual(done["score"], 47.5 * (1 - (0.5 * 12000 / 81559 + 0.3 * 0.37 + 0.2 * 41 / 85)))
        self.models("select", "--category", "code", "--method", "gpu", *self.no_gpus(), *FILES, code=8)


class Registry(ModelsTest):
    def test_samples_meet_their_schemas(self):
        check(json.loads(REGISTRY.read_text()), "registry")
        check(json.loads(CATEGORIES.read_text()), "categories")

    def test_validate(self):
        done = self.models_json("validate", REGISTRY, "--categories", CATEGORIES, schema="validation")
        self.assertEqual((done["ok"], done["models"], done["errors"]), (True, 7, 0))
        registry = json.loads(REGISTRY.read_text())
        registry["models"].append(registry["models"][0])
        bad = self.write("bad.json", json.dumps(registry))
        self.assertIn("duplicate", [f["code"] for f in self.models_json("validate", bad, code=1, schema="validation")["findings"]])
        self.models("validate", self.write("no.json", "{"), code=3)
        self.models("validate", REGISTRY, "--compare", "mmlu", code=1)
        registry["models"][0]["benchmarks"] = {"mmlu": {"score": 30, "source": "test"}}
        self.assertIn("1     google-gemma", self.models("validate", self.write("s.json", json.dumps(registry)), "--compare", "MMLU").stdout)
        self.assertIn("22", str(len(self.models_json("validate", REGISTRY, "--report", "--categories", CATEGORIES)["benchmarks"])))

    def test_bench(self):
        done = self.models_json("bench", 50, *FILES, schema="bench")
        self.assertEqual((done["ok"], done["selections"], done["errors"], done["fallbacks"]), (True, 450, 0, 350))
        self.assertTrue(all(c["passed"] for c in done["cases"]))
        self.assertFalse(self.models_json("bench", 5, "--fallbacks", "10", *FILES, code=1)["ok"])
        baseline = self.write("base.json", json.dumps(done))
        self.models("bench", 50, "--baseline", baseline, "--slower", "1000", *FILES)
        done["categories"] = []
        self.models("bench", 0, *FILES, code=2)

    def test_extract_from_folder_and_hub(self):
        cards = self.folder / "cards"
        (cards / "microsoft/phi-2").mkdir(parents=True)
        (cards / "microsoft/phi-2/README.md").write_text("---\nlicense: mit\n---\n| | phi-2 |\n|---|---|\n| MMLU (5-shot) | 12.5 |\n")  # not its real score
        registry = self.write("r.json", REGISTRY.read_text())
        before = registry.read_text()
        self.assertEqual(self.models_json("extract", registry, "--cards", cards, "--test", "microsoft/phi-2")["benchmarks"][0]["score"], 12.5)
        self.assertEqual(registry.read_text(), before)
        self.models("extract", registry, "--cards", cards, "--test", "no/card", code=4)
        self.models("extract", registry, code=3)
        done = self.models_json("extract", registry, "--cards", cards, "--in-place")
        self.assertEqual((done["cards"], done["scores"], len(done["absent"])), (1, 1, 6))
        enriched = json.loads(registry.read_text())
        check(enriched, "registry")
        self.assertEqual(enriched["models"][3]["benchmarks"]["MMLU"], {"score": 12.5, "source": "model card of microsoft/phi-2"})

        class Hub(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                known = {"/mirror/api/models/microsoft/phi-2": b'{"likes": 7}', "/mirror/microsoft/phi-2/raw/main/README.md": b"GSM8K: 3.5\n"}
                body = known.get(self.path)
                self.send_response(200 if body else 404)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_):
                pass
        with http.server.HTTPServer(("127.0.0.1", 0), Hub) as hub:
            threading.Thread(target=hub.serve_forever, daemon=True).start()
            address = f"http://127.0.0.1:{hub.server_port}/mirror"
            found = self.models_json("extract", registry, "--endpoint", address, "--test", "microsoft/phi-2")
            self.assertEqual((found["likes"], found["benchmarks"][0]["name"]), (7, "GSM8K"))
            hub.shutdown()
        for address, code in (("ftp://x", 3), ("https://127.0.0.1:1", 8)):
            self.models("extract", registry, "--endpoint", address, "--test", "microsoft/phi-2", code=code)


class Gpus(ModelsTest):
    def test_once_log_replay_and_summary(self):
        check(self.models_json("gpu", "--once", *self.smi()), "gpu")
        self.models("gpu", "--once", *self.no_gpus(), code=8)
        trace = self.write("trace.jsonl", (self.models("gpu", "--once", "--json", *self.smi()).stdout) * 3)
        log = self.folder / "logs/gpu.log"
        for times in (1, 2):
            text = self.models("gpu", "0.01", log, "--replay", trace).stdout
            self.assertIn("Summary of 3 samples", text)
            self.assertEqual(len(log.read_text().splitlines()), 1 + 3 * times)

    def test_ctrl_c_gives_the_summary(self):
        process = subprocess.Popen([PROGRAM, "models", "gpu", "0.05", self.folder / "g.log", *map(str, self.smi())], stdout=subprocess.PIPE, text=True)
        while not (self.folder / "g.log").exists():
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        text, _ = process.communicate(timeout=20)
        self.assertIn("Summary of", text)
        self.assertEqual(process.returncode, 0)


class Dashboard(ModelsTest):
    def setUp(self):
        super().setUp()
        self.log = self.write("metrics.csv", TWO)
        self.process = subprocess.Popen([PROGRAM, "models", "serve", "--listen", "127.0.0.1:0", "--json", "--metrics", self.log, "--interval", "0.2", *map(str, self.smi() + FILES)],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=self.folder)
        self.url = json.loads(self.process.stdout.readline())["url"].rstrip("/")

    def tearDown(self):
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(20)
        self.process.stdout.close()
        super().tearDown()
        self.assertEqual(code, 0)

    def get(self, path, method="GET"):
        with urllib.request.urlopen(urllib.request.Request(self.url + path, method=method), timeout=20) as answer:
            return json.load(answer)

    def test_the_api(self):
        check(self.get("/api/v1/models/registry"), "registry")
        self.assertEqual(len(self.get("/api/v1/models/categories")["items"]), 9)
        check(self.get("/api/v1/models/select?category=code&maxGpuMemoryMb=14336"), "selection")
        check(self.get("/api/v1/models/analytics?by=hour"), "analytics")
        check(self.get("/api/v1/models/validation"), "validation")
        check(self.get("/api/v1/models/bench?iterations=5", "POST"), "bench")
        check(self.get("/api/v1/models/gpus"), "gpu")
        for path, status in (("/api/v1/models/select?category=none", 404), ("/api/v1/models/select?category=code&method=x", 422),
                             ("/api/v1/models/select?category=code&minBenchmark=nan", 422), ("/api/v1/models/bench", 405)):
            with self.assertRaises(urllib.error.HTTPError) as caught:
                self.get(path)
            self.assertEqual(caught.exception.code, status, path)
            caught.exception.close()
        for path, part in (("/", "<title>Models"), ("/dashboard.js", "EventSource"), ("/dashboard.css", "--accent"), ("/metrics", 'tablinum_models_gpu_temperature_celsius{gpu="0"')):
            with urllib.request.urlopen(self.url + path, timeout=20) as answer:
                self.assertIn(part, answer.read().decode())

    def test_selections_appear_live(self):
        with urllib.request.urlopen(self.url + "/api/v1/models/stream", timeout=20) as stream:
            name, seen = None, {}
            posted = False
            while not ({"state", "gpu"} <= set(seen) and seen.get("selection", {}).get("model") == "HY-MT1.5-7B"):
                line = stream.readline().decode().strip()
                if line.startswith("event:"):
                    name = line[6:].strip()
                elif line.startswith("data:"):
                    seen[name] = json.loads(line[5:])
                if "state" in seen and not posted:
                    posted = True
                    self.get("/api/v1/models/select?category=relational", "POST")
        self.assertIn("selections", seen["state"])
        self.assertEqual(seen["selection"]["outcome"], "ok")
        self.assertEqual(seen["gpu"]["gpus"][0]["name"], "NVIDIA Test GPU")
        self.assertEqual(len(self.log.read_text().splitlines()), 4)


main()
