"""What the stack gives away to somebody without a password, and whether a secret stands where it should not."""

import json
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pymysql
import pytest
import urllib3

from tests.stack.whole_stack import IMAGE, WholeStack

# Words of the stack's own data: whatever answers without a login must hold none of them.
DATA = ("crypto_forecast", "KRW-", "quartet_", "champion", "mlflow-artifacts", "postgresql", "steps.")
OPEN_IN_AIRFLOW = {"/api/v2/monitor/health", "/api/v2/version"}
# That it lives, which version it has and how it was set up; the page of the UI, which asks for all else itself.
OPEN_IN_MLFLOW = {"/", "/health", "/version", "/signup"} | {
    f"{api}/3.0/mlflow/server-info" for api in ("/api", "/ajax-api")
}
REFUSED = (400, 401, 403, 404, 405, 411, 415, 422)

UUID = "0199aaaa-0000-7000-8000-000000000000"

LIST_INNER_DOOR = """
import json
from airflow.api_fastapi.execution_api.routes import execution_api_router
print(json.dumps(sorted((route.path, sorted(route.methods)) for route in execution_api_router.routes)))
"""
LIST_MLFLOW = """
import json, os, warnings
warnings.simplefilter("ignore")
os.environ["MLFLOW_BACKEND_STORE_URI"] = os.environ["MLFLOW_TRACKING_URI"] = "sqlite:////tmp/probe.db"
from mlflow.server import app
from mlflow.server.auth import routes
from mlflow.server.fastapi_app import create_fastapi_app
found = {(str(rule), tuple(rule.methods - {"HEAD", "OPTIONS"})) for rule in app.url_map.iter_rules()}
found |= {(path, ("GET", "POST", "PATCH", "DELETE")) for path in vars(routes).values() if str(path).startswith("/")}
def walk(routes):
    for route in routes:
        if getattr(route, "methods", None):
            yield route.path, tuple(route.methods - {"HEAD", "OPTIONS"})
found |= set(walk(create_fastapi_app(app).routes))
print(json.dumps(sorted((path, sorted(methods)) for path, methods in found)))
"""

PROBE = """
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor
def reach(target):
    try:
        socket.create_connection(target, 2).close()
    except OSError:
        return None
    return target
targets = [tuple(target) for target in json.load(sys.stdin)]
print(json.dumps([found for found in ThreadPoolExecutor(64).map(reach, targets) if found]))
"""


@pytest.fixture(scope="module")
def http() -> urllib3.PoolManager:
    return urllib3.PoolManager(timeout=20.0, retries=False)


def ask(http: urllib3.PoolManager, method: str, url: str, **what: Any) -> tuple[int, str]:
    answer = http.request(method, url, redirect=False, **what)
    return answer.status, answer.data.decode("utf-8", "replace")


def fill(path: str) -> str:
    """Put names of things that exist into a path's placeholders."""
    known = {
        "dag_id": "crypto_forecast_data",
        "task_id": "plan",
        "asset_id": "1",
        "backfill_id": "1",
        "version_number": "1",
        "file_token": "x",
        "pool_name": "default_pool",
    }
    return "/".join(
        known.get(part[1:-1].split(":")[0], "1") if part.startswith("{") else part for part in path.split("/")
    )


def find_data(stack: WholeStack, text: str) -> list[str]:
    known = [*DATA, *stack.read_secrets().values()]
    return [word for word in known if word in text]


def test_airflow_gives_nothing_away(played: WholeStack, http: urllib3.PoolManager) -> None:
    url = played.airflow.url
    told = json.loads(ask(http, "GET", f"{url}/openapi.json")[1])  # describes paths, and gives nothing away
    calls = [
        (method.upper(), path)
        for path, methods in told["paths"].items()
        for method in methods
        if path.startswith("/api")
    ]
    assert len(calls) > 80
    given = []
    for method, path in [*calls, *(("GET", path) for path in ("/ui/config", "/ui/dags", "/ui/dashboard/dag_stats"))]:
        status, text = ask(http, method, f"{url}{fill(path)}", json=None if method == "GET" else {})
        if (status < 300 and path not in OPEN_IN_AIRFLOW) or status >= 500 or find_data(played, text):
            given.append((method, path, status, text[:100]))
    assert given == []


