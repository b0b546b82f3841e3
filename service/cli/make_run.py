"""`make run p=... k=...` as the command it stands for: python -m <project>.run <kind> --step ... --config ...

With MODE=compose that command runs inside the stack in containers. `make_run look` only looks at the words, with a bare
Python, so that a mistake is told before packages are installed.
"""

import os
import re
import sys
from collections.abc import Mapping

from service.cli.typed import read_typed
from service.contract.kinds import KINDS, VERBS
from service.contract.projects import ROOT, list_projects

USAGE = "Type for example:  make run p=crypto_forecast k=train c=btc,eth s=evaluate"
FLAGS = {"c": "config", "s": "step"}
MODES = ("compose", "embedded")


def make_run(*, only_look: bool) -> None:
    """Become the project's run.py; the values are handed over as they were typed, by no shell."""
    typed = read_typed(os.environ)
    environment = {name: value for name, value in os.environ.items() if name not in typed}
    try:
        arguments = build_arguments(typed, list_projects(ROOT))
        mode = read_mode(os.environ)
        if only_look:
            look_at(typed["p"], arguments[1:])
            return
        if mode == "compose":
            from service.cli.run_in_stack import INPUT, run_in_stack

            inside = {**typed, "file": INPUT} if "file" in typed else typed  # its folders are not those of this machine
            run_in_stack(typed.get("file"), build_arguments(inside, list_projects(ROOT)), environment)
    except ValueError as mistake:
        sys.stderr.write(f"{mistake} {USAGE}\n")
        sys.exit(2)
    os.execve(sys.executable, [sys.executable, "-m", *arguments], environment)  # noqa: S606 (no shell is what we want)


def look_at(project: str, arguments: list[str]) -> None:
    """Refuse what the project's run.py would refuse, its configs aside, which need packages to be read."""
    from db_handler.errors import UsageError
    from service.cli.arguments import make_parser, read_options, read_step

    try:
        asked = make_parser(project).parse_args(arguments)
        read_step(asked.kind, asked.step)
        read_options(asked)
    except UsageError as mistake:
        sentence = str(mistake)
        raise ValueError(sentence if sentence.endswith("?") else f"{sentence}.") from None


def read_mode(environment: Mapping[str, str]) -> str:
    """Read the mode: this machine's own Python, or the stack."""
    mode = environment.get("MODE", "")
    if mode not in ("", *MODES):
        raise ValueError(f"MODE={mode[:40]} is none: MODE=compose or MODE=embedded.")
    return mode


def build_arguments(typed: Mapping[str, str], projects: list[str]) -> list[str]:
    """Turn typed values into arguments of python -m; a ValueError is the sentence for the user.

    >>> build_arguments({"p": "income", "k": "train", "c": "a,b", "seed": "-1"}, ["income"])
    ['income.run', 'train', '--config', 'a', 'b', '--seed=-1']
    """
    project, kind = typed.get("p", ""), typed.get("k", "")
    names = ", ".join(projects) or "none"
    if not project:
        raise ValueError(f"Which project? p= is missing (there is {names}).")
    if project not in projects:
        raise ValueError(f"There is no project {project[:60]!r}; there is {names}.")
    if not kind:
        raise ValueError(f"Which workflow? k= is missing ({', '.join(KINDS)}; or a verb: {', '.join(VERBS)}).")
    arguments = [f"{project}.run", kind]
    for name in sorted(typed.keys() - {"p", "k"}):
        arguments += _flag(name, typed[name])
    return arguments


def _flag(name: str, value: str) -> list[str]:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError(f"The name {name[:60]!r} can't be handed over: use small letters, digits and underscores.")
    if not value.strip():
        raise ValueError(f"{name}= has no value.")
    flag = f"--{FLAGS.get(name, name)}"
    if name == "c":
        return [flag, *(part for part in re.split(r"[,\s]+", value) if part)]
    return [f"{flag}={value}"] if value.startswith("-") else [flag, value]


if __name__ == "__main__":
    make_run(only_look=sys.argv[1:] == ["look"])
