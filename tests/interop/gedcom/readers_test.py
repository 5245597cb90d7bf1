"""What `tablinum export --as 5.5.1` and `--as 7.0` write, read by programs that share no code with it: ged4py, python-gedcom, Gramps.
Each must find as many people, families, births, deaths and marriages as stand in the file that was imported, counted there line by line."""
import collections
import gzip
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

from ged4py import GedcomReader
from gedcom.parser import Parser

PROGRAM, SAMPLE = sys.argv[1:3]
RECORDS = {"INDI": "people", "FAM": "families"}
EVENTS = {"BIRT": "births", "DEAT": "deaths", "MARR": "marriages"}


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def by_lines(path):
    """No reader at all: level, tag, and in which record a line stands."""
    counts, record = collections.Counter(), ""
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        words = line.split(" ")
        if words[0] == "0":
            record = words[2] if words[1].startswith("@") else words[1]
            counts[RECORDS.get(record)] += 1
        elif words[0] == "1" and words[1] in EVENTS and record in RECORDS:
            counts[EVENTS[words[1]]] += 1
    del counts[None]
    return dict(counts)


def by_ged4py(path):
    counts = collections.Counter()
    with GedcomReader(str(path)) as reader:
        for record, name in RECORDS.items():
            for found in reader.records0(record):
                counts[name] += 1
                for event, event_name in EVENTS.items():
                    counts[event_name] += len(found.sub_tags(event))
    return dict(counts)


def by_python_gedcom(path):
    parser = Parser()
    parser.parse_file(str(path), strict=True)
    counts = collections.Counter()
    for found in parser.get_root_child_elements():
        if found.get_tag() not in RECORDS:
            continue
        counts[RECORDS[found.get_tag()]] += 1
        for child in found.get_child_elements():
            if child.get_tag() in EVENTS:
                counts[EVENTS[child.get_tag()]] += 1
    return dict(counts)


def by_gramps(path, folder):
    """Gramps reads it into its own database and writes that as its own XML."""
    written = folder / (path.stem + ".gramps")
    home = folder / "home"
    home.mkdir(exist_ok=True)
    run("gramps", "-y", "-i", str(path), "-e", str(written), env={"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8"})
    with gzip.open(written) as file:
        root = xml.etree.ElementTree.parse(file).getroot()
    space = root.tag[:root.tag.index("}") + 1]
    counts = collections.Counter()
    for element, name in (("person", "people"), ("family", "families")):
        counts[name] = sum(1 for _ in root.iter(space + element))
    names = {"Birth": "births", "Death": "deaths", "Marriage": "marriages"}
    for event in root.iter(space + "event"):
        kind = event.findtext(space + "type")
        if kind in names:
            counts[names[kind]] += 1
    return dict(counts)


class Readers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="tablinum-readers-")
        cls.folder = pathlib.Path(cls.temporary.name)
        data = ["--quiet", "--data", str(cls.folder / "data")]
        run(PROGRAM, "import", SAMPLE, *data)
        cls.files = {}
        for version in ("original", "5.5.1", "7.0"):
            cls.files[version] = cls.folder / f"{version}.ged"
            run(PROGRAM, "export", "--as", version, "-o", str(cls.files[version]), *data)
        cls.expected = by_lines(cls.files["original"])

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def test_the_sample_has_something_of_each(self):
        for name in (*RECORDS.values(), *EVENTS.values()):
            self.assertGreater(self.expected.get(name, 0), 10, name)

    def test_each_version_says_which_it_is(self):
        for version in ("5.5.1", "7.0"):
            self.assertIn(f"2 VERS {version}", self.files[version].read_text(encoding="utf-8-sig").splitlines()[:20])

    def test_ged4py(self):
        for version in ("5.5.1", "7.0"):
            self.assertEqual(by_ged4py(self.files[version]), self.expected, version)

    def test_python_gedcom(self):
        for version in ("5.5.1", "7.0"):
            self.assertEqual(by_python_gedcom(self.files[version]), self.expected, version)

    def test_gramps(self):
        self.assertEqual(by_gramps(self.files["5.5.1"], self.folder), self.expected)

    def test_gramps_reads_7_0(self):
        self.assertEqual(by_gramps(self.files["7.0"], self.folder), self.expected)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
