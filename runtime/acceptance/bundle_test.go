// SPDX-License-Identifier: Apache-2.0

// This file is about ditto as an OCI runtime by itself: the life of a container
// from a bundle, what is said when something is wrong, and that nothing is left.

package acceptance

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
	is "gotest.tools/v3/assert/cmp"
)

// bundle is a bundle with a root of the test's own, and a root of state.
type bundle struct {
	t      *testing.T
	dir    string
	root   string
	config map[string]any
	as     *syscall.Credential // who runs ditto; nil: this process's user
}

func newBundle(t *testing.T) *bundle {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("TestOrdinaryUser is another user, as root")
	}
	need(t, "busybox:busybox-static")
	b := &bundle{t: t, dir: t.TempDir(), root: t.TempDir()}
	t.Cleanup(b.end)
	unpack(t, busybox(t), filepath.Join(b.dir, "rootfs"))
	o := run(t, exec.Command(ditto, "spec", "--bundle", b.dir))
	assert.Equal(t, o.Status, "exit status 0", o.Stderr)
	b.read()
	b.part("process")["terminal"] = false
	b.part("root")["readonly"] = false
	return b
}

// read takes the configuration that is in the bundle.
func (b *bundle) read() {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(b.dir, "config.json"))
	assert.NilError(b.t, err)
	b.config = nil
	assert.NilError(b.t, json.Unmarshal(text, &b.config))
}

// unpack makes a directory of a tar archive.
func unpack(t *testing.T, from io.Reader, dir string) {
	t.Helper()
	for r := tar.NewReader(from); ; {
		h, err := r.Next()
		if err == io.EOF {
			return
		}
		assert.NilError(t, err)
		name := filepath.Join(dir, h.Name)
		switch h.Typeflag {
		case tar.TypeDir:
			err = os.MkdirAll(name, os.FileMode(h.Mode&0o777))
		case tar.TypeSymlink:
			err = os.Symlink(h.Linkname, name)
		default:
			var content []byte
			if content, err = io.ReadAll(r); err == nil {
				err = os.WriteFile(name, content, os.FileMode(h.Mode&0o777))
			}
		}
		assert.NilError(t, err)
	}
}

func (b *bundle) part(name string) map[string]any { return b.config[name].(map[string]any) }

// runs says what the container's process is, and writes the configuration.
func (b *bundle) runs(args ...string) {
	b.t.Helper()
	b.part("process")["args"] = args
	text, err := json.Marshal(b.config)
	assert.NilError(b.t, err)
	assert.NilError(b.t, os.WriteFile(filepath.Join(b.dir, "config.json"), text, 0o644))
}

// end ends what a test that failed leaves behind.
func (b *bundle) end() {
	entries, _ := os.ReadDir(b.root)
	for _, e := range entries {
		_ = b.command("delete", "--force", e.Name()).Run()
	}
}

func (b *bundle) command(args ...string) *exec.Cmd {
	return b.user(exec.Command(ditto, append([]string{"--root", b.root}, args...)...))
}

// user has a command run as the bundle's user.
func (b *bundle) user(cmd *exec.Cmd) *exec.Cmd {
	if b.as != nil {
		cmd.Dir, cmd.SysProcAttr = "/", &syscall.SysProcAttr{Credential: b.as}
	}
	return cmd
}

// run runs a verb. The container that it creates keeps the standard streams, so they are files:
// of pipes, the end would not come.
func (b *bundle) run(args ...string) outcome {
	b.t.Helper()
	var files [2]*os.File
	for i := range files {
		f, err := os.CreateTemp(b.t.TempDir(), "stream")
		assert.NilError(b.t, err)
		defer f.Close()
		files[i] = f
	}
	cmd := b.command(args...)
	cmd.Stdout, cmd.Stderr = files[0], files[1]
	assert.NilError(b.t, cmd.Start())
	late := time.AfterFunc(2*time.Minute, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		b.t.Fatalf("%v: %v", args, err)
	}
	var text [2]string
	for i, f := range files {
		content, err := os.ReadFile(f.Name())
		assert.NilError(b.t, err)
		text[i] = string(content)
	}
	return outcome{text[0], text[1], cmd.ProcessState.String()}
}

