#!/usr/bin/env python3
"""What the compiler does not check: rules of style that a reader relies on. Prints each breach as file:line: rule."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1])
LINE_MAX = 140
TABLE_LINE_MAX = 220  # rows of test tables, and what stands between "clang-format off" and "on"
SOURCE = {".cc", ".h"}
SUBJECT = "libs services app capi tests bench".split()

# rule, pattern, where it does not apply
RULES = [
    ("OpenSSL headers only in base, net and seal: elsewhere they would be libpq's OpenSSL 3",
     re.compile(r'#\s*include\s*<openssl/'), re.compile(r"^libs/(base|net|seal)/")),
    ("no unfinished work in the tree: finish it or write it into docs/status.md",
     re.compile(r"\b(TODO|FIXME|XXX)\b"), re.compile(r"^tests/style/")),
    ("using namespace at file scope", re.compile(r"^using namespace (?!std::(string_)?(view_)?literals)"),
     re.compile(r"/(tests|bench|fuzz)/")),
    ("an assertion that always holds tests nothing", re.compile(r"\b(EXPECT|ASSERT)_TRUE\(true\)"), None),
    ("a test may not skip or be disabled", re.compile(r"\bGTEST_SKIP|\bDISABLED_\w+"), re.compile(r"^tests/style/")),
    ("C streams of the process belong to app, log and tools", re.compile(r"std::(cout|cerr)\b"),
     re.compile(r"^(app|tests|bench)/|/(tests|bench|fuzz)/")),
    ("std::regex: unbounded time and stack on hostile input", re.compile(r"#\s*include\s*<regex>"), None),
    ("system clocks and randomness come through base or io, so that a test can hold them",
     re.compile(r"\b(std::random_device|std::chrono::system_clock|std::rand\b)"), re.compile(r"/(tests|bench)/|^(tests|bench)/")),
    ("io's Operation is named or alone: no lambda with captures inside a co_await (io.md §2)",
     re.compile(r"co_await[^;]*\[[^\]]+\]\s*(\([^)]*\))?\s*(mutable\s*)?\{"), None),
]


def files():
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard", *SUBJECT], capture_output=True, text=True)
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in SOURCE and path.exists():
            yield name, path.read_text(encoding="utf-8")


def breaches(name, text):
    lines = text.split("\n")
    if name.endswith(".h") and "#pragma once" not in text:
        yield 1, "a header begins with #pragma once"
    table = tests = bool(re.search(r"/(tests|bench|fuzz)/", name))
    for number, line in enumerate(lines, 1):
        if "clang-format off" in line:
            table = True
        elif "clang-format on" in line:
            table = tests
        limit = TABLE_LINE_MAX if table else LINE_MAX
        if len(line) > limit:
            yield number, f"line of {len(line)} characters, at most {limit}"
        if line != line.rstrip(" \t"):
            yield number, "blanks at the end of the line"
        for rule, pattern, exempt in RULES:
            if pattern.search(line) and not (exempt and exempt.search(name)):
                yield number, rule
    if text and not text.endswith("\n"):
        yield len(lines), "no newline at the end of the file"
    # A module sees only the public headers of others.
    module = re.match(r"libs/(\w+)/", name)
    for include in re.finditer(r'#\s*include\s*"(\.\./[^"]*)"', text if "/fuzz/" not in name else ""):
        yield text.count("\n", 0, include.start()) + 1, f'include "{include.group(1)}" climbs out of its folder'
    if module and "/include/" in name:
        for include in re.finditer(r"#\s*include\s*<(boost|soci|unicode|sqlite3|zstd|zlib|zip|fmt|spdlog|simdjson|yaml-cpp|CLI)[/.]", text):
            yield text.count("\n", 0, include.start()) + 1, "a public header names a library: its users would pay for it"


def main():
    count = found = 0
    for name, text in files():
        count += 1
        for line, rule in breaches(name, text):
            found += 1
            print(f"{name}:{line}: {rule}")
    print(f"{count} files, {found} breaches")
    if count == 0:
        print("no source was found: the test looks in the wrong place")
    sys.exit(1 if found or not count else 0)


main()
