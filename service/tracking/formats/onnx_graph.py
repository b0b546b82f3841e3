"""ONNX models, as their own bytes; predict with `onnxruntime.InferenceSession(model.SerializeToString())`."""

from collections.abc import Iterator
from typing import Any

from service.tracking.formats.format import Format, is_of


def _write(model: Any) -> bytes:
    _refuse_other_files(model)
    return bytes(model.SerializeToString())


def _read(content: bytes, _: str) -> Any:
    from onnx import ModelProto
    from onnx.checker import check_model

    model = ModelProto.FromString(content)
    _refuse_other_files(model)
    check_model(content)
    return model


def _refuse_other_files(model: Any) -> None:
    """Refuse numbers that lie in a file beside the model: its hash would not cover them."""
    from onnx.external_data_helper import uses_external_data

    if any(uses_external_data(tensor) for tensor in _list_tensors(model)):
        raise ValueError("its numbers lie in a file of their own: save it with all of them inside")


def _list_tensors(message: Any) -> Iterator[Any]:
    """List the tensors of a model, those inside of its nodes and of their graphs too."""
    if type(message).__name__ == "TensorProto":
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is not None:
            for part in value if field.is_repeated else [value]:
                yield from _list_tensors(part)


FORMAT = Format(
    name="onnx",
    suffix=".onnx",
    takes=lambda value: is_of(value, "onnx", "ModelProto"),
    taken="ONNX models (ModelProto)",
    write=_write,
    read=_read,
    list_modules=lambda _: ("onnx",),
)
