#!/bin/bash
# Airflow's tables and its first user. Run again it changes nothing: an existing user keeps its password.
set -euo pipefail
# Logs of all Airflow processes lie in one volume, which is theirs from the first start on.
airflow db migrate

create_user() { # $1: name, $2: role, $3: password
    airflow users create --username "$1" --role "$2" --firstname "$1" --lastname quartet --email "$1@localhost" --password "$3"
}
create_user admin Admin "$AIRFLOW_ADMIN_PASSWORD"
if [ -n "${QUARTET_DEMO:-}" ]; then create_user ticker User "$AIRFLOW_TICKER_PASSWORD"; fi
