"""The C header as cffi reads it. Imports nothing of this package: setup.py uses it, too."""
import re


def for_cffi(header: str) -> str:
    """No comments, no preprocessor lines."""
    text = re.sub(r"/\*.*?\*/", "", header, flags=re.DOTALL)
    text = re.sub(r"#ifdef __cplusplus\n.*?#endif", "", text, flags=re.DOTALL)
    return "\n".join(line for line in text.splitlines() if not line.startswith("#"))
