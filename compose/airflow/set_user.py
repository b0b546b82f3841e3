"""Make a user of Airflow: set_user.py NAME ROLE [reset], the password on its input; reset also sets an old one's."""

import io
import runpy
import sys
from contextlib import redirect_stdout


def main(name: str, role: str, reset: str = "") -> None:
    """Say at last which it was: made, changed, or there and left alone."""
    password = ("--password", sys.stdin.readline().strip())
    identity = ("--firstname", name, "--lastname", "quartet", "--email", f"{name}@localhost", "--role", role)
    if "already exist" in run_airflow("users", "create", "--username", name, *identity, *password):
        if reset:
            run_airflow("users", "reset-password", "--username", name, *password)
        print("changed" if reset else "there")
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
