# SPDX-License-Identifier: Apache-2.0
#
# Run by TestServers in an empty directory; $PORT and the next one are free.
say() { echo "== $1: $2"; }
d=$PWD

export PATH=/usr/lib/postgresql/15/bin:$PATH
# It refuses to run as root.
if [ "$(id -u)" = 0 ]; then
	chmod 755 $d
	data=$(mktemp -d /tmp/ditto-pg-XXXXXX)
	chown postgres $data
	su postgres -s /bin/bash -c "cd $data && PORT=$PORT bash -s" <"$0"
	status=$?
	rm -rf $data
	exit $status
fi
initdb -D data -N >init.log 2>&1
say initdb $?
pg_ctl -D data -w -t 300 -l log -o "-p $PORT -k $d -c listen_addresses=127.0.0.1" start >/dev/null
say start $?
export PGPORT=$PORT PGHOST=$d
createdb t
say createdb $?
pgbench -i -q t >/dev/null 2>&1
say 'pgbench -i' $?
say 'by TCP' "$(pgbench -h 127.0.0.1 -T 5 -c 4 t 2>&1 | grep failed)"
say 'by a Unix socket' "$(pgbench -T 2 -c 2 t 2>&1 | grep failed)"
say accounts "$(psql t -Atc 'select count(*), sum(bid) from pgbench_accounts')"
pg_ctl -D data -m fast -w stop >/dev/null
say stop $?
