#!/usr/bin/env python3
"""The models' commands beside their peers, all in one run: models.py PROGRAMS WORK [--out FILE]. Needs duckdb and polars
(models_requirements.txt). PROGRAMS has tablinum and models_selector_bench.

The statistics of 10,000 and of 10,000,000 rows as whole processes, two threads each; selection and benchmark; start-up. Writes Markdown.
Each peer computes what the report has: per category, per model and overall: counts, means, the share of secondary rows, four percentiles; and counts by GPU.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
ROUNDS_SMALL, ROUNDS_LARGE = 21, 5
MODELS = ["google-gemma-3-270m-it", "LFM2.5-1.2B-Instruct-GGUF", "HY-MT1.5-7B", "microsoft-phi-2", "deepseek-coder-33b-instruct-q4_k_m",
          "Llama-3.3-70B-Instruct-Q4_K_M", "translategemma-27b-it-GGUF"]
CATEGORIES = ["code", "math", "reasoning", "summarization", "relational", "translation", "vector_search", "ocr_extraction", "graph"]

MAKE = """
import duckdb, sys
rows, out = int(sys.argv[1]), sys.argv[2]
c = duckdb.connect(); c.execute("set threads = 2"); c.execute("select setseed(0.42)")
c.execute(f'''copy (select strftime(timestamp '2026-01-01 00:00:00' + to_seconds(i * 2592000 // {rows}), '%Y-%m-%d %H:%M:%S') as "timestamp",
  CATEGORIES[1 + cast(floor(random() * 9) as int)] task_category, MODELS[1 + cast(floor(random() * 7) as int)] selected_model,
  case when random() < 0.6 then 'true' else 'false' end primary_category, round(0.5 + random() * 0.5, 2) confidence_score,
  round(random() * 100, 2) final_score, cast(floor(random() * 4) as int) gpu_id, cast(floor(exp(random() * 6)) as int) selection_duration_ms
  from range({rows}) t(i)) to '{out}' (header)''')
""".replace("CATEGORIES", str(CATEGORIES)).replace("MODELS", str(MODELS))

DUCKDB = """
import duckdb, sys
c = duckdb.connect(); c.execute("set threads = 2")
c.execute(f"create temp view t as select * from read_csv('{sys.argv[1]}', header = true, types = {{'primary_category': 'varchar', 'timestamp': 'varchar'}})")
figures = '''count(*), count(*) filter (primary_category <> 'true'), avg(final_score), avg(confidence_score), avg(selection_duration_ms),
  quantile_disc(selection_duration_ms, [0.5, 0.9, 0.95, 0.99])'''
# One reading of the file: every grouping is a set of it.
rows = c.execute(f'''select task_category, selected_model, gpu_id, count(distinct task_category), count(distinct selected_model), {figures}
  from t group by grouping sets ((task_category), (selected_model), (gpu_id), ()) order by all''').fetchall()
print(len(rows))
"""

POLARS = """
import os, sys
os.environ["POLARS_MAX_THREADS"] = "2"
import polars as pl
t = pl.scan_csv(sys.argv[1], schema_overrides={"timestamp": pl.String, "primary_category": pl.String, "task_category": pl.Categorical, "selected_model": pl.Categorical})
d = pl.col("selection_duration_ms")
figures = [pl.len(), (pl.col("primary_category") != "true").sum().alias("secondary"), pl.col("final_score").mean(), pl.col("confidence_score").mean(), d.mean().alias("mean"),
           *(d.quantile(q, interpolation="lower").alias(f"p{q}") for q in (0.5, 0.9, 0.95, 0.99))]
parts = [t.group_by("task_category").agg(*figures, pl.col("selected_model").n_unique()), t.group_by("selected_model").agg(*figures, pl.col("task_category").n_unique()),
         t.group_by("gpu_id").agg(pl.len()), t.select(*figures)]
