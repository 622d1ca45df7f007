// SPDX-License-Identifier: Apache-2.0

// This file is about several containers in one sandbox, by the annotations of the Kubernetes container runtime
// interface and by the namespaces that they join.

package acceptance

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
	is "gotest.tools/v3/assert/cmp"
)

// pod is a sandbox with containers that come and go.
type pod struct {
	*bundle
	sandbox string
	pid     int
}

// startPod starts a sandbox whose first container waits.
func startPod(t *testing.T) *pod {
	t.Helper()
	p := &pod{bundle: newBundle(t), sandbox: "ditto-test-sandbox"}
	p.config["hostname"] = "pod"
	p.config["annotations"] = map[string]string{"io.kubernetes.cri.container-type": "sandbox"}
	p.runs("sleep", "1000")
	p.do("create", "--bundle", p.dir, p.sandbox)
	p.do("start", p.sandbox)
	var s struct{ Pid int }
	assert.NilError(t, json.Unmarshal([]byte(p.do("state", p.sandbox)), &s))
	p.pid = s.Pid
	return p
}

// joins says which namespaces of the sandbox the next container is to have. The network is always one.
func (p *pod) joins(kinds ...string) {
	var list []any
	for _, kind := range []string{"pid", "mount", "ipc", "uts", "network"} {
		ns := map[string]any{"type": kind}
		if kind == "network" || strings.Contains(strings.Join(kinds, " "), kind) {
			ns["path"] = fmt.Sprintf("/proc/%d/ns/%s", p.pid, strings.TrimSuffix(kind, "work"))
		}
		list = append(list, ns)
	}
	p.part("linux")["namespaces"] = list
	p.config["annotations"] = map[string]string{"io.kubernetes.cri.container-type": "container", "io.kubernetes.cri.sandbox-id": p.sandbox}
}

// once runs a container of the pod to its end, and returns what it said.
func (p *pod) once(args ...string) string {
	p.t.Helper()
	p.runs(args...)
	o := p.run("run", "--bundle", p.dir, "ditto-test-once")
	assert.Equal(p.t, o.Status, "exit status 0", o.Stderr)
	return o.Stdout
}

func TestPodSharesWhatItIsAskedTo(t *testing.T) {
	p := startPod(t)
	script := "echo $$; hostname; set -- /proc/[0-9]*; echo $#; readlink /proc/self/ns/ipc; readlink /proc/self/ns/net"
	of := strings.Fields(p.do("exec", p.sandbox, "sh", "-c", "readlink /proc/self/ns/ipc; readlink /proc/self/ns/net"))
	p.config["hostname"] = "own"

	p.joins()
	seen := strings.Fields(p.once("sh", "-c", script))
	assert.DeepEqual(t, seen[:2], []string{"1", "own"})
	assert.Equal(t, seen[2], "1") // the shell: nobody else's process
	assert.Assert(t, seen[3] != of[0], "the ipc namespace is shared")
	assert.Equal(t, seen[4], of[1])

	p.joins("ipc", "uts", "pid")
	seen = strings.Fields(p.once("sh", "-c", script))
	assert.Assert(t, seen[0] != "1")
	assert.Equal(t, seen[1], "pod")
	assert.Equal(t, seen[2], "2")
	assert.DeepEqual(t, seen[3:], of)
	p.do("delete", "--force", p.sandbox)
	p.nothingLeft(p.sandbox)
}

// Containers of a pod reach each other by the loopback device, and their files are their own.
func TestPodOfTwo(t *testing.T) {
	assert.NilError(t, unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
	defer func() { assert.NilError(t, unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)) }()
	p := startPod(t)
	p.joins("ipc", "uts")
	const web, id = "ditto-test-web", "ditto-test-client"
	p.runs("sh", "-c", "mkdir -p /www; echo page > /www/index.html; httpd -p 127.0.0.1:8080 -h /www; exec sleep 1000")
	pidFile := filepath.Join(t.TempDir(), "pid")
	p.do("create", "--pid-file", pidFile, "--bundle", p.dir, web)
	assert.Equal(t, p.status(web), "created")
	p.do("start", web)
	assert.Equal(t, p.status(web), "running")
	assert.Equal(t, p.once("sh", "-c", "until wget -qO- http://127.0.0.1:8080/; do :; done 2>/dev/null"), "page\n")

	assert.Equal(t, p.do("exec", web, "cat", "/proc/1/comm"), "sleep\n")
	assert.Assert(t, is.Contains(p.do("ps", web), "sleep 1000"))
	assert.Assert(t, !strings.Contains(p.do("ps", p.sandbox), "httpd"))
	p.do("pause", web)
	assert.Equal(t, p.status(web), "paused")
	assert.Equal(t, p.do("exec", p.sandbox, "echo", "awake"), "awake\n")
	p.refuses("paused", "exec", web, "true")
	p.do("resume", web)
	assert.Equal(t, p.do("exec", web, "echo", "back"), "back\n")
	p.refuses("already", "create", "--bundle", p.dir, web)
	p.do("kill", web, "KILL")
	assert.Equal(t, p.reaped(pidFile).ExitStatus(), 128+9)
	assert.Equal(t, p.status(web), "stopped")
	p.do("delete", web)
	assert.Equal(t, p.status(p.sandbox), "running")

	// The name is free again. What it runs in gets killed with the process that stands for it.
	p.runs("sh", "-c", "sleep 1000 & exec sleep 1000")
	p.do("create", "--bundle", p.dir, web)
	p.do("start", web)
	p.do("delete", "--force", web)
	for until := time.Now().Add(time.Minute); strings.Count(p.do("exec", p.sandbox, "ps"), "sleep 1000") > 1; {
		assert.Assert(t, time.Now().Before(until), "processes of the killed container are left")
	}

	// The sandbox's end is everyone's.
	p.do("create", "--pid-file", pidFile, "--bundle", p.dir, id)
	p.do("start", id)
	p.do("kill", p.sandbox, "KILL")
	assert.Equal(t, p.reaped(pidFile).ExitStatus(), 128+9)
	assert.Equal(t, p.status(id), "stopped")
	p.do("delete", id)
	// It ends after those that stood for its members.
	for until := time.Now().Add(time.Minute); p.status(p.sandbox) != "stopped"; {
		assert.Assert(t, time.Now().Before(until), "the sandbox does not end")
	}
	p.do("delete", p.sandbox)
	p.nothingLeft(p.sandbox)
	p.nothingLeft(id)
}

