#!/usr/bin/env python3
"""Documentation that says what is no longer so fails here. Prints each breach as file:line: what is wrong.

  links      every relative link and picture of every *.md leads to a file, and to a heading where it names one
  commands   docs/user/command-line.md has a section for each command and a word on each of its options, and every example in a `console`
             block is accepted by the program: a known command with known options
  exit codes the tables in command-line.md and developing.md say what app/console.cc and net do
  settings   docs/operator/configuration.md has the keys and variables of app/config.cc, and no others
  API        docs/api/openapi.json is what `tablinum openapi` prints
"""
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1])
PROGRAM = sys.argv[2]
BYTES_OF_PICTURE_MAX = 200_000
COMMAND_LINE = "docs/user/command-line.md"
DEVELOPING = "docs/developing.md"
CONFIGURATION = "docs/operator/configuration.md"
breaches = []


def breach(name, line, what):
    breaches.append(f"{name}:{line}: {what}")


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def run(*arguments):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        sys.exit(f"tablinum {' '.join(arguments)} ends with {done.returncode}: {done.stderr}")
    return done.stdout


# ---- Links -----------------------------------------------------------------------------------------------------------------

def without_code(text):
    """The text with what stands in code blanked out, so that lines keep their numbers."""
    text = re.sub(r"^```.*?^```", lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", lambda m: " " * len(m.group()), text)


def anchor(heading):
    """As GitHub makes it: lower case, blanks to hyphens, everything else that is no letter, number, hyphen or underscore away."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(text):
    return {anchor(m.group(1)) for m in re.finditer(r"^#+ +(.+)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), flags=re.M)}


def documents():
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard", "*.md"], capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if (ROOT / name).exists()]


def check_links():
    count = 0
    for name in documents():
        text = without_code(read(name))
        for link in re.finditer(r"\]\(([^)\s]+)\)", text):
            target = link.group(1)
            if re.match(r"[a-z]+:", target):
                continue
            count += 1
            line = text.count("\n", 0, link.start()) + 1
            path, _, heading = target.partition("#")
            file = (ROOT / name).parent / path if path else ROOT / name
            if not file.exists():
                breach(name, line, f"{target} leads nowhere")
            elif heading and file.suffix == ".md" and heading not in anchors(file.read_text(encoding="utf-8")):
                breach(name, line, f"{target}: there is no such heading")
    for picture in (ROOT / "docs/images").iterdir():
        if picture.stat().st_size > BYTES_OF_PICTURE_MAX:
            breach(f"docs/images/{picture.name}", 1, f"a picture has at most {BYTES_OF_PICTURE_MAX} bytes")
        if not any(picture.name in read(name) for name in documents()):
            breach(f"docs/images/{picture.name}", 1, "no document shows it")
    return count


# ---- Commands --------------------------------------------------------------------------------------------------------------

def options_in(help_text):
    return {name for names in re.findall(r"^  (-\S+)", help_text, flags=re.M) for name in names.split(",")}


def commands_in(root_help):
    return re.findall(r"^  ([a-z]+) {2,}", root_help.partition("Subcommands:")[2], flags=re.M)


def whole_help(*command):
    """With the help of the commands below it, so that a group's options are known."""
    text = run(*command, "--help")
    below = re.findall(r"^  ([a-z-]+) {2,}", text.partition("Subcommands:")[2], flags=re.M)
    return text + "".join(run(*command, name, "--help") for name in below)


def sections(text):
    parts = re.split(r"^## +(.+)$", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def says(section, option):
    """In code, at the beginning of a word: `--tree`, or `import FILE [--tree NAME]`."""
    return re.search(rf"[`\s\[(]{re.escape(option)}(?![\w-])", section)


def check_options(helps, root_options):
    by_command = sections(read(COMMAND_LINE))
    for option in sorted(root_options):
        if f"`{option}" not in by_command["For every command"]:
            breach(COMMAND_LINE, 1, f"says nothing about {option}")
    for command, text in helps.items():
        if command not in by_command:
            breach(COMMAND_LINE, 1, f"has no section for {command}")
            continue
        for option in sorted(options_in(text) - {"-h", "--help"}):
            if not says(by_command[command], option):
                breach(COMMAND_LINE, 1, f"{command} says nothing about {option}")
        for row in re.findall(r"^\| `(-[^`]*)` ?(?:, `(-[^`]*)` )?\|", by_command[command], flags=re.M):
            for option in filter(None, row):
                if option.split()[0] not in options_in(text):
                    breach(COMMAND_LINE, 1, f"{command} has no option {option.split()[0]}")


def check_examples(helps, root_options):
    count = 0
    for name in documents():
        text = read(name)
        for block in re.finditer(r"^```console\n(.*?)^```", text, flags=re.M | re.S):
            for example in re.finditer(r"^\$ tablinum (.*)$", block.group(1), flags=re.M):
                count += 1
                line = text.count("\n", 0, block.start(1) + example.start()) + 1
                words = shlex.split(example.group(1))
                command = next((word for word in words if word in helps), None)
                if command is None:
                    breach(name, line, "no known command")
                    continue
                known = options_in(helps[command]) | root_options
                # The commands of a group have options of their own.
                following = words[words.index(command) + 1:][:1]
                if following and following[0] in commands_in(helps[command]):
                    known |= options_in(run(command, following[0], "--help"))
                for word in words:
                    if word.startswith("-") and word.partition("=")[0] not in known:
                        breach(name, line, f"{command} has no option {word}")
    return count


# ---- Exit codes and statuses -----------------------------------------------------------------------------------------------

def switch_of(source, function):
    """{label: returned text} of the one switch in a function."""
    body = source[source.index(function):]
    body = body[:body.index("\n}")]
    result, waiting = {}, []
    for label, value in re.findall(r"case Code::(\w+):|return ([^;]+);", body):
        if label:
            waiting.append(label)
        else:
            result.update(dict.fromkeys(waiting, value))
            waiting = []
    return result


def rows(text, heading):
    table = sections(text)[heading]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if re.match(r"\| [^-]", line)]


def codes(cell):
    return set(re.findall(r"`(\w+)`", cell))


def check_exit_codes():
    exits = switch_of(read("app/console.cc"), "int exit_code(Code code)")
    said = {}
    for cells in rows(read(COMMAND_LINE), "Exit codes"):
        said.update({code: cells[0] for code in codes(cells[1])})
    for code in sorted(exits.keys() | said.keys()):
        if exits.get(code) != said.get(code):
            breach(COMMAND_LINE, 1, f"exit code of {code}: {said.get(code)} is said, {exits.get(code)} is so")

    statuses = switch_of(read("libs/net/src/http/message.cc"), "Status status_of(Code code)")
    numbers = dict(re.findall(r"^\s*(\w+) = (\d{3})\b", read("libs/net/include/tablinum/net/message.h"), flags=re.M))
    all_codes = re.findall(r"^  (\w+)(?: = 1)?,? +///<", read("libs/base/include/tablinum/base/error.h"), flags=re.M)
    table = {}
    for cells in rows(read(DEVELOPING), "Errors"):
        table.update({code: (cells[1], cells[2]) for code in codes(cells[0])})
    for code in all_codes:
        want = (numbers[statuses[code].partition("::")[2]] if code in statuses else "500", exits.get(code, "70"))
        if table.get(code) != want:
            breach(DEVELOPING, 1, f"errors: {code} is said to give {table.get(code)}, it gives {want}")
    return len(exits) + len(all_codes)


# ---- Settings --------------------------------------------------------------------------------------------------------------

def check_settings():
    source = read("app/config.cc")
    keys = {f"{group}.{key}" for group, key in re.findall(r'\{"(\w+)", "(\w+)", "TABLINUM_', source)}
    keys |= {f"{group}.{key}" for group, key in re.findall(r'group == "(\w+)" && key == "(\w+)"', source)}
    variables = set(re.findall(r'"(TABLINUM_\w+)"', source))
    said_keys, said_variables = set(), set()
    for cells in rows("## all\n" + read(CONFIGURATION), "all"):
        said_keys |= set(re.findall(r"^`([a-z_]+\.[a-z0-9_]+)`$", cells[0]))
        said_variables |= set(re.findall(r"`(TABLINUM_\w+)`", cells[1]))
    for what in sorted((keys ^ said_keys) | (variables ^ said_variables)):
        breach(CONFIGURATION, 1, f"{what} is {'not in app/config.cc' if what in said_keys | said_variables else 'missing'}")
    return len(keys)


def check_quotations():
    """What docs/developing/ shows of a test's source, between its marks, is what stands there."""
    quoted = 0
    for page, source in {"docs/developing/io.md": "libs/io/tests/examples_test.cc",
                         "docs/developing/quic.md": "libs/net/tests/quic_examples_test.cc"}.items():
        text = read(page)
        for name, part in re.findall(r"// \[(\w+)\]\n(.*?)// \[/\1\]", read(source), flags=re.S):
            quoted += 1
            if part.rstrip() not in text:
                breach(page, 1, f"the example {name} is not what {source} has")
    return quoted


def main():
    root_help = run("--help")
    root_options = options_in(root_help)
    helps = {command: whole_help(command) for command in commands_in(root_help)}
    links = check_links()
    check_options(helps, root_options)
    examples = check_examples(helps, root_options)
    checked_codes = check_exit_codes()
    settings = check_settings()
    quotations = check_quotations()
    if read("docs/api/openapi.json") != run("openapi"):
        breach("docs/api/openapi.json", 1, "is not what the program answers: tablinum openapi > docs/api/openapi.json")
    print("\n".join(breaches))
    print(f"{links} links, {len(helps)} commands, {examples} examples, {checked_codes} codes, {settings} settings, {quotations} quotations, "
          f"{len(breaches)} breaches")
    if not (links and helps and examples and checked_codes and settings and quotations):
        print("nothing of one kind was found: the test looks in the wrong place")
        sys.exit(1)
    sys.exit(1 if breaches else 0)


main()
