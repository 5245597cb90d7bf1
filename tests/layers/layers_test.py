#!/usr/bin/env python3
"""The build enforces the layers: a module that includes a header of a module it did not declare does not compile.

For each module: its own compile command (from compile_commands.json) must accept a header of each module it may use and refuse one of
every other module. So a global include path, or a dependency that leaks include paths, fails here.
"""
import json
import pathlib
import re
import shlex
import subprocess
import sys

root, build, compiler = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
layers = {}
for line in (root / "cmake/Layers.cmake").read_text().splitlines():
    match = re.match(r"set\(TABLINUM_LAYER_(\w+)\s*(.*)\)", line)
    if match:
        layers[match.group(1)] = set(match.group(2).split())

headers = {}
for module in layers:
    found = sorted((root / "libs" / module / "include/tablinum" / module).glob("*.h"))
    if found:
        headers[module] = f"tablinum/{module}/{found[0].name}"

commands = {}
for entry in json.loads((build / "compile_commands.json").read_text()):
    match = re.match(r"libs/(\w+)/src/", str(pathlib.Path(entry["file"]).relative_to(root)) if entry["file"].startswith(str(root)) else "")
    if match:
        commands.setdefault(match.group(1), entry["command"])


def compiles(command, header):
    words = shlex.split(command)
    paths = []
    for i, word in enumerate(words):
        if word.startswith("-I"):
            paths.append(word)
        elif word == "-isystem":
            paths += [word, words[i + 1]]
    run = subprocess.run([compiler, "-std=c++23", "-fsyntax-only", *paths, "-x", "c++", "-"], input=f'#include "{header}"\n', text=True,
                         capture_output=True)
    return run.returncode == 0, run.stderr


failures = checked = 0
for module, command in sorted(commands.items()):
    for other, header in sorted(headers.items()):
        allowed = other == module or other in layers[module]
        ok, message = compiles(command, header)
        checked += 1
        # A permitted module need not be declared; one that is not permitted must stay out of reach.
        if ok and not allowed:
            failures += 1
            print(f"{module} can include {header}, which cmake/Layers.cmake does not allow")
        if not ok and other == module:
            failures += 1
            print(f"{module} cannot include its own {header}:\n{message}")
print(f"{checked} pairs of modules, {failures} failures")
sys.exit(1 if failures or checked < len(headers) else 0)
