"""Rows of one table that another lacks, or has otherwise."""

from collections.abc import Sequence

import pandas as pd
from sqlalchemy import Connection, Subquery, and_, false, or_, select

from db_handler.rows.conditions import Bound, Conditions, Where, encode_conditions, write_comparisons
from db_handler.rows.frames import make_frame
from db_handler.tables.define_table import define_table
from db_handler.tables.table import Table, check_names


def read_changed_rows(
    connection: Connection,
    table: Table,
    other: Table,
    *,
    compare: Sequence[str] = (),
    where: Where = None,
    where_other: Where = None,
    until: Bound = None,
    lacking: bool = True,
) -> pd.DataFrame:
    """Read the rows of `table` that differ from those of `other` with the same key, and those without one if `lacking`.

    Rows are matched by the columns of `table`'s key that `other` has; `where_other` says which of its rows count. With
    nothing to `compare`, only those that it lacks are read.
    """
    check_names(table, *compare)
    check_names(other, *compare)
    conditions, conditions_other = encode_conditions(table, where, None, until), encode_conditions(other, where_other)
    mine, theirs = _select(table, conditions, "mine"), _select(other, conditions_other, "theirs")
    key = [name for name in table.key if name in other.columns]
    unmatched = theirs.c[key[0]].is_(None)
    wanted = ~unmatched & or_(false(), *(mine.c[name].is_distinct_from(theirs.c[name]) for name in compare))
    if lacking:
        wanted |= unmatched
    statement = (
        select(mine)
        .join_from(mine, theirs, and_(*(mine.c[name] == theirs.c[name] for name in key)), isouter=True)
        .where(wanted)
        .order_by(*(mine.c[name] for name in table.key))
    )
    parameters = {**conditions.parameters("mine"), **conditions_other.parameters("theirs")}
    return make_frame(table, list(table.columns), connection.execute(statement, parameters).all())


def _select(table: Table, conditions: Conditions, name: str) -> Subquery:
    core = define_table(table)
    return select(core).where(*write_comparisons(core, conditions.comparisons, name)).subquery(name)
