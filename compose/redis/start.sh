#!/bin/sh
# The password goes into a file in memory, since a command line can be read by every process.
set -eu
password=$(sed 's/[\\"]/\\&/g' /run/secrets/redis_password)
printf 'requirepass "%s"\nappendonly yes\ndir /data\n' "$password" >/run/redis/redis.conf
exec docker-entrypoint.sh redis-server /run/redis/redis.conf
