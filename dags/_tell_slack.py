"""The alert for a task that has failed for good, by way of the outbox."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

log = logging.getLogger("quartet")


def tell_slack(context: Mapping[str, Any]) -> None:
    """Report a task that failed after its last try; whatever goes wrong here must not hide that failure."""
    from messenger.failure_alert import tell_failure

    ti = context["ti"]
    dag_id, step = str(ti.dag_id), str(ti.task_id).removeprefix("steps.")
    try:
        tell_failure(
            project=(context.get("params") or {}).get("project") or dag_id.rpartition("_")[0],
            config=_read_config(context),
            step=step,
            at=_read_at(context),
            sentence=str(context.get("exception") or "it vanished: its process was killed, or its machine went away"),
        )
    except Exception as error:
        log.error("Slack could not be told of %s: %s", ti.task_id, error)


def _read_config(context: Mapping[str, Any]) -> str | None:
    """Read which config a mapped task was for."""
    ti = context["ti"]
    if ti.map_index < 0:
        return None
    try:
        return str(ti.xcom_pull(task_ids="plan")[ti.map_index]["config"])
    except Exception:  # a vanished task is reported by another process, which can't look this up
        return None


def _read_at(context: Mapping[str, Any]) -> str:
    """Read the moment of a run; where the request has no valid one, the run's own time."""
    run = context["dag_run"]
    try:
        return datetime.fromisoformat(str((run.conf or {}).get("at") or run.partition_key)).isoformat()
    except ValueError:
        return str(run.run_after.isoformat())
