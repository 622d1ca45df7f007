// SPDX-License-Identifier: Apache-2.0

// This file is about Docker: a daemon of the test's own runs the same container
// with runc and with ditto, and wants the same from both.

package acceptance

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

// docker is a daemon that lives as long as a test.
type docker struct {
	dir  string
	host string
	log  string
	pid  int // of the daemon, which is in a network and a mount namespace of its own
}

const image = "ditto-busybox"

// startDocker starts a daemon with nothing in it but an image of busybox.
func startDocker(t *testing.T, flags ...string) *docker {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("the Docker daemon needs root")
	}
	need(t, "dockerd:docker.io", "docker:docker.io", "docker-compose", "containerd", "runc", "busybox:busybox-static")
	// Not t.TempDir: a socket's name must be short.
	dir, err := os.MkdirTemp("", "ditto-docker-")
	assert.NilError(t, err)
	assert.NilError(t, os.Chmod(dir, 0o711)) // the root of a container may be another
	d := &docker{dir: dir, host: "unix://" + filepath.Join(dir, "sock"), log: filepath.Join(dir, "log")}
	t.Cleanup(func() { d.remove(t) })
	o := run(t, exec.Command(ditto, "install", "--config", filepath.Join(dir, "daemon.json")))
	assert.Equal(t, o.Status, "exit status 0", o.Stderr)
	cmd := exec.Command("sh", "-c", `busybox ip link set lo up; exec dockerd "$@"`, "dockerd", "--config-file", filepath.Join(dir, "daemon.json"), "--data-root", filepath.Join(dir, "data"),
		"--exec-root", filepath.Join(dir, "exec"), "--pidfile", filepath.Join(dir, "pid"), "--host", d.host,
		"--storage-driver", "vfs")
	cmd.Args = append(cmd.Args, flags...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET | unix.CLONE_NEWNS}
	daemon := startDaemon(t, cmd, d.log, func() *exec.Cmd { return d.command("version") })
	d.pid = cmd.Process.Pid
	t.Cleanup(func() { d.stop(t, daemon) })
	load := d.command("import", "-", image)
	load.Stdin = busybox(t)
	out, err := load.CombinedOutput()
	assert.NilError(t, err, string(out))
	return d
}

func (d *docker) command(args ...string) *exec.Cmd {
	return exec.Command("docker", append([]string{"--config", d.dir, "--host", d.host}, args...)...)
}

// stop ends the containers and the daemon, and fails if something is left.
func (d *docker) stop(t *testing.T, daemon *daemon) {
	if ids, err := d.command("ps", "-aq").Output(); err == nil && len(ids) > 0 {
		_ = d.command(append([]string{"rm", "-f"}, strings.Fields(string(ids))...)...).Run()
	}
	daemon.stop(t)
	left, _ := filepath.Glob(filepath.Join(d.dir, "exec/runtime-*/moby/*"))
	assert.Check(t, len(left) == 0, "state directories are left: %v", left)
}

// remove takes away what the daemon had, mounts first.
func (d *docker) remove(t *testing.T) {
	b, _ := os.ReadFile("/proc/self/mountinfo")
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) > 4 && strings.HasPrefix(f[4], d.dir+"/") {
			_ = unix.Unmount(f[4], unix.MNT_DETACH)
		}
	}
	assert.Check(t, os.RemoveAll(d.dir))
}

