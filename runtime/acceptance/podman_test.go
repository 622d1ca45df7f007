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
		t.Skip("TestPodmanRootless makes a user of its own, as root")
	}
	need(t, "podman", "runc", "busybox:busybox-static")
	dir, err := os.MkdirTemp("", "ditto-pod-")
	assert.NilError(t, err)
	p := &podman{dir}
	t.Cleanup(func() { (&docker{dir: dir}).remove(t) })
	unpack(t, busybox(t), p.file("rootfs"))
	// The limits that podman wants by default are more than this machine may give.
	assert.NilError(t, os.WriteFile(p.file("containers.conf"), []byte("[containers]\ndefault_ulimits = [\"nofile=500:500\", \"nproc=500:500\"]\n"), 0o644))
	return p
}

func (p *podman) file(name string) string { return filepath.Join(p.dir, name) }

func (p *podman) command(runtime string, args ...string) *exec.Cmd {
	cmd := exec.Command("podman", append([]string{"--root", p.file("root"), "--runroot", p.file("run"), "--cgroup-manager", "cgroupfs",
		"--events-backend", "file", "--runtime", runtime}, args...)...)
	cmd.Env = append(os.Environ(), "CONTAINERS_CONF="+p.file("containers.conf"))
	return cmd
}

// What differs from one container to the next.
var ids = regexp.MustCompile(`[0-9a-f]{64}|[0-9a-f]{12}`)

// life is what podman shows of containers' lives under a runtime.
func (p *podman) life(t *testing.T, runtime string) (seen []string) {
	step := func(args ...string) outcome {
		o := run(t, p.command(runtime, args...))
		text := ids.ReplaceAllString(o.Stdout+plainError(o.Stderr), "ID")
		// A pod's containers end with its first one, so the others may be gone when podman gets to them.
		text = strings.ReplaceAll(text, "ditto: container not running\n", "")
		seen = append(seen, fmt.Sprintf("%s: %s\n%s", args[0], o.Status, text))
		return o
	}
	start := func(args ...string) {
		step(append([]string{"run", "--network", "none"}, args...)...)
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
	// With options of ps podman runs that in the container. Without it looks for the processes in the /proc of the kernel process's own
	// mounts, and there is nothing.
	start("--detach", "--name", "top", "--rootfs", p.file("rootfs"), "sleep", "1000")
	step("top", "top", "-o", "comm")
	step("rm", "--force", "--time", "0", "top")
	start("--rm", "--security-opt", "proc-opts=hidepid=2,subset=pid", "--user", "1", "--rootfs", p.file("rootfs"), "sh", "-c", "ls -d /proc/1 /proc/version")
	step("stop", "--time", "30", "long")
	step("logs", "long")
	step("inspect", "--format", "{{.State.Status}} {{.State.ExitCode}}", "long")
	step("rm", "long")
	step("ps", "--all")
	return seen
}

func TestPodman(t *testing.T) {
	p := newPodman(t)
	for _, c := range []struct {
		name string
		life func(t *testing.T, runtime string) []string
	}{{"containers", p.life}, {"pods", p.pods}, {"user namespaces", p.users}} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.life(t, "runc"), c.life(t, ditto)); diff != "" {
				t.Errorf("ditto (+) differs from runc (-):\n%s", diff)
			}
		})
	}
}

// podmanSteps is what was done under a runtime, and what they showed.
type podmanSteps struct {
	*podman
	t       *testing.T
	runtime string
	seen    []string
}

func (s *podmanSteps) step(args ...string) string {
	o := run(s.t, s.command(s.runtime, args...))
	text := ids.ReplaceAllString(o.Stdout+plainError(o.Stderr), "ID")
	if args[0] == "pod" { // its containers end with its first one, so the others may be gone when podman gets to them
		text = strings.ReplaceAll(text, "ditto: container not running\n", "")
	}
	s.seen = append(s.seen, fmt.Sprintf("%s: %s\n%s", strings.Join(args, " "), o.Status, text))
	return o.Stdout
}

// run is "podman run".
func (s *podmanSteps) run(args ...string) string { return s.step(append([]string{"run"}, args...)...) }

// pods is containers that share a network, message queues and names with podman's own first container of the pod.
func (p *podman) pods(t *testing.T, runtime string) []string {
	s := &podmanSteps{podman: p, t: t, runtime: runtime}
	load := s.command(runtime, "import", "-", "localhost/infra")
	load.Stdin = busybox(t)
	out, err := load.CombinedOutput()
	assert.NilError(t, err, string(out))
	defer func() { _ = s.command(runtime, "pod", "rm", "--force", "--ignore", "pod").Run() }()
	s.step("pod", "create", "--name", "pod", "--network", "none", "--hostname", "together", "--infra-image", "localhost/infra", "--infra-command", "sleep 1000")
	s.run("--detach", "--pod", "pod", "--name", "web", "--rootfs", p.file("rootfs"), "sh", "-c", "mkdir -p /www; echo page > /www/index.html; httpd -p 127.0.0.1:8080 -h /www; exec sleep 1000")
	s.run("--rm", "--pod", "pod", "--rootfs", p.file("rootfs"), "sh", "-c", "hostname; for i in $(seq 100); do wget -qO- http://127.0.0.1:8080 && exit; sleep 0.1; done; exit 1")
	s.step("exec", "web", "cat", "/proc/1/comm")
	s.step("pod", "ps", "--format", "{{.Name}} {{.Status}} {{.NumberOfContainers}}")
	s.step("pause", "web")
	s.step("unpause", "web")
	s.step("pod", "stop", "--time", "0", "pod")
	s.step("pod", "ps", "--format", "{{.Name}} {{.Status}} {{.NumberOfContainers}}")
	s.step("pod", "start", "pod")
	s.step("exec", "web", "hostname")
	s.step("pod", "rm", "--force", "--time", "0", "pod")
	s.step("ps", "--all", "--format", "{{.Names}}")
	return s.seen
}

