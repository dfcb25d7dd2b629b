# For demote and promote beside this file: where PostgreSQL is on its hosts, as Debian and Ubuntu have it, and what both do there.
#
# A server remembers the newest epoch that it was called in, beside its data, and refuses calls of older ones: such a call may
# come late, of a machine that was frozen. In one epoch a server is promoted or demoted, not both. One call at a time runs at a
# server. Exit status 3: refused, as the call is too old; 64: a variable is wrong; any other but 0: it failed.
#
# By hand, on a machine of Understudy: UNDERSTUDY_EPOCH=by-hand UNDERSTUDY_SERVER=db-2 ./promote
version=15
bin=/usr/lib/postgresql/$version/bin
config=/etc/postgresql/$version/main
log=/var/log/postgresql/postgresql-$version-main.log

# The most seconds to wait for another call at the server, for the server to answer, and for it to replay what it received or is
# to receive: three times as much is less than the timeout of the hooks.
patience=${PATIENCE_SECONDS-8}

# wrong MESSAGE: ends as a variable is wrong.
wrong() {
  echo "${0##*/}: $1" >&2
  exit 64
}

case ${UNDERSTUDY_EPOCH-} in
  by-hand) ;;
  '') wrong "UNDERSTUDY_EPOCH is missing: Understudy runs this program; to run it by hand, set by-hand" ;;
  0* | *[!0-9]* | ???????????????????*)
    wrong "UNDERSTUDY_EPOCH: expected by-hand or a number of 1 to 18 digits from 1 on, found \"$UNDERSTUDY_EPOCH\"" ;;
esac
[ -n "${UNDERSTUDY_SERVER-}" ] || wrong "UNDERSTUDY_SERVER is missing: the server that is to be called"
UNDERSTUDY_FROM=${UNDERSTUDY_FROM-}
UNDERSTUDY_TO=${UNDERSTUDY_TO-}
UNDERSTUDY_PLANNED=${UNDERSTUDY_PLANNED:-false}

# Tells this run from all others.
run=$(uname -n).$$.$(date +%s)

# What the scripts below have at the server.
functions() {
  cat <<'END'
sql() { psql -XAtqd postgres -c "$1"; }
control() { pg_controldata "$folder" | sed -n "s/^$1: *//p"; }

# fail STATUS MESSAGE
fail() {
  echo "$2" >&2
  exit "$1"
}

# within SECONDS COMMAND: repeats it until it succeeds.
within() {
  deadline=$(($(date +%s) + $1))
  until "$2"; do
    [ "$(date +%s)" -lt "$deadline" ] || return 1
    sleep 0.1
  done
}

# Has this server to itself until it ends, and knows the newest call here. What is started to stay must not inherit the lock: 9>&-
lock() {
  folder=$(postgres -C data_directory)
  exec 9>>"$folder.epoch.lock"
  flock -w "$PATIENCE" 9 || fail 1 "another call runs at this server"
  heard=0 heard_hook='' heard_run=''
  if [ -e "$folder.epoch" ]; then
    heard=''
    read -r heard heard_hook heard_run <"$folder.epoch" || true
  fi
  case $heard in
    '' | *[!0-9]*) fail 1 "$folder.epoch: expected an epoch, the hook and the run; write the pool's epoch into it, or delete it" ;;
  esac
}

# begin HOOK: this is the newest call here, or it ends.
begin() {
  lock
  hook=$1
  if [ "$EPOCH" = by-hand ]; then
    EPOCH=$heard hook=${heard_hook:-$1}
  fi
  [ "$EPOCH" -ge "$heard" ] || fail 3 "epoch $EPOCH is over: this server has heard of $heard_hook in epoch $heard"
  [ "$EPOCH" -gt "$heard" ] || [ "$hook" = "${heard_hook:-$hook}" ] ||
    fail 3 "$hook in epoch $EPOCH is refused: this server has heard of $heard_hook in that epoch"
  echo "$EPOCH $hook $RUN" >"$folder.epoch.new"
  sync "$folder.epoch.new"
  mv "$folder.epoch.new" "$folder.epoch"
  sync "${folder%/*}"
}
END
}

# on HOST [ARGUMENT]: runs the shell script on standard input there, all of it or nothing, as the user postgres.
on() {
  {
    functions
    echo '{'
    cat
    echo '}'
  } | ssh -o BatchMode=yes -o ConnectTimeout=3 "postgres@$1" \
    "export LC_ALL=C PATH=$bin:\$PATH PGDATA=$config PGCONNECT_TIMEOUT=5 LOG=$log;" \
    "export EPOCH=$UNDERSTUDY_EPOCH RUN=$run PATIENCE=$patience; exec sh -eus -- ${2-}"
}
