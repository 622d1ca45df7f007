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
	"golang.org/x/sys/unix"
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
	log, err := os.Create(d.file("log"))
	assert.NilError(t, err)
	defer log.Close()
	cmd := exec.Command("containerd", "--config", d.file("config.toml"))
	cmd.Stdout, cmd.Stderr = log, log
	assert.NilError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { d.stop(t, cmd, ended) })
	late := time.After(2 * time.Minute)
	for d.command("version").Run() != nil {
		select {
		case err := <-ended:
			t.Fatalf("containerd: %v\n%s", err, d.logged())
		case <-late:
			t.Fatalf("containerd does not answer:\n%s", d.logged())
		case <-time.After(200 * time.Millisecond):
		}
	}
	return d
}

func (d *containerd) file(name string) string { return filepath.Join(d.dir, name) }

func (d *containerd) logged() string {
	b, _ := os.ReadFile(d.file("log"))
	return string(b[max(0, len(b)-10000):])
}

func (d *containerd) stop(t *testing.T, cmd *exec.Cmd, ended chan error) {
	if t.Failed() {
		t.Logf("containerd's log ends:\n%s", d.logged())
	}
	_ = cmd.Process.Signal(unix.SIGTERM)
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Errorf("containerd does not end")
		_ = cmd.Process.Kill()
	}
	left, _ := filepath.Glob(d.file("state/io.containerd.runtime.v2.task/*/*"))
	assert.Check(t, len(left) == 0, "bundles are left: %v", left)
}

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
