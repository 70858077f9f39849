#!/usr/bin/env bash
# As in the official image: a first start makes the data directory, its user and its database, then runs
# what is in /docker-entrypoint-initdb.d; the server listens on all addresses and asks for passwords.
set -euo pipefail

if [ "$1" != mysqld ]; then
  exec "$@"
fi
shift

if [ ! -d /var/lib/mysql/mysql ]; then
  if [ -z "${MYSQL_ROOT_PASSWORD:-}" ]; then
    echo 'Database is uninitialized and password option is not specified' >&2
    exit 1
  fi
  chown mysql: /var/lib/mysql
  mariadb-install-db --user=mysql --skip-test-db >/dev/null
  mariadbd --user=mysql --skip-networking &
  server=$!
  until mariadb-admin ping --silent 2>/dev/null; do sleep 0.2; done
  {
    [ -z "${MYSQL_DATABASE:-}" ] || echo "CREATE DATABASE \`$MYSQL_DATABASE\` CHARACTER SET utf8mb4;"
    [ -z "${MYSQL_USER:-}" ] || echo "CREATE USER '$MYSQL_USER'@'%' IDENTIFIED BY '$MYSQL_PASSWORD';"
    # The image's own way: an underscore stands for itself.
    [ -z "${MYSQL_USER:-}" ] || [ -z "${MYSQL_DATABASE:-}" ] ||
      echo "GRANT ALL ON \`${MYSQL_DATABASE//_/\\_}\`.* TO '$MYSQL_USER'@'%';"
    echo "CREATE USER 'root'@'%' IDENTIFIED BY '$MYSQL_ROOT_PASSWORD';"
    echo "GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;"
    cat /docker-entrypoint-initdb.d/*.sql 2>/dev/null || true
    echo "ALTER USER 'root'@'localhost' IDENTIFIED BY '$MYSQL_ROOT_PASSWORD';"
  } | mariadb
  kill "$server"
  wait "$server" || true
fi

exec mariadbd --user=mysql --bind-address=0.0.0.0 "$@"
