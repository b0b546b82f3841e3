#!/bin/bash
# MLflow's server: metadata in Postgres, files in the store. Its clients need no keys of the store.
set -eu
# Each byte as %XX: a password may hold what an address reads as something else.
password=$(printf %s "$MLFLOW_DATABASE_PASSWORD" | od -An -v -tx1 | tr -d '\n' | tr ' ' '%')
database="postgresql+psycopg2://mlflow:$password@${POSTGRES_SERVER:-postgres}/mlflow"
unset MLFLOW_DATABASE_PASSWORD MLFLOW_READER_PASSWORD
cat >/tmp/auth.ini <<INI
[mlflow]
default_permission = NO_PERMISSIONS
database_uri = ${database//%/%%}
authorization_function = mlflow.server.auth:authenticate_request_basic_auth
auth_cache_ttl_seconds = 60
INI
export MLFLOW_AUTH_CONFIG_PATH=/tmp/auth.ini MLFLOW_AUTH_ADMIN_USERNAME=admin
export MLFLOW_BACKEND_STORE_URI=$database MLFLOW_ARTIFACTS_DESTINATION=s3://${STORE_BUCKET:-mlflow}
export MLFLOW_S3_ENDPOINT_URL=${STORE_URL:-http://store:9000} AWS_ACCESS_KEY_ID=${AWS_ACCESS_KEY_ID:-mlflow}
export AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-us-east-1} AWS_EC2_METADATA_DISABLED=true
# Idle connections that are kept; each is a process of Postgres.
export MLFLOW_SQLALCHEMYSTORE_POOL_SIZE=2
# Few arenas: memory that threads free goes back to the machine.
export MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072
export MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false
# Else it sends its clients to the store, to which they have no network and no key.
export MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD=false MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD=false
exec python compose/mlflow/serve.py server --app-name basic-auth --host 0.0.0.0 --port 5000 --workers 1