// busybox is an image's root file system.
func busybox(t *testing.T) io.Reader {
	t.Helper()
	program, err := exec.LookPath("busybox")
	assert.NilError(t, err)
	content, err := os.ReadFile(program)
	assert.NilError(t, err)
	names, err := exec.Command(program, "--list").Output()
	assert.NilError(t, err)
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	add := func(h tar.Header, content []byte) {
		h.Size = int64(len(content))
		assert.NilError(t, w.WriteHeader(&h))
		_, err := w.Write(content)
		assert.NilError(t, err)
	}
	for _, dir := range []string{"bin", "etc", "root", "home"} {
		add(tar.Header{Typeflag: tar.TypeDir, Name: dir + "/", Mode: 0o755}, nil)
	}
	add(tar.Header{Typeflag: tar.TypeDir, Name: "tmp/", Mode: 0o1777}, nil)
	add(tar.Header{Typeflag: tar.TypeReg, Name: "bin/busybox", Mode: 0o755}, content)
	for _, name := range strings.Fields(string(names)) {
		if name != "busybox" {
			add(tar.Header{Typeflag: tar.TypeSymlink, Name: "bin/" + name, Linkname: "busybox", Mode: 0o777}, nil)
		}
	}
	add(tar.Header{Typeflag: tar.TypeReg, Name: "etc/passwd", Mode: 0o644}, []byte("root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000::/home:/bin/sh\n"))
	add(tar.Header{Typeflag: tar.TypeReg, Name: "etc/group", Mode: 0o644}, []byte("root:x:0:\nann:x:1000:\nstaff:x:50:ann\n"))
	assert.NilError(t, w.Close())
	return &b
}

// setDefault makes a runtime the one that the daemon takes where none is named.
func (d *docker) setDefault(t *testing.T, runtime string) {
	t.Helper()
	name := filepath.Join(d.dir, "daemon.json")
	text, err := os.ReadFile(name)
	assert.NilError(t, err)
	config := map[string]any{}
	assert.NilError(t, json.Unmarshal(text, &config))
	config["default-runtime"] = runtime
	text, err = json.Marshal(config)
	assert.NilError(t, err)
	assert.NilError(t, os.WriteFile(name, text, 0o644))
	assert.NilError(t, unix.Kill(d.pid, unix.SIGHUP))
	for {
		out, err := d.command("info", "-f", "{{.DefaultRuntime}}").Output()
		assert.NilError(t, err)
		if strings.TrimSpace(string(out)) == runtime {
			return
		}
		assert.Assert(t, t.Context().Err() == nil)
	}
}

// run is "docker run" with a runtime.
func (d *docker) run(t *testing.T, runtime string, args ...string) outcome {
	t.Helper()
	line := []string{"run", "--rm", "--runtime", runtime}
	if args[0] != "--network" {
		line = append(line, "--network", "none")
	}
	o := run(t, d.command(append(line, args...)...))
	o.Stderr = plainError(o.Stderr)
	return o
}

// lateClient is what Docker's client says, of any runtime, when a container that did not start is gone before it asked
// for its end.
var lateClient = regexp.MustCompile(`(?m)^time="[^"]*" level=error msg="error waiting for container: [^"]*"\n`)

// plainError takes away what a runtime calls itself and how it words what engines don't look at.
func plainError(s string) string {
	s = lateClient.ReplaceAllString(s, "")
	if i := strings.Index(s, "OCI runtime "); i >= 0 {
		if j := strings.Index(s, "exec: "); j >= 0 {
			return s[j:]
		}
		return s[:i]
	}
	return s
}

func TestDocker(t *testing.T) {
	d := startDocker(t)
	t.Run("run", d.testRun)
	t.Run("detached", d.testDetached)
	t.Run("terminal", d.testTerminal)
	t.Run("scenarios", d.testScenarios)
	t.Run("build", d.testBuild)
	t.Run("privileged", d.testPrivileged)
}

// A privileged container gets the devices that Ditto has, of those of the host. It is not compared: runc refuses one where the daemon lacks a
// capability.
func (d *docker) testPrivileged(t *testing.T) {
	o := d.run(t, "ditto", "--privileged", image, "sh", "-c", "mount -t tmpfs none /tmp && df /tmp | tail -n 1 | cut -c 1-4; head -c 3 /dev/zero | wc -c; ls /dev/ptmx; mknod /dev/other c 10 229 && cat /dev/other")
	assert.Equal(t, o.Stdout, "none\n3\n/dev/ptmx\n", o.Stderr)
	assert.Equal(t, o.Stderr, "cat: can't open '/dev/other': No such device\n")
}

