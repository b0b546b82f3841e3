"""Services hold no secret that they don't use; tests/test_docs.py compares all of them with the table in the docs."""

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
METADATA = {"airflow_database_password", "airflow_fernet_key"}


def read_holders() -> dict[str, set[str]]:
    """Read the compose file: of each service its secrets."""
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    return {name: set(service.get("secrets", ())) for name, service in services.items()}


def test_what_serves_no_requests_and_runs_no_steps_signs_nothing_and_has_no_account() -> None:
    """Airflow's api-server and scheduler sign and check tokens; these two call its API inside their own process."""
    holders = read_holders()
    assert holders["airflow-triggerer"] == METADATA
    assert holders["airflow-dag-processor"] == METADATA | {"mysql_writer_password"}  # for callbacks' messages
