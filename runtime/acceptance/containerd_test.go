// SPDX-License-Identifier: Apache-2.0

// This file is about ditto under containerd, by its runc shim: the same as runc under the same daemon.

package acceptance

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gotest.tools/v3/assert"
)

// containerd is a daemon that lives as long as a test.
type containerd struct{ dir string }

func startContainerd(t *testing.T) *containerd {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("containerd needs root")
	}
	need(t, "containerd", "ctr:containerd", "runc", "busybox:busybox-static")
	// Not t.TempDir: a socket's name must be short.
	dir, err := os.MkdirTemp("", "ditto-ctd-")
	assert.NilError(t, err)
	d := &containerd{dir}
	t.Cleanup(func() { (&docker{dir: dir}).remove(t) })
	unpack(t, busybox(t), d.file("rootfs"))
	config := fmt.Sprintf("version = 2\nroot = %q\nstate = %q\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n[grpc]\n  address = %q\n",
		d.file("root"), d.file("state"), d.file("sock"))
	assert.NilError(t, os.WriteFile(d.file("config.toml"), []byte(config), 0o644))
	cmd := exec.Command("containerd", "--config", d.file("config.toml"))
	daemon := startDaemon(t, cmd, d.file("log"), func() *exec.Cmd { return d.command("version") })
	t.Cleanup(func() {
		daemon.stop(t)
		left, _ := filepath.Glob(d.file("state/io.containerd.runtime.v2.task/*/*"))
		assert.Check(t, len(left) == 0, "bundles are left: %v", left)
	})
	return d
}

func (d *containerd) file(name string) string { return filepath.Join(d.dir, name) }

func (d *containerd) command(args ...string) *exec.Cmd {
	return exec.Command("ctr", append([]string{"--address", d.file("sock")}, args...)...)
}

// What is a number here and another one there: process ids, dates, sizes; and what a runtime calls itself.
var (
	numbers = regexp.MustCompile(`\d{3,}\S*`)
	whose   = regexp.MustCompile(`(runc create|exec) failed: unable to start container process: |time="\S+" `)
	blanks  = regexp.MustCompile(` +`)
)

// life is what containerd's client shows of containers' lives under a runtime.
func (d *containerd) life(t *testing.T, binary string) (seen []string) {
	step := func(args ...string) {
		o := run(t, d.command(args...))
		text := numbers.ReplaceAllString(whose.ReplaceAllString(o.Stdout+o.Stderr, ""), "N")
		seen = append(seen, fmt.Sprintf("%v: %s\n%s", args[:2], o.Status, blanks.ReplaceAllString(text, " ")))
	}
	start := func(how, id string, args ...string) {
		step(append([]string{"run", how, "--env", "PATH=/bin", "--runc-binary", binary, "--rootfs", d.file("rootfs"), id}, args...)...)
	}
	start("--rm", "short", "sh", "-c", "echo out; id; cat /proc/1/comm; exit 3")
	start("--rm", "none", "no-such")
	// It tells in a file that it is ready for the signal.
	start("--detach", "long", "sh", "-c", "trap 'exit 7' TERM; touch /ready; while :; do sleep 0.1; done")
	ready := d.file("rootfs/ready")
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(ready); err == nil {
			break
		}
	}
	assert.NilError(t, os.Remove(ready))
	step("task", "ls")
	step("task", "exec", "--exec-id", "one", "long", "sh", "-c", "echo in exec; exit 5")
	step("task", "exec", "--exec-id", "two", "long", "no-such")
	step("task", "pause", "long")
	step("task", "ls")
	step("task", "resume", "long")
	step("task", "kill", "--signal", "TERM", "long")
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		if out, _ := d.command("task", "ls").Output(); regexp.MustCompile(`long .*STOPPED`).Match(out) {
			break
		}
	}
	step("task", "ls")
	step("task", "delete", "long")
	step("container", "delete", "long")
	step("container", "ls")
	return seen
}

func TestContainerd(t *testing.T) {
	d := startContainerd(t)
	if diff := cmp.Diff(d.life(t, "runc"), d.life(t, ditto)); diff != "" {
		t.Errorf("ditto (+) differs from runc (-):\n%s", diff)
	}
}
