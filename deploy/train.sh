#!/bin/bash
# Runs the command it is given, a Java that makes an AOT cache, until it is ready; then stops it.
# For the image's build: knows neither curl nor wget, which the image has not.
set -eu

"$@" &
java=$!

ready() {
  exec 3<>/dev/tcp/127.0.0.1/9090 || return 1
  printf 'GET /actuator/health/readiness HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
  grep -q '^HTTP/1.1 200' <&3
}

until (ready) 2>/dev/null; do
  # Ends the build, should it have ended.
  kill -0 "$java"
  sleep 1
done
kill "$java"
# 143 is 128 + SIGTERM: an orderly stop, after which the cache is written.
wait "$java" || test $? -eq 143
