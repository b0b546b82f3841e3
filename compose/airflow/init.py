"""Make Airflow's tables and its first users. Run again it changes nothing: an existing user keeps its password."""

import os
import runpy
import sys

from compose.job_note import JobNote

PACKAGES = ("apache-airflow-core", "apache-airflow-providers-fab")
ROLES = {"admin": "Admin", "ticker": "User"}


def main() -> None:
    users = ("admin", "ticker") if os.environ.get("QUARTET_DEMO") else ("admin",)
    note = JobNote("airflow", os.environ["AIRFLOW_DATABASE_PASSWORD"], job=__file__, packages=PACKAGES, names=users)
    if not note.is_left():
        run_airflow("db", "migrate")
        for name in users:
            identity = (
                "--username",
                name,
                "--firstname",
                name,
                "--lastname",
                "quartet",
                "--email",
                f"{name}@localhost",
            )
            password = os.environ[f"AIRFLOW_{name.upper()}_PASSWORD"]
            run_airflow("users", "create", *identity, "--role", ROLES[name], "--password", password)
        note.leave()
    print("Airflow's tables and users are there.")


def run_airflow(*words: str) -> None:
    """Run a command of Airflow in this process: its start takes seconds, and every process can read a command line."""
    sys.argv[1:] = words
    runpy.run_module("airflow", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
