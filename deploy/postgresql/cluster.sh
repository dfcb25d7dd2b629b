# Where PostgreSQL is on its hosts, for demote and promote beside this file: as Debian and Ubuntu have it.
version=15
bin=/usr/lib/postgresql/$version/bin
config=/etc/postgresql/$version/main
log=/var/log/postgresql/postgresql-$version-main.log

# on HOST [ARGUMENT]: runs the shell script on standard input there, as the user postgres.
on() {
  ssh -o BatchMode=yes -o ConnectTimeout=3 "postgres@$1" \
    "export PATH=$bin:\$PATH PGDATA=$config LOG=$log; exec sh -eus -- ${2-}"
}
