#!/bin/sh
# Starts Redis as the official image documents it.
set -e

# `docker run IMAGE --port 7000` and `docker run IMAGE /some.conf` mean the server.
case ${1:-} in -* | *.conf) set -- redis-server "$@" ;; esac

if [ "$(id -u)" = 0 ] && { [ "$1" = redis-server ] || [ "$1" = redis-sentinel ]; }; then
  find . ! -user redis -exec chown redis {} +
  export HOME=/home/redis
  exec setpriv --reuid redis --regid redis --init-groups "$0" "$@"
fi

# What Redis writes is for Redis alone, unless somebody chose otherwise.
[ "$(umask)" != 0022 ] || umask 0077
exec "$@"
