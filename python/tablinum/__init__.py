"""Sealed files (tablinum.seal), the exchange's vectors (tablinum.pre) and messages (tablinum.idk)."""
from ._library import Error, version

__all__ = ["Error", "version"]
__version__ = "0.1.0"
