#!/usr/bin/env python3
"""Pictures of the terminal for the documentation, from what the program really prints: tools/terminal_pictures.py BINARY [FOLDER].
Each scene runs in one shared folder, on a terminal of its own; the passphrases are typed, as a person would."""
import html
import os
import pathlib
import pty
import re
import select
import shutil
import sys
import tempfile

COLUMNS = 100
PASSPHRASE = "lemon tree at the gate"
SCENES = {
    "seal-identity": [("tablinum identity new --name 'Rudo Nyathi'", [PASSPHRASE, PASSPHRASE])],
    "seal-card": [("tablinum identity card -o rudo.card", [PASSPHRASE]), ("tablinum identity show anna.card", [])],
    "seal-file": [("tablinum seal -r anna.card -o will.pdf.sealed will.pdf", []), ("tablinum inspect will.pdf.sealed", []),
                  ("tablinum open -i anna.identity -o copy.pdf will.pdf.sealed", [])],
    "seal-share": [("tablinum collection create 'Photos 1962'", [PASSPHRASE]),
                   ("tablinum seal -c 'Photos 1962' -o wedding.sealed wedding.jpg", [PASSPHRASE]),
                   ("tablinum delegate -c 'Photos 1962' -r anna.card --until 2027-12-31 -o anna.delegation", [PASSPHRASE])],
    "seal-wrong": [("tablinum open -o other.pdf will.pdf.sealed", ["a wrong passphrase"]), ("tablinum seal -r anna.card -o copy.pdf will.pdf", [])],
}


def prepare(program, folder):
    (folder / "will.pdf").write_bytes(bytes(240_000))
    (folder / "wedding.jpg").write_bytes(bytes(3_100_000))
    for command in ("identity new --no-passphrase --words-to anna.words -o anna.identity --name 'Anna Whitfield' -q",
                    "identity card -i anna.identity -o anna.card -q"):
        if os.system(f"cd {folder} && XDG_CONFIG_HOME={folder} setsid {program} {command} >/dev/null") != 0:
            sys.exit(f"{command} failed")


def on_terminal(program, folder, command, answers):
    """What a terminal shows while the command runs."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        words = ["sh", "-c", command.replace("tablinum", str(program), 1)]
        os.execvpe("sh", words, {**os.environ, "XDG_CONFIG_HOME": str(folder), "HOME": str(folder), "COLUMNS": str(COLUMNS)})
    seen = ""
    waiting = list(answers)
    while True:
        select.select([terminal], [], [], 5)
        try:
            piece = os.read(terminal, 65536).decode()
        except OSError:
            break
        if not piece:
            break
        seen += piece
        if waiting and seen.endswith(": "):
            os.write(terminal, (waiting.pop(0) + "\n").encode())
    os.waitpid(pid, 0)
    os.close(terminal)
    lines = [re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line.rsplit("\r", 1)[-1]) for line in seen.replace("\r\n", "\n").split("\n")]
    return "\n".join(lines).replace(str(folder), "~").rstrip("\n")


def wrapped(text):
    for line in text.split("\n"):
        while len(line) > COLUMNS:
            yield line[:COLUMNS]
            line = line[COLUMNS:]
        yield line


def svg(lines):
    width, height = 24 + COLUMNS * 8.43, 24 + len(lines) * 18
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" font-family="DejaVu Sans Mono, monospace" font-size="14">',
           f'<rect width="{width:.0f}" height="{height}" rx="8" fill="#1d2433"/>']
    for number, line in enumerate(lines):
        colour = "#8fd3a8" if line.startswith("$ ") else "#e6e9f0"
        out.append(f'<text x="12" y="{28 + number * 18}" fill="{colour}" xml:space="preserve">{html.escape(line)}</text>')
    return "\n".join(out) + "\n</svg>\n"


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    target = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else pathlib.Path(__file__).resolve().parents[1] / "docs/images")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tablinum-pictures-"))
    os.environ.pop("TABLINUM_PASSPHRASE_FILE", None)
    try:
        prepare(program, folder)
        for name, steps in SCENES.items():
            text = "\n".join(f"$ {command}\n{on_terminal(program, folder, command, answers)}" for command, answers in steps)
            (target / f"{name}.svg").write_text(svg(list(wrapped(text))), encoding="utf-8")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