// A life of a container, step by step; what each says must be the same.
var steps = []struct {
	name string
	args []string
}{
	{"exec", []string{"exec", "NAME", "sh", "-c", "echo in; exit 5"}},
	{"exec's errors", []string{"exec", "NAME", "no-such"}},
	{"exec as another", []string{"exec", "-u", "ann", "-w", "/tmp", "-e", "A=b", "NAME", "sh", "-c", "id -u; pwd; echo $A"}},
	{"exec is killed", []string{"exec", "NAME", "sh", "-c", "kill -9 $$"}},
	{"exec detached", []string{"exec", "-d", "NAME", "sh", "-c", "echo made > /root/made"}},
	{"pause", []string{"pause", "NAME"}},
	{"paused", []string{"inspect", "-f", "{{.State.Status}}", "NAME"}},
	{"exec while paused", []string{"exec", "NAME", "true"}},
	{"unpause", []string{"unpause", "NAME"}},
	{"update", []string{"update", "--memory", "64m", "--memory-swap", "64m", "NAME"}},
	{"diff", []string{"diff", "NAME"}},
	{"pids limit", []string{"exec", "NAME", "sh", "-c", "for i in $(seq 50); do sleep 1000 & done 2>&1"}},
	{"signal", []string{"kill", "-s", "USR1", "NAME"}},
	{"wait", []string{"wait", "NAME"}},
	{"logs", []string{"logs", "NAME"}},
	{"exit status", []string{"inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "NAME"}},
	{"kill the dead", []string{"kill", "NAME"}},
	{"start again", []string{"start", "NAME"}},
	{"stop", []string{"stop", "-t", "0", "NAME"}},
	{"stopped", []string{"inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "NAME"}},
	{"rm", []string{"rm", "NAME"}},
}

var containerID = regexp.MustCompile(`\b[0-9a-f]{64}\b`)

func (d *docker) testDetached(t *testing.T) {
	script := "trap 'echo told; exit 3' USR1; echo ready; while :; do sleep 1000 & wait $!; done"
	for _, runtime := range []string{"runc", "ditto"} {
		o := run(t, d.command("run", "-d", "--name", runtime, "--network", "none", "--runtime", runtime, "--memory", "100m", "--pids-limit", "40",
			image, "sh", "-c", script))
		assert.Equal(t, o.Status, "exit status 0", o.Stderr)
		for d.command("exec", runtime, "true").Run() != nil || !strings.Contains(run(t, d.command("logs", runtime)).Stdout, "ready") {
			assert.Assert(t, t.Context().Err() == nil)
		}
	}
	for _, s := range steps {
		var got [2]outcome
		for i, runtime := range []string{"runc", "ditto"} {
			args := slices.Clone(s.args)
			for j := range args {
				args[j] = strings.ReplaceAll(args[j], "NAME", runtime)
			}
			got[i] = run(t, d.command(args...))
			for _, text := range []*string{&got[i].Stdout, &got[i].Stderr} {
				*text = plainError(containerID.ReplaceAllString(strings.ReplaceAll(*text, runtime, "NAME"), "ID"))
			}
		}
		if diff := cmp.Diff(got[0], got[1]); diff != "" {
			t.Errorf("%s: ditto (+) differs from runc (-):\n%s", s.name, diff)
		}
	}
}

func (d *docker) testTerminal(t *testing.T) {
	for _, runtime := range []string{"runc", "ditto"} {
		t.Run(runtime, func(t *testing.T) {
			c := openConsole(t)
			cmd := d.command("run", "--rm", "-it", "--network", "none", "--runtime", runtime, image, "sh")
			c.start(cmd)
			dialogue(c)
			assert.ErrorContains(t, cmd.Wait(), "exit status 5")
		})
	}
}

// dialogue is a user at a container's shell.
func dialogue(c *console) {
	c.expect(`/ # `)
	// The client tells the size when the container runs already.
	c.send("test -t 0 && tty; until stty si''ze 2>/dev/null | grep '24 80'; do sleep 0.1; done\r")
	c.expect(`\n/dev/pts/0\r\n24 80\r\n`)
	c.send("sh -c 'echo star''ted; exec sleep 1000'\r")
	c.expect(`\nstarted\r\n`)
	c.send("\x03")
	c.expect(`/ # `)
	c.send("echo sta''tus $?\r")
	c.expect(`\nstatus 130\r\n`)
	c.send("echo wait''ing; until [ \"$(stty size)\" = '33 101' ]; do :; done; echo resi''zed\r")
	c.expect(`\nwaiting\r\n`)
	c.resize(33, 101)
	c.expect(`resized\r\n`)
	c.send("exit 5\r")
}

// noMkdir is a seccomp profile that refuses one call.
const noMkdir = `{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}`

func (d *docker) testRun(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
	}{
		{"output", []string{image, "echo", "hi"}},
		{"standard error", []string{image, "sh", "-c", "echo no >&2"}},
		{"exit status", []string{image, "sh", "-c", "exit 7"}},
		{"killed", []string{image, "sh", "-c", "sh -c 'kill -9 $$'"}},
		{"no such command", []string{image, "no-such"}},
		{"no such path", []string{image, "/no/such"}},
		{"not executable", []string{image, "/etc/passwd"}},
		{"environment", []string{"-e", "A=b c", image, "sh", "-c", "env | grep -v HOSTNAME | sort"}},
		{"working directory", []string{"-w", "/made/here", image, "sh", "-c", "pwd; ls -ld . | cut -c1-10"}},
		{"user", []string{"--user", "1000:50", "--group-add", "7", image, "id"}},
		{"named user", []string{"--user", "ann", image, "id"}},
		{"hostname", []string{"--hostname", "box", image, "sh", "-c", "hostname; cat /etc/hostname; grep box /etc/hosts | wc -l"}},
		{"entrypoint", []string{"--entrypoint", "/bin/cat", image, "/etc/group"}},
		{"capabilities", []string{image, "grep", "Cap", "/proc/self/status"}},
		{"capability dropped", []string{"--cap-drop", "CHOWN", image, "sh", "-c", "touch /x; chown 5 /x; grep Cap /proc/self/status"}},
		{"capability added", []string{"--cap-add", "SYS_PTRACE", image, "grep", "Cap", "/proc/self/status"}},
		{"no new privileges", []string{"--security-opt", "no-new-privileges", image, "grep", "NoNewPrivs", "/proc/self/status"}},
		{"default profile", []string{image, "sh", "-c", "grep Seccomp: /proc/self/status; mount -t tmpfs none /mnt"}},
		{"profile", []string{"--security-opt", "seccomp=DIR/profile", image, "sh", "-c", "mkdir /x; touch /x && grep Seccomp: /proc/self/status"}},
		{"no profile", []string{"--security-opt", "seccomp=unconfined", image, "grep", "Seccomp:", "/proc/self/status"}},
		{"limits", []string{"--ulimit", "nofile=99:100", image, "sh", "-c", "ulimit -Sn; ulimit -Hn"}},
		{"read-only root", []string{"--read-only", "--tmpfs", "/run", image, "sh", "-c", "touch /x; touch /run/x && echo run; touch /tmp/x"}},
		{"volume", []string{"-v", "DIR:/data", image, "sh", "-c", "cat /data/seen; echo inside > /data/made; ls /data; rm /data/made"}},
		{"read-only volume", []string{"-v", "DIR:/data:ro", image, "sh", "-c", "cat /data/seen; touch /data/made; ls /data"}},
		{"volume of one file", []string{"-v", "DIR/seen:/data/file", image, "sh", "-c", "cat /data/file; echo more > /data/file; cat /data/file; echo from the host > /data/file"}},
		{"masked paths", []string{image, "sh", "-c", "cat /proc/kcore | wc -c; ls -A /sys/firmware; echo x > /proc/sys/kernel/hostname"}},
		{"closed streams", []string{image, "sh", "-c", "exec >&- 2>&- <&-; exit 6"}},
		{"first process", []string{image, "sh", "-c", "echo $$; cut -d' ' -f1-4 /proc/1/stat"}},
		{"orphans", []string{image, "sh", "-c", "sh -c 'sleep 1000 & echo $! > /tmp/pid'; until grep -q 'sleep) S' /proc/$(cat /tmp/pid)/stat; do :; done; cut -d' ' -f2-4 /proc/$(cat /tmp/pid)/stat"}},
		{"init", []string{"--init", image, "sh", "-c", "cat /proc/1/comm; sleep 0 & wait; test $$ != 1 && echo child"}},
		{"shared memory", []string{"--shm-size", "3m", image, "sh", "-c", "df -k /dev/shm | tail -1; echo x > /dev/shm/x && cat /dev/shm/x"}},
		{"no shared memory", []string{"--ipc", "none", image, "ls", "/dev/shm"}},
		{"device", []string{"--device", "/dev/null:/dev/mine", image, "sh", "-c", "test -c /dev/mine && echo x > /dev/mine && cat /dev/mine"}},
		{"sysctl of the network", []string{"--sysctl", "net.ipv4.ip_forward=1", image, "cat", "/proc/sys/net/ipv4/ip_forward"}},
		{"sysctl of messages", []string{"--sysctl", "kernel.msgmax=4096", image, "cat", "/proc/sys/kernel/msgmax"}},
		{"message queues", []string{image, "sh", "-c", "grep -c ' /dev/mqueue mqueue rw,nosuid,nodev,noexec' /proc/mounts; stat -c '%a %u' /dev/mqueue; touch /dev/mqueue/q && cat /dev/mqueue/q"}},
		{"hosts", []string{"--network", "bridge", "--add-host", "other:192.0.2.1", "--dns", "192.0.2.2", "--dns-search", "example.org", image, "sh", "-c",
			"grep other /etc/hosts; cat /etc/resolv.conf"}},
		{"resources", []string{"--cpus", "0.5", "--memory", "50m", "--cpuset-cpus", "0", "--pids-limit", "20", image, "echo", "ran"}},
		{"tmpfs mount", []string{"--mount", "type=tmpfs,destination=/t,tmpfs-size=1m,tmpfs-mode=750", image, "sh", "-c", "stat -c %a /t; df -k /t | tail -1"}},
		{"bind mount", []string{"--mount", "type=bind,source=DIR,destination=/data,readonly", image, "sh", "-c", "cat /data/seen; touch /data/made; ls /data"}},
		{"volume of a name", []string{"-v", "volume:/data", image, "sh", "-c", "echo x > /data/x; cat /data/x; stat -c '%a %u' /data"}},
		{"limits of other kinds", []string{"--ulimit", "core=0", "--ulimit", "stack=8192000", image, "sh", "-c", "ulimit -c; ulimit -s"}},
		{"standard input", []string{"-i", image, "wc", "-c"}},
		{"ping", []string{image, "sh", "-c", "ping -c 1 127.0.0.1 | grep transmitted; ping -c 1 $(ip route | awk '/default/ { print $3 }') | grep transmitted; ip link set lo mtu 1300 2>&1"}},
		{"ping without the right", []string{"--cap-drop", "NET_RAW", image, "ping", "-c", "1", "127.0.0.1"}},
		{"changes of the network", []string{"--cap-add", "NET_ADMIN", image, "sh", "-c", "ip link set lo mtu 1300; ip addr add 10.1.2.3/32 dev lo; ip addr show lo; ip route add 10.8.0.0/16 dev lo; ip route"}},
		{"low ports of the host", []string{"--network", "host", image, "sh", "-c", "timeout 0.3 nc -l -p 871; echo $?"}},
		{"low ports without the right", []string{"--network", "host", "--cap-drop", "NET_BIND_SERVICE", image, "sh", "-c", "timeout 0.3 nc -l -p 872; echo $?"}},
		{"host network", []string{"--network", "host", image, "sh", "-c", "wc -l < /etc/hosts"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			assert.NilError(t, os.WriteFile(filepath.Join(dir, "seen"), []byte("from the host\n"), 0o644))
			assert.NilError(t, os.WriteFile(filepath.Join(dir, "profile"), []byte(noMkdir), 0o644))
			for i, arg := range c.args {
				c.args[i] = strings.ReplaceAll(arg, "DIR", dir)
			}
			want, got := d.run(t, "runc", c.args...), d.run(t, "ditto", c.args...)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("ditto (+) differs from runc (-):\n%s", diff)
			}
		})
	}
}
