"""Copies the C header into the package and notes where the working tree is; all else is in pyproject.toml."""
import pathlib
import shutil

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = pathlib.Path(__file__).resolve().parent


class Build(build_py):
    def run(self):
        super().run()
        target = pathlib.Path(self.build_lib) / "tablinum"
        target.mkdir(parents=True, exist_ok=True)
        header = HERE.parent / "capi" / "include" / "tablinum.h"
        shutil.copy(header if header.exists() else HERE / "tablinum" / "tablinum.h", target / "tablinum.h")
        (target / "_source.py").write_text(f"TREE = {str(HERE.parent)!r}\n")


setup(cmdclass={"build_py": Build})
