#!/bin/bash
# The grants of the writer and the reader, whose passwords follow their files. Run again it changes nothing.
set -euo pipefail
secret() { cat "/run/secrets/$1"; }
root=$(secret mysql_root_password) writer=$(secret mysql_writer_password) reader=$(secret mysql_reader_password)

quoted() { # a text of SQL
    local text=${1//\\/\\\\}
    printf "'%s'" "${text//\'/\'\'}"
}
write_statements() { # $1, $2: the passwords of the writer and the reader, as texts of SQL
    cat <<SQL
CREATE DATABASE IF NOT EXISTS quartet;
CREATE USER IF NOT EXISTS writer@'%' IDENTIFIED BY $1;
ALTER USER writer@'%' IDENTIFIED BY $1;
GRANT ALL ON quartet.* TO writer@'%';
CREATE USER IF NOT EXISTS reader@'%' IDENTIFIED BY $2;
ALTER USER reader@'%' IDENTIFIED BY $2;
GRANT SELECT ON quartet.* TO reader@'%';
SQL
}
statements=$(write_statements "$(quoted "$writer")" "$(quoted "$reader")")

if [ -z "${MYSQL_SERVER:-}" ]; then
    MYSQL_PWD=$root mysql --user=root --socket=/var/run/mysqld/mysqld.sock <<<"$statements"
else # elsewhere: what is there is taken as it is, what is missing is made by the administrator
    log_in() { # $1: user, $2: password, further arguments: of the program
        MYSQL_PWD=$2 mysql --connect-timeout=20 --host="${MYSQL_SERVER%:*}" --port="${MYSQL_SERVER##*:}" --user="$1" "${@:3}"
    }
    if ! { log_in writer "$writer" -e 'SELECT 1' quartet && log_in reader "$reader" -e 'SELECT 1' quartet; } >/dev/null 2>&1; then
        error=$(log_in "$MYSQL_ADMIN" "$root" <<<"$statements" 2>&1 >/dev/null) || {
            echo "The database quartet at $MYSQL_SERVER can't be used, or made by $MYSQL_ADMIN with the password in"
            echo "compose/secrets/mysql_root_password ($error). Run there as an administrator, with the texts of"
            echo "compose/secrets/mysql_writer_password and mysql_reader_password as the passwords:"
            write_statements "'(mysql_writer_password)'" "'(mysql_reader_password)'"
            exit 1
        } >&2
    fi
fi
echo "The writer and the reader of the database quartet are there."
