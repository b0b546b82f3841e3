"""The DAGs as they are parsed, once with their schedules and once as the demo has them."""

from typing import Any

import pytest

from tests.dags.parsed import parse_dags


@pytest.fixture(scope="session")
def parsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return parse_dags(tmp_path_factory.mktemp("airflow"))


@pytest.fixture(scope="session")
def in_demo(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return parse_dags(tmp_path_factory.mktemp("airflow-demo"), demo="1")
