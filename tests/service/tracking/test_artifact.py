"""Models as folders: what goes in comes out to the last bit, and nothing else does."""

import json
import math
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import catboost
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.tracking.artifact import ModelDamagedError, ModelError, read_model, write_model

ROWS = pd.DataFrame({"size": [1.0, 2.0, 3.0, 4.0], "place": ["east", "west", "east", "west"]})


@pytest.fixture(scope="module")
def model() -> dict[str, Any]:
    trees = catboost.CatBoostRegressor(iterations=5, depth=2, verbose=0, allow_writing_files=False, random_seed=7)
    trees.fit(ROWS, [0.1, 0.2, 0.3, 0.5], cat_features=["place"])
    either = catboost.CatBoostClassifier(iterations=5, depth=2, verbose=0, allow_writing_files=False, random_seed=7)
    either.fit(ROWS, [0, 1, 0, 1], cat_features=["place"])
    numbers = [0.1, 1 / 3, 5e-324, -0.0, 2**70, np.float64(0.3), math.inf]
    return {"trees": trees, "heads": {"up ?": either}, "coefficients": {"KRW-BTC": numbers}, "names": ["a", None, True]}


@pytest.fixture
def folder(tmp_path: Path, model: dict[str, Any]) -> Path:
    write_model(tmp_path / "model", model)
    return tmp_path / "model"


def test_a_model_comes_back_as_it_was(folder: Path, model: dict[str, Any]) -> None:
    back = read_model(folder)
    assert sorted(path.name for path in folder.iterdir()) == [
        "heads.up__.cbm",
        "manifest.json",
        "model.json",
        "trees.cbm",
    ]
    assert repr(back["coefficients"]) == repr({"KRW-BTC": [0.1, 1 / 3, 5e-324, -0.0, 2**70, 0.3, math.inf]})
    assert back["names"] == model["names"]
    assert (back["trees"].predict(ROWS) == model["trees"].predict(ROWS)).all()
    assert (back["heads"]["up ?"].predict_proba(ROWS) == model["heads"]["up ?"].predict_proba(ROWS)).all()


def test_the_same_model_has_the_same_hashes(folder: Path, model: dict[str, Any], tmp_path: Path) -> None:
    files = write_model(tmp_path / "again", model)
    assert files == json.loads((folder / "manifest.json").read_text())


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(min_size=1).filter(lambda key: key[0] != "$"), st.floats() | st.integers() | st.text()))
def test_plain_values_survive_exactly(tmp_path_factory: pytest.TempPathFactory, values: dict[str, Any]) -> None:
    folder = tmp_path_factory.getbasetemp() / "exact"
    try:
        write_model(folder, values)
    except UnicodeEncodeError:
        return
    assert {key: repr(value) for key, value in read_model(folder).items()} == {
        key: repr(value) for key, value in values.items()
    }


@pytest.mark.parametrize(
    "value",
    [(1, 2), {1: 2}, {"$catboost": "x"}, np.int64(3), np.array([None]), {"deep": [object()]}, ROWS, print, b"x", {1}],
)
def test_what_is_not_plain_is_refused(tmp_path: Path, value: Any) -> None:
    with pytest.raises(ModelError, match="the model's odd"):
        write_model(tmp_path / "model", {"odd": value})


def test_two_keys_that_make_one_file_name_are_refused(tmp_path: Path, model: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="rename"):
        write_model(tmp_path / "model", {"a b": model["trees"], "a_b": model["trees"]})


def flip_bit(folder: Path) -> None:
    content = bytearray((folder / "trees.cbm").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "trees.cbm").write_bytes(content)


def truncate(folder: Path) -> None:
    (folder / "trees.cbm").write_bytes((folder / "trees.cbm").read_bytes()[:-9])


def plant_pickle(folder: Path) -> None:
    (folder / "python_model.pkl").write_bytes(pickle.dumps(print))


def plant_folder(folder: Path) -> None:
    (folder / "code").mkdir()


def put_link(folder: Path) -> None:
    (folder / "trees.cbm").rename(folder.parent / "elsewhere.cbm")
    (folder / "trees.cbm").symlink_to(folder.parent / "elsewhere.cbm")


DAMAGES = [
    (flip_bit, "trees.cbm"),
    (truncate, "trees.cbm"),
    (lambda folder: (folder / "trees.cbm").unlink(), "trees.cbm"),
    (lambda folder: (folder / "model.json").write_text("{}"), "model.json"),
    (plant_pickle, "python_model.pkl"),
    (plant_folder, "code"),
    (put_link, "trees.cbm"),
]


@pytest.mark.parametrize(("damage", "file"), DAMAGES)
@pytest.mark.parametrize("given_files", [True, False])
def test_a_damage_is_found_and_named(
    folder: Path, damage: Callable[[Path], object], file: str, given_files: bool
) -> None:
    files = json.loads((folder / "manifest.json").read_text()) if given_files else None
    damage(folder)
    with pytest.raises(ModelDamagedError, match=rf"shop\.east version 3: {file}"):
        read_model(folder, files, name="shop.east version 3")


def test_a_manifest_that_was_changed_with_its_file_does_not_help(folder: Path) -> None:
    files = json.loads((folder / "manifest.json").read_text())
    flip_bit(folder)
    (folder / "manifest.json").write_text("{}")
    with pytest.raises(ModelDamagedError, match=r"trees\.cbm"):
        read_model(folder, files)
    (folder / "manifest.json").unlink()
    with pytest.raises(ModelDamagedError, match=r"manifest\.json"):
        read_model(folder)
