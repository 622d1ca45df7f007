// SPDX-License-Identifier: Apache-2.0

// This file is about ditto under podman: the same as runc under the same podman.

package acceptance

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gotest.tools/v3/assert"
)

// podman is a store of images and containers of a test's own.
type podman struct{ dir string }

func newPodman(t *testing.T) *podman {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("podman's rootless containers need user namespaces, which Ditto's have not yet")
	}
	need(t, "podman", "runc", "busybox:busybox-static")
	dir, err := os.MkdirTemp("", "ditto-pod-")
	assert.NilError(t, err)
	p := &podman{dir}
	t.Cleanup(func() { (&docker{dir: dir}).remove(t) })
	unpack(t, busybox(t), p.file("rootfs"))
	return p
}

func (p *podman) file(name string) string { return filepath.Join(p.dir, name) }

func (p *podman) command(runtime string, args ...string) *exec.Cmd {
	return exec.Command("podman", append([]string{"--root", p.file("root"), "--runroot", p.file("run"), "--cgroup-manager", "cgroupfs",
		"--events-backend", "file", "--runtime", runtime}, args...)...)
}

// What differs from one container to the next.
var ids = regexp.MustCompile(`[0-9a-f]{64}|[0-9a-f]{12}`)

// life is what podman shows of containers' lives under a runtime.
func (p *podman) life(t *testing.T, runtime string) (seen []string) {
	step := func(args ...string) outcome {
		o := run(t, p.command(runtime, args...))
		text := ids.ReplaceAllString(o.Stdout+plainError(o.Stderr), "ID")
		seen = append(seen, fmt.Sprintf("%s: %s\n%s", args[0], o.Status, text))
		return o
	}
	// The limits that podman wants by default are more than this machine may give.
	start := func(args ...string) {
		step(append([]string{"run", "--network", "none", "--ulimit", "nofile=500:500", "--ulimit", "nproc=500:500"}, args...)...)
	}
	start("--rm", "--rootfs", p.file("rootfs"), "sh", "-c", "echo out; id; ulimit -n; cat /proc/1/comm; exit 3")
	start("--rm", "--rootfs", p.file("rootfs"), "no-such")
	start("--rm", "--hostname", "h", "--env", "A=b", "--workdir", "/tmp", "--rootfs", p.file("rootfs"), "sh", "-c", "hostname; echo $A $PWD")
	start("--detach", "--name", "long", "--rootfs", p.file("rootfs"), "sh", "-c", "trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.1; done")
	defer func() { _ = p.command(runtime, "rm", "--force", "--ignore", "long").Run() }()
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		if out, _ := p.command(runtime, "logs", "long").Output(); strings.Contains(string(out), "ready") {
			break
		}
	}
	step("exec", "long", "sh", "-c", "echo in exec; echo problem >&2; exit 5")
	step("exec", "long", "no-such")
	step("pause", "long")
	step("inspect", "--format", "{{.State.Status}}", "long")
	step("unpause", "long")
	// No top: podman looks for the processes in the /proc of the kernel process's own mounts, and there is nothing.
	step("stop", "--time", "30", "long")
	step("logs", "long")
	step("inspect", "--format", "{{.State.Status}} {{.State.ExitCode}}", "long")
	step("rm", "long")
	step("ps", "--all")
	return seen
}

func TestPodman(t *testing.T) {
	p := newPodman(t)
	if diff := cmp.Diff(p.life(t, "runc"), p.life(t, ditto)); diff != "" {
		t.Errorf("ditto (+) differs from runc (-):\n%s", diff)
	}
}
