"""The table at the end of `make up`: where everything is, and which file holds which password."""

from compose.launch.read_plan import Plan
from compose.launch.read_settings import Settings
from compose.launch.say import answer

Row = tuple[str, str, str, str]
HEAD: Row = ("", "address", "user", "password in")


def print_table(rows: list[Row]) -> None:
    """Print rows of name, address, user and file of the password; never a password."""
    rows = [HEAD, *rows]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    answer()
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        answer(f"  {'  '.join([*cells, row[3]])}".rstrip())
    answer()


def list_containers_rows(settings: Settings, plan: Plan) -> list[Row]:
    """List what is published on this machine."""
    rows: list[Row] = []
    if plan.publishes("airflow-apiserver", 8080):
        rows.append(_row("Airflow", f"http://127.0.0.1:{settings['AIRFLOW_PORT']}", "admin", "airflow_admin_password"))
    if plan.publishes("mlflow", 5000):
        rows.append(_row("MLflow", f"http://127.0.0.1:{settings['MLFLOW_PORT']}", "admin", "mlflow_admin_password"))
        rows.append(_row("", "", "reader", "mlflow_reader_password"))
    if plan.publishes("mysql", 3306):
        rows.append(_row("MySQL", f"127.0.0.1:{settings['MYSQL_PORT']}/quartet", "writer", "mysql_writer_password"))
        rows.append(_row("", "", "reader", "mysql_reader_password"))
    if plan.publishes("store", 9001):
        rows.append(
            _row("store", f"http://127.0.0.1:{settings['STORE_CONSOLE_PORT']}", "quartet", "store_root_password")
        )
    return rows


def _row(name: str, address: str, user: str, secret: str) -> Row:
    return name, address, user, f"compose/secrets/{secret}"
