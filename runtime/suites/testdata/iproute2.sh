# SPDX-License-Identifier: Apache-2.0
#
# Run by TestServers in an empty directory; $PORT and the next one are free.
say() { echo "== $1: $2"; }
d=$PWD

say 'ip link' "$(ip -o link show lo | tr -s ' \n' ' ')"
say 'ip address' "$(ip -o addr show lo | tr -s ' \n' ' ')"
say 'ip route' "$(ip route show table local dev lo | grep -v broadcast | tr '\n' ' ')"
python3 -c '
import signal, socket, sys
port = int(sys.argv[1])
l = socket.create_server(("127.0.0.1", port))
c = socket.create_connection(("127.0.0.1", port))
u = socket.socket(socket.AF_UNIX)
u.bind("\0ditto-%d" % port)
u.listen()
print("up", flush=True)
signal.pause()
' $PORT >up & server=$!
until [ -s up ]; do sleep 0.05; done
say 'ss -tln' "$(ss -Htln "sport = :$PORT" | tr -s ' ')"
say 'ss -tn' "$(ss -Htn "dport = :$PORT" | tr -s ' ' | sed 's/:[0-9]* 127/:N 127/')"
say 'ss -tlnp' "$(ss -Htlnp "sport = :$PORT" | grep -o '"[^"]*"')"
say 'ss -xl' "$(ss -Hxl | grep -o "@ditto-$PORT")"
say '/proc/net/tcp' "$(awk -v p=":$(printf %04X $PORT)" 'index($2, p) { print $2, $3, $4, $8 }' /proc/net/tcp)"
say '/proc/net/unix' "$(grep -o "00010000 0001 01 .*@ditto-$PORT" /proc/net/unix | tr -s ' ' | sed 's/ [0-9]* @/ N @/')"
kill $server
