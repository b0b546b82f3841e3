"""The section that maps a file to source tables: where each column goes, which are personal, what names a row."""

from functools import cached_property

from pydantic import BaseModel, ConfigDict, model_validator

from db_handler.tables.column_types import read_length
from db_handler.tables.table import Table

ID_LENGTH = 32
Place = tuple[str, str]  # a table and its column


class Sources(BaseModel):
    """The source tables of a project, and how the rows of a file come into them; `columns` are those of the file.

    >>> orders = Table(name="orders", columns={"id": "text(32)", "sum": "text(64)", "at": "time"}, key=("id",))
    >>> sources = Sources(
    ...     tables=(orders,), columns={"Sum": "orders.sum"}, required=("Sum",), dropped=("Name",),
    ...     made_id=("orders.id",), dated={"orders": "at"},
    ... )
    >>> sources.places_of("Sum")
    (('orders', 'sum'),)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tables: tuple[Table, ...]
    columns: dict[str, str | tuple[str, ...]]  # column of the file -> "table.column", or several
    required: tuple[str, ...]  # without these a file is refused
    dropped: tuple[str, ...] = ()  # personal: thrown away where the file is read
    key: tuple[str, ...] = ()  # what names a row; empty: an id is made of the row's own content
    made_id: tuple[str, ...] = ()  # "table.column" places that get the made id
    date: str | None = None  # the row's own date, if the file has one
    dated: dict[str, str]  # table -> its column with the row's own moment
    labelled: dict[str, str] = {}  # table of labels -> its column that says when the label became known
    label: tuple[str, ...] = ()  # a row without a value in any of these brings no row into the tables of labels

    def __hash__(self) -> int:
        return hash((self.tables, *self.columns))

    @cached_property
    def by_name(self) -> dict[str, Table]:
        return {table.name: table for table in self.tables}

    @cached_property
    def read_names(self) -> tuple[str, ...]:
        """Name the columns of the file that are read, personal ones aside."""
        return tuple(dict.fromkeys([*self.columns, *self.key, *([self.date] if self.date else [])]))

    @cached_property
    def needed(self) -> tuple[str, ...]:
        """Name the columns without which a file is refused, the key among them.

        A required date is not: a file without it can be dated by who imports it.
        """
        return tuple(name for name in dict.fromkeys([*self.required, *self.key]) if name != self.date)

    @cached_property
    def ids(self) -> tuple[Place, ...]:
        """Name the places that get the made id."""
        return _split(self.made_id)

    def places_of(self, column: str) -> tuple[Place, ...]:
        """Name the places that a column of the file fills."""
        places = self.columns.get(column, ())
        return _split((places,) if isinstance(places, str) else places)

    @model_validator(mode="after")
    def _check(self) -> "Sources":
        if len(self.by_name) < len(self.tables):
            raise ValueError("two tables have the same name")
        self._check_columns()
        places = self._check_places()
        self._check_labels()
        self._check_keys(places)
        return self

    def _check_columns(self) -> None:
        for name in (*self.required, *self.key, *self.label):
            if name not in self.read_names:
                raise ValueError(f"{name!r} is required, a key or a label, but stands not in columns")
        for name in self.dropped:
            if name in self.read_names:
                raise ValueError(f"{name!r} is dropped, so it can't be stored, name a row or date it")
        if not self.key and not self.made_id:
            raise ValueError("name the key of a row, or the places of a made_id")
        if any(name not in self.columns for name in self.key):
            raise ValueError("a column of the key stands not in columns, so nothing would hold it")

    def _check_places(self) -> list[Place]:
        """Check that every place exists, has a fitting kind and is filled once; return all of them."""
        mapped = [place for column in self.columns for place in self.places_of(column)]
        moments = [*self.dated.items(), *self.labelled.items()]
        for places, kind, shortest, form in (
            (mapped, "text", 0, "text, as it came"),
            (self.ids, "text", ID_LENGTH, f"text({ID_LENGTH}) or longer"),
            (moments, "time", 0, "time"),
        ):
            for place in places:
                declared = self._kind_of(place)
                if not declared.startswith(kind) or (read_length(declared) or shortest) < shortest:
                    raise ValueError(f"{'.'.join(place)} is {declared}, and must be {form}")
        filled = [*mapped, *self.ids, *dict.fromkeys(moments)]
        twice = next((place for place in filled if filled.count(place) > 1), None)
        if twice:
            raise ValueError(f"{'.'.join(twice)} is filled twice")
        return filled

    def _kind_of(self, place: Place) -> str:
        table, column = place
        if table not in self.by_name or column not in self.by_name[table].columns:
            raise ValueError(f"there is no {table}.{column} among the tables")
        return self.by_name[table].columns[column]

    def _check_labels(self) -> None:
        if bool(self.label) != bool(self.labelled):
            raise ValueError("label and labelled go together: the columns of the label, and its tables")
        for column in self.label:
            if any(table not in self.labelled for table, _ in self.places_of(column)):
                raise ValueError(f"{column!r} is a label, and would be stored outside the labelled tables")

    def _check_keys(self, filled: list[Place]) -> None:
        """Check that a stored row's key always has a value."""
        named = {place for column in self.key for place in self.places_of(column)}
        sure = {*named, *self.ids, *self.dated.items(), *self.labelled.items()}
        for place in ((table.name, column) for table in self.tables for column in table.key):
            if place not in sure:
                how = "filled by a column that may be empty" if place in filled else "never filled"
                raise ValueError(f"{'.'.join(place)} is part of the table's key and {how}; let key hold it")


def _split(places: tuple[str, ...]) -> tuple[Place, ...]:
    parts = [place.partition(".") for place in places]
    return tuple((table, column) for table, _, column in parts)
