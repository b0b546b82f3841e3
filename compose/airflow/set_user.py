"""Make a user of Airflow: set_user.py NAME ROLE [reset], the password on its input; reset also sets an old one's."""

import io
import runpy
import sys
from contextlib import redirect_stdout


def main(name: str, role: str, reset: str = "") -> None:
    """Say at last which it was: made, changed, or there and left alone."""
    password = sys.stdin.readline().strip()
    if make_user(name, role, password):
        print("made")
    else:
        if reset:
            run_airflow("users", "reset-password", "--username", name, "--password", password)
        print("changed" if reset else "there")


def make_user(name: str, role: str, password: str) -> bool:
    """Make a user, and say whether there was none of that name."""
    identity = ("--firstname", name, "--lastname", "quartet", "--email", f"{name}@localhost", "--role", role)
    return "already exist" not in run_airflow("users", "create", "--username", name, *identity, "--password", password)


def run_airflow(*words: str) -> str:
    """Run a command of Airflow in this process, and answer with its words.

    The start of another one takes seconds, and every process can read a command line.
    """
    sys.argv[1:] = words
    with redirect_stdout(io.StringIO()) as said:
        runpy.run_module("airflow", run_name="__main__", alter_sys=True)
    print(said.getvalue())
    return said.getvalue()


if __name__ == "__main__":
    main(*sys.argv[1:])
