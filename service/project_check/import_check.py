"""Whether a project's configs load and its modules import, tried in a process of its own with a time limit."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress

from db_handler.errors import QuartetError
from service.contract.import_limit import ADVICE
from service.contract.own_environment import REQUIREMENTS, provide
from service.contract.projects import ROOT
from service.project_check.mistake import Mistake
from service.project_check.project_files import ProjectFiles

SECONDS = 30.0  # for one file with all that it imports
GRACE = 5.0  # what can't be interrupted from inside is killed then
LEFT_ALONE = ("run.py", "__main__.py")  # these are run, not imported


def find_import_mistakes(files: ProjectFiles, seconds: float = SECONDS) -> list[Mistake]:
    """Import everything of a project, in its own environment if it has one, and list what can't be."""
    python = sys.executable
    if (files.folder / REQUIREMENTS).is_file():
        try:
            python = str(provide(files.folder))
        except QuartetError as error:
            return [Mistake(files.tell(REQUIREMENTS), 0, str(error))]
    mistakes = _read_report(_try_all(python, files, seconds), seconds + GRACE)
    unreadable = {mistake.file for mistake in files.broken}
    return [mistake for mistake in dict.fromkeys(mistakes) if mistake.file not in unreadable]


def list_modules(files: ProjectFiles) -> list[str]:
    """List what can be imported by its name, the folders' own modules after those that they hold."""
    names = [
        file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for file in files.trees
        if file.startswith(f"{files.name}/") and file.rpartition("/")[2] not in LEFT_ALONE
    ]
    return [name for name in names if all(part.isidentifier() for part in name.split("."))]


def _try_all(python: str, files: ProjectFiles, seconds: float) -> str:
    """Import all in a process of its own, and answer with what it reports."""
    program = ["service.project_check.try_imports", files.name, str(seconds), str(seconds + GRACE)]
    places = [str(files.root), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryFile("w+", encoding="utf-8") as report:
        process = subprocess.Popen(  # noqa: S603  # this Python, and names of the project's files
            [python, "-B", "-W", "ignore", "-m", *program, *list_modules(files)],
            cwd=home,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(places), "QUARTET_HOME": home},
            stdin=subprocess.DEVNULL,
            stdout=report,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            process.wait()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # and whatever it has started
        report.seek(0)
        return report.read()


def _read_report(report: str, seconds: float) -> list[Mistake]:
    """Read what the process reports; where it ended early, the file that was being imported is to blame."""
    mistakes, at_work = list[Mistake](), ""
    for line in report.splitlines():
        if not line.startswith("{"):  # the watch over a file that is never done ends the process with a traceback
            sentence = f"it has not finished importing after {seconds:g} s: {ADVICE}; what comes after it was not tried"
            return [*mistakes, Mistake(at_work, 0, sentence)]
        message = json.loads(line)
        at_work = message.get("begins", "")
        if "mistake" in message:
            mistakes.append(Mistake(*message["mistake"]))
    if at_work:
        sentence = "it ends Python when it is imported: delete what does that; what comes after it was not tried"
        mistakes.append(Mistake(at_work, 0, sentence))
    return mistakes
