# SPDX-License-Identifier: Apache-2.0
#
# Run by TestServers in an empty directory; $PORT and the next one are free.
say() { echo "== $1: $2"; }
d=$PWD

# The keys are made here, for here.
[ "$(id -u)" = 0 ] && mkdir -p /run/sshd
ssh-keygen -q -t ed25519 -N '' -f host
ssh-keygen -q -t ed25519 -N '' -f id
cp id.pub authorized
cat >conf <<END
Port $PORT
ListenAddress 127.0.0.1
HostKey $d/host
AuthorizedKeysFile $d/authorized
StrictModes no
PidFile none
UsePAM no
PermitRootLogin yes
END
/usr/sbin/sshd -D -e -f $d/conf 2>log & server=$!
reach() { local port=$1; shift; $exec ssh -p $port -i id -o StrictHostKeyChecking=no -o UserKnownHostsFile=$d/known -o LogLevel=ERROR "$@"; }
until reach $PORT 127.0.0.1 true; do kill -0 $server || { cat log; exit 1; }; sleep 0.1; done
say 'output' "$(reach $PORT 127.0.0.1 'echo hi; exit 3') and status $?"
say 'a terminal' "$(reach $PORT -tt 127.0.0.1 'tty | sed s/[0-9]*$/N/; stty size; echo $TERM; read x; echo got $x' <<<line | tr '\r\n' '  ')"
say 'much input' "$(seq 200000 | reach $PORT 127.0.0.1 md5sum)"
exec=exec reach $PORT -N -L $((PORT + 1)):127.0.0.1:$PORT 127.0.0.1 & tunnel=$!
until [ "$(reach $((PORT + 1)) 127.0.0.1 echo through)" = through ]; do kill -0 $tunnel || break; sleep 0.1; done 2>/dev/null
say 'a tunnel' "$(reach $((PORT + 1)) 127.0.0.1 echo through)"
kill $tunnel $server
wait $server
say 'exit status' $?