def test_airflow_s_inner_door_wants_a_task_s_token(played: WholeStack, http: urllib3.PoolManager) -> None:
    done = played.execute("airflow-apiserver", "python", "-c", LIST_INNER_DOOR)
    assert done.returncode == 0, done.stderr[-2000:]
    routes = json.loads(done.stdout.splitlines()[-1])
    assert len(routes) > 50
    given = []
    for path, methods in routes:
        # Names of things that exist, so that nothing is refused for its name alone.
        run = played.airflow.list_runs("crypto_forecast_data")[0]["dag_run_id"] if "{run_id}" in path else ""
        filled = path.replace("{run_id}", quote(run)).replace("{task_id}", "plan").replace("{key:path}", "return_value")
        filled = fill(filled.replace("{dag_id}", "crypto_forecast_data").replace("{task_instance_id}", UUID))
        for method in methods:
            body: dict[str, str] | None = None if method in ("GET", "HEAD") else {}
            status, text = ask(http, method, f"{played.airflow.url}/execution{filled}", json=body)
            if (status not in REFUSED and not path.startswith("/health")) or find_data(played, text):
                given.append((method, path, status, text[:100]))
    assert given == []


@pytest.mark.parametrize("login", [("admin", "admin"), ("airflow", "airflow"), ("admin", ""), ("ticker", "ticker")])
def test_airflow_knows_no_default_password(
    played: WholeStack, http: urllib3.PoolManager, login: tuple[str, str]
) -> None:
    body = {"username": login[0], "password": login[1]}
    assert ask(http, "POST", f"{played.airflow.url}/auth/token", json=body)[0] in (400, 401, 422)


def test_mlflow_gives_nothing_away(played: WholeStack, http: urllib3.PoolManager) -> None:
    done = played.execute("mlflow", "python", "-c", LIST_MLFLOW)
    assert done.returncode == 0, done.stderr[-2000:]
    routes = [(path, methods) for path, methods in json.loads(done.stdout.splitlines()[-1])]
    assert len(routes) > 100
    given, asked = [], 0
    for path, methods in routes:
        filled = "/".join("1" if part.startswith(("<", "{")) else part for part in path.split("/"))
        for method in methods:
            asked += 1
            status, text = ask(http, method, f"{played.mlflow_url}{filled}", json=None if method == "GET" else {})
            opened = status < 300 and path not in OPEN_IN_MLFLOW and "static-files" not in path
            if opened or status >= 500 or find_data(played, text):
                given.append((method, path, status, text[:100]))
    print(f"{asked} questions to MLflow")
    assert given == []


@pytest.mark.parametrize(
    "path",
    [
        "/api/2.0/mlflow/registered-models/search",
        "/ajax-api/2.0/mlflow/registered-models/search",
        "/api/2.0/mlflow/experiments/search?max_results=5",
        "/api/2.0/mlflow-artifacts/artifacts",
        "/graphql",
    ],
)
def test_mlflow_tells_a_stranger_from_a_reader(played: WholeStack, http: urllib3.PoolManager, path: str) -> None:
    assert ask(http, "GET", f"{played.mlflow_url}{path}")[0] in (401, 405)
    strangers = urllib3.make_headers(basic_auth="admin:password1234")
    assert ask(http, "GET", f"{played.mlflow_url}{path}", headers=strangers)[0] in (401, 405)


