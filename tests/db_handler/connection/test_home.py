"""The home knows its own path, and what can't be a home is said in one sentence."""

from pathlib import Path

import pytest

from db_handler.connection.home import open_home
from db_handler.errors import UsageError
from db_handler.open_database import open_database
from db_handler.settings import HouseSettings, read_settings


def test_a_home_is_made_once_and_opened_again(tmp_path: Path) -> None:
    home = open_home(tmp_path / "a" / "home")
    assert home == open_home(home)
    assert home.is_dir()


def test_a_moved_home_says_where_it_was(tmp_path: Path) -> None:
    home = open_home(tmp_path / "before")
    moved = home.rename(tmp_path / "after")
    with pytest.raises(UsageError, match=r"after was made at .*before.*move it back there, or set QUARTET_HOME"):
        open_home(moved)


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "home", Path("/proc/home")):
        with pytest.raises(UsageError, match=r"can't be written .*set QUARTET_HOME"):
            open_home(path)


def test_a_path_that_no_database_url_can_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"what\? has a \? in its path: set QUARTET_HOME to a folder without one"):
        open_home(tmp_path / "what?")
    with open_database(HouseSettings(home=tmp_path / "a%41 #1")) as database:
        assert Path(database.place).is_file()


def test_settings_come_from_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_settings() == HouseSettings(home=home, database_url=None)
    monkeypatch.setenv("QUARTET_DATABASE_URL", "")
    assert read_settings().database_url is None
    monkeypatch.setenv("QUARTET_DATABASE_URL", "mysql://u:hunter2@h/x")
    assert "hunter2" not in repr(read_settings())


def test_the_default_database_is_in_the_home(home: Path) -> None:
    with open_database() as database:
        assert database.place == str(home / "quartet.db")
        assert database.dialect == "sqlite"
