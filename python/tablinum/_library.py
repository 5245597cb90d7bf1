"""Finds and loads libtablinum, and turns its codes into exceptions."""
from __future__ import annotations

import os
import pathlib
import re
import subprocess
from typing import TYPE_CHECKING, Any, Iterator

if TYPE_CHECKING:
    import cffi

ABI_VERSION = 1
_SONAME = "libtablinum.so.1"
_PACKAGE = pathlib.Path(__file__).resolve().parent


class Error(RuntimeError):
    """What the library could not do. `code` is one of its names: "corrupt", "invalid", "limit", …"""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message or code)
        self.code = code


def _interface() -> cffi.FFI:
    """What the header declares: written down by setup.py for an installed package, else read from the working tree's header, which takes cffi's
    parser, a tenth of a second and 4 MB."""
    try:
        from ._declared import ffi as declared
        return declared
    except ImportError:
        import cffi
        from ._header import for_cffi
        parsed = cffi.FFI()
        parsed.cdef(for_cffi((_PACKAGE.parent.parent / "capi" / "include" / "tablinum.h").read_text(encoding="utf-8")))
        return parsed


def _pkg_config() -> str | None:
    try:
        found = subprocess.run(["pkg-config", "--variable=libdir", "tablinum"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return found.stdout.strip() or None


def _source_tree() -> pathlib.Path:
    try:
        from ._source import TREE
        return pathlib.Path(TREE)
    except ImportError:
        return _PACKAGE.parent.parent


def _candidates() -> Iterator[str]:
    yield str(_PACKAGE / _SONAME)
    if folder := _pkg_config():
        yield str(pathlib.Path(folder) / _SONAME)
    builds = sorted(_source_tree().glob(f"build/*/{_SONAME}"), key=lambda path: path.stat().st_mtime, reverse=True)
    # A library with a sanitizer in it does not load into a plain interpreter.
    yield from (str(path) for path in builds if not re.search("asan|tsan|fuzz", path.parent.name))
    yield _SONAME


def _load() -> tuple[cffi.FFI, Any]:
    interface = _interface()
    chosen = os.environ.get("TABLINUM_LIBRARY")
    reasons = []
    for path in [chosen] if chosen else _candidates():
        if "/" in path and not os.path.exists(path):
            reasons.append(f"{path}: not there")
            continue
        try:
            library = interface.dlopen(path)
        except OSError as error:
            reasons.append(str(error))
            continue
        if library.tablinum_abi_version() != ABI_VERSION:
            reasons.append(f"{path}: ABI {library.tablinum_abi_version()}, this package needs {ABI_VERSION}")
            continue
        return interface, library
    raise ImportError("libtablinum was not found; set TABLINUM_LIBRARY to its file. Tried:\n" + "\n".join(reasons))


ffi, lib = _load()


def version() -> str:
    """Of the library."""
    return ffi.string(lib.tablinum_version()).decode()


def check(code: int) -> None:
    """Raises Error unless the code is 0."""
    if code != 0:
        name = ffi.string(lib.tablinum_code_name(code)).decode()
        raise Error(name, ffi.string(lib.tablinum_last_error()).decode("utf-8", "replace"))


def make(kind: str, function: Any, *arguments: Any) -> Any:
    """Calls a function whose last argument takes a handle; gives the handle, freed with its last reference."""
    out = ffi.new(f"tablinum_{kind}**")
    check(function(*arguments, out))
    return ffi.gc(out[0], getattr(lib, f"tablinum_{kind}_free"))


def fetch(function: Any, *arguments: Any) -> bytes:
    """The same for a function that gives a buffer: its bytes."""
    out = ffi.new("tablinum_buffer**")
    check(function(*arguments, out))
    try:
        return bytes(ffi.buffer(lib.tablinum_buffer_data(out[0]), lib.tablinum_buffer_size(out[0])))
    finally:
        lib.tablinum_buffer_free(out[0])


def text(value: str | None) -> Any:
    """A C string, or null."""
    if value is None:
        return ffi.NULL
    if "\0" in value:
        raise ValueError("text must not contain a zero character")
    return ffi.new("char[]", value.encode("utf-8"))
