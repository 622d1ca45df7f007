# SPDX-License-Identifier: Apache-2.0
#
# Run by TestServers in an empty directory; $PORT and the next one are free.
say() { echo "== $1: $2"; }
d=$PWD

# Only that data gets through: speed is not compared.
both() {
	local what=$1; shift
	iperf3 -s -1 -p $PORT -B 127.0.0.1 >server.log 2>&1 & local server=$!
	for i in $(seq 100); do
		iperf3 -c 127.0.0.1 -p $PORT -t 1 "$@" >client.log 2>&1
		status=$?
		grep -q 'Connection refused' client.log || break
		sleep 0.05
	done
	wait $server
	say "$what" "client $status, server $?, $(grep -c receiver client.log) receivers"
}
both 'to the server'
both 'from the server' -R
both 'in parallel' -P 4
both 'UDP' -u -b 10M
