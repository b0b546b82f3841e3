#!/bin/bash
# Databases airflow and mlflow, each with an owner of its own that sees nothing of the other. Run again it changes nothing.
set -euo pipefail
secret() { cat "/run/secrets/$1"; }
server=${POSTGRES_SERVER:-postgres:5432}
export PGHOST=${server%:*} PGPORT=${server##*:} PGUSER=${POSTGRES_ADMIN:-postgres} PGPASSWORD
export PGCONNECT_TIMEOUT=20
PGPASSWORD=$(secret postgres_password)
query() { psql -qX -v ON_ERROR_STOP=1 "$@"; }

keep_database() { # $1: the database, and its owner
    query -d postgres -v name="$1" <<SQL || return
SELECT format('CREATE ROLE %I LOGIN', :'name')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
\set password \`cat /run/secrets/$1_database_password\`
ALTER ROLE :"name" PASSWORD :'password';
-- An administrator that is no superuser gives away only what it is a member of.
SELECT format('GRANT %I TO CURRENT_USER', :'name')
 WHERE NOT (SELECT rolsuper FROM pg_roles WHERE rolname = CURRENT_USER) \gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'name')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
    query -d "$1" -c 'REVOKE ALL ON SCHEMA public FROM PUBLIC' -c "ALTER SCHEMA public OWNER TO \"$1\""
}

is_usable() { # $1: the database, and its owner
    PGUSER=$1 PGPASSWORD=$(secret "$1_database_password") query -d "$1" -c 'SELECT 1' >/dev/null 2>&1
}

keep_elsewhere() { # $1: the database; what is there is taken as it is, what is missing is made by the administrator
    is_usable "$1" && return
    local error
    error=$(keep_database "$1" 2>&1 >/dev/null) && is_usable "$1" && return
    cat >&2 <<TEXT
The database $1 at $server can't be used, or made by $PGUSER with the password in
compose/secrets/postgres_password ($error). Run there as an administrator, with the text of
compose/secrets/$1_database_password as the password:
CREATE ROLE $1 LOGIN PASSWORD '($1_database_password)';
CREATE DATABASE $1 OWNER $1;
REVOKE ALL ON DATABASE $1 FROM PUBLIC;
TEXT
    exit 1
}

if [ -z "${POSTGRES_SERVER:-}" ]; then
    keep_database airflow
    keep_database mlflow
    query -d postgres -c 'REVOKE ALL ON DATABASE postgres FROM PUBLIC'
else
    keep_elsewhere airflow
    keep_elsewhere mlflow
fi
echo "The databases airflow and mlflow are there."
