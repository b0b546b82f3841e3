"""Make a user of Airflow, or give one who is there a new password: set_user.py NAME ROLE, the password on its input."""

import io
import runpy
import sys
from contextlib import redirect_stdout


def main(name: str, role: str) -> None:
    """Say at last which it was: made or changed."""
    password = ("--password", sys.stdin.readline().strip())
    identity = ("--firstname", name, "--lastname", "quartet", "--email", f"{name}@localhost", "--role", role)
    if "already exist" in run_airflow("users", "create", "--username", name, *identity, *password):
        run_airflow("users", "reset-password", "--username", name, *password)
        print("changed")
    else:
        print("made")


def run_airflow(*words: str) -> str:
    """Run a command of Airflow in this process, since every process can read a command line; answers with its words."""
    sys.argv[1:] = words
    with redirect_stdout(io.StringIO()) as said:
        runpy.run_module("airflow", run_name="__main__", alter_sys=True)
    return said.getvalue()


if __name__ == "__main__":
    main(*sys.argv[1:])
