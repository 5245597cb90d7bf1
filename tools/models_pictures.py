#!/usr/bin/env python3
"""Takes the pictures of docs/user/models.md: models_pictures.py PROGRAM. The metrics and the GPUs' trace are synthetic, made here. Needs chromium."""
import json
import math
import pathlib
import random
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROGRAM, IMAGES = pathlib.Path(sys.argv[1]).resolve(), ROOT / "docs/images"
TASKS = {"code": ["google-gemma-3-270m-it", "microsoft-phi-2", "deepseek-coder-33b-instruct-q4_k_m"], "relational": ["HY-MT1.5-7B", "translategemma-27b-it-GGUF"]}


def metrics(file):
    chance = random.Random(7)
    lines = ["timestamp,task_category,selected_model,primary_category,confidence_score,final_score,gpu_id,selection_duration_ms,outcome"]
    for i in range(2400):
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(1_769_155_200 + i * 900))
        task = chance.choice(list(TASKS))
        slow = 1 if i < 1500 else 1.8
        lines.append(f"{stamp},{task},{chance.choice(TASKS[task])},{chance.choice(['true', 'true', 'false'])},{chance.uniform(0.6, 1):.2f},{chance.gauss(60, 9):.2f},"
                     f"{chance.randrange(2)},{max(1, int(slow * chance.lognormvariate(3, 0.5)))},{chance.choice(['ok'] * 30 + ['fallback'])}")
    file.write_text("\n".join(lines) + "\n")


def trace(file):
    names = ["Synthetic GPU 80 GB", "Synthetic GPU 16 GB"]
    lines = []
    for t in range(600):
        gpus = []
        for i, (name, total) in enumerate(zip(names, (81559, 15360))):
            used = int(total * (0.5 + 0.2 * math.sin(t / 20 + i)))
            gpus.append({"id": i, "name": name, "utilization_percent": round(45 + 30 * math.sin(t / 15 + 2 * i)), "memory_used_mb": used, "memory_total_mb": total,
                         "memory_free_mb": total - used, "temperature_c": 62 + 24 * i, "power_w": 210 - 140 * i, "power_limit_w": 700 - 630 * i,
                         "throttle_reasons": [], "mig_instances": [], "processes": [{"pid": 4711 + i, "name": "llama-server", "memory_mb": used}]})
        lines.append(json.dumps({"ok": True, "time_ms": 1_769_155_200_000 + 1000 * t, "source": "synthetic", "gpus": gpus}))
    file.write_text("\n".join(lines) + "\n")


def picture(name, address, height):
    subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--screenshot={IMAGES / name}.png",
                    f"--window-size=1280,{height}", "--timeout=6000", address], check=True, capture_output=True, timeout=120)
    print(name, (IMAGES / f"{name}.png").stat().st_size)


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tablinum-pictures-"))
    metrics(folder / "metrics.csv")
    trace(folder / "trace.jsonl")
    page = subprocess.run([PROGRAM, "models", "analytics", "metrics.csv", "--by", "day", "--format", "html"], cwd=folder, check=True, capture_output=True)
    (folder / "report.html").write_bytes(page.stdout)
    picture("models-report", (folder / "report.html").as_uri(), 1400)
    server = subprocess.Popen([PROGRAM, "models", "serve", "--listen", "127.0.0.1:0", "--json", "--metrics", "metrics.csv", "--replay", "trace.jsonl", "--interval", "1",
                               "--registry", ROOT / "samples/models/MODEL_REGISTRY.json", "--categories", ROOT / "samples/models/task_categories.json"],
                              cwd=folder, stdout=subprocess.PIPE, text=True)
    try:
        picture("models-dashboard", json.loads(server.stdout.readline())["url"], 1300)
    finally:
        server.terminate()
        server.wait()


main()
