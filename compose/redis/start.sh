#!/bin/sh
# The password goes into a file in memory, since a command line can be read by every process.
set -eu
printf 'requirepass %s\nappendonly yes\ndir /data\n' "$(cat /run/secrets/redis_password)" >/run/redis/redis.conf
exec docker-entrypoint.sh redis-server /run/redis/redis.conf
