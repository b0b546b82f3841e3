"""Stands for the environment's Python: does no work, and serves as Airflow, MLflow and the exchange."""

import http.server
import json
import os
import sys
import time
from typing import NoReturn

ALL = ("metadatabase", "dag_processor", "triggerer", *(() if "FAIL" in os.environ else ("scheduler",)))
HEALTH = {part: {"status": "healthy", f"latest_{part}_heartbeat": "2100-01-01T00:00:00+00:00"} for part in ALL}


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers every question with Airflow's health."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(HEALTH).encode())


def main(words: list[str]) -> int:
    with open(os.environ["CALLS"], "a") as calls:  # noqa: PTH123
        calls.write(json.dumps(words) + "\n")
    match words:
        case ["-m", "airflow", "api-server", *_]:
            serve(int(words[-1]))
        case ["-m", "service.cli.make_mlflow"]:
            serve(int(os.environ["port"]))  # noqa: SIM112
        case ["-m", "crypto_forecast.exchange.service", "--port", port, *_]:
            serve(int(port))
        case ["-m", "airflow", "scheduler", *_] if "FAIL" in os.environ:
            print("no space left, says", os.environ["AIRFLOW__CORE__FERNET_KEY_CMD"])
            return 3
        case ["-m", "airflow", "scheduler" | "dag-processor" | "triggerer", *_] | ["-m", "messenger"]:
            time.sleep(60)
        case ["-S", "-m", "compose.launch.processes.session", *words]:
            os.execv(words[0], words)  # noqa: S606
        case ["-m", "supervisor.supervisord", *_]:
            os.execv(sys.executable, [sys.executable, *words])  # noqa: S606
        case ["compose/airflow/set_user.py", *_]:
            sys.stdin.read()
            print("made")
    return 0


def serve(port: int) -> NoReturn:
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        server.serve_forever()
    raise SystemExit


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