def test_mlflow_s_reader_loads_and_changes_nothing(played: WholeStack, http: urllib3.PoolManager) -> None:
    reader = urllib3.make_headers(basic_auth=f"reader:{played.read_secret('mlflow_reader_password')}")
    api = f"{played.mlflow_url}/api/2.0/mlflow"
    status, text = ask(http, "GET", f"{api}/registered-models/search", headers=reader)
    models = json.loads(text)["registered_models"]
    assert status == 200
    name = "crypto_forecast.ada"
    assert name in {model["name"] for model in models}
    version = {"name": name, "version": "1"}
    status, text = ask(http, "GET", f"{api}/model-versions/get?name={name}&version=1", headers=reader)
    run = json.loads(text)["model_version"]["run_id"]
    changes: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "registered-models/alias", {**version, "alias": "champion"}),
        ("DELETE", "registered-models/alias", {"name": name, "alias": "champion"}),
        ("DELETE", "registered-models/delete", {"name": name}),
        ("PATCH", "registered-models/update", {"name": name, "description": "x"}),
        ("POST", "registered-models/rename", {"name": name, "new_name": "x"}),
        ("POST", "registered-models/set-tag", {"name": name, "key": "x", "value": "x"}),
        ("DELETE", "model-versions/delete", version),
        ("POST", "model-versions/set-tag", {**version, "key": "x", "value": "x"}),
        ("POST", "model-versions/create", {"name": name, "source": "x", "run_id": run}),
        ("POST", "runs/log-metric", {"run_id": run, "key": "x", "value": 1, "timestamp": 0}),
        ("POST", "runs/delete", {"run_id": run}),
        ("POST", "runs/set-tag", {"run_id": run, "key": "x", "value": "x"}),
        ("POST", "experiments/delete", {"experiment_id": "1"}),
        # Fault 96: making something new is no change of what there is.
        ("POST", "experiments/create", {"name": "planted"}),
        ("POST", "registered-models/create", {"name": "planted"}),
        ("POST", "runs/create", {"experiment_id": "1"}),
        ("PUT", "../mlflow-artifacts/artifacts/1/planted", {}),
        ("POST", "../../3.0/mlflow/gateway/secrets/create", {"secret_name": "planted"}),
        ("PATCH", "users/update-password", {"username": "reader", "password": "planted-password"}),
    ]
    answers = {
        f"{method} {path}": ask(http, method, f"{api}/{path}", headers=reader, json=body)[0]
        for method, path, body in changes
    }
    assert {what: status for what, status in answers.items() if status != 403} == {}
    status, text = ask(http, "GET", f"{api}/registered-models/alias?name={name}&alias=champion", headers=reader)
    assert json.loads(text)["model_version"]["version"] == "1"


def test_mlflow_refuses_a_foreign_host(played: WholeStack, http: urllib3.PoolManager) -> None:
    for headers in ({"Host": "evil.example"}, {"Host": "mlflow.evil.example:5000"}):
        assert ask(http, "GET", f"{played.mlflow_url}/api/2.0/mlflow/experiments/search", headers=headers)[0] == 403


def test_the_store_gives_nothing_away(played: WholeStack, http: urllib3.PoolManager) -> None:
    store, console = (f"http://127.0.0.1:{played.ports[name]}" for name in ("STORE_PORT", "STORE_CONSOLE_PORT"))
    paths = [
        "/",
        "/mlflow",
        "/mlflow/?list-type=2",
        "/mlflow/?versions",
        "/mlflow/?policy",
        "/mlflow/?uploads",
        "/minio/admin/v3/info",
        "/minio/admin/v3/list-users",
        "/minio/v2/metrics/cluster",
        "/minio/v2/metrics/bucket",
        "/minio/metrics/v3",
        "/api/v1/buckets",
        "/api/v1/session",
        "/api/v1/users",
        "/api/v1/buckets/mlflow/objects",
        "/api/v1/admin/info",
    ]
    for url in (store, console):
        for path in paths:
            status, text = ask(http, "GET", f"{url}{path}")
            inside = "<ListBucketResult" in text or "<ListAllMyBuckets" in text or "MLmodel" in text
            assert not inside, (url, path)
            # The console answers unknown paths with its page.
            assert status >= 400 or "<!doctype html>" in text.lower() or not text, (url, path, status, text[:200])
    assert ask(http, "PUT", f"{store}/mlflow/planted", body=b"x")[0] == 403
    assert ask(http, "PUT", f"{store}/planted")[0] == 403
    for user, word in (("minioadmin", "minioadmin"), ("quartet", "quartet"), ("mlflow", "mlflow")):
        answer = ask(http, "POST", f"{console}/api/v1/login", json={"accessKey": user, "secretKey": word})
        assert answer[0] >= 400


def test_mysql_wants_a_password_and_its_reader_only_reads(played: WholeStack) -> None:
    for user, word in (("root", ""), ("root", "root"), ("writer", ""), ("reader", ""), ("", ""), ("quartet", "")):
        with pytest.raises(pymysql.OperationalError, match=r"Access denied|is not allowed to connect"):
            pymysql.connect(host="127.0.0.1", port=played.ports["MYSQL_PORT"], user=user, password=word)
    for statement in (
        "DELETE FROM quartet_model",
        "INSERT INTO quartet_clock (name) VALUES ('x')",
        "UPDATE crypto_forecast_raw SET volume = 0",
        "CREATE TABLE planted (a INT)",
        "DROP TABLE crypto_forecast_raw",
        "SELECT * FROM mysql.user",
    ):
        with pytest.raises(pymysql.OperationalError, match="denied"):
            played.ask_mysql(statement)
    with pytest.raises(pymysql.OperationalError, match="denied"):
        played.ask_mysql("SELECT * FROM mysql.user", user="writer")