// do runs a verb that must succeed, and returns what it prints.
func (b *bundle) do(args ...string) string {
	b.t.Helper()
	o := b.run(args...)
	assert.Equal(b.t, o.Status, "exit status 0", "%v: %s", args, o.Stderr)
	return o.Stdout
}

// refuses runs a verb that must fail with what matches.
func (b *bundle) refuses(want string, args ...string) {
	b.t.Helper()
	o := b.run(args...)
	assert.Equal(b.t, o.Status, "exit status 1", "%v: %s", args, o.Stdout)
	assert.Assert(b.t, is.Regexp(want, o.Stderr))
}

func (b *bundle) status(id string) string {
	b.t.Helper()
	var s struct {
		Status string
		Pid    int
	}
	assert.NilError(b.t, json.Unmarshal([]byte(b.do("state", id)), &s))
	if s.Status != "stopped" {
		assert.NilError(b.t, unix.Kill(s.Pid, 0))
	}
	return s.Status
}

// pid is a container's kernel process.
func (b *bundle) pid(id string) int {
	b.t.Helper()
	var s struct{ Pid int }
	assert.NilError(b.t, json.Unmarshal([]byte(b.do("state", id)), &s))
	return s.Pid
}

// nothingLeft wants no state, and no control group of the container's.
func (b *bundle) nothingLeft(id string) {
	b.t.Helper()
	entries, err := os.ReadDir(b.root)
	assert.NilError(b.t, err)
	assert.Equal(b.t, len(entries), 0, "%v", entries)
	for _, pattern := range []string{"/sys/fs/cgroup/" + id, "/sys/fs/cgroup/*/" + id, "/sys/fs/cgroup/*/*/*/" + id} {
		left, err := filepath.Glob(pattern)
		assert.NilError(b.t, err)
		assert.Equal(b.t, len(left), 0, "%v", left)
	}
}

// reaped waits for a process whose parent has gone, as an engine's shim does.
func (b *bundle) reaped(pidFile string) syscall.WaitStatus {
	b.t.Helper()
	text, err := os.ReadFile(pidFile)
	assert.NilError(b.t, err)
	pid, err := strconv.Atoi(string(text))
	assert.NilError(b.t, err)
	var w syscall.WaitStatus
	for err = unix.EINTR; err == unix.EINTR; {
		_, err = syscall.Wait4(pid, &w, 0, nil)
	}
	assert.NilError(b.t, err)
	return w
}

func TestContainerLife(t *testing.T) {
	assert.NilError(t, unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
	defer func() { assert.NilError(t, unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)) }()
	b := newBundle(t)
	b.runs("sh", "-c", "echo $0 > /ran; exec sleep 1000")
	pidFile := filepath.Join(t.TempDir(), "pid")
	const id = "ditto-test-life"

	b.refuses("container does not exist", "state", id)
	b.refuses("container does not exist", "start", id)
	b.refuses("container does not exist", "delete", id)
	b.do("delete", "--force", id)
	b.do("create", "--bundle", b.dir, "--pid-file", pidFile, id)
	assert.Equal(t, b.status(id), "created")
	_, err := os.Stat(filepath.Join(b.dir, "rootfs/ran"))
	assert.Assert(t, errors.Is(err, os.ErrNotExist), "it ran before start")
	b.refuses("container with given ID already exists", "create", "--bundle", b.dir, id)
	b.do("start", id)
	assert.Equal(t, b.status(id), "running")
	b.refuses("cannot start an already running container", "start", id)
	b.refuses("not stopped", "delete", id)
	b.refuses(`unknown signal "NO"`, "kill", id, "NO")
	assert.Assert(t, is.Contains(b.do("list", "--quiet"), id))
	assert.Equal(t, b.do("exec", id, "cat", "/proc/1/comm"), "sleep\n")
	var event struct {
		Type, ID string
		Data     struct {
			CPU    struct{ Usage struct{ Total uint64 } }
			Memory struct{ Usage struct{ Usage uint64 } }
			Pids   struct{ Current, Limit uint64 }
		}
	}
	b.do("update", "--pids-limit", "30", id)
	assert.NilError(t, json.Unmarshal([]byte(b.do("events", "--stats", id)), &event))
	assert.Equal(t, event.Type, "stats")
	assert.Equal(t, event.ID, id)
	assert.Equal(t, event.Data.Pids.Current, uint64(1))
	assert.Equal(t, event.Data.Pids.Limit, uint64(30))
	assert.Assert(t, event.Data.CPU.Usage.Total > 0)
	assert.Assert(t, event.Data.Memory.Usage.Usage > 0)
	b.do("pause", id)
	assert.Equal(t, b.status(id), "paused")
	b.refuses("paused", "exec", id, "true")
	b.do("resume", id)
	execPid := filepath.Join(t.TempDir(), "pid")
	b.do("exec", "--detach", "--pid-file", execPid, id, "sh", "-c", "exit 9")
	assert.Equal(t, b.reaped(execPid).ExitStatus(), 9)
	b.do("kill", id, "KILL")
	assert.Equal(t, b.reaped(pidFile).ExitStatus(), 128+9)
	assert.Equal(t, b.status(id), "stopped")
	b.refuses("container not running", "kill", id, "TERM")
	b.refuses("cannot start a container that has stopped", "start", id)
	b.refuses("cannot exec in a stopped container", "exec", id, "true")
	b.do("delete", id)
	b.nothingLeft(id)
	content, err := os.ReadFile(filepath.Join(b.dir, "rootfs/ran"))
	assert.NilError(t, err)
	assert.Equal(t, string(content), "sh\n")
}

