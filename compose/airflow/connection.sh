#!/bin/sh
# Prints the address of a server that Airflow uses; the passwords stay in their files until then.
# Each byte as %XX: a password may hold what an address reads as something else.
secret() { od -An -v -tx1 "/run/secrets/$1" | tr -d '\n' | tr ' ' '%'; }
postgres=${POSTGRES_SERVER:-postgres} redis=${REDIS_SERVER:-redis:6379}
case $1 in
    database) printf 'postgresql+psycopg2://airflow:%s@%s/airflow' "$(secret airflow_database_password)" "$postgres" ;;
    broker) printf 'redis://:%s@%s/0' "$(secret redis_password)" "$redis" ;;
    results) printf 'redis://:%s@%s/1' "$(secret redis_password)" "$redis" ;;
esac
