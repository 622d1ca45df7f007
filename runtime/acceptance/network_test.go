// SPDX-License-Identifier: Apache-2.0

// This file is programs that make and change networks, and what a container may do with its own.

package acceptance

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"

	"gotest.tools/v3/assert"
)

// networks are scripts in a network namespace of their own, natively too: the host's stays as it is.
var networks = []struct {
	name   string
	needs  []string
	script string
}{
	{"ping", []string{"ping:iputils-ping"}, `ip link set lo up
for to in 127.0.0.1 ::1 127.8.8.8; do ping -c 2 -i 0.01 -q $to | sed 's/time.*//; /^rtt/d'; done
ping -c 1 -W 1 10.1.2.3; echo status $?
echo 0 2147483647 >/proc/sys/net/ipv4/ping_group_range
setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all ping -c 1 -q 127.0.0.1 | sed 's/time.*//; /^rtt/d'`},
	{"tcpdump", []string{"tcpdump", "ping:iputils-ping"}, `ip link set lo up
tcpdump -i lo -c 4 -nn -t --immediate-mode -Z root icmp >out 2>err & dump=$!
until grep -qs listening err; do sleep 0.05; done
ping -c 2 -i 0.2 -s 20 -q 127.0.0.1 | grep transmitted | sed 's/time.*//'
wait $dump; echo status $?; sed 's/id [0-9]*/id N/' out`},
	{"ip netns", []string{"ip:iproute2", "ping:iputils-ping"}, `mount -t tmpfs none /run; ip link set lo up
ip netns add there; ip netns list
ip link add v0 type veth peer name v1; ip link set v1 netns there
ip addr add 10.9.0.1/24 dev v0; ip link set v0 up
ip -n there addr add 10.9.0.2/24 dev v1; ip -n there link set v1 up; ip -n there link set lo up
ip -4 -o addr; ip netns exec there ip -4 -o addr; ip route; ip -n there route
for ns in "" "ip netns exec there"; do $ns ping -c 1 -W 5 -q 10.9.0.1 | grep transmitted | sed 's/time.*//'; done
ip netns exec there ping -c 1 -W 5 -q 10.9.0.1 | grep transmitted | sed 's/time.*//'
ip link add br0 type bridge; ip link set v0 master br0; ip -br link | awk '{ print $1 }'
ip route add 10.10.0.0/16 via 10.9.0.2; ip route; ip route del 10.10.0.0/16
ip netns exec there sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; cat /proc/sys/net/ipv4/conf/v1/forwarding; ls /proc/sys/net/ipv4/conf'
cat /proc/sys/net/ipv4/ip_forward; ls /proc/sys/net/ipv4/conf
ip netns del there; while [ -e /proc/sys/net/ipv4/conf/v0 ]; do sleep 0.05; done; ip -br link | awk '{ print $1 }'`},
	{"unprivileged", nil, `unshare -Urn sh -c 'ip link; ip link set lo up; ip addr add 10.1.2.3/32 dev lo; ip -o addr; cat /proc/sys/net/ipv4/ip_default_ttl
echo 33 >/proc/sys/net/ipv4/ip_default_ttl; cat /proc/sys/net/ipv4/ip_default_ttl'; unshare -Ur ip link set lo down 2>&1; echo status $?`},
}

func TestNetworks(t *testing.T) {
	for _, n := range networks {
		t.Run(n.name, func(t *testing.T) {
			need(t, append(n.needs, "unshare:util-linux", "ip:iproute2")...)
			sameBothSides(t, "unshare -n -m bash <<'END'\n"+n.script+"\nEND\n")
		})
	}
}

// Ports below 1024 of the host's network are for who may have them natively, and in the sandbox for those with the capability.
func TestLowPortsOfTheHost(t *testing.T) {
	need(t, "setpriv:util-linux", "/usr/bin/python3:python3")
	const bind = `/usr/bin/python3 -S -c "import _socket; s = _socket.socket(2, 1); s.setsockopt(1, 2, 1); s.bind(('127.0.0.1', 871)); print('bound')" 2>&1 | tail -n 1`
	native, inside := run(t, exec.Command("sh", "-c", bind)), run(t, do("--network=host", "sh", "-c", bind))
	assert.Equal(t, native.Stdout, inside.Stdout)
	without := run(t, do("--network=host", "setpriv", "--bounding-set=-net_bind_service", "--inh-caps=-net_bind_service", "sh", "-c", bind))
	assert.Equal(t, without.Stdout, "PermissionError: [Errno 13] Permission denied\n")
}

// TestNetworkOfAContainer has a container in a namespace that someone made, as engines do, under both runtimes.
func TestNetworkOfAContainer(t *testing.T) {
	need(t, "runc", "unshare:util-linux", "ip:iproute2", "nsenter:util-linux")
	for _, c := range []struct {
		name string
		caps []string
	}{{"none", nil}, {"raw", []string{"CAP_NET_RAW"}}, {"both", []string{"CAP_NET_RAW", "CAP_NET_ADMIN"}}} {
		t.Run(c.name, func(t *testing.T) {
			b := newBundle(t)
			var said [2]outcome
			for i, runtime := range []string{"runc", ditto} {
				holder := exec.Command("unshare", "-n", "sh", "-c", "ip link set lo up; echo $$; read line")
				in, err := holder.StdinPipe()
				assert.NilError(t, err)
				out, err := holder.StdoutPipe()
				assert.NilError(t, err)
				assert.NilError(t, holder.Start())
				pid, err := bufio.NewReader(out).ReadString('\n')
				assert.NilError(t, err)
				pid = strings.TrimSpace(pid)
				for _, ns := range b.part("linux")["namespaces"].([]any) {
					if ns := ns.(map[string]any); ns["type"] == "network" {
						ns["path"] = "/proc/" + pid + "/ns/net"
					}
				}
				b.part("process")["capabilities"] = map[string]any{"bounding": c.caps, "effective": c.caps, "permitted": c.caps}
				b.runs("sh", "-c", `ping -c 1 -q 127.0.0.1 2>&1 | grep -v round-trip; ip link set lo mtu 1300 2>&1; ip addr add 10.1.2.3/32 dev lo 2>&1; ip link show lo`)
				said[i] = run(t, exec.Command(runtime, "--root", b.root, "run", "--bundle", b.dir, fmt.Sprintf("c%d", i)))
				seen := run(t, exec.Command("nsenter", "--net=/proc/"+pid+"/ns/net", "ip", "-o", "addr"))
				said[i].Stdout += seen.Stdout
				_, _ = io.WriteString(in, "\n")
				assert.NilError(t, holder.Wait())
			}
			assert.DeepEqual(t, said[1], said[0])
		})
	}
}
