#!/bin/sh
# Prints the address of a server that Airflow uses; the passwords stay in their files until then.
# Each byte as %XX: a password may hold what an address reads as something else.
secret() { od -An -v -tx1 "/run/secrets/$1" | tr -d '\n' | tr ' ' '%'; }
case $1 in
    database) printf 'postgresql+psycopg2://airflow:%s@postgres/airflow' "$(secret airflow_database_password)" ;;
    broker) printf 'redis://:%s@redis:6379/0' "$(secret redis_password)" ;;
    results) printf 'redis://:%s@redis:6379/1' "$(secret redis_password)" ;;
esac
