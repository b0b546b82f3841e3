"""Servers of a user's own in the place of all four that the stack brings."""

from collections.abc import Iterator

import pytest

from compose.launch.settings.read_settings import read_defaults
from compose.launch.settings.secrets import MAKERS, make_secrets
from tests.stack.airflow_api import wait_until
from tests.stack.server import has_docker
from tests.stack.whole_stack import WholeStack, open_stack, write_key

OWN = {"mysql", "postgres", "redis", "store"}
KEYS = """
MYSQL_HOST={0}-mysql
MYSQL_PORT=3306
POSTGRES_HOST={0}-postgres
REDIS_HOST={0}-redis
S3_ENDPOINT_URL=http://{0}-store:9000
S3_BUCKET=models
S3_ACCESS_KEY_ID=somebody
"""


def run_servers(stack: WholeStack, network: str) -> None:
    """Start the servers with the passwords of the stack's secrets, in a network that its services have a way to."""
    images, secret = read_defaults(stack.root), stack.read_secret
    keys = {"MINIO_ROOT_USER": "somebody", "MINIO_ROOT_PASSWORD": secret("store_mlflow_key")}
    servers: dict[str, tuple[dict[str, str], list[str]]] = {
        "mysql": ({"MYSQL_ROOT_PASSWORD": secret("mysql_root_password")}, []),
        "postgres": ({"POSTGRES_PASSWORD": secret("postgres_password")}, []),
        "redis": ({}, ["redis-server", "--requirepass", secret("redis_password")]),
        "store": (keys, ["server", "/data"]),
    }
    for name, (environment, command) in servers.items():
        variables = [f"--env={key}={value}" for key, value in environment.items()]
        options = ["--detach", f"--network={network}", f"--name={network}-{name}", "--memory=1g", *variables]
        done = stack.docker("run", *options, images[f"{name.upper()}_IMAGE"], *command)
        assert done.returncode == 0, done.stderr
    probes = {
        "mysql": ["mysqladmin", "--host=127.0.0.1", "ping"],
        "postgres": ["pg_isready", "--host=127.0.0.1"],
    }
    wait_until(
        lambda: all(
            stack.docker("exec", f"{network}-{name}", *probe).returncode == 0 for name, probe in probes.items()
        ),
        "the servers elsewhere answer",
        120,
    )


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[WholeStack]:
    """The demo's stack with Celery, all of whose stores are elsewhere."""
    if not has_docker():
        pytest.skip("no Docker engine answers, and the servers are containers")
    with open_stack(1) as stack:
        network = f"{stack.name}-elsewhere"
        make_secrets(stack.root / "compose/secrets", MAKERS, mode=0o444)
        override = stack.root / "docker-compose.override.yml"
        text = override.read_text(encoding="utf-8").replace(
            "\nnetworks:\n", f"\nnetworks:\n  outside: {{name: {network}, external: true}}\n"
        )
        override.write_text(text, encoding="utf-8")
        (stack.root / ".env").write_text(KEYS.format(network), encoding="utf-8")
        del stack.ports["MYSQL_PORT"]  # which is the server's
        try:
            assert stack.docker("network", "create", network).returncode == 0
            run_servers(stack, network)
            stack.first_up = stack.up("DEMO=1", "EXECUTOR=celery", "WORKERS=1")
            yield stack
        finally:
            stack.compose("--profile", "*", "down", "-v", "-t", "5")
            stack.docker("rm", "-f", "-v", *(f"{network}-{name}" for name in sorted(OWN)))
            stack.docker("network", "rm", network)


def test_the_loop_runs_on_servers_elsewhere(elsewhere: WholeStack) -> None:
    services = {one["Config"]["Labels"]["com.docker.compose.service"] for one in elsewhere.list_containers()}
    assert not services & OWN
    assert "MySQL" not in elsewhere.first_up
    elsewhere.airflow.wait_for_kind("crypto_forecast_data", write_key(elsewhere.moments[0]), seconds=600)
    script = 'MYSQL_PWD=$MYSQL_ROOT_PASSWORD mysql -uroot -Ne "SELECT COUNT(*) > 0 FROM quartet.crypto_forecast_raw"'
    done = elsewhere.docker("exec", f"{elsewhere.name}-elsewhere-mysql", "bash", "-c", script)
    assert done.stdout == "1\n", done.stderr
