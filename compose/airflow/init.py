"""Make Airflow's tables and its first users. Run again it changes nothing: an existing user keeps its password."""

import os

from compose.airflow.set_user import make_user, run_airflow
from compose.job_note import JobNote

PACKAGES = ("apache-airflow-core", "apache-airflow-providers-fab")
ROLES = {"admin": "Admin", "ticker": "User"}


def main() -> None:
    users = ("admin", "ticker") if os.environ.get("QUARTET_DEMO") else ("admin",)
    note = JobNote("airflow", os.environ["AIRFLOW_DATABASE_PASSWORD"], job=__file__, packages=PACKAGES, names=users)
    if not note.is_left():
        run_airflow("db", "migrate")
        for name in users:
            make_user(name, ROLES[name], os.environ[f"AIRFLOW_{name.upper()}_PASSWORD"])
        note.leave()
    print("Airflow's tables and users are there.")


if __name__ == "__main__":
    main()
