#!/usr/bin/env python3
"""Sends change sets of 1,000 operations to a server of an archive, over HTTP/1.1 keep-alive, and tells the time of each: wall time at the
client and the processor time of the server's threads. What is made is taken back again, which is timed too.

    changes.py TABLINUM DATA [--operations N] [--times N] [--json]
"""
import argparse
import json
import random

import questions

TARGET_MS = 500
OPERATIONS = 1000


def facts(some, times):
    """A fact with a place and a date to as many people."""
    return [{"op": "addFact", "id": person["id"], "fact": {"type": "RESI", "date": f"between {1850 + times} and {1860 + times}",
                                                           "place": f"Parish {n % 40}, Bench"}} for n, person in enumerate(some)]


def renamed(some, times):
    return [{"op": "patch", "id": person["id"], "merge": {"names": [{"given": f"Given{times}", "surname": f"Surname{n % 50}"}]}}
            for n, person in enumerate(some)]


def born(families, some, times):
    """Half of the operations make a person, the other half make it a child of a family: as many different families."""
    ops = []
    for n in range(len(some) // 2):
        ops.append({"op": "create", "ref": f"#{n}", "record": {"kind": "person", "sex": "F" if n % 2 else "M",
                    "names": [{"given": f"New{n}", "surname": f"Bench{times}"}], "facts": [{"type": "BIRT", "date": str(1900 + n % 90)}]}})
        ops.append({"op": "link", "family": families[n % len(families)], "child": f"#{n}"})
    return ops


def one_person(some, times):
    return [{"op": "addFact", "id": some[0]["id"], "fact": {"type": "RESI", "date": str(1000 + times * 10 + n % 900)}} for n in range(len(some))]


def deleted(some, _):
    return [{"op": "delete", "id": person["id"], "everywhere": True} for person in some]


class Writer:
    def __init__(self, asker, tree):
        self.asker, self.tree = asker, tree

    def changes(self, operations):
        """The change set's id, and wall and processor milliseconds."""
        body = {"reason": "bench", "ops": operations}
        answer, wall, cpu = self.asker.measure_post(f"/trees/{self.tree}/changes", body)
        return answer["changeSet"], wall, cpu

    def undo(self, change_set):
        _, wall, cpu = self.asker.measure_post(f"/changesets/{change_set}/revert", {"reason": "bench"})
        return wall, cpu


def measure(tablinum, data, operations=OPERATIONS, times=3):
    choose = random.Random(1)
    asker = questions.Asker(tablinum, data)
    try:
        tree = asker.get("/trees")["items"][0]["id"]
        writer = Writer(asker, tree)
        some = questions.people(asker, tree, operations * 2, choose)
        some = list({person["id"]: person for person in some}.values())[:operations]
        families = []
        for person in some:
            if len(families) == operations // 2:
                break
            unions = asker.get(f"/persons/{person['id']}/family")["unions"]
            families += [union["familyId"] for union in unions[:1] if union.get("familyId") not in families]
        # What is loaded for the first edit of a tree (names, facts of everybody, the graph) is a row of its own.
        first = writer.changes([facts(some[:1], 0)[0]])
        asker.get("/search", treeId=tree, q="bench")  # the search index is in memory and must follow
        kinds = {
            "a fact each of as many people": lambda n: facts(some, n),
            "another name of as many people": lambda n: renamed(some, n),
            "half as many children made and linked to as many families": lambda n: born(families, some, n),
            "all to one person": lambda n: one_person(some, n),
            "as many people deleted": lambda n: deleted(some, n),
        }
        rows = {"operations": len(some), "families": len(families), "first": {"wall": first[1], "cpu": first[2]}, "kinds": {}}
        for kind, make in kinds.items():
            done, undone = [], []
            for n in range(times):
                change_set, wall, cpu = writer.changes(make(n))
                done.append((wall, cpu))
                undone.append(writer.undo(change_set))
            rows["kinds"][kind] = {"wall": max(w for w, _ in done), "cpu": max(c for _, c in done),
                                   "undo_wall": max(w for w, _ in undone), "undo_cpu": max(c for _, c in undone)}
        rows["memory MiB"] = asker.memory_mib()
        return rows
    finally:
        asker.stop()


def table(rows):
    lines = [f"| {rows['operations']:,} operations, the worst of three | wall ms | server's CPU ms | undo: wall ms | CPU ms | target (wall) | |",
             "|---|---|---|---|---|---|---|"]
    for kind, row in rows["kinds"].items():
        met = "met" if row["wall"] <= TARGET_MS else "**missed**"
        lines.append(f"| {kind} | {row['wall']:.0f} | {row['cpu']:.0f} | {row['undo_wall']:.0f} | {row['undo_cpu']:.0f} | {TARGET_MS} | {met} |")
    return [*lines, "", f"The first edit after the server's start, which loads what edits need: {rows['first']['wall']:.0f} ms wall, "
            f"{rows['first']['cpu']:.0f} ms CPU. The server held {rows['memory MiB']:.0f} MiB at most."]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tablinum")
    parser.add_argument("data")
    parser.add_argument("--operations", type=int, default=OPERATIONS)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = measure(options.tablinum, options.data, options.operations, options.times)
    print(json.dumps(rows) if options.json else "\n".join(table(rows)))


if __name__ == "__main__":
    main()
