"""Tables made as they are declared: columns and the index are added to one that is there, no row is ever lost."""

from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text
from sqlalchemy.schema import CreateColumn

from db_handler.connection.database import Database
from db_handler.connection.exclusive import alone
from db_handler.errors import DatabaseError
from db_handler.tables.column_types import sql_type
from db_handler.tables.define_table import define_table
from db_handler.tables.table import Table

# The inspector gives SQLite's types of text, time and decimals alike, so the types come as the database reports them.
COLUMN_TYPES = {
    "sqlite": text("SELECT name, type FROM pragma_table_info(:table)"),
    "mysql": text(
        "SELECT column_name, column_type FROM information_schema.columns"
        " WHERE table_schema = DATABASE() AND table_name = :table ORDER BY ordinal_position"
    ),
}


@dataclass(frozen=True)
class Shape:
    """A table as the database has it: columns with their types, key, and the columns of the index; all may be empty."""

    columns: dict[str, str]
    key: tuple[str, ...] = ()
    index: tuple[str, ...] = ()


def ensure_table(database: Database, table: Table) -> None:
    """Create the table or add what it lacks; cheap when this database has seen it like this before."""
    if database.ensured.get(table.name) == table:
        return
    with database.begin(writing=False) as connection:
        shape = describe_table(connection, table.name)
    if shape != Shape(_declared_types(table, database.dialect), table.key, table.index or shape.index):
        with alone(database, "tables"), database.begin() as connection:
            _bring_about(connection, table)
    database.ensured[table.name] = table


def create_table(connection: Connection, table: Table) -> None:
    """Create the table and its index, each only where it is not there yet."""
    core = define_table(table)
    core.create(connection, checkfirst=True)
    for index in core.indexes:
        index.create(connection, checkfirst=True)


def describe_table(connection: Connection, name: str) -> Shape:
    """Describe a table as it is in the database."""
    columns = dict(connection.execute(COLUMN_TYPES[connection.dialect.name], {"table": name}).tuples().all())
    if not columns:
        return Shape({})
    inspector = inspect(connection)
    indexes = {index["name"]: index["column_names"] for index in inspector.get_indexes(name)}
    return Shape(
        columns,
        tuple(inspector.get_pk_constraint(name)["constrained_columns"]),
        tuple(column for column in indexes.get(f"{name}_by", ()) if column),
    )


def _declared_types(table: Table, dialect: str) -> dict[str, str]:
    return {name: sql_type(kind, dialect) for name, kind in table.columns.items()}


def _bring_about(connection: Connection, table: Table) -> None:
    shape = describe_table(connection, table.name)
    if shape.columns:
        core, dialect = define_table(table), connection.dialect
        _refuse_destruction(table, shape, dialect.name)
        place = dialect.identifier_preparer.format_table(core)
        for column in core.columns:
            if column.name not in shape.columns:
                definition = CreateColumn(column).compile(dialect=dialect)
                connection.exec_driver_sql(f"ALTER TABLE {place} ADD COLUMN {definition}")
        if shape.index and table.index and shape.index != table.index:
            for index in core.indexes:
                index.drop(connection)
    create_table(connection, table)


def _refuse_destruction(table: Table, shape: Shape, dialect: str) -> None:
    advice = "declare it as it was, or give the table a new name and fill that"
    declared = _declared_types(table, dialect)
    for name, kind in shape.columns.items():
        if name not in declared and table.derived and name not in shape.key:
            continue
        if name not in declared:
            raise DatabaseError(
                f"Table {table.name} has a column {name} that is declared no more, and nothing is dropped by itself: "
                f"declare it again, begin in another home (QUARTET_HOME), or drop it by hand after a backup (ALTER "
                f"TABLE {table.name} DROP COLUMN {name})."
            )
        if declared[name] != kind:
            place = f"{table.name}.{name}"
            raise DatabaseError(f"Column {place} is {kind} in the database but declared {declared[name]}: {advice}.")
    if shape.key != table.key:
        key, declared_key = ", ".join(shape.key), ", ".join(table.key)
        raise DatabaseError(f"Table {table.name} has the key {key} but is declared with {declared_key}: {advice}.")
