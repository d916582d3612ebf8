#!/usr/bin/env bash
# Starts PostgreSQL as the official image documents it, and makes the database first where there is none.
# Without `set -u`: scripts of docker-entrypoint-initdb.d may be sourced, and don't expect it.
set -eo pipefail

complain() {
  printf '%s\n' "$@" >&2
  exit 1
}

# Takes a variable from the file that NAME_FILE names, or from the default.
from_file() { # name, default
  local file=$1_FILE value=${!1:-$2}
  if [ -n "${!file}" ]; then
    [ -z "${!1}" ] || complain "error: both $1 and $file are set (but are exclusive)"
    value=$(cat "${!file}")
  fi
  export "$1=$value"
  unset "$file"
}

make_folders() {
  local folder
  for folder in "$PGDATA" ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"}; do
    mkdir -p "$folder"
    chmod 0700 "$folder" || true
  done
  mkdir -p /var/run/postgresql || true
  chmod 3775 /var/run/postgresql || true
}

take_folders() {
  find "$PGDATA" ${POSTGRES_INITDB_WALDIR:+"$POSTGRES_INITDB_WALDIR"} /var/run/postgresql \
    ! -user postgres -exec chown postgres {} +
}

need_password() {
  [ -n "$POSTGRES_PASSWORD" ] || [ "$POSTGRES_HOST_AUTH_METHOD" = trust ] || complain \
    "Error: Database is uninitialized and superuser password is not specified." \
    "       You must specify POSTGRES_PASSWORD to a non-empty value for the" \
    '       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".' \
    '       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all' \
    "       connections without a password. This is *not* recommended."
}

make_cluster() { # the server's arguments
  local arguments library
  # As a shell reads them: one of them may have a space in quotes.
  eval "arguments=($POSTGRES_INITDB_ARGS)"
  [ -z "$POSTGRES_INITDB_WALDIR" ] || arguments+=(--waldir "$POSTGRES_INITDB_WALDIR")
  (
    # initdb wants a name for its user, and any uid is allowed here.
    if ! getent passwd "$(id -u)" >/dev/null; then
      NSS_WRAPPER_PASSWD=$(mktemp) NSS_WRAPPER_GROUP=$(mktemp)
      trap 'rm -f "$NSS_WRAPPER_PASSWD" "$NSS_WRAPPER_GROUP"' EXIT
      printf 'postgres:x:%d:%d::%s:/bin/false\n' "$(id -u)" "$(id -g)" "$PGDATA" >"$NSS_WRAPPER_PASSWD"
      printf 'postgres:x:%d:\n' "$(id -g)" >"$NSS_WRAPPER_GROUP"
      library=$(echo /usr/lib/*/libnss_wrapper.so)
      export NSS_WRAPPER_PASSWD NSS_WRAPPER_GROUP LD_PRELOAD=$library
    fi
    initdb --username="$POSTGRES_USER" --pwfile=<(printf '%s\n' "$POSTGRES_PASSWORD") "${arguments[@]}"
  )
  printf '\nhost all all all %s\n' \
    "${POSTGRES_HOST_AUTH_METHOD:-$(postgres -C password_encryption "$@")}" >>"$PGDATA/pg_hba.conf"
}

# Against the socket of the first server, whatever a client is told by PGHOST.
sql() { PGHOST='' PGHOSTADDR='' psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --no-password --no-psqlrc "$@"; }

make_database() {
  local found
  found=$(sql --dbname postgres --tuples-only --no-align --set db="$POSTGRES_DB" <<<"select 1 from pg_database where datname = :'db';")
  [ -n "$found" ] || sql --dbname postgres --set db="$POSTGRES_DB" <<<'create database :"db";'
}

# Sorted by name, as the locale sorts.
run_scripts() {
  local script
  for script in /docker-entrypoint-initdb.d/*; do
    [ -e "$script" ] || continue
    case $script in
      *.sh)
        if [ -x "$script" ]; then
          echo "$0: running $script"
          "$script"
        else
          echo "$0: sourcing $script"
          # shellcheck disable=SC1090
          . "$script"
        fi
        ;;
      *.sql) echo "$0: running $script" && sql --dbname "$POSTGRES_DB" -f "$script" ;;
      *.sql.gz) echo "$0: running $script" && gunzip -c "$script" | sql --dbname "$POSTGRES_DB" ;;
      *.sql.xz) echo "$0: running $script" && xzcat "$script" | sql --dbname "$POSTGRES_DB" ;;
      *.sql.zst) echo "$0: running $script" && zstd -dc "$script" | sql --dbname "$POSTGRES_DB" ;;
      *) echo "$0: ignoring $script" ;;
    esac
  done
}

initialise() { # the server's arguments
  need_password
  # Found unreadable before there is a cluster, not after.
  ls /docker-entrypoint-initdb.d >/dev/null
  make_cluster "$@"
  export PGPASSWORD="${PGPASSWORD:-$POSTGRES_PASSWORD}"
  # Nobody can connect over TCP to a database that is half made.
  set -- "$@" -c listen_addresses='' -p "${PGPORT:-5432}"
  PGUSER="${PGUSER:-$POSTGRES_USER}" pg_ctl -D "$PGDATA" -o "${*@Q}" -w start
  make_database
  run_scripts
  PGUSER="${PGUSER:-$POSTGRES_USER}" pg_ctl -D "$PGDATA" -m fast -w stop
  unset PGPASSWORD
  printf '\nPostgreSQL init process complete; ready for start up.\n\n'
}

# `docker run IMAGE -c work_mem=8MB` means the server.
[[ $1 != -* ]] || set -- postgres "$@"

# A question to the server needs no database.
asks() {
  local argument
  for argument in "$@"; do
    case $argument in '-?' | --help | --describe-config | -V | --version) return 0 ;; esac
  done
  return 1
}

if [ "$1" = postgres ] && ! asks "$@"; then
  from_file POSTGRES_PASSWORD
  from_file POSTGRES_USER postgres
  from_file POSTGRES_DB "$POSTGRES_USER"
  from_file POSTGRES_INITDB_ARGS
  make_folders
  if [ "$(id -u)" = 0 ]; then
    take_folders
    export HOME=/var/lib/postgresql
    exec setpriv --reuid postgres --regid postgres --init-groups "$0" "$@"
  fi
  if [ -s "$PGDATA/PG_VERSION" ]; then
    printf '\nPostgreSQL Database directory appears to contain a database; Skipping initialization\n\n'
  else
    initialise "${@:2}"
  fi
fi
exec "$@"
