"""A project's functions tried on a few rows: whether scores hold a loss, and whether a row depends on itself alone."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd

from db_handler.errors import QuartetError
from db_handler.tables.columns import as_stored
from service.contract.describe_error import describe_bug
from service.contract.project import Project
from service.contract.projects import has_module
from service.sources.generate import SEED, make_draws
from service.spec import Spec
from service.spec.make_rows import make_rows
from service.step.answer_rows import EVALUATOR, need_loss
from service.step.purity import find_impurity

DAY = date(2025, 6, 2)
PREPROCESS = "preprocessor/preprocess.py"
Fault = tuple[str, int, str]  # file, line, sentence


def find_function_faults(spec: Spec) -> Iterator[Fault]:
    """Try a project that can be imported on rows of its own practice data, in memory."""
    project = Project(spec.project)
    for file, find in ((EVALUATOR, _find_score_fault), (PREPROCESS, _find_row_fault)):
        try:
            sentence = find(spec, project)
        except QuartetError as error:
            sentence = str(error)
        except Exception as error:  # whatever it is, a run would meet it, too
            sentence = f"tried on a few rows, it {describe_bug(error)}"
        if sentence:
            yield f"{spec.project}/{file}", 0, sentence


def _find_score_fault(spec: Spec, project: Project) -> str | None:
    classes = list(spec.data.classes)
    truth = pd.Series([0.0, 1.0, 1.0, 0.0])
    odds = np.full((4, len(classes)), 1 / max(len(classes), 1))
    predicted = pd.DataFrame(odds, columns=classes) if classes else truth + 0.5
    need_loss(spec.project, project.score(truth, predicted))
    return None


def _find_row_fault(spec: Spec, project: Project) -> str | None:
    read = project.read_rows
    if read is None or spec.data.sources is None or not has_module(f"{spec.project}.loader.generate"):
        return None
    raw = make_raw_rows(spec, project)
    return None if raw.empty else find_impurity(spec, read, raw, make_rows(read, spec, raw, Counter()))


def make_raw_rows(spec: Spec, project: Project) -> pd.DataFrame:
    """Lay the source tables of a day of practice data together as a load would."""
    sources, data = spec.data.sources, spec.data
    assert sources is not None  # noqa: S101  # or there was nothing to generate
    draws = make_draws(spec.project, SEED, DAY)
    frames = project.generate_day(spec, DAY, draws, changed=False, delay=data.label_delay)
    raw = pd.concat([frames[name] for name in sources.dated if name in frames])
    for name, known in sources.labelled.items():
        key = list(sources.by_name[name].key)
        labels = frames[name].rename(columns={known: data.label_at or known}) if name in frames else raw[key]
        raw = raw.merge(labels, how="left", on=key)
    return as_stored(data.raw.name, data.raw.columns, raw.reset_index(drop=True))
