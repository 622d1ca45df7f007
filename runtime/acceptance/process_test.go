// SPDX-License-Identifier: Apache-2.0

// This file is about what a container's process starts with: descriptors of its starter's, how it is scheduled, what
// hooks did before.

package acceptance

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

// Hooks of createContainer are the host's programs, in the container's namespaces: what they mount is seen by the
// container, and by nobody else.
func TestContainerCreateHooks(t *testing.T) {
	b := newBundle(t)
	const id = "ditto-test-create-hooks"
	seen := filepath.Join(t.TempDir(), "seen")
	script := fmt.Sprintf(`cat > %s; for ns in mnt net ipc uts pid; do echo $ns $(readlink /proc/self/ns/$ns); done >> %[1]s
mkdir %[2]s/hooked && mount -t tmpfs tmpfs %[2]s/hooked && echo mounted > %[2]s/hooked/file`, seen, filepath.Join(b.dir, "rootfs"))
	b.config["hooks"] = map[string]any{"createContainer": []any{
		map[string]any{"path": "/bin/sh", "args": []string{"sh", "-c", script}, "env": []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}}}}
	b.runs("cat", "/hooked/file")
	assert.Equal(t, b.do("run", "--bundle", b.dir, id), "mounted\n")
	b.nothingLeft(id)
	_, err := os.Stat(filepath.Join(b.dir, "rootfs/hooked/file"))
	assert.Assert(t, os.IsNotExist(err), "the hook's mount is seen outside")
	text, err := os.ReadFile(seen)
	assert.NilError(t, err)
	assert.Assert(t, strings.Contains(string(text), `"id":"`+id+`"`) && strings.Contains(string(text), `"status":"creating"`), "%s", text)
	for _, ns := range []string{"mnt", "net", "ipc", "uts"} {
		own, err := os.Readlink("/proc/self/ns/" + ns)
		assert.NilError(t, err)
		assert.Assert(t, strings.Contains(string(text), ns+" "+ns+":["), "%s", text)
		assert.Assert(t, !strings.Contains(string(text), own), "%s of the caller's: %s", ns, text)
	}

	b.config["hooks"] = map[string]any{"createContainer": []any{map[string]any{"path": "/bin/sh", "args": []string{"sh", "-c", "echo said; exit 3"}}}}
	b.runs("true")
	b.refuses(`hooks.createContainer\[0\] \(/bin/sh\): exit status 3: said`, "create", "--bundle", b.dir, id)
	b.nothingLeft(id)
}

// Descriptors behind the standard streams reach the process, by their numbers: a file, a pipe, a socket that listens.
func TestPreserveFDs(t *testing.T) {
	b := newBundle(t)
	const id = "ditto-test-fds"
	b.part("linux")["namespaces"] = []any{map[string]any{"type": "pid"}, map[string]any{"type": "mount"}, map[string]any{"type": "ipc"}}
	name := filepath.Join(t.TempDir(), "file")
	assert.NilError(t, os.WriteFile(name, []byte("from a file\n"), 0o644))
	file, err := os.Open(name)
	assert.NilError(t, err)
	defer file.Close()
	r, w, err := os.Pipe()
	assert.NilError(t, err)
	defer r.Close()
	start := func(args ...string) *exec.Cmd {
		cmd := b.command(args...)
		cmd.ExtraFiles = []*os.File{file, w}
		return cmd
	}
	b.runs("sh", "-c", "cat <&3; echo from inside >&4; test -e /proc/self/fd/5 || echo no more")
	o := run(t, start("run", "--preserve-fds", "2", "--bundle", b.dir, id))
	assert.Equal(t, o.Stdout, "from a file\nno more\n", o.Stderr)
	lines := bufio.NewReader(r)
	line, err := lines.ReadString('\n')
	assert.NilError(t, err)
	assert.Equal(t, line, "from inside\n")
	o = run(t, start("run", "--preserve-fds", "3", "--bundle", b.dir, id))
	assert.Equal(t, o.Stderr, "ditto: --preserve-fds: descriptor 5: bad file descriptor\n")
	b.nothingLeft(id)

	// exec hands them on too, and then nobody else has the pipe.
	b.runs("sleep", "1000")
	b.do("create", "--bundle", b.dir, id)
	b.do("start", id)
	o = run(t, start("exec", "--preserve-fds", "2", id, "sh", "-c", "echo again >&4"))
	assert.Equal(t, o.Status, "exit status 0", o.Stderr)
	w.Close()
	rest, err := io.ReadAll(lines)
	assert.NilError(t, err)
	assert.Equal(t, string(rest), "again\n")
	b.do("delete", "--force", id)

	// A service that is started for a connection (sd_listen_fds(3)): the socket is the caller's.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	assert.NilError(t, err)
	defer l.Close()
	socket, err := l.(*net.TCPListener).File()
	assert.NilError(t, err)
	b.runs("sh", "-c", "echo $LISTEN_FDS $LISTEN_PID $$; readlink /proc/self/fd/3 | cut -c1-8")
	cmd := exec.Command("sh", "-c", `LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" "$@"`, ditto, "--root", b.root, "run", "--bundle", b.dir, id)
	cmd.ExtraFiles = []*os.File{socket}
	o = run(t, cmd)
	assert.Equal(t, o.Stdout, "1 1 1\nsocket:[\n", o.Stderr)
	b.nothingLeft(id)
}