// Whatever ends, everything of the container's ends, and can be deleted.
func TestContainerDiesWithItsKernel(t *testing.T) {
	b := newBundle(t)
	b.runs("sh", "-c", "sleep 1000 & sleep 1000")
	const id = "ditto-test-killed"
	for _, started := range []bool{false, true} {
		b.do("create", "--bundle", b.dir, id)
		if started {
			b.do("start", id)
		}
		var pids []int
		assert.NilError(t, json.Unmarshal([]byte(b.do("ps", "--format", "json", id)), &pids))
		assert.Assert(t, len(pids) > 1)
		var s struct{ Pid int }
		assert.NilError(t, json.Unmarshal([]byte(b.do("state", id)), &s))
		pidfd, err := unix.PidfdOpen(s.Pid, 0)
		assert.NilError(t, err)
		assert.NilError(t, unix.Kill(s.Pid, unix.SIGKILL))
		_, err = unix.Poll([]unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}, -1)
		assert.NilError(t, err)
		assert.NilError(t, unix.Close(pidfd))
		assert.Equal(t, b.status(id), "stopped")
		for _, pid := range pids {
			state, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
			fields := strings.Fields(string(state))
			assert.Assert(t, len(fields) < 3 || fields[2] == "Z" || fields[2] == "X", "process %d is left: %s", pid, state)
		}
		b.do("delete", id)
		b.nothingLeft(id)
	}
}

