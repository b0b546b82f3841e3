"""Objects of libraries in a model: each comes back with the same answers, and none can bring code."""

import base64
import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from service.tracking.artifact import ModelDamagedError, ModelError, read_libraries, read_model, write_model
from service.tracking.formats import array, onnx_graph, scikit_learn

RANDOM = np.random.default_rng(7)
NUMBERS = RANDOM.normal(size=(120, 3))
TARGET = NUMBERS @ [1.0, -2.0, 0.5] + RANDOM.normal(scale=0.1, size=120)
LABEL = (TARGET > 0).astype(int)
PLACES = pd.DataFrame({"size": NUMBERS[:, 0], "place": RANDOM.choice(["east", "west", "north"], size=120)})


def fit_pipeline() -> Any:
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    columns = ColumnTransformer(
        [("numbers", StandardScaler(), ["size"]), ("texts", OneHotEncoder(handle_unknown="ignore"), ["place"])]
    )
    return make_pipeline(columns, LogisticRegression()).fit(PLACES, LABEL)


def fit_sklearn(name: str) -> Callable[[], Any]:
    def fit() -> Any:
        from sklearn.cluster import KMeans
        from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
        from sklearn.neighbors import KNeighborsRegressor
        from sklearn.svm import SVR

        makers = {
            "forest": lambda: RandomForestRegressor(5, random_state=7, n_jobs=1),
            "histogram": lambda: HistGradientBoostingRegressor(max_iter=5, random_state=7),
            "neighbours": lambda: KNeighborsRegressor(3),
            "vectors": SVR,
            "clusters": lambda: KMeans(2, random_state=7),
        }
        return makers[name]().fit(NUMBERS, TARGET)

    return fit


def fit_lightgbm() -> Any:
    from lightgbm import LGBMClassifier

    return LGBMClassifier(n_estimators=5, n_jobs=1, verbose=-1).fit(NUMBERS, LABEL)


def fit_lightgbm_booster() -> Any:
    return fit_lightgbm().booster_


def fit_xgboost() -> Any:
    from xgboost import XGBClassifier

    return XGBClassifier(n_estimators=5, n_jobs=1).fit(NUMBERS, LABEL)


def fit_onnx() -> Any:
    from skl2onnx import to_onnx
    from sklearn.linear_model import LinearRegression

    return to_onnx(LinearRegression().fit(NUMBERS, TARGET), NUMBERS[:1])


def predict_plainly(model: Any) -> Any:
    return model.predict(NUMBERS)


def predict_odds(model: Any) -> Any:
    return model.predict_proba(NUMBERS)


def predict_places(model: Any) -> Any:
    return model.predict_proba(PLACES)


def predict_onnx(model: Any) -> Any:
    from onnxruntime import InferenceSession

    return InferenceSession(model.SerializeToString()).run(None, {"X": NUMBERS})[0]


def predict_xgboost_booster(model: Any) -> Any:
    from xgboost import DMatrix

    return model.predict(DMatrix(NUMBERS))


CASES = {
    "pipeline": (fit_pipeline, predict_places, "model.skops", {"sklearn", "skops"}),
    "forest": (fit_sklearn("forest"), predict_plainly, "model.skops", {"sklearn", "skops"}),
    "histogram": (fit_sklearn("histogram"), predict_plainly, "model.skops", {"sklearn", "skops"}),
    "neighbours": (fit_sklearn("neighbours"), predict_plainly, "model.skops", {"sklearn", "skops"}),
    "vectors": (fit_sklearn("vectors"), predict_plainly, "model.skops", {"sklearn", "skops"}),
    "clusters": (fit_sklearn("clusters"), predict_plainly, "model.skops", {"sklearn", "skops"}),
    "lightgbm": (fit_lightgbm, predict_odds, "model.skops", {"sklearn", "skops", "lightgbm"}),
    "lightgbm booster": (fit_lightgbm_booster, predict_plainly, "model.lightgbm.txt", {"lightgbm"}),
    "xgboost": (fit_xgboost, predict_odds, "model.ubj", {"xgboost"}),
    "xgboost booster": (lambda: fit_xgboost().get_booster(), predict_xgboost_booster, "model.ubj", {"xgboost"}),
    "onnx": (fit_onnx, predict_onnx, "model.onnx", {"onnx"}),
}