// How a process is scheduled is Ditto's kernel's matter, and what it tells.
func TestSchedulingAndPersonality(t *testing.T) {
	b := newBundle(t)
	b.part("process")["scheduler"] = map[string]any{"policy": "SCHED_BATCH", "nice": 7}
	b.part("process")["ioPriority"] = map[string]any{"class": "IOPRIO_CLASS_BE", "priority": 3}
	b.part("linux")["personality"] = map[string]any{"domain": "LINUX32"}
	b.runs("sh", "-c", "cut -d' ' -f19 /proc/self/stat; ionice -p $$; uname -m")
	assert.Equal(t, b.do("run", "--bundle", b.dir, "ditto-test-sched"), "7\nbest-effort: prio 3\ni686\n")
}

// A container's /proc can hide others' processes, and all that is not about processes.
func TestProcOptions(t *testing.T) {
	need(t, "runc")
	b := newBundle(t)
	const id = "ditto-test-proc"
	for _, m := range b.config["mounts"].([]any) {
		if m := m.(map[string]any); m["type"] == "proc" {
			m["options"] = []string{"nosuid", "hidepid=2", "gid=7", "subset=pid"}
		}
	}
	b.part("linux")["maskedPaths"], b.part("linux")["readonlyPaths"] = []string{}, []string{}
	b.runs("sleep", "1000")
	var said []string
	for _, runtime := range []string{"runc", ditto} {
		do := func(args ...string) string {
			o := run(t, exec.Command(runtime, append([]string{"--root", b.root}, args...)...))
			assert.Equal(t, o.Status, "exit status 0", "%v: %s", args, o.Stderr)
			return o.Stdout
		}
		create := exec.Command(runtime, "--root", b.root, "create", "--bundle", b.dir, id)
		assert.NilError(t, create.Run()) // which has the container's streams
		do("start", id)
		const look = "ls -d /proc/1 /proc/version /proc/self/stat 2>&1; grep -w /proc /proc/self/mounts | tr , '\\n' | grep -E 'hide|gid|subset' | cut -d' ' -f1"
		text := ""
		for _, who := range [][]string{{"--user", "0"}, {"--user", "5"}, {"--user", "5", "--additional-gids", "7"}} {
			text += do(append(append([]string{"exec"}, who...), id, "sh", "-c", look)...)
		}
		do("delete", "--force", id)
		said = append(said, text)
	}
	assert.Equal(t, said[1], said[0])
}

// Executed processes run on the processors that the configuration has for them, and all have its memory policy.
func TestPlacement(t *testing.T) {
	need(t, "gcc")
	b := newBundle(t)
	const id = "ditto-test-placement"
	o := run(t, exec.Command("gcc", "-static", "-o", filepath.Join(b.dir, "rootfs/bin/policy"), "testdata/policy.c"))
	assert.Equal(t, o.Status, "exit status 0", o.Stderr)
	var here unix.CPUSet
	assert.NilError(t, unix.SchedGetaffinity(0, &here))
	first := 0
	for !here.IsSet(first) {
		first++
	}
	b.part("process")["execCPUAffinity"] = map[string]any{"initial": "0", "final": strconv.Itoa(first)}
	nodes, err := os.ReadFile("/sys/devices/system/node/online")
	policy := "policy 0 nodes 0\n"
	if err != nil || strings.TrimSpace(string(nodes)) == "0" { // else there is a choice, which is not supported
		policy = "policy 0x8002 nodes 0x1\n" // MPOL_BIND
		b.part("linux")["memoryPolicy"] = map[string]any{"mode": "MPOL_BIND", "nodes": "0", "flags": []string{"MPOL_F_STATIC_NODES"}}
	}
	b.runs("sleep", "1000")
	b.do("create", "--bundle", b.dir, id)
	b.do("start", id)
	const where = "grep Cpus_allowed_list /proc/self/status | tr -d '\t'; policy"
	assert.Equal(t, b.do("exec", id, "sh", "-c", where), fmt.Sprintf("Cpus_allowed_list:%d\n", first)+policy)
	b.do("delete", "--force", id)
	b.runs("policy")
	assert.Equal(t, b.do("run", "--bundle", b.dir, id), policy)

	b.part("process")["execCPUAffinity"] = map[string]any{"final": "8191"}
	b.runs("sleep", "1000")
	b.do("create", "--bundle", b.dir, id)
	b.do("start", id)
	o = b.run("exec", id, "true")
	assert.Equal(t, o.Status, "exit status 125", o.Stdout)
	assert.Equal(t, o.Stderr, "ditto: process.execCPUAffinity.final: none of these processors is the sandbox's\n")
	b.do("delete", "--force", id)
	b.nothingLeft(id)
}

