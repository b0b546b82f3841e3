#!/bin/bash
# Secrets come as files and leave as variables of this one process: NAME_FILE=/run/secrets/x becomes NAME.
set -eu
for name in $(compgen -A export | grep '_FILE$'); do
    case ${!name} in
        /run/secrets/*)
            if [ -s "${!name}" ]; then export "${name%_FILE}=$(cat "${!name}")"; fi
            unset "$name"
            ;;
    esac
done
if [ -n "${QUARTET_DATABASE_PASSWORD:-}" ]; then
    # Each byte as %XX: a password may hold what a URL reads as something else.
    encoded=$(printf %s "$QUARTET_DATABASE_PASSWORD" | od -An -v -tx1 | tr -d '\n' | tr ' ' '%')
    export QUARTET_DATABASE_URL="mysql+pymysql://writer:$encoded@${MYSQL_SERVER:-mysql}/quartet"
    unset QUARTET_DATABASE_PASSWORD
fi
exec "$@"
