#!/bin/sh
# The API in the development stack: compiles when a file changes; Spring's devtools then restart the application.
set -eu
cd /work/sample-api
classes=/tmp/classes
compile() {
  # shellcheck disable=SC2046 # one word a file
  javac -parameters -proc:none -d $classes -cp "$classpath" $(find src/main/java src/development/java -name '*.java')
}

echo "Resolving dependencies …"
resolve() {
  mvn --quiet "$@" -P development dependency:build-classpath -DincludeScope=runtime -Dmdep.outputFile=/tmp/classpath \
    -Dmaven.repo.local=/cache -Dmaven.repo.local.tail=/maven 2>/tmp/maven.log
}
# What the image has; then what is new in the poms, which is kept in the volume.
resolve --offline >/dev/null || resolve || { cat /tmp/maven.log && exit 1; }
classpath=$(cat /tmp/classpath)
mkdir -p $classes
touch /tmp/compiled
compile

# Looks instead of waiting for the system's notice of a change: that does not reach every mounted folder.
while sleep 0.3; do
  if [ -n "$(find src -newer /tmp/compiled -print -quit)" ]; then
    touch /tmp/compiled
    # Restarting is for code that compiles; what does not is said by the compiler.
    if compile; then touch $classes/.compiled; fi
  fi
done &

exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED \
  -agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=*:5005 \
  -Dspring.devtools.restart.trigger-file=.compiled -Dspring.devtools.restart.poll-interval=300ms \
  -Dspring.devtools.restart.quiet-period=100ms \
  -cp "$classes:src/main/resources:$classpath" dev.plimsoll.sample.api.ApiApplication
