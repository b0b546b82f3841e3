"""A project's own environment: built once, entered by every command, and one sentence where it fails."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from service.contract.ending import LIFELINE
from service.contract.own_environment import EnvironmentFailedError, build_all, enter, provide

ROOT = Path(__file__).resolve().parents[2]
TOY = ROOT / "tests" / "projects" / "toy"
PACKAGE = "plotly"  # the platform has it, and no step of the toy needs it
LOAD = f"""import sys
import {PACKAGE}, pandas, service

def load(spec, run):
    return {{"own": {PACKAGE}.__version__, "pandas": pandas.__file__, "service": service.__file__, "at": sys.prefix}}
"""
BUILDING = "building its own environment"


class House:
    """A tree with one project that has a requirements.txt, and a folder of wheels for it."""

    def __init__(self, root: Path) -> None:
        self.root, self.project = root, root / "income"
        shutil.copytree(TOY, self.project, ignore=shutil.ignore_patterns("__pycache__"))
        for path in self.project.rglob("*.py"):
            path.write_text(path.read_text().replace("from toy.", "from income.").replace('"toy"', '"income"'))
        (self.project / "core" / "load.py").write_text(LOAD)
        self.ask_for("98.0")

    def ask_for(self, version: str) -> None:
        make_wheel(self.project / "wheels", version)
        lines = ["--no-index", "--find-links wheels", f"{PACKAGE}=={version}"]
        (self.project / "requirements.txt").write_text("\n".join(lines))

    def start_in_task(self) -> tuple["subprocess.Popen[str]", int]:
        """Start it as a task does; it is to end when the other end of its pipe is closed."""
        reading, writing = os.pipe()
        process = self.start(lifeline=reading)
        os.close(reading)
        return process, writing

    def start(self, *arguments: str, lifeline: int | None = None) -> "subprocess.Popen[str]":
        words = arguments or ("data", "--step", "load", "--config", "a", "--at", "2025-01-01")
        places = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(self.root)]), "QUARTET_HOME": str(self.root / "home")}
        if lifeline is not None:
            places[LIFELINE] = str(lifeline)
        return subprocess.Popen(
            [sys.executable, "-m", "income.run", *words],
            cwd=self.root,
            env={**os.environ, **places},
            pass_fds=() if lifeline is None else (lifeline,),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, dict[str, Any], str]:
        return read_end(self.start(*arguments))


def read_end(process: "subprocess.Popen[str]") -> tuple[int, dict[str, Any], str]:
    out, log = process.communicate(timeout=120)
    assert "Traceback" not in log
    (line,) = out.splitlines()
    return process.returncode, json.loads(line), log


def make_wheel(folder: Path, version: str) -> None:
    folder.mkdir(exist_ok=True)
    info = f"{PACKAGE}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{PACKAGE}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{PACKAGE}/__init__.py", f'__version__ = "{version}"\n')
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("QUARTET_DATABASE_URL", "MLFLOW_TRACKING_URI"):
            patch.delenv(name, raising=False)
        return House(tmp_path_factory.mktemp("house"))


def test_two_processes_that_start_at_once_build_it_once_and_run_in_it(house: House) -> None:
    first, second = house.start(), house.start()
    ends = [read_end(process) for process in (first, second)]
    assert sum(log.count(BUILDING) for _, _, log in ends) == 1
    for status, answer, _ in ends:
        assert status == 0, answer
        found = answer["results"]["a"]["load"]
        assert found["own"] == "98.0"
        assert Path(found["at"]) == house.project / ".venv"
        assert str(house.project) not in found["pandas"]
        assert Path(found["service"]) == ROOT / "service" / "__init__.py"


def test_built_already_nothing_is_written(house: House) -> None:
    assert house.run()[0] == 0
    (house.project / ".venv.lock").unlink()
    status, answer, log = house.run()
    assert (status, answer["results"]["a"]["load"]["own"]) == (0, "98.0")
    assert BUILDING not in log
    assert not (house.project / ".venv.lock").exists()


def test_its_arguments_and_its_exit_status_are_those_of_the_command(house: House) -> None:
    status, answer, _ = house.run("data", "--config", "two words;$HOME")
    assert status == 2
    assert "income has no config 'two words;$HOME'" in answer["error"]


def test_another_requirements_file_is_another_environment(house: House) -> None:
    house.ask_for("99.0")
    status, answer, log = house.run()
    assert (status, answer["results"]["a"]["load"]["own"]) == (0, "99.0")
    assert log.count(BUILDING) == 1


def test_one_that_was_cut_off_is_started_over(house: House) -> None:
    house.run()
    shutil.rmtree(house.project / ".venv")
    process = house.start()
    while not (house.project / ".venv" / "bin" / "python").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    status, answer, log = house.run()
    assert (status, answer["results"]["a"]["load"]["own"][:1]) == (0, "9")
    assert log.count(BUILDING) == 1


def test_the_build_and_the_step_after_it_end_with_their_task(house: House) -> None:
    shutil.rmtree(house.project / ".venv", ignore_errors=True)
    process, task = house.start_in_task()
    while not (house.project / ".venv" / "pyvenv.cfg").exists():
        assert process.poll() is None
        time.sleep(0.01)
    os.close(task)
    assert read_end(process)[0] == 128 + signal.SIGTERM
    assert not (house.project / ".venv" / "built-from").exists()
    with (house.project / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # no program of the build holds it any more

    provide(house.project)
    load = house.project / "core" / "load.py"
    load.write_text("import sys, time\n\ndef load(spec, run):\n    sys.stderr.write('loads\\n')\n    time.sleep(60)\n")
    process, task = house.start_in_task()
    assert process.stderr is not None
    while "loads" not in process.stderr.readline():
        assert process.poll() is None
    os.close(task)
    process.communicate(timeout=10)
    load.write_text(LOAD)
    assert process.returncode == 128 + signal.SIGTERM


def test_all_are_built_beforehand_with_a_line_each(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    (house.root / "toy").mkdir()
    (house.root / "toy" / "run.py").write_text("")
    assert build_all(house.root) == 0
    assert capsys.readouterr().out == (
        f"income: its own environment is ready, {house.project / '.venv' / 'bin' / 'python'}\n"
    )


def test_packages_that_can_not_be_had_are_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    house = House(tmp_path)
    (house.project / "requirements.txt").write_text("--no-index\nno-such-package==1\n")
    status, answer, log = house.run()
    assert status == 2
    assert answer["error"].startswith("income/requirements.txt can't be installed (")
    assert "No matching distribution found for no-such-package==1" in answer["error"]
    assert log.count(answer["error"]) == 1
    (house.project / "requirements.txt").write_text(
        f"--no-index\n--find-links wheels\n{PACKAGE}==98.0 --hash=sha256:{'0' * 64}\n"
    )
    assert build_all(house.root) == 2
    assert "DO NOT MATCH THE HASHES" in capsys.readouterr().err

    # Where it runs nothing can be built: the sentence of the build is told.
    (house.project / ".venv.lock").unlink()
    (house.project / ".venv.lock").mkdir()
    with pytest.raises(EnvironmentFailedError, match=r"can't be installed \(.*DO NOT MATCH.*by: make up"):
        provide(house.project)


def test_a_folder_that_can_not_be_written_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    house = House(tmp_path)
    (house.project / ".venv.lock").mkdir()
    assert build_all(house.root) == 2
    assert "can't be built (Is a directory)" in capsys.readouterr().err


def test_a_project_without_one_stays_where_it_is() -> None:
    enter("toy", ["data"])
    enter("nosuch", ["data"])