func TestContainerErrors(t *testing.T) {
	for _, c := range []struct {
		name, want string
		change     func(b *bundle)
	}{
		{"no such program", `exec: "no-such": executable file not found in \$PATH`, func(b *bundle) { b.runs("no-such") }},
		{"no such path", `exec: "/no/such": stat /no/such: no such file or directory`, func(b *bundle) { b.runs("/no/such") }},
		{"no root", `root.path: stat .*: no such file or directory`, func(b *bundle) { b.part("root")["path"] = "nowhere"; b.runs("true") }},
		{"bad JSON", `config.json:2:\d+: invalid character`, func(b *bundle) {
			assert.NilError(b.t, os.WriteFile(filepath.Join(b.dir, "config.json"), []byte("{\n\"ociVersion\": nonsense}"), 0o644))
		}},
		{"no configuration", `config.json: no such file`, func(b *bundle) {
			assert.NilError(b.t, os.Remove(filepath.Join(b.dir, "config.json")))
		}},
		{"unknown version", `config.json: ociVersion "9.0.0": only versions 1.x are known`, func(b *bundle) { b.config["ociVersion"] = "9.0.0"; b.runs("true") }},
		{"no directory for a bundle", `config.json: not a directory`, func(b *bundle) {
			b.dir = filepath.Join(b.t.TempDir(), "file")
			assert.NilError(b.t, os.WriteFile(b.dir, nil, 0o644))
		}},
		{"a link where /proc is to be", `mount on /proc: a symbolic link`, func(b *bundle) {
			assert.NilError(b.t, os.RemoveAll(filepath.Join(b.dir, "rootfs/proc")))
			assert.NilError(b.t, os.Symlink("tmp", filepath.Join(b.dir, "rootfs/proc")))
			b.runs("true")
		}},
		{"unknown capability", `unknown capability "CAP_FLY"`, func(b *bundle) {
			b.part("process")["capabilities"] = map[string]any{"bounding": []string{"CAP_FLY"}}
			b.runs("true")
		}},
		{"no source of a mount", `/no/such: open_tree: no such file or directory`, func(b *bundle) {
			b.config["mounts"] = []any{map[string]any{"destination": "/x", "type": "bind", "source": "/no/such", "options": []string{"bind"}}}
			b.runs("true")
		}},
		{"a sysctl that is not there", `sysctl kernel.no_such: Ditto can't set it`, func(b *bundle) {
			b.part("linux")["sysctl"] = map[string]string{"kernel.no_such": "1"}
			b.runs("true")
		}},
		{"a hook that fails", `hooks.createRuntime\[0\] \(/bin/sh\): exit status 3: said`, func(b *bundle) {
			b.config["hooks"] = map[string]any{"createRuntime": []any{map[string]any{"path": "/bin/sh", "args": []string{"sh", "-c", "echo said; exit 3"}}}}
			b.runs("true")
		}},
		{"a hook that hangs", `hooks.createRuntime\[0\] \(/bin/sleep\): still running after 1 s`, func(b *bundle) {
			b.config["hooks"] = map[string]any{"createRuntime": []any{map[string]any{"path": "/bin/sleep", "args": []string{"sleep", "1000"}, "timeout": 1}}}
			b.runs("true")
		}},
		{"a terminal and nobody to take it", `cannot allocate tty`, func(b *bundle) { b.part("process")["terminal"] = true; b.runs("true") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBundle(t)
			c.change(b)
			log := filepath.Join(t.TempDir(), "log.json")
			const id = "ditto-test-errors"
			b.refuses(c.want, "--log", log, "--log-format", "json", "create", "--bundle", b.dir, id)
			b.nothingLeft(id)
			// What an engine reads.
			text, err := os.ReadFile(log)
			assert.NilError(t, err)
			lines := strings.Split(strings.TrimSpace(string(text)), "\n")
			var entry struct{ Level, Msg, Time string }
			assert.NilError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &entry))
			assert.Equal(t, entry.Level, "error")
			assert.Assert(t, is.Regexp(c.want, entry.Msg))
			_, err = time.Parse(time.RFC3339, entry.Time)
			assert.NilError(t, err)
		})
	}
}

func TestContainerHooks(t *testing.T) {
	b := newBundle(t)
	seen := t.TempDir()
	hook := func(name string) []any {
		return []any{map[string]any{"path": "/bin/sh", "args": []string{"sh", "-c", "cat > " + filepath.Join(seen, name)}, "env": []string{"PATH=/bin:/usr/bin"}}}
	}
	want := map[string]string{"prestart": "creating", "createRuntime": "creating", "poststart": "running", "poststop": "stopped"}
	hooks := map[string]any{}
	for name := range want {
		hooks[name] = hook(name)
	}
	b.config["hooks"], b.config["annotations"] = hooks, map[string]string{"a": "b"}
	b.runs("true")
	const id = "ditto-test-hooks"
	b.do("run", "--bundle", b.dir, id)
	b.nothingLeft(id)
	for name, status := range want {
		text, err := os.ReadFile(filepath.Join(seen, name))
		assert.NilError(t, err)
		var s struct {
			OCIVersion, ID, Status, Bundle string
			Pid                            int
			Annotations                    map[string]string
		}
		assert.NilError(t, json.Unmarshal(text, &s), name)
		if name == "poststart" && s.Status == "stopped" {
			s.Status = "running" // it was quick
		}
		assert.Equal(t, s.Status, status, name)
		assert.Equal(t, s.ID, id)
		assert.Equal(t, s.Bundle, b.dir)
		assert.Equal(t, s.Annotations["a"], "b")
		assert.Equal(t, s.Pid != 0, s.Status == "creating" || name == "poststart" && s.Pid != 0, name)
	}
}

