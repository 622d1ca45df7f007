// SPDX-License-Identifier: Apache-2.0

// This file is about stress-ng, whose stressors verify what they do.

package suites

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gotest.tools/v3/assert"
)

// stressors of the families of processes, signals, time and memory.
var stressors = []string{
	"fork", "vfork", "clone", "pthread", "futex", "mutex", "signal", "sigq", "sigsuspend", "timer", "itimer",
	"mmap", "mremap", "brk", "stack", "shm", "sem", "switch", "wait", "kill",
}

// fileStressors are those of files, directories, locks and pipes.
var fileStressors = []string{
	"hdd", "dentry", "dir", "dirdeep", "rename", "link", "symlink", "xattr", "flock", "locka", "lockofd", "lockf", "fallocate",
	"filename", "inotify", "fifo", "pipe", "splice", "tee", "vm-splice", "sendfile", "copy-file", "getdent", "mknod", "open",
	"utime", "chmod", "chown", "pty",
}

// netStressors are those of sockets and of what waits for them, in the network of the host. Of SCTP and
// DCCP both sides want the same refusal, or the host's kernel has them and they are skipped.
var netStressors = []string{
	"sock", "sockpair", "sockmany", "sockfd", "sockabuse", "sockdiag", "udp", "udp-flood", "epoll", "poll", "select", "netdev",
	"ping-sock", "sctp", "dccp",
}

// rawStressors want raw sockets, which root has in a network of the sandbox's own only.
var rawStressors = []string{"icmp-flood", "rawsock", "rawudp", "rawpkt"}

// TestStressNG wants the same exit status from both sides, and no verification to fail. How
// much each side did in its time is in the log. STRESSNG_SECONDS is how long each
// stressor runs.
func TestStressNG(t *testing.T) {
	if _, err := exec.LookPath("stress-ng"); err != nil {
		t.Fatal("stress-ng is not on this machine: install package stress-ng (tools/deps/deps does)")
	}
	seconds := "5"
	if s := os.Getenv("STRESSNG_SECONDS"); s != "" {
		seconds = s
	}
	for _, name := range stressors {
		t.Run(name, func(t *testing.T) { sameStress(t, name, seconds) })
	}
	for _, name := range fileStressors {
		t.Run(name, func(t *testing.T) { sameStress(t, name, seconds) })
	}
	for _, name := range rawStressors {
		t.Run(name, func(t *testing.T) { sameStress(t, name, seconds, "--network=none") })
	}
	for _, name := range netStressors {
		t.Run(name, func(t *testing.T) { sameStress(t, name, seconds, hostNetwork...) })
	}
}

func sameStress(t *testing.T, name, seconds string, flags ...string) {
	t.Helper()
	argv := []string{"stress-ng", "--" + name, "1", "-t", seconds, "--verify", "--metrics-brief", "--temp-path", t.TempDir()}
	native, inside := stress(t, argv), stress(t, slices.Concat([]string{ditto, "do"}, flags, argv))
	t.Logf("bogo operations: natively %s, in the sandbox %s", native.ops, inside.ops)
	assert.Equal(t, inside.state, native.state, "%s", inside.output)
	assert.Equal(t, inside.failures, native.failures, "%s", inside.output)
}

// stressed is what a stressor came to.
type stressed struct{ state, failures, ops, output string }

var (
	stressFailure = regexp.MustCompile(`(?m)^stress-ng: (?:fail|error): *\[\d+\] (.*)$`)
	stressOps     = regexp.MustCompile(`(?m)^stress-ng: (?:info|metrc): *\[\d+\] [a-z-]+ +(\d+) `)
)

func stress(t *testing.T, argv []string) stressed {
	t.Helper()
	cmd := exec.Command("env", append([]string{"--default-signal"}, argv...)...)
	out, _ := cmd.CombinedOutput()
	r := stressed{state: cmd.ProcessState.String(), output: string(out)}
	for _, m := range stressFailure.FindAllStringSubmatch(r.output, -1) {
		r.failures += m[1] + "\n"
	}
	if m := stressOps.FindStringSubmatch(r.output); m != nil {
		r.ops = m[1]
	} else if !strings.Contains(r.output, "metrc") {
		r.ops = "none"
	}
	return r
}
