"""Specs: what a config may say, and what is refused with which sentence."""

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from db_handler.errors import UsageError
from service.spec import Spec
from service.spec.load_spec import list_configs, load_spec

SHARED = """
from datetime import timedelta
from db_handler.tables.table import Table
from service import spec

TABLE = Table(name="shop_raw", columns={"key": "text(8)"}, key=("key",))


class Data(spec.Data):
    shop: str
    opened: int = 3
    raw = features = predictions = performance = TABLE
    horizon = timedelta(days=1)


class Features(spec.Features):
    columns = ("size",)


class Train(spec.Train):
    weight: float = 1.0


class Monitoring(spec.Monitoring):
    baseline = "rule_prior"


class Slices(spec.Section):
    groups: tuple[str, ...] = ("young", "old")
"""
HEAD = "from shop.configs import _shop\nfrom service import spec\n\n\n"
DATA = 'class Data(_shop.Data):\n    shop = "east"\n'

Load = Callable[[str], Spec]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "shop" / "configs"
    folder.mkdir(parents=True)
    for package in (folder.parent, folder):
        (package / "__init__.py").write_text("")
    (folder / "_shop.py").write_text(SHARED)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder
    for name in [name for name in sys.modules if name.split(".")[0] == "shop"]:
        del sys.modules[name]


@pytest.fixture
def load(shop: Path) -> Load:
    def write_and_load(text: str) -> Spec:
        (shop / "east.py").write_text(HEAD + text)
        importlib.invalidate_caches()
        return load_spec("shop", "east")

    return write_and_load


def refuse(load: Load, text: str) -> str:
    with pytest.raises(UsageError) as caught:
        load(text)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < 500
    return sentence


def test_a_config_sets_keys_plainly_and_takes_the_rest_from_its_project(load: Load) -> None:
    spec = load(DATA + "\n\nclass Train(_shop.Train):\n    weight = 2\n    renew = 'once'\n")
    assert (spec.unit, spec.data.shop, spec.data.opened, spec.train.weight) == ("shop.east", "east", 3, 2.0)
    assert (spec.train.renew, spec.features.columns, spec.purge) == ("once", ("size",), timedelta(days=1))


def test_a_further_class_is_registered_under_its_lower_case_name(load: Load) -> None:
    spec = load(DATA + "\n\nclass Slices(_shop.Slices):\n    groups = ('all',)\n")
    assert spec.slices.groups == ("all",)
    with pytest.raises(AttributeError, match="slice"):
        _ = spec.slice


def test_a_spec_is_frozen(load: Load) -> None:
    spec = load(DATA)
    with pytest.raises(ValidationError):
        spec.train.seed = 8  # type: ignore[misc]
    with pytest.raises(AttributeError):
        spec.train = spec.model  # type: ignore[misc, assignment]


@pytest.mark.parametrize("rows", [-1, 59])
def test_a_probation_too_short_to_tell_anything_is_refused(load: Load, rows: int) -> None:
    sentence = refuse(load, DATA + f"\n\nclass Train(_shop.Train):\n    probation_rows = {rows}\n")
    assert "key probation_rows: fewer rows than 60 tell nothing; 0 turns probation off" in sentence


def test_the_recipe_knows_what_determines_a_fit(load: Load, shop: Path) -> None:
    spec = load(DATA + "\n\nclass Train(_shop.Train):\n    seed = 8\n    margin = 0.5\n")
    recipe = json.loads(json.dumps(spec.recipe()))
    assert recipe["train"]["seed"] == 8
    assert recipe["features"]["columns"] == ["size"]
    assert "probation_rows" not in recipe["train"]
    assert "margin" not in recipe["train"]
    assert spec.recipe_hash != load_other(shop, DATA).recipe_hash
    assert load_other(shop, DATA).recipe_hash == load_other(shop, DATA).recipe_hash


