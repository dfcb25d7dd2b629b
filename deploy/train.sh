#!/bin/bash
# Runs the given command, a Java process that creates an AOT cache, until it is ready and has proxied a
# request to the JDK's own web server; then stops both.
# For the image's build, which lacks curl and wget. The web server is in the image: as a platform module,
# jdk.httpserver is part of every JRE that OpenJDK's own build creates (make/Images.gmk).
set -eu

site=$(mktemp -d)
echo version > "$site/status"
# The master of config/gateway.yaml.
"$1" -m jdk.httpserver -b 127.0.0.1 -p 8081 -d "$site" > "$site/log" 2>&1 &
server=$!

"$@" &
java=$!

ready() {
  exec 3<>/dev/tcp/127.0.0.1/9090 || return 1
  printf 'GET /actuator/health/readiness HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
  grep -q '^HTTP/1.1 200' <&3
}

proxied() {
  exec 3<>/dev/tcp/127.0.0.1/8080 || return 1
  printf 'GET /status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
  grep -q '^HTTP/1.1 200' <&3
}

until (ready && proxied) 2>/dev/null; do
  # Fails the build if either process has ended.
  kill -0 "$java"
  kill -0 "$server"
  sleep 1
done
kill "$server"
kill "$java"
# 143 is 128 + SIGTERM: an orderly stop, after which Java writes the cache.
wait "$java" || test $? -eq 143
