#!/bin/sh
# users.acl in git has no passwords. Redis gets the hash of each user's secret file, so that no password is in its memory,
# arguments or environment.
set -eu
umask 077
cp /etc/redis/users.acl /run/redis/users.acl
sed -n 's/^user \([a-z]*\) on .*/\1/p' /etc/redis/users.acl | while read -r user; do
  file=/run/secrets/redis_${user}_password
  password=$(cat "$file" 2>/dev/null) || password=
  if [ ${#password} -lt 22 ]; then
    echo "The secret redis_${user}_password is missing or too short. Expected: a generated value of at least 22 characters in $file. Make it with ./run secrets." >&2
    exit 1
  fi
  hash=$(printf %s "$password" | sha256sum)
  sed -i "s/^user $user on/& #${hash%% *}/" /run/redis/users.acl
done
exec redis-server /etc/redis/redis.conf