@pytest.mark.parametrize("case", CASES)
def test_a_model_of_a_library_answers_as_before(tmp_path: Path, case: str) -> None:
    fit, predict, file, modules = CASES[case]
    model = fit()
    files = write_model(tmp_path, {"model": model, "threshold": 0.5})
    back = read_model(tmp_path, files)["model"]
    assert type(back) is type(model)
    assert predict(back).tobytes() == predict(model).tobytes()
    assert file in files
    assert set(read_libraries(tmp_path)) == modules
    # What came back can be kept again: a rollback may be followed by a copy.
    write_model(tmp_path / "again", {"model": back})


def test_xgboost_keeps_its_classes_and_runs_on_one_thread(tmp_path: Path) -> None:
    write_model(tmp_path, {"model": fit_xgboost()})
    back = read_model(tmp_path)["model"]
    assert back.classes_.tolist() == [0, 1]
    assert back.n_jobs == 1


@pytest.mark.parametrize(
    "kept",
    [
        np.arange(12.0).reshape(3, 4).T,
        np.arange(12)[::2],
        np.array(["east", "west"]),
        np.array(["2026-01-01"], dtype="datetime64[ns]"),
        np.array(3.5),
        np.zeros((0, 3), dtype=np.float32),
        np.array([np.nan, -0.0, np.inf]),
    ],
)
def test_an_array_comes_back_as_it_was(tmp_path: Path, kept: Any) -> None:
    write_model(tmp_path, {"kept": kept})
    back = read_model(tmp_path)["kept"]
    assert (back.dtype, back.shape, back.tobytes()) == (kept.dtype, kept.shape, kept.tobytes())


def test_tensors_come_back_in_their_order_whatever_their_layout(tmp_path: Path) -> None:
    square = np.arange(6.0).reshape(2, 3)
    weights = {"z.weight": square.T, "a.bias": square[:, ::2], "m": np.array(True), "half": np.float16([1.5])}
    files = write_model(tmp_path, {"weights": weights})
    back = read_model(tmp_path)["weights"]
    assert sorted(files) == ["model.json", "weights.safetensors"]
    assert list(back) == list(weights)
    for name, tensor in weights.items():
        assert (back[name].dtype, back[name].shape) == (tensor.dtype, tensor.shape)
        assert (back[name] == tensor).all()


def test_keys_keep_their_order(tmp_path: Path) -> None:
    write_model(tmp_path, {"z": 1, "a": {"y": 2, "b": 3}})
    back = read_model(tmp_path)
    assert (list(back), list(back["a"])) == (["z", "a"], ["y", "b"])


class OwnEstimator:
    """A class of a project."""


def make_code_runner() -> Any:
    from numpy.testing._private.utils import runstring
    from sklearn.preprocessing import FunctionTransformer

    return FunctionTransformer(runstring)


def make_lambda() -> Any:
    from sklearn.preprocessing import FunctionTransformer

    return FunctionTransformer(lambda rows: rows)


def make_reduced() -> Any:
    from sklearn.preprocessing import FunctionTransformer

    class Reduced:
        def __reduce__(self) -> Any:
            return os.system, ("true",)

    return FunctionTransformer(kw_args={"x": Reduced()})


