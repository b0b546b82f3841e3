"""The stack from `make up` on an empty machine to predictions, which are those that run.py alone gives."""

import time

import pytest
from minio import Minio

from tests.stack.airflow_api import CHAIN, TRAIN, wait_until
from tests.stack.conftest import TICKED
from tests.stack.twin import Twin, assert_same_ledger, assert_same_rows
from tests.stack.whole_stack import WholeStack, write_key

CONFIGS = ("ada", "btc", "eth")
PARSE_SECONDS = 0.3  # a file, as the dag-processor reports it


def read_kept(stack: WholeStack) -> dict[str, bytes]:
    """What `make up` made: the settings and the secrets."""
    paths = [stack.root / ".env", *sorted((stack.root / "compose" / "secrets").iterdir())]
    return {path.name: path.read_bytes() for path in paths if path.exists()}


def list_running(stack: WholeStack) -> dict[str, str]:
    return {one["Name"]: one["State"]["StartedAt"] for one in stack.list_containers() if one["State"]["Running"]}


def test_make_up_ends_with_a_table_of_all_there_is(stack: WholeStack) -> None:
    for name in ("AIRFLOW_PORT", "MLFLOW_PORT", "MYSQL_PORT", "STORE_CONSOLE_PORT"):
        assert f"127.0.0.1:{stack.ports[name]}" in stack.first_up
    named = [word for word in stack.first_up.split() if word.startswith("compose/secrets/")]
    assert len(named) == 6
    assert all((stack.root / path).stat().st_size for path in named)
    assert not [name for name, secret in stack.read_secrets().items() if secret in stack.first_up]


def test_make_up_again_takes_seconds_and_changes_nothing(stack: WholeStack) -> None:
    kept, running = read_kept(stack), list_running(stack)
    started = time.monotonic()
    stack.up()
    print(f"make up again: {time.monotonic() - started:.0f} s")
    assert time.monotonic() - started < 90
    assert read_kept(stack) == kept
    assert list_running(stack) == running


def test_make_up_again_mends_what_a_job_had_prepared(stack: WholeStack) -> None:
    def ask(user: str, statement: str) -> str:
        done = stack.ask_postgres(user, user, statement)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    note = "SELECT obj_description('alembic_version'::regclass)"
    notes = {user: ask(user, note) for user in ("airflow", "mlflow")}
    assert notes["airflow"].startswith("apache-airflow-core 3.")
    assert notes["mlflow"].startswith("mlflow 3.")
    admin = "SELECT password FROM ab_user WHERE username = 'admin'"
    kept = ask("airflow", admin)
    # As after the restore of an older backup: Airflow's tables are of unknown make, and a password is not its file's.
    ask("airflow", "COMMENT ON TABLE alembic_version IS NULL")
    ask("mlflow", "UPDATE users SET password_hash = 'scrypt:32768:8:1$salt$00' WHERE username = 'reader'")
    stack.up()
    assert {user: ask(user, note) for user in notes} == notes
    assert ask("airflow", admin) == kept
    check = "from werkzeug.security import check_password_hash as check; print(check(*open(0).read().split()))"
    stored = ask("mlflow", "SELECT password_hash FROM users WHERE username = 'reader'")
    given = f"{stored} {stack.read_secret('mlflow_reader_password')}"
    assert stack.execute("mlflow", "python", "-c", check, text=given).stdout == "True\n"


def test_secrets_are_readable_for_nobody_else(stack: WholeStack) -> None:
    folder = stack.root / "compose" / "secrets"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert len(stack.read_secrets()) == 18
    for name, secret in stack.read_secrets().items():
        assert (folder / name).stat().st_mode & 0o777 == 0o444
        assert len(secret) >= 40
        assert secret == secret.strip()


def test_the_moments_went_through_the_chain_in_order(played: WholeStack) -> None:
    keys = [write_key(at) for at in played.moments[:TICKED]]
    for dag in CHAIN:
        runs = played.airflow.list_runs(dag)
        assert [run["partition_key"] for run in runs] == keys
        assert {run["state"] for run in runs} == {"success"}
        starts = [run["start_date"] for run in runs]
        assert starts == sorted(starts)


def test_nobody_clicked_and_each_config_was_trained_once(played: WholeStack) -> None:
    runs = played.airflow.list_runs(TRAIN)
    assert sorted(run["dag_run_id"] for run in runs) == [
        f"crypto_forecast.{config}:2025-02-18:first" for config in CONFIGS
    ]
    assert {run["state"] for run in runs} == {"success"}


