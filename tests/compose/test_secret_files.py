"""A password of any letters reaches a server as it stands in its file."""

import configparser
import subprocess
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = """p@s's%41w"o:r/d\\x"""


@pytest.mark.parametrize(
    ("what", "name"), [("database", "airflow_database"), ("broker", "redis"), ("results", "redis")]
)
def test_address_for_airflow(tmp_path: Path, what: str, name: str) -> None:
    (tmp_path / f"{name}_password").write_text(PASSWORD)
    script = (ROOT / "compose/airflow/connection.sh").read_text().replace("/run/secrets", str(tmp_path))
    done = subprocess.run(["sh", "-c", script, "sh", what], capture_output=True, text=True, check=True)
    assert make_url(done.stdout).password == PASSWORD


def test_address_for_mlflow(tmp_path: Path) -> None:
    script = (ROOT / "compose/mlflow/serve.sh").read_text().replace("/tmp", str(tmp_path))  # noqa: S108
    script = script[: script.index("exec python")] + 'printf %s "$MLFLOW_BACKEND_STORE_URI"'
    around = {"MLFLOW_DATABASE_PASSWORD": PASSWORD, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(["bash", "-c", script], env=around, capture_output=True, text=True, check=True)
    assert make_url(done.stdout).password == PASSWORD
    config = configparser.ConfigParser()
    config.read(tmp_path / "auth.ini")
    assert make_url(config["mlflow"]["database_uri"]).password == PASSWORD


def test_health_of_mysql_depends_on_no_password_that_is_only_to_be_set() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    service = text[text.index("\n  mysql:\n") : text.index("\n  store:\n")]
    assert "/run/secrets" not in service[service.index("healthcheck:") :]
