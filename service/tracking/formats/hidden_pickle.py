"""Texts that hide a pickle: a project that unpickled one would run whatever code it names."""

import base64
import pickletools
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress

SHORTEST = 8  # a pickle that names anything is longer
SIGNS = {"PROTO", "GLOBAL", "STACK_GLOBAL", "INST"}  # words alone can look like the others


def hides_pickle(text: str) -> bool:
    """Say whether a text is a pickle: as it stands, in base64 or hexadecimal, packed by zlib or not."""
    return len(text) >= SHORTEST and any(_is_pickle(content) for content in _list_contents(text))


def _list_contents(text: str) -> Iterator[bytes]:
    contents = [text.encode("latin-1", "replace")]
    packed = re.sub(r"\s", "", text)
    if re.fullmatch(r"[A-Za-z0-9+/_-]+=*", packed):
        with suppress(ValueError, zlib.error):
            contents.append(base64.b64decode(packed.translate(str.maketrans("-_", "+/")) + "==", validate=False))
        with suppress(ValueError, zlib.error):
            contents.append(bytes.fromhex(packed))
    for content in contents:
        yield content
        with suppress(ValueError, zlib.error):
            yield zlib.decompressobj(wbits=47).decompress(content, 1 << 20)  # 47: zlib and gzip


def _is_pickle(content: bytes) -> bool:
    try:
        steps = [(opcode.name, place) for opcode, _, place in pickletools.genops(content)]
    except Exception:  # genops raises whatever a wrong byte leads it to
        return False
    return steps[-1][1] == len(content) - 1 and any(name in SIGNS for name, _ in steps)
