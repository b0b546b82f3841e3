"""Files into source tables: real dirt is mended or refused with a count, and nothing personal ever gets in."""

import gzip
import io
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from db_handler.connection.database import Database
from db_handler.errors import UsageError
from db_handler.tables.table import Table
from service.spec.sources import Sources
from service.workflow.open_platform import open_platform
from service.workflow.run_kind import run_verb
from tests.service.answer import Answer, Ask

ROOT = Path(__file__).resolve().parents[3]
PACKED = gzip.compress(b"Article,Price\n" * 900, mtime=0)
RANGE = ("--from", "2025-01-01", "--to", "2025-12-31")
HEADER = "Article,Price,Note,Name,Returned\n"
CANARIES = ("Canary Miller", "canary@example.org")
Import = Callable[..., Answer]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the files are, and make was typed."""
    (tmp_path / "files").mkdir()
    monkeypatch.chdir(tmp_path / "files")
    return tmp_path / "files"


@pytest.fixture
def put(ask: Ask, folder: Path) -> Import:
    """Import a text, or a file that is there if there is no text."""

    def put(text: str | bytes | None, *further: str, name: str = "orders.csv") -> Answer:
        if text is not None:
            (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return ask("import", "--file", name, *further, project="boutique")

    return put


def told(answer: Answer) -> dict[str, Any]:
    assert answer.status == 0, answer.log
    found: dict[str, Any] = answer.json["results"]["all"]["import"]
    return found


def read(home: Path, table: str, columns: str = "*") -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(home / "quartet.db")
    found = connection.execute(f"SELECT {columns} FROM {table} ORDER BY 1").fetchall()
    connection.close()
    return found


def read_bytes(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


def number_rows(rows: int) -> str:
    return "".join(f"a{row % 7},{row},,Canary Miller,{'yes' if row % 3 else ''}\n" for row in range(rows))


def test_rows_go_where_the_config_says_and_labels_come_later(put: Import, home: Path) -> None:
    answer = put(HEADER + "hat,5,new,Canary Miller,yes\ncap,7,,Canary Miller,\n", *RANGE)
    found = told(answer)
    assert (found["rows"], found["stored"], found["mended"], found["refused"]) == (2, 2, {}, {})
    assert found["tables"] == {
        "boutique_orders": {"inserted": 2, "updated": 0, "unchanged": 0},
        "boutique_returns": {"inserted": 1, "updated": 0, "unchanged": 0},
    }
    assert "boutique.all import done: rows 2" in answer.log
    orders = read(home, "boutique_orders", "article, price, note, ordered_at, id")
    assert [row[:3] for row in orders] == [("cap", "7", None), ("hat", "5", "new")]
    assert all("2025-01-01" <= row[3] < "2026-01-01" and row[3].endswith(".000000") for row in orders)
    ((known_at, returned, made),) = read(home, "boutique_returns", "known_at, returned, id")
    assert (returned, made) == ("yes", orders[1][4])
    assert datetime.fromisoformat(known_at) == datetime.fromisoformat(orders[1][3]) + timedelta(days=14)


def test_the_same_file_twice_changes_nothing(put: Import, home: Path) -> None:
    text = HEADER + number_rows(300)
    put(text, *RANGE)
    before = [read(home, "boutique_orders"), read(home, "boutique_returns")]
    for further in (RANGE, ()):  # who names no days the second time moves no row
        again = told(put(text, *further))
        assert again["tables"]["boutique_orders"] == {"inserted": 0, "updated": 0, "unchanged": 300}
        assert again["tables"]["boutique_returns"] == {"inserted": 0, "updated": 0, "unchanged": 200}
        assert [read(home, "boutique_orders"), read(home, "boutique_returns")] == before


def test_who_names_no_days_dates_the_rows_now_and_once(put: Import, home: Path) -> None:
    began = datetime.now(UTC).replace(microsecond=0)
    put(HEADER + "hat,5,,,\n")
    ((first,),) = read(home, "boutique_orders", "ordered_at")
    assert began <= datetime.fromisoformat(first).replace(tzinfo=UTC) <= datetime.now(UTC)
    time.sleep(1.1)
    assert told(put(HEADER + "hat,5,,,\ncap,5,,,\n"))["tables"]["boutique_orders"]["unchanged"] == 1
    put(None, "--at", "2025-03-01T07:00Z")
    assert {row[0] for row in read(home, "boutique_orders", "ordered_at")} == {"2025-03-01 07:00:00.000000"}


def test_dates_are_spread_over_whole_days_by_what_names_a_row(put: Import, home: Path) -> None:
    text = HEADER + number_rows(2000)
    put(text, "--from", "2025-02-27", "--to", "2025-03-01", "--delay", "3")
    moments = [row[0] for row in read(home, "boutique_orders", "ordered_at")]
    assert "2025-02-27 00:00:00" <= min(moments) < "2025-02-27 00:10"
    assert "2025-03-01 23:50" < max(moments) <= "2025-03-01 23:59:59.000000"
    days = [sum(moment[8:10] == day for moment in moments) for day in ("27", "28", "01")]
    assert min(days) > 580
    late = read(home, "boutique_returns r JOIN boutique_orders o ON o.id = r.id", "r.known_at, o.ordered_at")
    assert {datetime.fromisoformat(a) - datetime.fromisoformat(b) for a, b in late} == {timedelta(days=3)}
    lines = text.splitlines(keepends=True)
    before = read(home, "boutique_orders")
    put("".join([lines[0], *lines[:0:-1]]), "--from", "2025-02-27", "--to", "2025-03-01", "--delay", "3")
    assert read(home, "boutique_orders") == before  # whatever the order


def test_other_days_would_move_rows_and_are_refused(put: Import, home: Path) -> None:
    text, moved = HEADER + number_rows(50), ("--from", "2024-01-01", "--to", "2024-12-31")
    put(text, *RANGE)
    before = read(home, "boutique_orders")
    refused = put(text + "hat,5,,,\n", *moved)
    assert refused.status == 2
    assert "orders.csv: 50 of its rows are stored with other dates and would move into 2024-01-01 to" in refused.log
    assert "redate=1" in refused.log
    assert read(home, "boutique_orders") == before
    assert told(put(text, *moved, "--redate", "1"))["tables"]["boutique_orders"]["updated"] == 50
    assert {row[0][:4] for row in read(home, "boutique_orders", "ordered_at")} == {"2024"}
    assert "--redate is 1, and goes with --from and --to" in put(text, "--redate", "1").log


def test_rows_of_this_second_and_of_the_future_are_said(put: Import) -> None:
    assert told(put(HEADER + "hat,5,,,\n", *RANGE))["notes"] == []
    undated = put(HEADER + "hat,5,,,\ncap,5,,,\n")
    (note,) = told(undated)["notes"]  # the hat has its date
    assert note.startswith("1 rows have no date and all get the second of this import, ")
    assert note in undated.log
    year = datetime.now(UTC).year + 2
    (note,) = told(put(HEADER + "tie,5,,,\n", "--from", f"{year}-01-01", "--to", f"{year}-01-02"))["notes"]
    assert note.startswith(f"1 rows lie in the future, the last on {year}-01-0")


def test_a_label_column_that_is_called_otherwise_gets_its_hint(put: Import, home: Path) -> None:
    refused = put("Article,Price,Is_Returned\nhat,5,yes\n", *RANGE)
    assert refused.status == 2
    assert "lacks the column 'Returned' of the labels (did you mean 'Is_Returned', which it has?)" in refused.log
    assert read(home, "boutique_orders") == []
    (note,) = told(put("Article,Price,Back\nhat,5,yes\n", *RANGE))["notes"]
    assert note == "it has no column 'Returned', so none of its rows brings a label; is it among the ignored?"
    assert told(put("Article,Price\nhat,5\n", *RANGE))["notes"] == []


def test_dates_of_the_file(put: Import, home: Path) -> None:
    rows = "a,1,2025-03-01\nb,1,2025-03-01T09:00+09:00\nc,1,2025-03-01T05:06:07.5Z\nd,1,\n"
    bad = "e,1,01.03.2025\nf,1,2025-02-30\ng,1,1969-12-31\nh,1,2999-01-01\n"
    found = told(put("Article,Price,Ordered\n" + rows + bad, "--from", "2025-05-05", "--to", "2025-05-05"))
    assert found["refused"] == {
        "Ordered is no date such as 2025-01-31 or 2025-01-31T09:00Z": {"rows": 2, "first_line": 6},
        "Ordered before 1970": {"rows": 1, "first_line": 8},
        "Ordered in the future": {"rows": 1, "first_line": 9},
    }
    stored = dict(read(home, "boutique_orders", "article, ordered_at"))
    assert stored.pop("d").startswith("2025-05-05 ")
    assert stored == {
        "a": "2025-03-01 00:00:00.000000",
        "b": "2025-03-01 00:00:00.000000",
        "c": "2025-03-01 05:06:07.500000",
    }


def test_dirt_is_mended_and_counted(put: Import, home: Path) -> None:
    text = '\ufeff Article ,Price,Note,Name,Colour\r\n hat , 5,"two\r\nlines, one ""note""",x,red\r\n\r\n'
    again = "Article,Price,Note,Name,Colour\r\nc\0ap,7,,x,red\r\n,,,x,\r\ncoat,9,,x,red"
    answer = put(text + " " + again.replace("Article", "Article ", 1) + "\r\n", *RANGE)
    assert answer.status == 0
    found = told(put(text + again, *RANGE))
    assert found["mended"] == {
        "byte-order mark": 1,
        "NUL character": 1,
        "space around a column's name": 1,
        "space around a value": 2,
        "empty row": 1,
    }
    assert found["ignored"] == ["Colour"]
    assert "red" not in str(read(home, "boutique_orders"))
    assert ("hat", "5", 'two\r\nlines, one "note"') in read(home, "boutique_orders", "article, price, note")


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators(put: Import, home: Path, separator: str) -> None:
    text = (HEADER + "hat,5,a note,Canary Miller,yes\n").replace(",", separator).replace("5", "5,25")
    assert told(put(text, *RANGE))["stored"] == 1
    assert read(home, "boutique_orders", "article, price") == [("hat", "5,25")]


