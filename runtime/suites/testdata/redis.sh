# SPDX-License-Identifier: Apache-2.0
#
# Run by TestServers in an empty directory; $PORT and the next one are free.
say() { echo "== $1: $2"; }
d=$PWD

redis-server --port $PORT --save '' --daemonize no --unixsocket r.sock >log 2>&1 &
server=$!
cli="redis-cli -p $PORT"
until $cli ping 2>/dev/null | grep -q PONG; do kill -0 $server || { cat log; exit 1; }; sleep 0.05; done
say set "$($cli set a b)"
say get "$($cli get a)"
say 'incr, by the Unix socket' "$(redis-cli -s r.sock incr n)"
say 'a pipe of commands' "$(for i in $(seq 500); do echo "SET k$i $i"; done | $cli --pipe | tail -1)"
say dbsize "$($cli dbsize)"
# Only that it gets through: speed is not compared.
say benchmark "$(redis-benchmark -p $PORT -n 300 -c 10 -t get,set --csv | cut -d, -f1 | tr -d '\n')"
say 'benchmark, pipelined' "$(redis-benchmark -p $PORT -n 1000 -P 16 -t get,lpush --csv | cut -d, -f1 | tr -d '\n')"
say 'benchmark, by the Unix socket' "$(redis-benchmark -s r.sock -n 200 -c 5 -t incr --csv | cut -d, -f1 | tr -d '\n')"
say 'latency, in numbers' "$($cli --latency | wc -w)"
($cli subscribe news >heard & echo $! >sub)
until [ "$($cli publish news hello)" = 1 ]; do sleep 0.05; done
until grep -qs hello heard; do sleep 0.05; done
say published "$(tr '\n' ' ' <heard)"
kill "$(cat sub)"
$cli shutdown nosave
wait $server
say 'exit status' $?
