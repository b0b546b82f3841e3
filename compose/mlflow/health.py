"""Check that MLflow answers a search, which needs its database."""

import base64
import sys
import urllib.request
from pathlib import Path


def main() -> int:
    password = Path("/run/secrets/mlflow_reader_password").read_text(encoding="utf-8")
    login = base64.b64encode(f"reader:{password}".encode()).decode()
    request = urllib.request.Request(
        "http://127.0.0.1:5000/api/2.0/mlflow/experiments/search?max_results=1",
        headers={"Authorization": f"Basic {login}"},
    )
    with urllib.request.urlopen(request, timeout=8) as answer:  # noqa: S310  # an address of this container
        return 0 if answer.status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
