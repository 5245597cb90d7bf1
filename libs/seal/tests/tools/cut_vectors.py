#!/usr/bin/env python3
"""Makes tests/data/vectors out of what fetch_vectors.sh brought: a part of every file that is small enough to commit, for machines without a
network.   cut_vectors.py FETCHED_FOLDER OUT_FOLDER

Wycheproof: of each file, of each result (valid, invalid, acceptable) the first case of every flag, until the file's share is used up; a group
goes with its cases. ACVP, questions and answers: of each group the case with the shortest question, of sigVer the first that passes and the
first two that do not. Nothing is altered but what is left out."""
import json
import os
import sys

SHARE = 20_000   # bytes of cases a file; one case of each result is kept even where it is longer


def write(path, value):
    with open(path, "w", encoding="ascii") as out:
        json.dump(value, out, indent=0, separators=(",", ":"))
        out.write("\n")


def size(value):
    return len(json.dumps(value, separators=(",", ":")))


def wycheproof(whole):
    used, seen = 0, set()
    groups = []
    for group in whole["testGroups"]:
        if whole["algorithm"] == "AES-GCM" and (group["keySize"], group["ivSize"]) != (256, 96):
            continue  # not used here
        kept = []
        for case in group["tests"]:
            marks = {(case["result"], flag) for flag in case.get("flags", [])} | {(case["result"], None)}
            new = marks - seen
            first_of_result = (case["result"], None) in new
            cost = size(case) + (0 if kept else size({k: v for k, v in group.items() if k != "tests"}))
            if not new or (used + cost > SHARE and not first_of_result):
                continue
            seen |= marks
            used += cost
            kept.append(case)
        if kept:
            groups.append({**group, "tests": kept})
    return {"numberOfTests": sum(len(group["tests"]) for group in groups), "testGroups": groups}


def acvp(prompt, results):
    answers = {case["tcId"]: case for group in results["testGroups"] for case in group["tests"]}
    for group in prompt["testGroups"]:
        cases = sorted(group["tests"], key=size)
        if prompt["mode"] == "sigVer":
            passed = lambda case: answers[case["tcId"]]["testPassed"]  # noqa: E731
            cases = [case for case in cases if passed(case)][:1] + [case for case in cases if not passed(case)][:2]
        group["tests"] = cases if prompt["mode"] == "sigVer" else cases[:1]
        yield group, {"tgId": group["tgId"], "tests": [answers[case["tcId"]] for case in group["tests"]]}


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def main(fetched, out):
    for part in ("wycheproof", "acvp"):
        os.makedirs(f"{out}/{part}", exist_ok=True)
    for name in sorted(os.listdir(f"{fetched}/wycheproof")):
        write(f"{out}/wycheproof/{name}", wycheproof(load(f"{fetched}/wycheproof/{name}")))
    for name in sorted(os.listdir(f"{fetched}/acvp")):
        if not name.endswith("-prompt.json"):
            continue
        other = name.replace("-prompt", "-expectedResults")
        pairs = list(acvp(load(f"{fetched}/acvp/{name}"), load(f"{fetched}/acvp/{other}")))
        for path, groups in ((name, [prompt for prompt, _ in pairs]), (other, [answer for _, answer in pairs])):
            write(f"{out}/acvp/{path}", {"testGroups": groups})


main(*sys.argv[1:])