def test_quotes_after_spaces(put: Import, home: Path) -> None:
    assert told(put('Article,Price,Note\nhat, 5, "one, two"\n', *RANGE))["stored"] == 1
    assert read(home, "boutique_orders", "article, price, note") == [("hat", "5", "one, two")]


def test_packed_and_piped(put: Import, home: Path, monkeypatch: pytest.MonkeyPatch, ask: Ask) -> None:
    packed = gzip.compress((HEADER + number_rows(50)).encode())
    put(packed, *RANGE, name="orders.csv.gz")
    before = read(home, "boutique_orders")
    for piped in (packed, gzip.decompress(packed)):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(piped)))
        answer = ask("import", "--file", "-", *RANGE, project="boutique")
        assert told(answer)["tables"]["boutique_orders"]["unchanged"] == 50
    assert read(home, "boutique_orders") == before
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert ask("import", "--file", "-", project="boutique").sentence.startswith("standard input is empty")


def test_broken_rows_are_refused_and_their_values_stay_unsaid(put: Import, home: Path) -> None:
    good = number_rows(20)
    bad = [
        "hat,5,Canary Miller\n",  # line 22
        'hat,5,"note" Canary Miller,x,\n',
        'hat,5,"Canary Miller\n,x,\n',  # two lines, whose quote the next one closes
        'hat,5,"Canary Miller,x,\n',
        f"Canary Miller{'!' * 16},5,,x,\n",  # 27
    ]
    answer = put(HEADER + good + "".join(bad) + good.replace("a", "b"), *RANGE)
    found = told(answer)
    assert found["refused"] == {
        "wrong number of fields": {"rows": 1, "first_line": 22},
        "broken quotes": {"rows": 4, "first_line": 23},
        "Article longer than 16 characters": {"rows": 1, "first_line": 27},
    }
    assert (found["rows"], found["stored"]) == (46, 40)
    assert "wrong number of fields: 1, first in line 22" in answer.log
    assert "Canary" not in answer.log + str(answer.json)