def load_other(shop: Path, text: str) -> Spec:
    (shop / "west.py").write_text(HEAD + text)
    return load_spec("shop", "west")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (DATA + "    oppened = 4\n", ["class Data", "unknown key oppened", "did you mean opened?"]),
        (DATA + "    zebra = 4\n", ["class Data", "unknown key zebra"]),
        (DATA + "    extra: int = 4\n", ["class Data", "unknown key extra"]),
        (DATA + "    _hidden = 4\n", ["class Data", "unknown key _hidden"]),
        (DATA + "    def opened(self) -> int: return 4\n", ["class Data", "opened"]),
        (DATA + "    opened: str = 'x'\n", ["class Data, key opened", "declared already"]),
        (DATA + "    opened = '3'\n", ["class Data, key opened", "integer", "'3'"]),
        (DATA + "    opened = True\n", ["class Data, key opened", "True"]),
        (DATA + "    opened = 3.0\n", ["class Data, key opened"]),
        (DATA + "    horizon = timedelta(0)\n", ["line 7", "NameError"]),
        (DATA + f"    shop = {'x' * 9000!r}\n    opened = None\n", ["key opened"]),
        ("class Data(_shop.Data):\n    opened = 4\n", ["class Data, key shop", "required"]),
        (DATA + "\nclass Train(_shop.Train):\n    renew = 'never'\n", ["class Train, key renew", "'once' or 'clock'"]),
        (DATA + "\nclass Train(_shop.Train):\n    margin = float('nan')\n", ["class Train, key margin", "finite"]),
        (DATA + "\nclass Train(_shop.Train):\n    p_value = 1.5\n", ["class Train, key p_value", "less than 1"]),
        (DATA + "\nclass Model(spec.Model):\n    grid = ({'dept': 4},)\n", ["class Model", "'dept'"]),
        (DATA + "\nclass Monitoring(_shop.Monitoring):\n    k = 4\n", ["class Monitoring", "k = 4"]),
        (DATA + "\nclass Trian(_shop.Train):\n    margin = 0.1\n", ["class Trian", "did you mean Train?"]),
        (DATA + "\nclass Data2:\n    shop = 1\n", ["class Data2", "did you mean Data?"]),
        (DATA + "\nclass Zebra:\n    shop = 1\n", ["class Zebra", "service.spec"]),
        (DATA + "\nclass Unit(_shop.Slices):\n    pass\n", ["class Unit"]),
        ("", ["class Data is missing"]),
        (DATA + "    shop = = 3\n", ["east.py, line 7", "syntax"]),
        ("1 / 0\n", ["east.py, line 5", "ZeroDivisionError"]),
        ("import sys\nsys.exit()\n", ["east.py, line 6", "SystemExit"]),
        ("raise ValueError('a' * 9000 + '\\n\\nb')\n", ["ValueError"]),
        ("import nothing_of_that_name\n", ["nothing_of_that_name"]),
        ("\0", ["east.py", "null bytes"]),
    ],
)
def test_a_mistake_is_one_sentence(load: Load, text: str, parts: list[str]) -> None:
    sentence = refuse(load, text)
    for part in ["east.py", *parts]:
        assert part in sentence


def test_a_plain_key_that_no_class_declares_is_found_outside_config_files_too(load: Load, shop: Path) -> None:
    (shop / "_shop.py").write_text(SHARED.replace("opened: int = 3", "opened = 3"))
    assert "shop/configs/_shop.py, class Data: unknown key opened" in refuse(load, DATA)


@pytest.mark.parametrize(
    "name", ["../x", "/etc/passwd", "a.b", ".", "", "x" * 300, "_shop", "Ost", "öst", "a;b", "a\nb"]
)
def test_a_name_that_is_no_config_is_refused(shop: Path, name: str) -> None:
    (shop / "east.py").write_text(HEAD + DATA)
    for call in (lambda: load_spec("shop", name), lambda: load_spec(name, "east")):
        with pytest.raises(UsageError) as caught:
            call()
        assert len(str(caught.value).splitlines()) == 1
        assert len(str(caught.value)) < 300


def test_an_unknown_config_is_answered_with_the_nearest_and_the_valid_ones(shop: Path) -> None:
    (shop / "east.py").write_text(HEAD + DATA)
    assert list_configs("shop") == ["east"]
    with pytest.raises(UsageError, match=r"did you mean east\? Its configs: east"):
        load_spec("shop", "eats")
    with pytest.raises(UsageError, match="Its configs: east"):
        load_spec("shop", "zzz")
    with pytest.raises(UsageError, match="no project 'nowhere'"):
        list_configs("nowhere")
