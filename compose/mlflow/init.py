"""Make MLflow's tables and its accounts: admin, trainer and reader. Run again it changes nothing."""

import os
from typing import TYPE_CHECKING
from urllib.parse import quote

from werkzeug.security import check_password_hash

from compose.job_note import SERVER, JobNote

if TYPE_CHECKING:
    from mlflow.server.auth.sqlalchemy_store import SqlAlchemyStore

PACKAGES = ("mlflow",)
WORKSPACE = "default"
THINGS = ("experiment", "registered_model")
MAY = {"trainer": "MANAGE", "reader": "READ"}
USERS = ("admin", *MAY)


def main() -> None:
    database_password = os.environ["MLFLOW_DATABASE_PASSWORD"]
    note = JobNote("mlflow", database_password, job=__file__, packages=PACKAGES)
    if not (note.is_left() and has_passwords(note)):
        prepare(f"postgresql+psycopg2://mlflow:{quote(database_password, safe='')}@{SERVER}/mlflow")
        note.leave()
    print("MLflow's tables and accounts are there.")


def has_passwords(note: JobNote) -> bool:
    """Say whether the accounts' passwords are still those of their files."""
    hashes = dict(note.ask("SELECT username, password_hash FROM users"))
    return all(check_password_hash(hashes.get(name, ""), read_password(name)) for name in USERS)


def prepare(database: str) -> None:
    # Imported here, since they take seconds.
    import mlflow.db
    from mlflow.server.auth.sqlalchemy_store import SqlAlchemyStore

    # The command's own function: a command line, with its password, can be read by every process.
    mlflow.db.upgrade.callback(database)  # type: ignore[misc]  # click keeps it under this name
    store = SqlAlchemyStore()
    # Migrates the tables of the accounts, too.
    store.init_db(database)  # type: ignore[no-untyped-call]
    for name in USERS:
        keep_user(store, name)
    for name, permission in MAY.items():
        keep_role(store, name, permission)


def read_password(name: str) -> str:
    return os.environ[f"MLFLOW_{name.upper()}_PASSWORD"]


def keep_user(store: "SqlAlchemyStore", name: str) -> None:
    """Make a user, or give an existing one the password of its file."""
    password = read_password(name)
    if not store.has_user(name):
        store.create_user(name, password, is_admin=name == "admin")
    elif not store.authenticate_user(name, password):
        store.update_user(name, password=password)


def keep_role(store: "SqlAlchemyStore", name: str, permission: str) -> None:
    """Give a user a role of its own name, with one permission on all experiments and models."""
    if name in {role.name for role in store.list_roles([WORKSPACE])}:
        return
    role = store.create_role(name, WORKSPACE)
    for thing in THINGS:
        store.add_role_permission(role.id, thing, "*", permission)
    store.assign_role_to_user(store.get_user(name).id, role.id)


if __name__ == "__main__":
    main()