// users is who is who in a user namespace.
func (p *podman) users(t *testing.T, runtime string) []string {
	s := &podmanSteps{podman: p, t: t, runtime: runtime}
	load := s.command(runtime, "import", "-", "localhost/users")
	load.Stdin = busybox(t)
	out, err := load.CombinedOutput()
	assert.NilError(t, err, string(out))
	defer func() { _ = s.command(runtime, "rm", "--force", "--ignore", "mapped").Run() }()
	mapped := []string{"--network", "none", "--uidmap", "0:700000:2000", "--gidmap", "0:700000:2000"}
	s.run(append(append([]string{"--rm"}, mapped...), "localhost/users", "sh", "-c",
		"cat /proc/self/uid_map; id; stat -c '%u %g %n' /etc/passwd; echo x > /made; chown 5:6 /made; stat -c '%u %g' /made; chown 2000 /made; exit 3")...)
	s.run(append(append([]string{"--rm", "--user", "ann"}, mapped...), "localhost/users", "sh", "-c", "id; touch /made; touch /tmp/made && stat -c %u /tmp/made")...)
	s.run(append(append([]string{"--detach", "--name", "mapped"}, mapped...), "localhost/users", "sleep", "1000")...)
	s.step("exec", "mapped", "id", "-u")
	s.step("exec", "--user", "ann", "mapped", "id")
	s.step("stop", "--time", "0", "mapped")
	// What rm says is not compared: podman 4.3 removes the directory of such a container before it unmounts the shm there, and says
	// "device or resource busy" one time in ten, under runc as well.
	return s.seen
}

// As an ordinary user, with no more than a range of ids: podman has a user namespace made, and is root there.
func TestPodmanRootless(t *testing.T) {
	p := newPodman(t)
	need(t, "newuidmap:uidmap", "useradd:passwd")
	const user = "ditto-test-rootless"
	out, err := exec.Command("useradd", "--no-create-home", "--home-dir", p.file("home"), user).CombinedOutput()
	assert.NilError(t, err, string(out))
	t.Cleanup(func() {
		out, err := exec.Command("userdel", user).CombinedOutput()
		assert.Check(t, err == nil, string(out))
	})
	// Everything of podman's is in its home, and the pause process that keeps its namespace ends with the test.
	assert.NilError(t, os.Chmod(p.dir, 0o755))
	for _, dir := range []string{"home", "runtime"} {
		assert.NilError(t, os.Mkdir(p.file(dir), 0o700))
	}
	out, err = exec.Command("chown", "-R", user+":", p.file("home"), p.file("runtime"), p.file("rootfs")).CombinedOutput()
	assert.NilError(t, err, string(out))
	podman := func(runtime string, args ...string) outcome {
		line := []string{"--reuid", user, "--regid", user, "--init-groups", "podman", "--root", p.file("home/root"), "--runroot", p.file("runtime/run"),
			"--storage-driver", "vfs", "--cgroup-manager", "cgroupfs", "--events-backend", "file", "--log-level", "error", "--runtime", runtime}
		cmd := exec.Command("setpriv", append(line, args...)...)
		cmd.Dir, cmd.Env = p.file("home"), append(without(os.Environ(), "USER", "LOGNAME"), "HOME="+p.file("home"), "XDG_RUNTIME_DIR="+p.file("runtime"))
		return run(t, cmd)
	}
	defer podman("runc", "system", "migrate")
	var seen [2][]string
	for i, runtime := range []string{"runc", ditto} {
		start := []string{"--network", "none", "--ulimit", "nofile=500:500", "--ulimit", "nproc=500:500", "--rootfs", p.file("rootfs"), "sh", "-c"}
		for _, args := range [][]string{
			append(append([]string{"run", "--rm"}, start...), "id -u; ls -ldn /root | cut -c1-25; echo mine > /root/made && chown 5:6 /root/made && stat -c '%u %g' /root/made; cat /proc/1/comm; exit 3"),
			append(append([]string{"run", "--rm", "--user", "1000"}, start...), "id -u; touch /root/x; touch /tmp/y && echo tmp"),
			append(append([]string{"run", "--rm", "--userns", "keep-id"}, start...), "cat /proc/self/uid_map | wc -l; id -u; touch /tmp/z && stat -c %u /tmp/z; touch /root/x"),
			append(append([]string{"run", "--detach", "--name", "long"}, start...), "trap 'exit 7' TERM; echo ready; while :; do sleep 0.1; done"),
			{"exec", "long", "sh", "-c", "cat /proc/1/comm; exit 5"},
			{"stop", "--time", "60", "long"},
			{"inspect", "--format", "{{.State.Status}} {{.State.ExitCode}}", "long"},
			{"rm", "long"},
		} {
			o := podman(runtime, args...)
			seen[i] = append(seen[i], fmt.Sprintf("%s: %s\n%s", args[0], o.Status, ids.ReplaceAllString(o.Stdout+plainError(o.Stderr), "ID")))
		}
	}
	if diff := cmp.Diff(seen[0], seen[1]); diff != "" {
		t.Errorf("ditto (+) differs from runc (-):\n%s", diff)
	}
	assert.Assert(t, strings.HasPrefix(seen[0][0], "run: exit status 3\n0\n"), "%s", seen[0][0])
}
