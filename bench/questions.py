#!/usr/bin/env python3
"""Asks a server of an archive over HTTP/1.1 keep-alive, one question after the other, and tells the time of each kind of question: wall time at
the client, and the processor time that the server's threads spent on it, which other programs on the machine disturb less.

    questions.py TABLINUM DATA [--questions N] [--json]
"""
import argparse
import http.client
import json
import pathlib
import random
import signal
import subprocess
import time
import urllib.parse

TARGETS_MS = {"suggest": 2, "name": 10, "worst word": 30, "relationship": 50}


def cpu_ns(pid):
    """What all threads have run, in nanoseconds (the kernel's own count, not ticks)."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in pathlib.Path(f"/proc/{pid}/task").iterdir())


class Asker:
    def __init__(self, tablinum, data):
        self.process = subprocess.Popen([tablinum, "serve", "--data", data, "--listen", "127.0.0.1:0", "--json"], stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        url = urllib.parse.urlsplit(json.loads(self.process.stdout.readline())["url"])
        self.connection = http.client.HTTPConnection(url.hostname, url.port, timeout=600)

    def get(self, path, **query):
        self.connection.request("GET", "/api/v1" + path + ("?" + urllib.parse.urlencode(query) if query else ""))
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {body[:200]}")
        return json.loads(body)

    def measure(self, path, **query):
        """Wall and server's processor milliseconds of one question."""
        cpu, begin = cpu_ns(self.process.pid), time.monotonic()
        self.get(path, **query)
        return (time.monotonic() - begin) * 1e3, (cpu_ns(self.process.pid) - cpu) / 1e6

    def measure_post(self, path, body):
        """The answer, and wall and server's processor milliseconds of it."""
        sent = json.dumps(body)
        cpu, begin = cpu_ns(self.process.pid), time.monotonic()
        self.connection.request("POST", "/api/v1" + path, sent, {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        got = answer.read()
        wall = (time.monotonic() - begin) * 1e3
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {got[:300]}")
        return json.loads(got), wall, (cpu_ns(self.process.pid) - cpu) / 1e6

    def memory_mib(self):
        """The most that the server has held so far."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(120)


def people(asker, tree, count, choose):
    """Persons from all over the list."""
    anchors = asker.get(f"/trees/{tree}/persons/anchors")["anchors"]
    found = []
    while len(found) < count:
        anchor = choose.choice(anchors)
        page = asker.get(f"/trees/{tree}/persons", limit=50, **({"cursor": anchor["cursor"]} if anchor["cursor"] else {}))["items"]
        found += choose.sample(page, min(len(page), 10))
    return found[:count]


def questions(asker, tree, count, choose):
    """The paths and parameters of each kind of question."""
    some = people(asker, tree, count, choose)
    words = [person["name"].split() for person in some]
    words = [[word for word in name if word.isalpha()] or ["a"] for name in words]
    common = max({word for name in words[:50] for word in name[:1]},
                 key=lambda word: asker.get("/search", treeId=tree, q=word, limit=1)["total"])
    others = some[1:] + some[:1]
    return {
        "suggest": [("/search/suggest", {"treeId": tree, "q": choose.choice(name)[:choose.randint(1, 5)]}) for name in words],
        "name": [("/search", {"treeId": tree, "q": " ".join(name[:1] + name[-1:])}) for name in words],
        "worst word": [("/search", {"treeId": tree, "q": common})] * max(1, count // 4),
        "relationship": [(f"/persons/{a['id']}/relationship-to/{b['id']}", {}) for a, b in zip(some, others)],
    }, common


def share(values, part):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def measure(tablinum, data, count=400):
    choose = random.Random(1)
    asker = Asker(tablinum, data)
    try:
        tree = asker.get("/trees")["items"][0]["id"]
        kinds, common = questions(asker, tree, count, choose)
        rows = {"common word": common}
        for kind, asked in kinds.items():
            asker.measure(asked[0][0], **asked[0][1])  # what is loaded on first use is not the question's
            times = [asker.measure(path, **query) for path, query in asked]
            wall, cpu = [t[0] for t in times], [t[1] for t in times]
            rows[kind] = {"questions": len(times), "wall_p50": share(wall, .5), "wall_p99": share(wall, .99), "cpu_p50": share(cpu, .5),
                          "cpu_p99": share(cpu, .99), "target": TARGETS_MS[kind]}
        rows["memory MiB"] = asker.memory_mib()
        return rows
    finally:
        asker.stop()


def table(rows):
    lines = ["| question | asked | wall ms p50 | p99 | server's CPU ms p50 | p99 | target (p99) |", "|---|---|---|---|---|---|---|"]
    for kind in TARGETS_MS:
        row = rows[kind]
        lines.append(f"| {kind} | {row['questions']} | {row['wall_p50']:.2f} | {row['wall_p99']:.2f} | {row['cpu_p50']:.2f} | "
                     f"{row['cpu_p99']:.2f} | {row['target']} |")
    return [*lines, "", f"The commonest given name is {rows['common word']}. The server held {rows['memory MiB']:.0f} MiB at most."]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tablinum")
    parser.add_argument("data")
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = measure(options.tablinum, options.data, options.questions)
    print(json.dumps(rows) if options.json else "\n".join(table(rows)))


if __name__ == "__main__":
    main()
