#!/bin/bash
# The grants of the writer and the reader, whose passwords follow their files. Run again it changes nothing.
set -euo pipefail
secret() { cat "/run/secrets/$1"; }
export MYSQL_PWD
MYSQL_PWD=$(secret mysql_root_password)

quoted() { # a text of SQL
    local text=${1//\\/\\\\}
    printf "'%s'" "${text//\'/\'\'}"
}
mysql --user=root --socket=/var/run/mysqld/mysqld.sock <<SQL
CREATE DATABASE IF NOT EXISTS quartet;
CREATE USER IF NOT EXISTS writer@'%' IDENTIFIED BY $(quoted "$(secret mysql_writer_password)");
ALTER USER writer@'%' IDENTIFIED BY $(quoted "$(secret mysql_writer_password)");
GRANT ALL ON quartet.* TO writer@'%';
CREATE USER IF NOT EXISTS reader@'%' IDENTIFIED BY $(quoted "$(secret mysql_reader_password)");
ALTER USER reader@'%' IDENTIFIED BY $(quoted "$(secret mysql_reader_password)");
GRANT SELECT ON quartet.* TO reader@'%';
SQL
echo "The writer and the reader of the database quartet are there."
