"""Carries new rows, labels and corrections from the source tables to the model rows."""

import inspect
from collections import Counter
from functools import partial
from pathlib import Path

import pandas as pd

from db_handler.clock import TICK
from db_handler.connection.database import Connection
from db_handler.errors import NotYetError
from db_handler.rows.changed_rows import read_changed_rows
from db_handler.rows.frames import read_rows, upsert_rows
from db_handler.rows.single_rows import list_rows
from db_handler.tables.table import Table
from service.contract.moment import write_at
from service.contract.project import ProjectError
from service.sources.fill_tables import open_sources
from service.spec import Spec
from service.spec.made_by import MADE_BY, hash_making
from service.spec.make_rows import Read, make_rows
from service.step import Run
from service.step.outdated import is_outdated
from service.step.purity import refuse_impure
from service.step.results import LoadResult, PreprocessResult
from service.tabular.labels import name_unread
from service.tabular.layout import LOADED


def collect_rows(spec: Spec, run: Run) -> LoadResult:
    """Take over the rows of the source tables up to `at`, also those that came late; labels wait for their rows."""
    sources = open_sources(spec, run.database)

    def take_news(connection: Connection) -> LoadResult:
        take = partial(_take, connection, spec, run)
        rows = [take(sources.by_name[name], moment) for name, moment in sources.dated.items()]
        labels = [take(sources.by_name[name], moment, lacking=False) for name, moment in sources.labelled.items()]
        insist_on_rows(connection, spec, run)
        return LoadResult(rows=sum(rows), labels=sum(labels), until=run.at.isoformat())

    return run.database.retry(take_news)


def insist_on_rows(connection: Connection, spec: Spec, run: Run, *, named: str = "rows") -> None:
    """Refuse to go on where the raw table has never held a row."""
    if not list_rows(connection, spec.data.raw, limit=1):
        raise NotYetError(
            f"{spec.unit} has no {named} up to {write_at(run.at)} yet: import or generate some first, e.g. "
            f"make run p={spec.project} k=import file=rows.csv"
        )


def prepare_rows(spec: Spec, run: Run, read: Read) -> PreprocessResult:
    """Make model rows of the raw rows that are new or changed, and count mended values.

    When code or settings make rows otherwise than they did, all of them are made anew: a model must not learn from
    two kinds.
    """
    made_by = hash_making(spec, Path(inspect.getfile(read)).parent)

    def prepare_news(connection: Connection) -> PreprocessResult:
        dirt: Counter[str] = Counter()
        if is_outdated(connection, spec.data.features, made_by):
            news = read_rows(connection, spec.data.raw)
        else:
            news = read_changed_rows(connection, spec.data.raw, spec.data.features, compare=(LOADED,))
        rows = _make(spec, read, news, dirt)
        refuse_impure(spec, read, news, rows)
        rows = rows.assign(**{MADE_BY: made_by})
        no_class = name_unread(spec, news, rows[spec.data.target], dirt)
        kept = upsert_rows(connection, spec.data.features, rows)
        return PreprocessResult(
            rows=len(news), inserted=kept.inserted, updated=kept.updated, mended=sum(dirt.values()),
            dirt=dict(sorted(dirt.items())), no_class=no_class, until=run.at.isoformat(),
        )  # fmt: skip

    return run.database.retry(prepare_news)


def _take(connection: Connection, spec: Spec, run: Run, source: Table, moment: str, *, lacking: bool = True) -> int:
    compare = [name for name in source.columns if name not in source.key]
    until = (moment, run.at + TICK)
    news = read_changed_rows(connection, source, spec.data.raw, compare=compare, until=until, lacking=lacking)
    upsert_rows(connection, spec.data.raw, news.assign(**{LOADED: pd.Timestamp(run.at)}))
    return len(news)


def _make(spec: Spec, read: Read, news: pd.DataFrame, dirt: "Counter[str]") -> pd.DataFrame:
    """Have the project make its columns, and refuse rows that lack one."""
    made = make_rows(read, spec, news, dirt)
    wanted = [name for name in spec.data.features.columns if name != MADE_BY]
    lacking, aligned = [name for name in wanted if name not in made], made.index.equals(news.index)
    if lacking or not aligned:
        what = f"lack the column {lacking[0]}" if aligned else "are not one for each raw row, in the same order"
        raise ProjectError(f"{spec.project}/preprocessor/preprocess.py: the rows that {read.__name__} returns {what}")
    codes = made[spec.data.target].dropna()
    if spec.data.classes and not codes.isin(range(len(spec.data.classes))).all():
        raise ProjectError(
            f"{spec.project}/preprocessor/preprocess.py: {read.__name__} returns a target that is no code of a class, "
            f"0 to {len(spec.data.classes) - 1} for {', '.join(spec.data.classes)}: read labels with read_target"
        )
    return made[wanted]
