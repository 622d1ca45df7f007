// SPDX-License-Identifier: Apache-2.0

// This file is about the Go standard library's own tests.

package suites

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gotest.tools/v3/assert"
)

// goSuites are packages of the standard library, and how their tests differ.
var goSuites = []struct {
	pkg    string
	short  bool
	env    []string
	flags  []string // of ditto do
	differ []difference
}{
	// Go's runtime holds the files of its control group open, which a sandbox has not, and
	// a test of descriptors is skipped then.
	{pkg: "os/exec", env: []string{"GODEBUG=containermaxprocs=0"}},
	{pkg: "os/signal"},
	{pkg: "syscall", flags: hostNetwork}, // TestUnshare wants interfaces
	{pkg: "runtime", short: true, differ: []difference{
		{"TestDecorateMappings", "a host's kernel may lack names of memory (CONFIG_ANON_VMA_NAME), and the test is skipped there; a sandbox has them"},
	}},
	{pkg: "sync"},
	{pkg: "time"},
	{pkg: "os", differ: []difference{{"TestNonPollable", noTunnels}}},
	{pkg: "io/fs"},
	{pkg: "path/filepath"},
	{pkg: "internal/poll", differ: []difference{{"TestReadError/ErrNotPollable", noTunnels}}},
	// Short: the rest asks name servers of the world. TestSplice moves gigabytes even so.
	{pkg: "net", short: true, flags: hostNetwork, differ: []difference{
		{"TestIPConn*", "raw sockets of the host's network are not for a sandbox"},
		{"TestMultiPathTCP", "there is no MPTCP, as in a kernel built without"},
		{"TestPointToPointInterface", "tunnels are made by ioctls of drivers, which are not let through"},
	}},
	{pkg: "net/http", flags: hostNetwork},
	{pkg: "net/netip"},
	{pkg: "crypto/tls", flags: hostNetwork},
}

const noTunnels = "a sandbox has no /dev/net/tun, as a container has none, and the test is skipped"

// TestGo compiles each package's tests once, natively, and runs them on both
// sides where they expect to be, in the package's directory.
func TestGo(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	assert.NilError(t, err)
	src := filepath.Join(strings.TrimSpace(string(root)), "src")
	for _, s := range goSuites {
		t.Run(s.pkg, func(t *testing.T) {
			binary := filepath.Join(t.TempDir(), strings.ReplaceAll(s.pkg, "/", "_")+".test")
			build := exec.Command("go", "test", "-c", "-o", binary, s.pkg)
			build.Dir = src
			build.Env = append(os.Environ(), goEnv...)
			out, err := build.CombinedOutput()
			assert.NilError(t, err, "%s", out)
			// Not the leader of a session, as the sandbox's first process is: a terminal that a test of net opens would be its own.
			argv := []string{"sh", "-c", `"$@"; exit $?`, "sh",
				"env", "-C", filepath.Join(src, s.pkg), binary, "-test.v=test2json", "-test.timeout=20m"}
			if s.short {
				argv = append(argv, "-test.short")
			}
			compare(t, suite{name: s.pkg, argv: argv, flags: s.flags, env: slices.Concat(goEnv, s.env), parse: parseGo, differ: s.differ})
		})
	}
}

// goEnv is so that a test that builds programs does so with what is here.
var goEnv = []string{"GOFLAGS=", "GOPROXY=off", "GOTOOLCHAIN=local", "GOWORK=off"}

// goVerdict is the line that ends a test; goTest the one that starts it or goes on with it. With
// -test.v=test2json each has a mark in front, so that what a test
// prints can't be taken for one.
var (
	goVerdict = regexp.MustCompile(`\x16 *--- (PASS|FAIL|SKIP): (\S+) \([0-9.]+s\)\n`)
	goTest    = regexp.MustCompile(`\x16=== (?:RUN|CONT|NAME) +(\S*)\n`)
)

// parseGo reads what a test binary prints.
func parseGo(output string) verdicts {
	got := verdicts{}
	said := map[string]string{}
	starts := goTest.FindAllStringSubmatchIndex(output, -1)
	for i, m := range starts {
		end := len(output)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		if name := output[m[2]:m[3]]; name != "" {
			got[name] = verdict{Word: "no verdict"}
			said[name] += output[m[1]:end]
		}
	}
	for _, m := range goVerdict.FindAllStringSubmatch(output, -1) {
		got[m[2]] = verdict{Word: m[1]}
	}
	for name, v := range got {
		if v.Word != "PASS" {
			v.Detail = tail(said[name])
			got[name] = v
		}
	}
	return got
}

func TestParseGo(t *testing.T) {
	const mark = "\x16"
	got := parseGo(mark + "=== RUN   TestA\n" + mark + "=== RUN   TestA/one\n" + mark + "--- FAIL: TestA (0.01s)\n" +
		"    a_test.go:7: wrong\n" + mark + "    --- PASS: TestA/one (0.00s)\n" +
		mark + "=== NAME  \n" + mark + "=== RUN   TestB\n--- PASS: TestC (0.00s)\n" + mark + "--- SKIP: TestB (0.00s)\n" +
		mark + "=== RUN   TestD\npanic: oh\n")
	words := map[string]string{}
	for name, v := range got {
		words[name] = v.Word
	}
	assert.DeepEqual(t, words, map[string]string{"TestA": "FAIL", "TestA/one": "PASS", "TestB": "SKIP", "TestD": "no verdict"})
	assert.Equal(t, got["TestD"].Detail, "panic: oh\n")
}
