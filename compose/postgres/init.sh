#!/bin/bash
# Databases airflow and mlflow, each with an owner of its own that sees nothing of the other. Run again it changes nothing.
set -euo pipefail
secret() { cat "/run/secrets/$1"; }
export PGHOST=postgres PGUSER=postgres PGPASSWORD
PGPASSWORD=$(secret postgres_password)

keep_database() { # $1: the database, and its owner
    psql -qX -v ON_ERROR_STOP=1 -d postgres -v name="$1" <<SQL
SELECT format('CREATE ROLE %I LOGIN', :'name')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
\set password \`cat /run/secrets/$1_database_password\`
ALTER ROLE :"name" PASSWORD :'password';
SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'name')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
    psql -qX -v ON_ERROR_STOP=1 -d "$1" -c 'REVOKE ALL ON SCHEMA public FROM PUBLIC' -c "ALTER SCHEMA public OWNER TO \"$1\""
}
keep_database airflow
keep_database mlflow
psql -qX -v ON_ERROR_STOP=1 -d postgres -c 'REVOKE ALL ON DATABASE postgres FROM PUBLIC'
echo "The databases airflow and mlflow are there."
