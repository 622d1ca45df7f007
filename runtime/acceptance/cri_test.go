// SPDX-License-Identifier: Apache-2.0

// This file is about pods under containerd, as a kubelet asks for them: what README.md of runtime says to configure, and
// the same as with runc.

package acceptance

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

const criImage = "docker.io/library/ditto-busybox:latest"

// criConfig is containerd's: with the runtimes runc and ditto, and a network that needs no more than a bridge.
const criConfig = `version = 2
root = "DIR/root"
state = "DIR/state"
[grpc]
  address = "DIR/sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "` + criImage + `"
  disable_apparmor = true
  restrict_oom_score_adj = true
  stream_server_port = "0"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "DIR/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.ditto]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.ditto.options]
        BinaryName = "DITTO"
`

const criNetwork = `{"cniVersion": "0.3.1", "name": "pods", "plugins": [{"type": "bridge", "bridge": "ditto-cni", "isGateway": true,
	"ipam": {"type": "host-local", "subnet": "10.88.7.0/24", "dataDir": "DIR/ipam"}}]}`

// archive is an image of busybox as "docker save" writes it.
func archive(t *testing.T) io.Reader {
	t.Helper()
	layer, err := io.ReadAll(busybox(t))
	assert.NilError(t, err)
	config := fmt.Sprintf(`{"architecture": "amd64", "os": "linux", "config": {"Cmd": ["sleep", "1000"], "Env": ["PATH=/bin"]},
		"rootfs": {"type": "layers", "diff_ids": ["sha256:%x"]}}`, sha256.Sum256(layer))
	manifest := fmt.Sprintf(`[{"Config": "config.json", "RepoTags": [%q], "Layers": ["layer.tar"]}]`, criImage)
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range []struct{ name, content string }{{"layer.tar", string(layer)}, {"config.json", config}, {"manifest.json", manifest}} {
		assert.NilError(t, w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: f.name, Mode: 0o644, Size: int64(len(f.content))}))
		_, err := io.WriteString(w, f.content)
		assert.NilError(t, err)
	}
	assert.NilError(t, w.Close())
	return &b
}

// startCRI starts containerd with its service for kubelets, in a network and a mount namespace of its own.
func startCRI(t *testing.T) *containerd {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("containerd needs root")
	}
	need(t, "containerd", "ctr:containerd", "runc", "busybox:busybox-static", "/usr/lib/cni/bridge:containernetworking-plugins")
	dir, err := os.MkdirTemp("", "ditto-cri-")
	assert.NilError(t, err)
	d := &containerd{dir}
	t.Cleanup(func() { (&docker{dir: dir}).remove(t) })
	fill := strings.NewReplacer("DIR", dir, "DITTO", ditto)
	assert.NilError(t, os.Mkdir(d.file("cni"), 0o755))
	assert.NilError(t, os.WriteFile(d.file("config.toml"), []byte(fill.Replace(criConfig)), 0o644))
	assert.NilError(t, os.WriteFile(d.file("cni/pods.conflist"), []byte(fill.Replace(criNetwork)), 0o644))
	// The namespaces of networks are bound to names in /run/netns.
	cmd := exec.Command("sh", "-c", `busybox ip link set lo up; mkdir -p /run/netns; mount -t tmpfs tmpfs /run/netns; exec containerd "$@"`, "containerd",
		"--config", d.file("config.toml"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET | unix.CLONE_NEWNS}
	daemon := startDaemon(t, cmd, d.file("log"), func() *exec.Cmd { return d.command("version") })
	t.Cleanup(func() { daemon.stop(t) })
	load := d.command("--namespace", "k8s.io", "images", "import", "--snapshotter", "native", "-")
	load.Stdin = archive(t)
	out, err := load.CombinedOutput()
	assert.NilError(t, err, string(out))
	return d
}

// criPod is a pod under one runtime, with what it showed.
type criPod struct {
	t *testing.T
	*cri
	config  message
	id      string
	options message
	seen    []string
}

func (p *criPod) must(method string, m message) message {
	p.t.Helper()
	answer, err := p.call(method, m)
	assert.NilError(p.t, err)
	return answer
}

