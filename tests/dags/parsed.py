"""What Airflow makes of the DAG folder, asked for in a process of its own with an AIRFLOW_HOME of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
KEPT = ("PATH", "HOME", "LANG", "SYSTEMROOT")


def parse_dags(home: Path, *, demo: str = "") -> dict[str, Any]:
    """Parse dags/ as the dag-processor does: its folder and the repository are on the path, nothing else of ours."""
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment |= {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "PYTHONPATH": str(ROOT),
        "QUARTET_DEMO": demo,
    }
    program = [sys.executable, "-W", "ignore", str(Path(__file__).with_name("describe_dags.py")), str(ROOT / "dags")]
    done = subprocess.run(program, env=environment, cwd=home, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told
