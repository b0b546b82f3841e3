"""The setup script: which Python it takes, what it says when there is none, and what it installs when."""

import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = "bash sh cat cksum cp cut dirname env grep kill mkdir mv printf rm sed sleep tail touch uname".split()
# Stands for a Python: answers what the script asks, and `-m venv` copies itself into the environment.
FAKE = """#!/bin/bash
version={version} has_venv={has_venv}
case "$*" in
    *sys.version_info*) echo "$version" ;;
    "-c import venv, ensurepip") [ "$has_venv" = yes ] ;;
    "-m venv"*) mkdir -p "$3/bin" "$3/lib" && cp "$0" "$3/bin/python" && echo venv >>"$CALLS" ;;
    *"pip --version") true ;;
    *"compose/python/install.py"*) echo install >>"$CALLS"; {install} ;;
    *) true ;;
esac
"""


class House:
    """A copy of the script with a folder of fake programs as the only PATH."""

    def __init__(self, root: Path) -> None:
        self.root, self.programs, self.calls = root, root / "programs", root / "calls"
        for folder in (root / "compose/python", self.programs):
            folder.mkdir(parents=True)
        shutil.copy(ROOT / "compose/python/setup.sh", root / "compose/python")
        (root / "requirements.txt").write_text("one==1\n")
        (root / "requirements-dev.txt").write_text("one==1\ntwo==2\n")
        for tool in TOOLS:
            (self.programs / tool).symlink_to(shutil.which(tool) or tool)

    def add(self, name: str, text: str) -> None:
        (self.programs / name).write_text(text)
        (self.programs / name).chmod(0o755)

    def add_python(self, name: str, version: str, *, has_venv: str = "yes", install: str = "true") -> None:
        self.add(name, FAKE.format(version=version, has_venv=has_venv, install=install))

    def start(self, *words: str) -> subprocess.Popen[str]:
        environment = {"PATH": str(self.programs), "CALLS": str(self.calls)}
        command = [shutil.which("bash") or "bash", "compose/python/setup.sh", *words]
        return subprocess.Popen(command, cwd=self.root, env=environment, stderr=subprocess.PIPE, text=True)

    def run(self, *words: str) -> tuple[int, str]:
        process = self.start(*words)
        _, said = process.communicate(timeout=30)
        return process.returncode, said

    def installed(self) -> int:
        return self.calls.read_text().split().count("install") if self.calls.exists() else 0


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_installs_once_and_then_is_silent(house: House) -> None:
    house.add_python("python3.12", "3.12")
    status, said = house.run()
    assert status == 0
    assert "Ready after" in said
    assert house.run() == (0, "")
    assert house.installed() == 1


def test_shim_that_fails_is_passed_over(house: House) -> None:
    house.add("python3.13", "#!/bin/bash\necho 'pyenv: python3.13: command not found' >&2\nexit 127\n")
    house.add_python("python3.11", "3.11")
    assert house.run()[0] == 0


def test_python_without_venv_is_passed_over_for_one_that_has_it(house: House) -> None:
    house.add_python("python3.13", "3.13", has_venv="no")
    house.add_python("python3", "3.11")
    assert house.run()[0] == 0


@pytest.mark.parametrize(
    ("version", "word"), [("3.10", "too old"), ("2.7", "too old"), ("3.9", "too old"), ("3.14", "too new")]
)
def test_wrong_version_is_told_the_line_to_type(house: House, version: str, word: str) -> None:
    house.add_python("python3", version)
    house.add("apt-get", "")
    house.add("apt-cache", '#!/bin/bash\n[ "$2" = python3.12-venv ] && echo python3.12-venv\ntrue\n')
    status, said = house.run()
    assert status == 1
    assert f"only has {version}, which is {word}. Type:  sudo apt install python3.12 python3.12-venv" in said
    assert said.count("\n") == 1
    assert not (house.root / ".venv").exists()


def test_no_python_on_a_mac(house: House) -> None:
    (house.programs / "uname").unlink()
    house.add("uname", "#!/bin/bash\necho Darwin\n")
    assert house.run() == (
        1,
        "Quartet needs Python 3.11, 3.12 or 3.13, and this machine has none. Type:  brew install python@3.13\n",
    )


def test_missing_venv_module_names_its_package(house: House) -> None:
    house.add_python("python3.11", "3.11", has_venv="no")
    house.add("apt-get", "")
    status, said = house.run()
    assert status == 1
    assert said == "Python 3.11 is here, but its venv module is not. Type:  sudo apt install python3.11-venv\n"


def test_changed_lock_file_is_installed(house: House) -> None:
    house.add_python("python3", "3.13")
    house.run()
    (house.root / "requirements.txt").write_text("one==2\n")
    house.run()
    assert house.installed() == 2


def test_dev_covers_what_the_loop_needs(house: House) -> None:
    house.add_python("python3", "3.13")
    house.run("dev")
    assert house.run() == (0, "")
    assert house.installed() == 1


def test_failure_shows_the_log_and_a_hint_and_is_redone(house: House) -> None:
    house.add_python("python3", "3.13", install="echo 'Retrying after connection broken'; exit 1")
    status, said = house.run()
    assert status == 1
    assert "| Retrying after connection broken" in said
    assert "looks like the network" in said
    house.add_python("python3", "3.13")
    assert house.run()[0] == 0


def test_interrupted_installation_starts_over(house: House) -> None:
    house.add_python("python3", "3.13", install="sleep 3")
    process = house.start()
    wait_for(lambda: house.installed() == 1)
    process.kill()
    process.communicate()
    house.add_python("python3", "3.13")
    assert house.run()[0] == 0
    assert house.calls.read_text().split() == ["venv", "install", "venv", "install"]


def test_two_at_once_install_once(house: House) -> None:
    house.add_python("python3", "3.13", install="sleep 2")
    processes = [house.start(), house.start()]
    said = [process.communicate(timeout=30)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert house.installed() == 1
    assert sum("waiting for it" in text for text in said) == 1
    assert not (house.root / ".venv.lock").exists()


def test_the_lock_file_for_tests_holds_every_locked_package() -> None:
    locked, dev = (
        {line.split(" ")[0] for line in (ROOT / name).read_text().splitlines() if "==" in line}
        for name in ("requirements.txt", "requirements-dev.txt")
    )
    assert locked <= dev


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)
