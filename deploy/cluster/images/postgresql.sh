#!/bin/sh
# Starts PostgreSQL in a container; makes the database first on an empty volume. The variables are
# those of the official image, so that a chart works with either.
set -eu
: "${POSTGRES_USER:=postgres}" "${POSTGRES_DB:=$POSTGRES_USER}"
export PGDATA="${PGDATA:-/var/lib/postgresql/data/pgdata}"
PATH="$(echo /usr/lib/postgresql/*/bin):$PATH"
if [ "${1:-}" = postgres ]; then shift; fi

prepare() {
    umask 077
    rm -rf "$PGDATA"
    printf '%s' "${POSTGRES_PASSWORD:?is needed for a new database}" >/tmp/password
    initdb --username="$POSTGRES_USER" --pwfile=/tmp/password --encoding=UTF8 --locale=C.UTF-8 \
        --auth-local=trust --auth-host=scram-sha-256
    rm /tmp/password
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    pg_ctl --wait start -o "-c listen_addresses='' -c unix_socket_directories=/tmp"
    if [ "$POSTGRES_DB" != postgres ]; then
        createdb --host=/tmp --username="$POSTGRES_USER" "$POSTGRES_DB"
    fi
    for script in /docker-entrypoint-initdb.d/*; do
        case "$script" in
        *.sh) sh "$script" ;;
        *.sql) psql --host=/tmp --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" \
            --set=ON_ERROR_STOP=1 --no-psqlrc --file="$script" ;;
        esac
    done
    pg_ctl --wait stop --mode=fast
    : >"$PGDATA/prepared"
}

# Without the mark a preparation was cut short; nothing was in the database yet.
[ -e "$PGDATA/prepared" ] || prepare
exec postgres -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/tmp "$@"
