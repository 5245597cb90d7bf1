"""Writes down what the C header declares, so that importing the package needs no parser, and where the working tree is; all else is in
pyproject.toml."""
import importlib.util
import pathlib

import cffi
from setuptools import setup
from setuptools.command.build_py import build_py

HERE = pathlib.Path(__file__).resolve().parent


def declarations() -> str:
    described = importlib.util.spec_from_file_location("header", HERE / "tablinum" / "_header.py")
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    return module.for_cffi((HERE.parent / "capi" / "include" / "tablinum.h").read_text(encoding="utf-8"))


class Build(build_py):
    def run(self):
        super().run()
        target = pathlib.Path(self.build_lib) / "tablinum"
        target.mkdir(parents=True, exist_ok=True)
        declared = cffi.FFI()
        declared.set_source("tablinum._declared", None)
        declared.cdef(declarations())
        declared.emit_python_code(str(target / "_declared.py"))
        (target / "_source.py").write_text(f"TREE = {str(HERE.parent)!r}\n")


setup(cmdclass={"build_py": Build})
