"""MLflow's tables and its three accounts: who administers, who trains, who only reads. Run again it changes nothing."""

import os

import mlflow.db
from mlflow.server.auth.sqlalchemy_store import SqlAlchemyStore

WORKSPACE = "default"
THINGS = ("experiment", "registered_model")
MAY = {"trainer": "MANAGE", "reader": "READ"}


def main() -> None:
    database = f"postgresql+psycopg2://mlflow:{os.environ['MLFLOW_DATABASE_PASSWORD']}@postgres/mlflow"
    # The command's own function: on the command line every process could read the password.
    mlflow.db.upgrade.callback(database)  # type: ignore[misc]  # click keeps it under this name
    store = SqlAlchemyStore()
    # Brings the tables of the accounts up to date, too.
    store.init_db(database)  # type: ignore[no-untyped-call]
    keep_user(store, "admin", is_admin=True)
    for name, permission in MAY.items():
        keep_user(store, name)
        keep_role(store, name, permission)
    print("MLflow's tables and accounts are as they should be.")


def keep_user(store: SqlAlchemyStore, name: str, *, is_admin: bool = False) -> None:
    """Make a user; the password of one that is there follows its file."""
    password = os.environ[f"MLFLOW_{name.upper()}_PASSWORD"]
    if not store.has_user(name):
        store.create_user(name, password, is_admin=is_admin)
    elif not store.authenticate_user(name, password):
        store.update_user(name, password=password)


def keep_role(store: SqlAlchemyStore, name: str, permission: str) -> None:
    """Give a user a role of its own name, with one permission on all experiments and models."""
    if name in {role.name for role in store.list_roles([WORKSPACE])}:
        return
    role = store.create_role(name, WORKSPACE)
    for thing in THINGS:
        store.add_role_permission(role.id, thing, "*", permission)
    store.assign_role_to_user(store.get_user(name).id, role.id)


if __name__ == "__main__":
    main()