// Where the state has no room, nothing is made, and nothing is left.
func TestFullDisk(t *testing.T) {
	b := newBundle(t)
	const id = "ditto-test-full"
	assert.NilError(t, unix.Mount("full", b.root, "tmpfs", 0, "size=64k"))
	t.Cleanup(func() { assert.Check(t, unix.Unmount(b.root, unix.MNT_DETACH)) })
	filler := filepath.Join(b.root, "filler")
	for _, left := range []int{0, 4096} {
		content := make([]byte, 64<<10-left)
		_ = os.WriteFile(filler, content, 0o600) // as much as there is room for
		b.runs("true")
		b.refuses("no space left on device", "create", "--bundle", b.dir, id)
		assert.NilError(t, os.Remove(filler))
		b.nothingLeft(id)
	}
	assert.Equal(t, b.do("run", "--bundle", b.dir, id), "")
	b.nothingLeft(id)
}

// A tmpfs can begin with what it covers.
func TestTmpfsCopiesUp(t *testing.T) {
	b := newBundle(t)
	home := filepath.Join(b.dir, "rootfs/home")
	assert.NilError(t, os.MkdirAll(filepath.Join(home, "deep"), 0o750))
	assert.NilError(t, os.WriteFile(filepath.Join(home, "deep/file"), []byte("content\n"), 0o604))
	assert.NilError(t, os.Chown(filepath.Join(home, "deep/file"), 5, 6))
	assert.NilError(t, os.Symlink("deep/file", filepath.Join(home, "link")))
	b.config["mounts"] = append(b.config["mounts"].([]any), map[string]any{"destination": "/home", "type": "tmpfs", "source": "tmpfs", "options": []string{"tmpcopyup"}})
	b.runs("sh", "-c", "cat /home/link; stat -c '%a %u %g' /home/deep/file /home/deep; rm /home/link; ls /home")
	assert.Equal(t, b.do("run", "--bundle", b.dir, "ditto-test-copyup"), "content\n604 5 6\n750 0 0\ndeep\n")
	text, err := os.ReadFile(filepath.Join(home, "link"))
	assert.NilError(t, err)
	assert.Equal(t, string(text), "content\n")
}

// A container's clocks start where its configuration says, for every process of it.
func TestTimeOffsets(t *testing.T) {
	b := newBundle(t)
	const id, ahead = "ditto-test-clocks", 1_000_000
	linux := b.part("linux")
	linux["namespaces"] = append(linux["namespaces"].([]any), map[string]any{"type": "time"})
	linux["timeOffsets"] = map[string]any{"boottime": map[string]any{"secs": ahead, "nanosecs": 5}, "monotonic": map[string]any{"secs": -7}}
	const script = "cat /proc/uptime /proc/self/timens_offsets; echo monotonic 1 0 > /proc/self/timens_offsets || echo refused"
	b.runs("sleep", "1000")
	before := uptime(t)
	assert.NilError(t, b.command("run", "--detach", "--bundle", b.dir, id).Run())
	text := b.do("exec", id, "sh", "-c", script)
	lines := strings.SplitN(text, "\n", 2)
	assert.Equal(t, lines[1], "monotonic          -7         0\nboottime      1000000         5\nrefused\n")
	shown, err := strconv.ParseFloat(strings.Fields(lines[0])[0], 64)
	assert.NilError(t, err)
	assert.Assert(t, shown >= before+ahead && shown < before+ahead+10_000, "%v, before it was %v", shown, before)
	b.do("delete", "--force", id)
	b.nothingLeft(id)

	linux["timeOffsets"] = map[string]any{"boottime": map[string]any{"secs": -1 << 40}}
	b.runs("true")
	b.refuses(`clocks of a time namespace: numerical result out of range`, "run", "--bundle", b.dir, id)
	b.nothingLeft(id)
}

// uptime is the host's.
func uptime(t *testing.T) float64 {
	t.Helper()
	text, err := os.ReadFile("/proc/uptime")
	assert.NilError(t, err)
	n, err := strconv.ParseFloat(strings.Fields(string(text))[0], 64)
	assert.NilError(t, err)
	return n
}
