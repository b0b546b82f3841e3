"""A dict of numpy arrays, such as the weights of a network, as safetensors."""

import json
from collections.abc import Mapping
from typing import Any

from service.tracking.formats.format import Format, is_of

NUMBERS = "biuf"  # what safetensors keeps: no texts, dates or complex numbers


def _takes(value: Any) -> bool:
    if not isinstance(value, Mapping) or not value or not all(isinstance(key, str) for key in value):
        return False
    return all(is_of(array, "numpy", "ndarray") and array.dtype.kind in NUMBERS for array in value.values())


def _write(tensors: Any) -> bytes:
    import numpy as np
    from safetensors.numpy import save

    # Arrays that do not lie in one piece would be written with wrong values.
    pieces = {name: np.ascontiguousarray(array).reshape(array.shape) for name, array in tensors.items()}
    return save(pieces, metadata={"order": json.dumps(list(pieces))})


def _read(content: bytes, _: str) -> Any:
    from safetensors.numpy import load

    tensors = load(content)
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    return {name: tensors[name] for name in json.loads(header["__metadata__"]["order"])}


FORMAT = Format(
    name="tensors",
    suffix=".safetensors",
    takes=_takes,
    taken="dicts of numpy arrays (tensors of torch by tensor.detach().cpu().numpy())",
    write=_write,
    read=_read,
)