// run starts a container of the pod, and returns its id.
func (p *criPod) run(name string, args ...string) string {
	p.t.Helper()
	config := message{}.in(1, message{}.text(1, name)).in(2, message{}.text(1, criImage)).texts(3, args).
		in(15, message{}.in(2, message{}.in(3, p.options)))
	id, _ := p.must("CreateContainer", message{}.text(1, p.id).in(2, config).in(3, p.config)).get(p.t, 1)
	p.must("StartContainer", message{}.text(1, id))
	return id
}

// exec runs a command in a container, and notes what comes of it.
func (p *criPod) exec(id string, args ...string) {
	p.t.Helper()
	answer := p.must("ExecSync", message{}.text(1, id).texts(2, args).varint(3, 100))
	stdout, _ := answer.get(p.t, 1)
	stderr, _ := answer.get(p.t, 2)
	_, status := answer.get(p.t, 3)
	p.seen = append(p.seen, fmt.Sprintf("%v: %d %s%s", args, status, stdout, stderr))
}

// ended waits for a container's end, and notes how it ended.
func (p *criPod) ended(id string) {
	p.t.Helper()
	const exited = 2
	for late := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		status, _ := p.must("ContainerStatus", message{}.text(1, id)).get(p.t, 1)
		if _, state := message(status).get(p.t, 3); state == exited {
			_, code := message(status).get(p.t, 7)
			reason, _ := message(status).get(p.t, 10)
			p.seen = append(p.seen, fmt.Sprintf("ended: %d %s", code, reason))
			return
		}
		assert.Assert(p.t, time.Now().Before(late), "the container does not end")
	}
}

// podLife is the life of a pod of two, whose containers have pid namespaces of their own or share one.
func podLife(t *testing.T, c *cri, runtime string, sharedPids bool) []string {
	const pod, container = 0, 1
	p := &criPod{t: t, cri: c, options: message{}.varint(1, pod).varint(3, pod)}
	if p.options = p.options.varint(2, container); sharedPids {
		p.options = p.options.varint(2, pod)
	}
	name := fmt.Sprintf("%s-%v", runtime, sharedPids)
	p.config = message{}.in(1, message{}.text(1, name).text(2, name).text(3, "default")).text(2, "pod-host").
		in(8, message{}.in(2, message{}.in(1, p.options)))
	p.id, _ = p.must("RunPodSandbox", message{}.in(1, p.config).text(2, runtime)).get(t, 1)
	web := p.run("web", "sh", "-c", "mkdir -p /www && echo page > /www/index.html && httpd -p 127.0.0.1:8080 -h /www; trap 'exit 9' TERM; while :; do sleep 0.1; done")
	other := p.run("other", "sleep", "1000")
	p.exec(other, "sh", "-c", "until wget -qO- http://127.0.0.1:8080/ 2>/dev/null; do sleep 0.1; done; ls /www")
	for _, id := range []string{web, other} {
		p.exec(id, "hostname")
		p.exec(id, "sh", "-c", "cat /proc/1/comm; ip -4 addr show eth0 | grep -c 'inet '")
	}
	p.exec(other, "sh", "-c", "ps | grep -c '[h]ttpd -p 127'")
	p.exec(other, "sh", "-c", "echo from the other > /dev/shm/file")
	p.exec(web, "cat", "/dev/shm/file")
	p.must("StopContainer", message{}.text(1, web).varint(2, 100))
	p.ended(web)
	p.must("RemoveContainer", message{}.text(1, web))
	p.exec(other, "echo", "still there")
	p.must("StopPodSandbox", message{}.text(1, p.id))
	p.ended(other)
	p.must("RemovePodSandbox", message{}.text(1, p.id))
	return p.seen
}

func TestCRI(t *testing.T) {
	d := startCRI(t)
	c := newCRI(d.file("sock"))
	defer c.CloseIdleConnections()
	for _, shared := range []bool{false, true} {
		if diff := cmp.Diff(podLife(t, c, "runc", shared), podLife(t, c, "ditto", shared)); diff != "" {
			t.Errorf("shared pids: %v: ditto (+) differs from runc (-):\n%s", shared, diff)
		}
	}
	left, err := filepath.Glob(d.file("state/io.containerd.runtime.v2.task/*/*"))
	assert.NilError(t, err)
	assert.Equal(t, len(left), 0, "bundles are left: %v", left)
}