def test_a_quote_that_never_closes_hides_no_rows(put: Import, home: Path) -> None:
    answer = put(HEADER + number_rows(5) + 'hat,5,"open,x,\n' + number_rows(30), *RANGE)
    assert answer.status == 2
    assert "31 of 36 rows are refused (broken quotes: 31, first in line 7), so nothing was stored" in answer.sentence


def test_more_bad_rows_than_good_ones_are_no_file(put: Import, home: Path) -> None:
    answer = put(HEADER + number_rows(2) + "Canary Miller\n" * 3, *RANGE)
    assert answer.status == 2
    assert answer.sentence == (
        "orders.csv: 3 of 5 rows are refused (wrong number of fields: 3, first in line 4), so nothing was stored: "
        "mend the file and import it again"
    )
    assert read(home, "boutique_orders") == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "orders.csv is empty: it must have a header and rows below it"),
        ("\ufeff\r\n", "orders.csv is empty"),
        ("Article,Price\n", "orders.csv has no row with a value below its header"),
        ("Article,Price\n,\n\n,\n", "orders.csv has no row with a value below its header"),
        ("article,Sum\n1,2\n", "lacks the columns 'Article' (did you mean 'article', which it has?), 'Price': every"),
        ("Article,Cost\n1,2\n", "lacks the column 'Price': every row needs them"),
        ("Canary Miller,5,Canary Miller\n" * 3, "lacks the columns 'Article', 'Price': every row needs them"),
        ("Article,Price,Note,Note \n1,2,3,4\n", "has a column twice: 'Note'; leave one of them out"),
        (b"Article,Price\n1,2\nCanar\xff,2\n", "line 3: a character is not UTF-8 (perhaps the file is in cp1252"),
        ("Article,Price\n1,2\n".encode("utf-16"), "is in UTF-16: save it as CSV in UTF-8"),
        ("Article,Price\n1,2\n".encode("utf-16-be"), "is no text but a binary file: save it as CSV in UTF-8"),
        (b"PK\x03\x04anything", "is a workbook or a zip archive: save it as CSV"),
        (b"\x89PNG\r\n\x1a\n" + bytes(90), "is no text but a binary file"),
        (PACKED[:-9], "is packed by gzip and damaged or cut off: fetch it again"),
        (b"\x1f\x8bno gzip", "is packed by gzip and damaged or cut off"),
    ],
)
def test_files_that_are_none(put: Import, home: Path, text: str | bytes, says: str) -> None:
    answer = put(text, *RANGE)
    assert (answer.status, answer.json["results"]) == (2, {})
    assert says in answer.sentence
    assert "Canary" not in answer.log
    assert answer.log.count(answer.sentence) == 1