// Hooks of startContainer are the container's programs: they run in it, before its process, and one that fails keeps that
// from running.
func TestContainerStartHooks(t *testing.T) {
	b := newBundle(t)
	const id = "ditto-test-start-hooks"
	inside := func(args ...string) map[string]any { return map[string]any{"path": "/bin/sh", "args": args} }
	b.config["hooks"] = map[string]any{"startContainer": []any{
		inside("sh", "-c", "/bin/cat > /state"), inside("sh", "-c", `echo "hook $PWD" > /order; exec 3< /proc/1/comm; read x <&3; echo "$x" >> /order`),
	}}
	b.runs("sh", "-c", "echo then the process >> /order")
	b.do("run", "--bundle", b.dir, id)
	b.nothingLeft(id)
	order, err := os.ReadFile(filepath.Join(b.dir, "rootfs/order"))
	assert.NilError(t, err)
	assert.Equal(t, string(order), "hook /\nsh\nthen the process\n")
	text, err := os.ReadFile(filepath.Join(b.dir, "rootfs/state"))
	assert.NilError(t, err)
	var s struct{ ID, Status string }
	assert.NilError(t, json.Unmarshal(text, &s))
	assert.Equal(t, s.ID, id)
	assert.Equal(t, s.Status, "created")

	assert.NilError(t, os.Remove(filepath.Join(b.dir, "rootfs/order")))
	for _, c := range []struct {
		want string
		hook map[string]any
	}{
		{`hooks.startContainer\[0\] \(/bin/sh\): exit status 3: said`, inside("sh", "-c", "echo said >&2; exit 3")},
		{`hooks.startContainer\[0\] \(/bin/sh\): signal: killed`, inside("sh", "-c", "kill -KILL $$")},
		{`hooks.startContainer\[0\] \(/no/such\): exec: "/no/such"`, map[string]any{"path": "/no/such"}},
		{`hooks.startContainer\[0\] \(/bin/sleep\): still running after 1 s`, map[string]any{"path": "/bin/sleep", "args": []string{"sleep", "1000"}, "timeout": 1}},
	} {
		b.config["hooks"] = map[string]any{"startContainer": []any{c.hook}}
		b.runs("sh", "-c", "echo the process > /order")
		b.do("create", "--bundle", b.dir, id)
		b.refuses(c.want, "start", id)
		b.do("delete", "--force", id)
		b.nothingLeft(id)
		_, err := os.Stat(filepath.Join(b.dir, "rootfs/order"))
		assert.Assert(t, errors.Is(err, os.ErrNotExist), "the process ran")
	}
}

// A link in the root file system leads nowhere but inside.
func TestMountsStayInTheRoot(t *testing.T) {
	b := newBundle(t)
	outside := t.TempDir()
	assert.NilError(t, os.Symlink(outside, filepath.Join(b.dir, "rootfs/out")))
	assert.NilError(t, os.Symlink("../../../../../../../..", filepath.Join(b.dir, "rootfs/up")))
	mounts := b.config["mounts"].([]any)
	for _, at := range []string{"/out/deep", "/up/made"} {
		mounts = append(mounts, map[string]any{"destination": at, "type": "tmpfs", "source": "tmpfs"})
	}
	b.config["mounts"] = mounts
	b.runs("grep", "-c", "-e", " "+outside+"/deep tmpfs ", "-e", " /made tmpfs ", "/proc/mounts")
	assert.Equal(t, b.do("run", "--bundle", b.dir, "ditto-test-mounts"), "2\n")
	left, err := os.ReadDir(outside)
	assert.NilError(t, err)
	assert.Equal(t, len(left), 0, "%v", left)
	_, err = os.Stat(filepath.Join(b.dir, "rootfs", outside, "deep"))
	assert.NilError(t, err)
}