@pytest.mark.parametrize(("user", "other"), [("airflow", "mlflow"), ("mlflow", "airflow"), ("airflow", "postgres")])
def test_an_owner_in_postgres_sees_its_own_database_alone(played: WholeStack, user: str, other: str) -> None:
    allowed = played.ask_postgres(user, user, "SELECT 1")
    assert (allowed.returncode, allowed.stderr) == (0, "")
    refused = played.ask_postgres(user, other, "SELECT 1")
    assert refused.returncode != 0
    assert "permission denied for database" in refused.stderr


def list_published(stack: WholeStack) -> dict[str, list[dict[str, str]]]:
    return {
        f"{one['Name']} {port}": hosts
        for one in stack.list_containers()
        for port, hosts in (one["NetworkSettings"]["Ports"] or {}).items()
        if hosts
    }


def test_ports_are_bound_to_this_machine_alone(played: WholeStack) -> None:
    published = list_published(played)
    found = sorted(int(host["HostPort"]) for hosts in published.values() for host in hosts)
    assert found == sorted(played.ports.values())
    assert {host["HostIp"] for hosts in published.values() for host in hosts} == {"127.0.0.1"}


@pytest.fixture
def elsewhere(played: WholeStack) -> Iterator[str]:
    """A network of somebody else on the same machine."""
    name = f"{played.name}-elsewhere-{secrets.token_hex(2)}"
    assert played.docker("network", "create", name).returncode == 0
    yield name
    played.docker("network", "rm", name)


def test_a_container_of_another_network_reaches_nothing(played: WholeStack, elsewhere: str) -> None:
    inner = (3306, 33060, 5000, 5432, 6379, 8080, 8793, 8794, 8974, 8788, 9000, 9001)
    networks = [
        network
        for one in played.list_containers()
        if one["State"]["Running"]
        for network in one["NetworkSettings"]["Networks"].values()
    ]
    addresses = sorted({network["IPAddress"] for network in networks} - {""})
    gateways = sorted({network["Gateway"] for network in networks} - {""})
    assert len(addresses) > 8
    own = json.loads(played.docker("network", "inspect", elsewhere).stdout)[0]["IPAM"]["Config"][0]["Gateway"]
    targets = [[address, port] for address in (*addresses, "mysql", "postgres", "mlflow") for port in inner]
    targets += [[gateway, port] for gateway in (*gateways, own) for port in played.ports.values()]
    done = played.docker(
        "run", "--rm", "-i", "--name", f"{elsewhere}-probe", "--network", elsewhere, "--entrypoint", "python", IMAGE,
        "-c", PROBE, text=json.dumps(targets),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []


def test_no_secret_stands_where_it_should_not(played: WholeStack) -> None:
    """Fault 49: descriptions, logs, command lines, image layers, and all that the databases keep of runs."""
    containers = played.list_containers()
    running = [one["Id"] for one in containers if one["State"]["Running"]]
    dump = played.execute(
        "postgres", "bash", "-c", "PGPASSWORD=$(cat /run/secrets/postgres_password) pg_dumpall -h 127.0.0.1 -U postgres"
    )
    logs = played.execute("airflow-apiserver", "bash", "-c", "find /opt/airflow/logs -type f -exec cat {} +")
    tables = [name for (name,) in played.ask_mysql("SHOW TABLES LIKE 'quartet%'")]
    places = {
        "docker inspect": json.dumps(containers),
        "docker compose logs": played.compose("logs", "--no-color"),
        "command lines": "".join(played.docker("top", one, "-eo", "pid,args").stdout for one in running),
        "image layers": played.docker("history", "--no-trunc", IMAGE).stdout,
        "image": played.docker("image", "inspect", IMAGE).stdout,
        "Airflow's and MLflow's databases": dump.stdout,
        "task logs": logs.stdout,
        "the ledger": repr([played.ask_mysql(f"SELECT * FROM {name}") for name in tables]),
        "output of make up": played.first_up,
        "logs of make up": "".join(
            path.read_text(errors="replace") for path in (played.root / "artifacts").rglob("*.log")
        ),
        "settings": played.compose("config"),
    }
    # Each place holds something, or the search would find nothing for want of text.
    assert [name for name, text in places.items() if len(text) < 200] == []
    assert "steps.load" in places["Airflow's and MLflow's databases"]
    assert "load done" in places["task logs"]
    found = [
        (place, secret)
        for place, text in places.items()
        for secret, value in played.read_secrets().items()
        if value in text
    ]
    assert found == []