def test_files_that_can_not_be_read(ask: Ask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "empty").mkdir()
    for file, says in (
        ("none.csv", f"there is no file none.csv (looked in {folder})"),
        ("empty", "empty is a folder: name one CSV file in it"),
        ("../files/none/a.csv", "there is no file ../files/none/a.csv"),
        ("x\0y", "can't be read: embedded null byte"),
        ("x" * 5000, "can't be read: File name too long"),
    ):
        answer = ask("import", "--file", file, project="boutique")
        assert (answer.status, says in answer.sentence) == (2, True), answer.sentence
    monkeypatch.setattr("service.sources.file_text.LARGEST", 2**20)
    (folder / "zeros.csv").write_bytes(gzip.compress(b"a" * 2**21))
    for file in ("zeros.csv", "/dev/zero"):
        answer = ask("import", "--file", file, project="boutique")
        assert "holds more than 1 MB of text: split it and import the parts" in answer.sentence


def test_a_home_is_found_by_its_sign(ask: Ask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    (folder / "mine.csv").write_text(HEADER + "hat,5,,,\n")
    assert ask("import", "--file", "~/mine.csv", project="boutique").status == 0


def test_what_is_personal_gets_nowhere(put: Import, home: Path) -> None:
    name, mail = CANARIES
    lines = [f'a{row},{row},,"{name}, {row}",{"yes" if row % 3 else ""},{mail}' for row in range(60)]
    bad = [f"hat,5,,{name},yes,{mail},{name}", f'hat,"5" {mail},,{name},,', f"{'x' * 17},5,,{name},,{mail}"]
    header = "Article,Price,Note,Name,Returned,E-mail"
    first = put("\n".join([header, *lines, *bad]), *RANGE)
    assert told(first)["ignored"] == []
    before = read(home, "boutique_orders"), read(home, "boutique_returns")
    other = [line.replace("Miller", "Smith").replace(mail, "") for line in lines]
    second = put("\n".join([header, *other, *bad]), *RANGE)  # the ids know nothing of who it is
    assert (read(home, "boutique_orders"), read(home, "boutique_returns")) == before
    third = put("\n".join([header, *bad]), *RANGE)
    assert third.status == 2
    said = "".join(answer.log + str(answer.json) for answer in (first, second, third))
    for canary in (*CANARIES, "Canary", "canary@"):
        assert canary not in said
        assert canary.encode() not in read_bytes(home)


def test_equal_rows_stay_two_and_a_late_label_finds_its_row(put: Import, home: Path) -> None:
    put(HEADER + "hat,5,,,\nhat,5,,,\ncap,1,,,\n", *RANGE)
    assert len(read(home, "boutique_orders")) == 3
    found = told(put("Returned,Price,Article\nno,5,hat\nyes,5,hat\n", *RANGE))  # no note at all: as an empty one
    assert found["tables"] == {
        "boutique_orders": {"inserted": 0, "updated": 0, "unchanged": 2},
        "boutique_returns": {"inserted": 2, "updated": 0, "unchanged": 0},
    }
    revised = told(put("Returned,Price,Article\nno,5,hat\nno,5,hat\n", *RANGE))
    assert revised["tables"]["boutique_returns"] == {"inserted": 0, "updated": 1, "unchanged": 1}


def test_a_project_acts_once_however_many_configs_are_asked(ask: Ask, folder: Path, home: Path) -> None:
    (folder / "a.csv").write_text(HEADER + "hat,5,,,\n")
    answer = ask("import", "--file", "a.csv", "--config", "some", "all", project="boutique")
    assert list(answer.json["results"]) == ["some"]
    with sqlite3.connect(home / "quartet.db") as connection:
        runs = connection.execute("SELECT config, kind, step, status FROM quartet_run").fetchall()
    connection.close()
    assert runs == [("some", "import", "import", "done")]


def test_no_mlflow_is_opened(put: Import, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.tracking.tracking.open_tracking", lambda *_: 1 / 0)
    assert put(HEADER + "hat,5,,,\n").status == 0


SALES = Table(name="keyed_sales", columns={"no": "text(8)", "at": "time", "sum": "text(8)"}, key=("no",))
BUYERS = Table(name="keyed_buyers", columns={"buyer": "text(32)", "town": "text(8)"}, key=("buyer",))
KEYED: dict[str, Any] = {
    "tables": (SALES, BUYERS),
    "columns": {"No": "keyed_sales.no", "Sum": "keyed_sales.sum", "Town": "keyed_buyers.town"},
    "required": ("Sum",),
    "dropped": ("Name",),
    "key": ("No",),
    "made_id": ("keyed_buyers.buyer",),
    "dated": {"keyed_sales": "at"},
}


def import_keyed(database: Database, path: Path, text: str, **options: Any) -> dict[str, Any]:
    platform = open_platform("boutique", ["all"])
    spec = platform.specs["all"]
    data = spec.data.model_copy(update={"sources": Sources(**KEYED)})
    platform = replace(platform, specs={"all": replace(spec, data=data)})
    path.write_text(text)
    now = datetime(2025, 6, 1, tzinfo=UTC)
    outcome = run_verb(platform, "import", ["all"], at=now, now=now, options={"file": str(path), **options})["all"]
    assert outcome.status == "done", outcome
    found: dict[str, Any] = outcome.results["import"]
    return found


def test_the_last_row_of_a_key_counts(database: Database, home: Path, tmp_path: Path) -> None:
    text = "No,Sum,Town,Name\n2,1,a,x\n1,1,a,y\n2,9,b,z\n1,1,a,w\n,5,c,v\n"
    for _ in range(2):
        found = import_keyed(database, tmp_path / "sales.csv", text)
    assert found["mended"] == {"same row again": 1, "same key again, of which the last row counts": 1}
    assert found["refused"] == {"no No, which names a row": {"rows": 1, "first_line": 6}}
    assert found["tables"]["keyed_sales"] == {"inserted": 0, "updated": 0, "unchanged": 2}
    assert read(home, "keyed_sales", "no, sum") == [("1", "1"), ("2", "9")]
    assert sorted(town for _, town in read(home, "keyed_buyers")) == ["a", "b"]


def test_a_column_that_a_later_file_lacks_stays(database: Database, home: Path, tmp_path: Path) -> None:
    import_keyed(database, tmp_path / "sales.csv", "No,Sum,Town\n1,1,a\n")
    import_keyed(database, tmp_path / "sales.csv", "No,Sum\n1,2\n")
    assert read(home, "keyed_sales", "no, sum") == [("1", "2")]
    assert [town for _, town in read(home, "keyed_buyers")] == ["a"]


def test_a_missing_key_refuses_the_file(database: Database, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="lacks the column 'No': every row needs"):
        import_keyed(database, tmp_path / "sales.csv", "Sum\n1\n")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"columns": {**KEYED["columns"], "No": "keyed_sales.nr"}}, "there is no keyed_sales.nr among the tables"),
        (
            {"columns": {**KEYED["columns"], "No": "keyed_sales.at"}},
            "keyed_sales.at is time, and must be text, as it came",
        ),
        ({"required": ("Sums",)}, "'Sums' is required, a key or a label, but stands not in columns"),
        ({"dropped": ("Sum",)}, "'Sum' is dropped, so it can't be stored"),
        ({"key": (), "made_id": ()}, "name the key of a row, or the places of a made_id"),
        ({"made_id": ("keyed_buyers.town",)}, r"keyed_buyers.town is text\(8\), and must be text\(32\) or longer"),
        ({"made_id": ()}, "keyed_buyers.buyer is part of the table's key and never filled; let key hold it"),
        ({"key": ("Sum",)}, "keyed_sales.no is part of the table's key and filled by a column that may be empty"),
        ({"dated": {"keyed_sales": "sum"}}, r"keyed_sales.sum is text\(8\), and must be time"),
        ({"dated": {"sales": "at"}}, "there is no sales.at among the tables"),
        ({"label": ("Town",)}, "label and labelled go together"),
        (
            {"label": ("Town",), "labelled": {"keyed_sales": "at"}},
            "'Town' is a label, and would be stored outside the labelled tables",
        ),
        ({"columns": {"No": "keyed_sales.no", "Sum": ("keyed_sales.sum", "keyed_sales.sum")}}, "sum is filled twice"),
        ({"tables": (SALES, SALES, BUYERS)}, "two tables have the same name"),
        ({"nonsense": 1}, "Extra inputs are not permitted"),
    ],
)
def test_mistakes_in_sources(changed: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Sources(**KEYED | changed)


def test_a_kill_in_the_middle_and_again_is_as_if_nothing_had_been(put: Import, home: Path, folder: Path) -> None:
    (folder / "orders.csv").write_text(HEADER + number_rows(12_000))
    code = (
        "import service.sources.fill_tables as f, os, signal\nfill, done = f._fill, []\n"
        "def killed(*a, **k):\n    found = fill(*a, **k)\n    done.append(1)\n"
        "    if len(done) == 2: os.kill(os.getpid(), signal.SIGKILL)\n    return found\n"
        "f._fill = killed\nfrom service.cli.run_command import main; main('boutique')"
    )
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests/projects")])
    command = [sys.executable, "-c", code, "import", "--file", "orders.csv", *RANGE]
    killed = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert len(read(home, "boutique_orders")) == 5000  # the second part was not committed
    found = told(put(None, *RANGE))
    assert found["tables"]["boutique_orders"] == {"inserted": 7000, "updated": 0, "unchanged": 5000}
    after = read(home, "boutique_orders"), read(home, "boutique_returns")
    with sqlite3.connect(home / "quartet.db") as connection:
        connection.executescript("DELETE FROM boutique_orders; DELETE FROM boutique_returns")
    connection.close()
    put(None, *RANGE)
    assert (read(home, "boutique_orders"), read(home, "boutique_returns")) == after