// What a container of several may use is its own matter, and what happens when that is not enough.
func TestPodLimits(t *testing.T) {
	assert.NilError(t, unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
	defer func() { assert.NilError(t, unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)) }()
	p := startPod(t)
	p.joins()
	const id = "ditto-test-limited"
	want := "dd if=/dev/zero of=/dev/null bs=100M count=1 2>/dev/null; echo $?"
	assert.Equal(t, p.once("sh", "-c", want), "0\n")
	const limit = 48 << 20
	p.part("linux")["resources"] = map[string]any{"memory": map[string]any{"limit": limit, "swap": limit}, "cpu": map[string]any{"cpus": "0"}}
	// The host often kills the shell as well, and what stands for it; the sandbox and its other containers live on.
	p.runs("sh", "-c", want)
	if o := p.run("run", "--bundle", p.dir, "ditto-test-once"); o.Stdout != "137\n" {
		assert.Equal(t, o.Status, "exit status 137", "%s%s", o.Stdout, o.Stderr)
	}
	pidFile := filepath.Join(t.TempDir(), "pid")
	p.runs("sleep", "1000")
	p.do("create", "--pid-file", pidFile, "--bundle", p.dir, id)
	p.do("start", id)
	var event struct {
		Data struct {
			Memory struct{ Usage struct{ Limit, Usage uint64 } }
		}
	}
	assert.NilError(t, json.Unmarshal([]byte(p.do("events", "--stats", id)), &event))
	assert.Equal(t, event.Data.Memory.Usage.Limit, uint64(limit))
	assert.Assert(t, event.Data.Memory.Usage.Usage > 0)
	p.do("update", "--memory", fmt.Sprint(300<<20), "--memory-swap", fmt.Sprint(300<<20), id)
	assert.Equal(t, p.do("exec", id, "sh", "-c", want), "0\n")
	p.do("pause", id)
	p.do("kill", id, "KILL")
	assert.Equal(t, p.reaped(pidFile).ExitStatus(), 128+9)
	p.do("delete", id)
	assert.Equal(t, p.do("exec", p.sandbox, "sh", "-c", want), "0\n")
	p.do("delete", "--force", p.sandbox)
	p.nothingLeft(p.sandbox)
	p.nothingLeft(id)
}

// A container that ends by itself, or never starts, leaves the others alone.
func TestPodErrors(t *testing.T) {
	p := startPod(t)
	const id = "ditto-test-member"
	p.joins("ipc")
	p.runs("no-such")
	p.refuses(`exec: "no-such": executable file not found in \$PATH`, "create", "--bundle", p.dir, id)
	p.part("linux")["sysctl"] = map[string]string{"kernel.msgmax": "4096"}
	p.runs("true")
	p.refuses("linux.sysctl: not supported", "create", "--bundle", p.dir, id)
	delete(p.part("linux"), "sysctl")
	p.config["annotations"].(map[string]string)["io.kubernetes.cri.sandbox-id"] = "ditto-test-none"
	p.runs("true")
	p.refuses("annotations: the sandbox ditto-test-none: container does not exist", "create", "--bundle", p.dir, id)
	delete(p.config, "annotations")
	for _, c := range []struct {
		want string
		ns   map[string]any
	}{
		{"linux.namespaces: ipc .*: the process 1 is no container of Ditto's", map[string]any{"type": "ipc", "path": "/proc/1/ns/ipc"}},
		{"linux.namespaces: ipc .*: not of a container of Ditto's", map[string]any{"type": "ipc", "path": "/run/ns"}},
	} {
		p.part("linux")["namespaces"] = []any{map[string]any{"type": "pid"}, map[string]any{"type": "mount"}, map[string]any{"type": "network"}, c.ns}
		p.runs("true")
		p.refuses(c.want, "create", "--bundle", p.dir, id)
	}
	p.part("linux")["namespaces"] = []any{map[string]any{"type": "pid"}, map[string]any{"type": "mount"}, map[string]any{"type": "network"},
		map[string]any{"type": "ipc", "path": fmt.Sprintf("/proc/%d/ns/ipc", p.pid)}}
	p.runs("true")
	p.refuses("linux.namespaces: network: one of its own is not supported", "create", "--bundle", p.dir, id)
	assert.Equal(t, p.status(p.sandbox), "running")
	p.do("delete", "--force", p.sandbox)
	p.nothingLeft(id)
}
