#!/bin/bash
# Runs the command it is given, a Java that makes an AOT cache, until it is ready and has proxied a
# request to a server of the JDK's own; then stops it.
# For the image's build: knows neither curl nor wget, which the image has not. The server it has: as
# a platform module, jdk.httpserver is in every JRE that OpenJDK's own build makes (make/Images.gmk).
set -eu

site=$(mktemp -d)
echo version > "$site/status"
# Where config/gateway.yaml looks for the master.
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
  # Ends the build, should one of them have ended.
  kill -0 "$java"
  kill -0 "$server"
  sleep 1
done
kill "$server"
kill "$java"
# 143 is 128 + SIGTERM: an orderly stop, after which the cache is written.
wait "$java" || test $? -eq 143