print(sum(len(x) for x in pl.collect_all(parts, engine="streaming")))
"""

# What one would write without thinking of speed.
PLAIN = """
import csv, statistics, sys
from collections import defaultdict
by_category, by_model, gpus = defaultdict(list), defaultdict(list), defaultdict(int)
with open(sys.argv[1], newline='') as file:
    for row in csv.DictReader(file):
        entry = (row['selected_model'], row['task_category'], row['primary_category'] == 'true', float(row['confidence_score']),
                 float(row['final_score']), int(row['selection_duration_ms']))
        by_category[row['task_category']].append(entry); by_model[row['selected_model']].append(entry); gpus[int(row['gpu_id'])] += 1
for groups in (by_category, by_model):
    for name, rows in sorted(groups.items()):
        durations = sorted(r[5] for r in rows)
        print(name, len(rows), statistics.fmean(r[4] for r in rows), statistics.fmean(r[3] for r in rows), statistics.fmean(durations),
              [durations[int(q * (len(rows) - 1))] for q in (0.5, 0.9, 0.95, 0.99)])
print(dict(gpus))
"""


def timed(command):
    """Wall and CPU seconds, and peak MiB."""
    begin = time.monotonic()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command} failed: {errors.decode()[-500:]}")
    return time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def together(commands, rounds):
    """Each command once a round, so that all meet the same machine. Returns lists of (wall, CPU, MiB)."""
    results = {name: [] for name in commands}
    for command in commands.values():
        timed(command)
    for _ in range(rounds):
        for name, command in commands.items():
            results[name].append(timed(command))
    return results


class Report:
    def __init__(self):
        self.lines = []

    def say(self, *lines):
        print(*lines, sep="\n", flush=True)
        self.lines += lines

    def table(self, results, first, unit, factor):
        """Medians by processor time and by the clock, beside those of the row `first`."""
        self.say(f"| | wall {unit}: median (least – most) | CPU {unit}: median | peak MiB | wall, times ours | CPU, times ours |", "|---|---|---|---|---|---|")
        ours = [statistics.median(r[i] for r in results[first]) for i in (0, 1)]
        for name, rows in results.items():
            wall, cpu = [r[0] * factor for r in rows], [r[1] * factor for r in rows]
            self.say(f"| {name} | {statistics.median(wall):.2f} ({min(wall):.2f} – {max(wall):.2f}) | {statistics.median(cpu):.2f} | {max(r[2] for r in rows):.0f} | "
                     f"{statistics.median(r[0] for r in rows) / ours[0]:.1f} | {statistics.median(r[1] for r in rows) / max(ours[1], 1e-9):.1f} |")

    def target(self, what, met):
        self.say("", f"{what}: {'met' if met else '**missed**'}.")


def median_of(results, name, what):
    return statistics.median(row[what] for row in results[name])


WALL, CPU, MIB = range(3)


def small_file(report, program, file, folder):
    report.say("", "## Statistics of 10,000 rows, whole process", "")
    got = together({"tablinum": [program, "models", "analytics", file], "a plain Python csv script": [sys.executable, folder / "plain.py", file]}, ROUNDS_SMALL)
    report.table(got, "tablinum", "ms", 1000)
    own = median_of(got, "tablinum", WALL) * 1000
    times = median_of(got, "a plain Python csv script", CPU) / median_of(got, "tablinum", CPU)
    report.target(f"At most 10 ms: {own:.1f}", own <= 10)
    report.target(f"At least 30 times the Python script, by processor time: {times:.0f}", times >= 30)


def large_file(report, program, file, folder, rows):
    report.say("", f"## Statistics of {rows:,} rows ({file.stat().st_size >> 20} MiB), two threads", "")
    got = together({"tablinum": [program, "models", "analytics", file, "--threads", "2"], "DuckDB": [sys.executable, folder / "duckdb_report.py", file],
                    "Polars": [sys.executable, folder / "polars_report.py", file]}, ROUNDS_LARGE)
    report.table(got, "tablinum", "s", 1)
    for peer in ("DuckDB", "Polars"):
        times = median_of(got, peer, WALL) / median_of(got, "tablinum", WALL)
        report.target(f"At least 1.5 times {peer}: {times:.1f}", times >= 1.5)
    report.say("", "Memory does not grow with the rows: the whole file is never held.")


def commands(report, program, small, samples):
    report.say("", "## Other commands, whole process", "")
    got = together({"version": [program, "version"], "models bench 1000 (nine categories)": [program, "models", "bench", *samples],
                    "models select": [program, "models", "select", "--category", "code", *samples],
                    "models validate": [program, "models", "validate", samples[1]],
                    "models analytics --format html": [program, "models", "analytics", small, "--format", "html"]}, ROUNDS_SMALL)
    report.table(got, "version", "ms", 1000)
    bench, select = (median_of(got, name, WALL) * 1000 for name in ("models bench 1000 (nine categories)", "models select"))
    report.target(f"`models bench`, 1,000 iterations over nine categories: at most 20 ms: {bench:.1f}", bench <= 20)
    report.target(f"Start-up of a command: at most 5 ms: {select:.1f} (`models select`)", select <= 5)


def selection(report, programs, samples):
    report.say("", "## Selection and GPU, inside the process", "", "| | CPU | target | |", "|---|---|---|---|")
    done = subprocess.run([programs / "models_selector_bench", "--benchmark_format=json", "--benchmark_min_time=0.2"], check=True, capture_output=True, text=True)
    scale = {"ns": 1, "us": 1e3, "ms": 1e6}
    for row in json.loads(done.stdout)["benchmarks"]:
        what, most = TARGETS_NS.get(row["name"], (row["name"], None))
        took = row["cpu_time"] * scale[row["time_unit"]]
        report.say(f"| {what} | {took:,.0f} ns | {f'{most:,} ns' if most else '–'} | {('met' if took <= most else '**missed**') if most else ''} |")
    said = json.loads(subprocess.run([programs / "tablinum", "models", "bench", "100000", "--json", *map(str, samples)], capture_output=True, text=True).stdout)
    report.say(f"| `models bench 100000`: selections a second, the clock read twice for each | {said['selections_per_second'] / 1e6:.1f} million | 5 million | "
               f"{'met' if said['selections_per_second'] >= 5e6 else '**missed**'} |")


# Rows of libs/models/bench/selector_bench.cc: in words, and the most it may take (5 million a second are 200 ns).
TARGETS_NS = {"BM_Select/7": ("selection among seven models", 200), "BM_Select/10000": ("selection among 10,000 models", 50_000),
              "BM_SelectNothingFits/7": ("the same of seven where nothing fits", None),
              "BM_SelectNothingFits/10000": ("the same of 10,000 where nothing fits: every model is looked at, twice", 50_000),
              "BM_ParseSmi": ("the answer of nvidia-smi for eight GPUs", 20_000)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--rows", type=int, default=10_000_000, help="of the large file, to try it on fewer")
    given = parser.parse_args()
    programs, folder = given.programs.resolve(), given.work
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("make", MAKE), ("duckdb_report", DUCKDB), ("polars_report", POLARS), ("plain", PLAIN)):
        (folder / f"{name}.py").write_text(text)
    small, large = folder / "10000.csv", folder / f"{given.rows}.csv"
    for file, rows in ((small, 10_000), (large, given.rows)):
        if not file.exists():
            subprocess.run([sys.executable, folder / "make.py", str(rows), file], check=True)
    samples = ["--registry", ROOT / "samples/models/MODEL_REGISTRY.json", "--categories", ROOT / "samples/models/task_categories.json"]
    report = Report()
    report.say("# Models", "", f"`bench/run.sh --only models` writes this page; each table is one run, in turns. Peers from PyPI (bench/models_requirements.txt), "
               f"CPython {sys.version.split()[0]}. The files are in the page cache. Load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors.")
    program = programs / "tablinum"
    small_file(report, program, small, folder)
    large_file(report, program, large, folder, given.rows)
    commands(report, program, small, samples)
    selection(report, programs, samples)
    report.say("", f"Load after: {os.getloadavg()[0]:.1f}. Not measured: NVML on a real GPU, and whether a GPU would help the statistics: none was at hand.")
    if given.out:
        given.out.write_text("\n".join(report.lines) + "\n")


main()