def make_external_onnx() -> Any:
    model = fit_onnx()
    tensor = model.graph.initializer.add(name="elsewhere", data_type=1, dims=[1])
    tensor.data_location = 1
    tensor.external_data.add(key="location", value="../secret")
    return model


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (make_code_runner, "runstring"),
        (make_lambda, "lambda"),
        (make_reduced, "Reduced"),
        (make_external_onnx, "file of their own"),
        (OwnEstimator, "OwnEstimator"),
        (lambda: pd.DataFrame({"a": [1]}), "DataFrame"),
        (lambda: np.int64(3), "int64"),
        (lambda: base64.b64encode(pickle.dumps(print)).decode(), "hides a pickle"),
        (lambda: pickle.dumps(print).hex(), "hides a pickle"),
        (lambda: pickle.dumps(print, 0).decode(), "hides a pickle"),
    ],
)
def test_what_could_bring_code_or_does_not_come_back_is_refused_when_written(
    tmp_path: Path, make: Callable[[], Any], said: str
) -> None:
    with pytest.raises(ModelError, match=said) as raised:
        write_model(tmp_path, {"fine": 1.0, "odd": {"deep": make()}})
    assert "the model's odd.deep" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert "scikit-learn" in str(raised.value) or "hides a pickle" in str(raised.value)


def test_words_that_look_like_steps_of_a_pickle_are_words(tmp_path: Path) -> None:
    words = ["table. of", "bla bla.", "label encoded.", "KRW-BTC", "gASVHAAAAAAAAACMCGJ1aWx0aW5z"]
    write_model(tmp_path, {"words": words})
    assert read_model(tmp_path)["words"] == words


def test_a_planted_class_is_not_loaded() -> None:
    content = scikit_learn.FORMAT.write(fit_pipeline())
    planted = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(planted, "w") as after:
        for name in before.namelist():
            held = before.read(name)
            after.writestr(name, held.replace(b'"OneHotEncoder"', b'"Popen"') if name == "schema.json" else held)
    with pytest.raises(Exception, match=r"Untrusted types found.*Popen"):
        scikit_learn.FORMAT.read(planted.getvalue(), "Pipeline")


def test_an_array_that_lies_about_its_shape_takes_no_memory() -> None:
    content = array.FORMAT.write(np.zeros(3))
    with pytest.raises(ValueError, match="as long"):
        array.FORMAT.read(content.replace(b"(3,)", b"(3000000000000,)", 1).replace(b" " * 12, b"", 1), "ndarray")
    held = io.BytesIO()
    np.save(held, np.array([print]), allow_pickle=True)
    with pytest.raises(ValueError, match=r"pickle|as long"):
        array.FORMAT.read(held.getvalue(), "ndarray")


def test_a_planted_place_of_numbers_is_not_followed() -> None:
    with pytest.raises(ValueError, match="file of their own"):
        onnx_graph.FORMAT.read(make_external_onnx().SerializeToString(), "ModelProto")


def change_libraries(folder: Path, libraries: dict[str, str]) -> None:
    described = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps({**described, "libraries": libraries}))
    (folder / "manifest.json").unlink()


@pytest.mark.parametrize(
    ("libraries", "said"),
    [
        ({"gone_library": "3.1"}, "written with gone_library 3.1, which is not here: install gone_library==3.1"),
        ({"sklearn": "1.2.0"}, r"written with scikit-learn 1\.2\.0, and here is"),
        ({"catboost": "99.0"}, r"written with catboost 99\.0, and here is"),
    ],
)
def test_a_library_that_can_not_read_the_file_is_named(tmp_path: Path, libraries: dict[str, str], said: str) -> None:
    write_model(tmp_path, {"model": fit_sklearn("vectors")()})
    change_libraries(tmp_path, libraries)
    files = {path.name: sha256(path.read_bytes()).hexdigest() for path in tmp_path.iterdir()}
    with pytest.raises(ModelDamagedError, match=said):
        read_model(tmp_path, files, name="shop.east version 3")


def test_an_older_library_wrote_what_a_newer_one_reads(tmp_path: Path) -> None:
    write_model(tmp_path, {"weights": np.zeros(2)})
    change_libraries(tmp_path, {"catboost": "0.1"})
    files = {path.name: sha256(path.read_bytes()).hexdigest() for path in tmp_path.iterdir()}
    assert read_model(tmp_path, files)["weights"].tolist() == [0.0, 0.0]
