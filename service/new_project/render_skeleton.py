"""The files of a new project, as texts by their paths: the skeleton under the project's own name."""

import re
from itertools import groupby
from pathlib import Path

SKELETON = Path(__file__).resolve().parents[1] / "skeleton"
# The skeleton imports itself as service.skeleton, so that it is checked like all other code where it lies.
ITSELF = "service.skeleton"
LINE = re.compile(r"from (\S+) import .+")

DEFAULT = "catboost"  # the model of the skeleton itself; each other one has a folder in MODELS
MODELS = SKELETON / "models"
PACKAGES = {"lightgbm": "lightgbm>=4.6\n"}  # what the platform lacks
CONFIG, SECTION = "configs/daily.py", "class Model("
KEYS_OF_DEFAULT = "from service.tabular.models.booster import BoosterModel\n"


def list_models() -> list[str]:
    """List the models that a project can start from."""
    return [DEFAULT, *sorted(path.parent.name for path in MODELS.glob("*/train.py"))]


def render_skeleton(name: str, model: str = DEFAULT) -> dict[str, str]:
    """Render all files of a project: its folder, its four workflows, its tests."""
    paths = [path for path in SKELETON.rglob("*") if path.suffix in {".py", ".txt", ".sql"} and path.is_file()]
    texts = {path.relative_to(SKELETON): path.read_text("utf-8") for path in sorted(paths)}
    texts = {path: text for path, text in texts.items() if path.parts[0] != MODELS.name}
    if model != DEFAULT:
        texts |= _swap_model(texts, model)
    files = {_choose_path(path, name): _rename(text, name) for path, text in texts.items()}
    return files | ({f"{name}/requirements.txt": PACKAGES[model]} if model in PACKAGES else {})


def _swap_model(texts: dict[Path, str], model: str) -> dict[Path, str]:
    """Put another model's trainer, keys and section of the config in the place of the skeleton's own."""
    own = {path.name: path.read_text("utf-8") for path in (MODELS / model).glob("*.py")}
    section = own["section.py"].replace(f"{ITSELF}.models.{model}", f"{ITSELF}.configs")
    imported = next(line for line in section.splitlines(keepends=True) if LINE.fullmatch(line.rstrip()))
    before, _, _ = texts[Path(CONFIG)].replace(KEYS_OF_DEFAULT, imported).partition(SECTION)
    return {
        Path(CONFIG): before + section[section.index(SECTION) :],
        Path("configs/_model.py"): own["_model.py"],
        Path("trainer/train.py"): own["train.py"],
    }


def _choose_path(path: Path, name: str) -> str:
    """Say where a file of the skeleton goes; what is no module there has the ending .txt in the skeleton."""
    file = path.name.removesuffix(".txt")
    if path.parts[0] == "dags":
        return f"dags/{name}_{file}"
    if path.parts[0] == "tests":
        return f"tests/{name}/{file.replace('project', name)}"
    return f"{name}/{path.as_posix()}"


def _rename(text: str, name: str) -> str:
    renamed = re.sub(r"\bskeleton(?![a-z])", name, text.replace(ITSELF, name))
    lines: list[str] = []
    for are_imports, group in groupby(renamed.splitlines(), key=lambda line: LINE.fullmatch(line) is not None):
        block = list(group)
        # A package's place among the imports follows from its name.
        lines += sorted(block, key=lambda line: line.split()[1]) if are_imports else block
    return "\n".join(lines) + "\n"
