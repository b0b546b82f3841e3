"""What a config says of its tables: the columns, and what is called or kept otherwise than usual."""

from pydantic import BaseModel, ConfigDict

MOMENT, KNOWN, LOADED = "moment", "known_at", "loaded_at"
Kinds = dict[str, str]  # column -> type


class Layout(BaseModel):
    """The columns and tables of a project; those of the file under the file's names, all others as in the tables."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    project: str
    asked: tuple[str, ...]  # columns of the file that are known when a row is asked about
    optional: tuple[str, ...] = ()  # those of them that a file may lack
    label: str  # the column that comes later
    date: str | None = None  # the column with the row's own date
    key: tuple[str, ...] = ()  # the columns that name a row; without any its whole content does
    personal: tuple[str, ...] = ()  # columns that are never stored
    numbers: tuple[str, ...]  # of the model rows
    categories: tuple[str, ...]  # of the model rows
    further: tuple[str, ...] = ()  # texts of the model rows that are watched and not learned from
    classes: tuple[str, ...] = ()  # what the label may be; without any it is a number
    interval: bool = False  # whether predictions of a number say how low and how high it may be

    tables: dict[str, str] = {}  # own names of the tables: rows, labels, raw, features, predictions, performance
    columns: dict[str, str] = {}  # own names of columns of the file
    moment: str = MOMENT
    known: str = KNOWN  # since when a label is known, as the table of labels says it
    label_at: str = ""  # the same in raw and model rows, where it is called otherwise there
    ids: Kinds = {}  # columns of the key that name a row as they stand; without any an id is made
    answer: Kinds = {"config": "text(63)"}  # columns that name a prediction besides the row: configs answer apart
    versions: Kinds = {}  # columns by which the raw table holds a row several times
    text: str = "text"  # type of a text as it came
    category: str = "text"  # type of a text of the model rows
    collected: bool = True  # collect_rows and prepare_rows fill raw and features, not steps of the project's own
    indexed: tuple[str, ...] = ("features",)  # tables whose rows are looked up by their time

    @property
    def file(self) -> tuple[str, ...]:
        """The columns of the file that come with a row."""
        return tuple(dict.fromkeys([*self.key, *self.asked]))

    @property
    def row_key(self) -> Kinds:
        return self.ids or {"id": "text(32)"}

    @property
    def texts(self) -> Kinds:
        """What a row says, as text."""
        names = (self.name_column(column) for column in self.file)
        return {name: self.text for name in names if name not in self.ids}

    @property
    def times(self) -> Kinds:
        """The times of raw and model rows."""
        loaded = (LOADED,) if self.collected else ()
        return dict.fromkeys((self.moment, self.label_at or self.known, *loaded), "time")

    def name_table(self, kind: str) -> str:
        return self.tables.get(kind, f"{self.project}_{kind}")

    def name_column(self, column: str) -> str:
        """Name the column of a file as the tables do.

        >>> Layout(project="p", asked=(), label="x", numbers=(), categories=()).name_column("Annual Income-USD")
        'annual_income_usd'
        """
        words = "".join(letter if letter.isalnum() else " " for letter in column.lower()).split()
        return self.columns.get(column, "_".join(words))
