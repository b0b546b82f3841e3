"""One numpy array, as npy without pickles."""

import io
import math
from typing import Any

from service.tracking.formats.format import Format, is_of


def _write(array: Any) -> bytes:
    import numpy as np

    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def _read(content: bytes, _: str) -> Any:
    import numpy as np

    file = io.BytesIO(content)
    _refuse_wrong_length(file, len(content))
    file.seek(0)
    return np.load(file, allow_pickle=False)


def _refuse_wrong_length(file: io.BytesIO, length: int) -> None:
    """Refuse a header that speaks of more numbers than there are, before memory is taken for them."""
    from numpy.lib import format as npy

    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    shape, _, dtype = readers[npy.read_magic(file)](file)
    if math.prod(shape) * dtype.itemsize != length - file.tell():
        raise ValueError(f"its header speaks of the shape {shape}, and the file is not as long")


FORMAT = Format(
    name="array",
    suffix=".npy",
    takes=lambda value: is_of(value, "numpy", "ndarray") and not value.dtype.hasobject,
    taken="numpy arrays (not of objects)",
    write=_write,
    read=_read,
)
