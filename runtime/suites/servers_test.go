// SPDX-License-Identifier: Apache-2.0

// This file is about servers and their clients, in one sandbox: what passes between them over TCP and Unix sockets.

package suites

import (
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gotest.tools/v3/assert"
)

// serverSuites are scripts of testdata: each says "== what: outcome" a line.
var serverSuites = []struct {
	name  string
	needs []string // paths or commands; without them it is skipped
}{
	{"redis", []string{"redis-server", "redis-cli", "redis-benchmark"}},
	{"nginx", []string{"nginx", "curl"}},
	{"wrk", []string{"nginx", "curl", "wrk", "openssl"}},
	{"apt", []string{"apt-get", "dpkg-deb", "python3", "curl"}},
	{"node", []string{"node"}},
	{"sshd", []string{"/usr/sbin/sshd", "ssh", "ssh-keygen"}},
	{"iperf3", []string{"iperf3"}},
	{"postgres", []string{"/usr/lib/postgresql/15/bin/initdb", "su"}},
	{"iproute2", []string{"ip", "ss", "python3"}},
}

func TestServers(t *testing.T) {
	for _, s := range serverSuites {
		for _, network := range []string{"none", "host"} {
			t.Run(s.name+"/"+network, func(t *testing.T) {
				for _, n := range s.needs {
					if _, err := exec.LookPath(n); err != nil {
						t.Skipf("%s is not on this machine", n)
					}
				}
				script, err := filepath.Abs("testdata/" + s.name + ".sh")
				assert.NilError(t, err)
				compare(t, suite{
					name:  s.name + "-" + network,
					argv:  []string{"bash", script},
					env:   []string{"PORT=" + freePorts(t)},
					flags: []string{"--network=" + network},
					limit: 10 * time.Minute,
					parse: parseLines,
				})
			})
		}
	}
}

// freePorts is the first of two ports that nobody listens on.
func freePorts(t *testing.T) string {
	t.Helper()
	for {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		assert.NilError(t, err)
		port := l.Addr().(*net.TCPAddr).Port
		l.Close()
		next, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port+1))
		if err == nil {
			next.Close()
			return fmt.Sprint(port)
		}
	}
}

// parseLines reads what a script of testdata says.
func parseLines(output string) verdicts {
	v := verdicts{}
	for line := range strings.Lines(output) {
		if line, ok := strings.CutPrefix(line, "== "); ok {
			what, outcome, _ := strings.Cut(strings.TrimSpace(line), ": ")
			v[what] = verdict{Word: outcome, Detail: tail(output)}
		}
	}
	return v
}

func TestParseLines(t *testing.T) {
	got := parseLines("noise\n== get: b\n== status: 0 \n== empty:\n")
	assert.Equal(t, len(got), 3)
	assert.Equal(t, got["get"].Word, "b")
	assert.Equal(t, got["status"].Word, "0")
}