def test_candles_champions_and_predictions_are_where_they_belong(
    played: WholeStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = dict(played.ask_mysql("SELECT market, COUNT(*) FROM crypto_forecast_raw GROUP BY market"))
    assert sorted(counts) == ["KRW-ADA", "KRW-BTC", "KRW-ETH"]
    assert min(counts.values()) > 2_000
    assert played.ask_mysql("SELECT COUNT(*) FROM crypto_forecast_predictions") == [(3 * TICKED,)]
    assert played.ask_mysql("SELECT COUNT(*) FROM crypto_forecast_performance") == [(3 * (TICKED - 1),)]
    verdicts = played.ask_mysql("SELECT config, verdict FROM quartet_decision WHERE subject = 'promotion'")
    assert sorted(verdicts) == [(config, "promoted") for config in CONFIGS]
    assert played.ask_mysql("SELECT COUNT(*) FROM quartet_decision WHERE subject = 'retrain'") == [(3 * TICKED,)]

    champions = ask_mlflow(played, monkeypatch)
    bucket = open_bucket(played)
    for config, (version, files) in champions.items():
        assert version == "1"
        listed = [found.object_name for found in bucket.list_objects("mlflow", prefix=files, recursive=True)]
        assert any(name.endswith("MLmodel") for name in listed if name), (config, files)


def ask_mlflow(stack: WholeStack, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, str]]:
    """Ask as the reader: the champion of each config, and where in the bucket its files lie."""
    from mlflow import MlflowClient

    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "reader")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", stack.read_secret("mlflow_reader_password"))
    client = MlflowClient(stack.mlflow_url)
    found = {}
    for model in client.search_registered_models():
        version = client.get_model_version_by_alias(model.name, "champion")
        assert client.get_model_version_download_uri(version.name, version.version)
        source = client.get_logged_model(str(version.source).removeprefix("models:/")).artifact_location
        found[model.name.rpartition(".")[2]] = (str(version.version), source.split("mlflow-artifacts:/")[1].lstrip("/"))
    assert sorted(found) == list(CONFIGS)
    return found


def open_bucket(stack: WholeStack) -> Minio:
    return Minio(
        endpoint=f"127.0.0.1:{stack.ports['STORE_PORT']}",
        access_key="mlflow",
        secret_key=stack.read_secret("store_mlflow_key"),
        secure=False,
    )


def test_the_stack_predicts_what_run_py_alone_does(played: WholeStack, twin: Twin) -> None:
    twin.play(played.moments)
    counts = assert_same_rows(played.database_url(), twin)
    assert counts["crypto_forecast_predictions"] == 3 * TICKED
    assert_same_ledger(played.database_url(), twin)


NONSENSE = {
    "no_moment": ({"at": "nonsense"}, "'nonsense' is no date: write it like 2026-11-20T00:00Z"),
    "no_config": ({"config": "doge", "at": "2025-02-18T04:05Z"}, "doge"),
    "no_time": ({}, "The demo lives in a time of its own, and this run has no moment of it"),
    "no_param": ({"confg": "btc"}, "The run was given 'confg', which means nothing here: there are config, at, cause."),
}


@pytest.fixture(scope="module")
def nonsense(played: WholeStack) -> dict[str, str]:
    """The ids of runs with nonsense in their params; all at once, which takes a third of the time."""
    return {name: played.airflow.start(TRAIN, conf=params, run_id=name) for name, (params, _) in NONSENSE.items()}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_fails_in_the_first_task_with_its_sentence(
    played: WholeStack, nonsense: dict[str, str], name: str
) -> None:
    airflow, run = played.airflow, nonsense[name]
    assert airflow.wait_for_run(TRAIN, run, 180) == "failed"
    tasks = {task["task_id"]: task for task in airflow.list_tasks(TRAIN, run)}
    assert tasks["plan"]["state"] == "failed"
    assert tasks["plan"]["try_number"] == 1  # what is wrong for good is not tried again
    assert {task["state"] for name, task in tasks.items() if name != "plan"} == {"upstream_failed"}
    log = airflow.read_log(TRAIN, run, "plan")
    assert NONSENSE[name][1] in log
    assert not [secret for secret, value in played.read_secrets().items() if value in log]


def test_the_dag_processor_parses_each_file_in_less_than_a_third_of_a_second(played: WholeStack) -> None:
    """A busy machine is given further looks: the dag-processor parses each file once a minute."""
    dags: dict[str, float] = {}

    def look() -> bool:
        for dag in played.airflow.ask("GET", "/api/v2/dags?limit=100")["dags"]:
            took = dag["last_parse_duration"] or PARSE_SECONDS
            dags[dag["dag_id"]] = min(took, dags.get(dag["dag_id"], took))
        return max(dags.values()) < PARSE_SECONDS

    wait_until(look, f"all files are parsed in {PARSE_SECONDS} s: {dags}", 200, pause=5)
    print(dags)
    files = (played.root / "dags").glob("[a-z]*.py")
    assert sorted(dags) == sorted(path.stem.removesuffix("_wf") for path in files)
    assert played.airflow.ask("GET", "/api/v2/importErrors")["total_entries"] == 0


def test_images_run_as_nobody_special_and_hold_nothing_of_this_machine(stack: WholeStack) -> None:
    for service in ("mlflow", "airflow-scheduler", "airflow-apiserver", "exchange"):
        user = stack.execute(service, "id", "-u").stdout.strip()
        assert user not in ("", "0"), service
    listed = stack.execute("airflow-scheduler", "ls", "-a", "/opt/quartet", "/opt/quartet/compose").stdout.split()
    assert not {".env", ".git", "secrets", "tests"} & set(listed)
