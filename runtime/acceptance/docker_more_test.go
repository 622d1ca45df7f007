// SPDX-License-Identifier: Apache-2.0

// This file is about what people do with containers that run for a while: each scenario runs with runc and with ditto
// under the same daemon, and what the client shows must be the same.

package acceptance

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gotest.tools/v3/assert"
)

// scene is one scenario under one runtime.
type scene struct {
	*docker
	t             *testing.T
	runtime, name string   // name is of the scenario's container, and of what else is named
	hide          []string // what differs between two runs, besides names and ids
	seen          []string
}

// same runs a scenario under each runtime, and compares what it saw.
func (d *docker) same(name string, scenario func(*scene)) func(t *testing.T) {
	return func(t *testing.T) {
		t.Parallel()
		var seen [2][]string
		for i, runtime := range []string{"runc", "ditto"} {
			s := &scene{docker: d, t: t, runtime: runtime, name: strings.ReplaceAll(name, " ", "-") + "-" + runtime}
			scenario(s)
			_ = d.command("rm", "--force", s.name).Run()
			seen[i] = s.seen
		}
		if diff := cmp.Diff(seen[0], seen[1]); diff != "" {
			t.Errorf("ditto (+) differs from runc (-):\n%s", diff)
		}
	}
}

// note keeps something to compare.
func (s *scene) note(format string, args ...any) {
	text := strings.ReplaceAll(fmt.Sprintf(format, args...), s.name, "NAME")
	for _, h := range s.hide {
		text = strings.ReplaceAll(text, h, "HIDDEN")
	}
	s.seen = append(s.seen, containerID.ReplaceAllString(text, "ID"))
}

// step runs a command of the client, and notes what it says.
func (s *scene) step(args ...string) outcome {
	s.t.Helper()
	o := run(s.t, s.command(args...))
	if args[0] == "diff" { // in no order
		lines := strings.Split(o.Stdout, "\n")
		slices.Sort(lines)
		o.Stdout = strings.Join(lines, "\n")
	}
	s.note("%s: %s\n%s%s", args[0], o.Status, o.Stdout, plainError(o.Stderr))
	return o
}

// quiet runs one that must succeed, and returns what it says.
func (s *scene) quiet(args ...string) string {
	s.t.Helper()
	o := run(s.t, s.command(args...))
	assert.Equal(s.t, o.Status, "exit status 0", "%v: %s", args, o.Stderr)
	return strings.TrimSpace(o.Stdout)
}

// until waits for a command to say something.
func (s *scene) until(want string, args ...string) {
	s.t.Helper()
	re := regexp.MustCompile(want)
	for late := time.Now().Add(2 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		o := run(s.t, s.command(args...))
		if re.MatchString(o.Stdout + o.Stderr) {
			return
		}
		assert.Assert(s.t, time.Now().Before(late), "%v never says %s, but: %s%s", args, want, o.Stdout, o.Stderr)
	}
}

// start starts the scenario's container, which has no network unless the arguments begin with one.
func (s *scene) start(args ...string) {
	s.t.Helper()
	line := []string{"run", "-d", "--name", s.name, "--runtime", s.runtime}
	if args[0] != "--network" {
		line = append(line, "--network", "none")
	}
	s.quiet(append(line, args...)...)
}

func (d *docker) testScenarios(t *testing.T) {
	for _, c := range []struct {
		name string
		run  func(*scene)
	}{
		{"copy", (*scene).copies}, {"commit", (*scene).commits}, {"restart", (*scene).restarts}, {"health", (*scene).health},
		{"attach", (*scene).attaches}, {"top", (*scene).top}, {"stats", (*scene).stats}, {"rename", (*scene).renames},
		{"update", (*scene).updates}, {"out of memory", (*scene).outOfMemory}, {"shared", (*scene).shared},
		{"company", (*scene).company}, {"names", (*scene).namesOfOthers}, {"ports", (*scene).ports}, {"signals", (*scene).signals}, {"compose", (*scene).compose},
	} {
		t.Run(c.name, d.same(c.name, c.run))
	}
}

// Files go in and out while the container runs, and when it has ended.
func (s *scene) copies() {
	s.start(image, "sh", "-c", "echo first > /root/made; exec sleep 1000")
	s.until("first", "exec", s.name, "cat", "/root/made")
	dir := s.t.TempDir()
	in := filepath.Join(dir, "in")
	assert.NilError(s.t, os.WriteFile(in, []byte("from the host\n"), 0o640))
	s.step("cp", in, s.name+":/root/in")
	s.step("exec", s.name, "sh", "-c", "cat /root/in; stat -c '%a %u' /root/in; echo more >> /root/in")
	s.step("cp", s.name+":/root", filepath.Join(dir, "out"))
	s.quiet("stop", "-t", "0", s.name)
	s.step("cp", in, s.name+":/root/late")
	s.quiet("start", s.name)
	s.step("exec", s.name, "cat", "/root/late")
	for _, name := range []string{"made", "in"} {
		text, err := os.ReadFile(filepath.Join(dir, "out", name))
		s.note("%s: %s %v", name, text, err)
	}
	s.step("diff", s.name)
}

// What a container wrote becomes an image.
func (s *scene) commits() {
	s.start(image, "sh", "-c", "mkdir /made && ln -s x /made/link && echo content > /made/file && chmod 751 /made/file && rm /etc/group; exec sleep 1000")
	s.until("content", "exec", s.name, "cat", "/made/file")
	s.step("diff", s.name)
	s.quiet("commit", "--change", `CMD ["cat", "/made/file"]`, s.name, s.name+":image")
	s.step("run", "--rm", "--network", "none", "--runtime", s.runtime, s.name+":image")
	s.step("run", "--rm", "--network", "none", "--runtime", s.runtime, s.name+":image", "sh", "-c", "stat -c '%a %F %u' /made/*; readlink /made/link; ls /etc/group")
}

// A policy starts a container again that fails, and only so often.
func (s *scene) restarts() {
	s.start("--restart", "on-failure:2", image, "sh", "-c", "echo run >> /root/runs; exit 3")
	s.until("^exited 3 2\n$", "inspect", "-f", "{{.State.Status}} {{.State.ExitCode}} {{.RestartCount}}", s.name)
	s.quiet("cp", s.name+":/root/runs", s.t.TempDir())
	s.step("logs", s.name)
	s.quiet("rm", s.name)
	s.start("--restart", "always", image, "sh", "-c", "trap 'exit 0' TERM; echo up; while :; do sleep 0.1; done")
	s.until("up", "logs", s.name)
	s.quiet("exec", s.name, "kill", "1") // it ends by itself, and comes again
	s.until("up\nup\n", "logs", s.name)
	s.step("stop", s.name)
	s.step("inspect", "-f", "{{.State.Status}} {{.State.Restarting}}", s.name)
	s.step("restart", s.name)
	s.until("up\nup\nup\n", "logs", s.name)
	s.step("inspect", "-f", "{{.State.Status}} {{.HostConfig.Runtime}}", s.name)
	s.seen[len(s.seen)-1] = strings.Replace(s.seen[len(s.seen)-1], s.runtime, "RUNTIME", 1)
}

// A check runs in the container again and again.
func (s *scene) health() {
	s.start("--health-cmd", "cat /root/ok", "--health-interval", "300ms", "--health-retries", "2", image, "sh", "-c", "touch /root/ok; exec sleep 1000")
	state := []string{"inspect", "-f", "{{.State.Health.Status}}", s.name}
	s.until("^healthy", state...)
	s.quiet("exec", s.name, "rm", "/root/ok")
	s.until("^unhealthy", state...)
	s.step("inspect", "-f", "{{(index .State.Health.Log 0).ExitCode}}", s.name)
}

// A client comes to a container that runs, and its input gets there.
func (s *scene) attaches() {
	s.start("-i", image, "sh", "-c", "read line; echo got $line; exit 4")
	attach := s.command("attach", s.name)
	// Input that ends makes the client stop listening: under runc, too, it misses what comes later.
	in, err := attach.StdinPipe()
	assert.NilError(s.t, err)
	defer in.Close()
	go func() { _, _ = io.WriteString(in, "hello\n") }()
	o := run(s.t, attach)
	s.note("attach: %s %s", o.Status, o.Stdout)
	s.step("wait", s.name)
	s.step("logs", s.name)
}

// The processes that serve a container are the host's: as many as it has, beside the kernel process.
func (s *scene) top() {
	s.start(image, "sh", "-c", "sleep 1000 & echo ready; wait")
	s.until("ready", "logs", s.name)
	list := strings.Fields(s.quiet("top", s.name, "-o", "pid"))
	pid := s.quiet("inspect", "-f", "{{.State.Pid}}", s.name)
	s.note("top: %s, the first: %v, others: %v", list[0], strings.Contains(strings.Join(list, " ")+" ", " "+pid+" "), len(list) > 2)
}

func (s *scene) stats() {
	s.start("--memory", "64m", "--pids-limit", "50", image, "sh", "-c", "sleep 1000 & sleep 1000 & sleep 1000 & echo ready; wait")
	s.until("ready", "logs", s.name)
	// Of the columns, the name and the limit are the same for all; the tasks are counted by the host.
	s.until(`^`+s.name+` .*iB / 64MiB [0-9]+\n$`, "stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}} {{.PIDs}}", s.name)
}

func (s *scene) renames() {
	s.start(image, "sleep", "1000")
	s.step("rename", s.name, s.name+"2")
	s.step("exec", s.name+"2", "echo", "alive")
	s.step("inspect", "-f", "{{.Name}} {{.State.Status}} {{.HostConfig.NetworkMode}} {{.Path}} {{.Args}}", s.name+"2")
	s.step("ps", "--filter", "name="+s.name, "--format", "{{.Names}} {{.Image}} {{.Command}} {{.State}}")
	s.step("rm", "-f", s.name+"2")
}

func (s *scene) updates() {
	s.start("--memory", "64m", "--memory-swap", "64m", image, "sleep", "1000")
	s.step("update", "--memory", "96m", "--memory-swap", "96m", "--cpus", "0.5", "--pids-limit", "20", s.name)
	s.step("inspect", "-f", "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}}", s.name)
	s.until(` / 96MiB\n$`, "stats", "--no-stream", "--format", "{{.MemUsage}}", s.name)
	s.step("exec", s.name, "sh", "-c", "for i in $(seq 30); do sleep 1000 & done 2>&1")
}

// The engine learns that the host had no more memory to give. It watches for that once the container has started, so the
// container waits until it is told to take too much.
func (s *scene) outOfMemory() {
	s.start("--network", "none", "--memory", "24m", "--memory-swap", "24m", image,
		"sh", "-c", "until [ -e /go ]; do sleep 0.1; done; exec dd if=/dev/zero of=/dev/null bs=100M count=1")
	s.step("exec", s.name, "touch", "/go")
	s.step("wait", s.name)
	killed := []string{"inspect", "-f", "{{.State.OOMKilled}} {{.State.ExitCode}}", s.name}
	s.until("^true", killed...) // the engine may hear of it after the end
	s.step(killed...)
	s.step("rm", s.name)
}

// What the host mounts in a shared volume later on is seen inside.
func (s *scene) shared() {
	dir := s.inHost("mktemp", "-d", filepath.Join(s.dir, "shared-XXXXXX"))
	s.inHost("sh", "-c", "mount -t tmpfs tmpfs "+dir+" && mount --make-shared "+dir+" && mkdir "+dir+"/later")
	defer s.inHost("sh", "-c", "umount -l "+dir+"/later; umount -l "+dir)
	for _, how := range []string{"shared", "slave"} {
		s.start("-v", dir+":/data:"+how, image, "sleep", "1000")
		s.inHost("sh", "-c", "mount -t tmpfs tmpfs "+dir+"/later && echo new > "+dir+"/later/file")
		s.step("exec", s.name, "cat", "/data/later/file")
		s.inHost("umount", "-l", dir+"/later") // a file that was looked at may be held for a while
		s.step("exec", s.name, "ls", "/data/later")
		s.quiet("rm", "-f", s.name)
	}
}

// inHost runs a command where the daemon is.
func (d *docker) inHost(args ...string) string {
	out, err := exec.Command("nsenter", append([]string{"--target", fmt.Sprint(d.pid), "--net", "--mount", "--"}, args...)...).CombinedOutput()
	if err != nil {
		return fmt.Sprintf("%v: %v: %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// Containers that share a pid namespace, message queues and a network with another.
func (s *scene) company() {
	s.start("--network", "none", "--ipc", "shareable", image, "sh", "-c", "httpd -p 8080 -h /etc; exec sleep 1000")
	with := func(args ...string) {
		s.step(append([]string{"run", "--rm", "--runtime", s.runtime}, args...)...)
	}
	other := "container:" + s.name
	with("--network", other, image, "wget", "-qO-", "http://127.0.0.1:8080/group")
	with("--network", other, "--pid", other, image, "sh", "-c", "cat /proc/1/comm; test $$ != 1 && kill -0 1 && echo sees")
	with("--network", other, "--ipc", other, image, "sh", "-c", "echo shared > /dev/shm/file; echo $$")
	s.step("exec", s.name, "cat", "/dev/shm/file")
}

// Two containers of a network of their own find each other by name.
func (s *scene) namesOfOthers() {
	s.quiet("network", "create", s.name)
	defer s.quiet("network", "rm", s.name)
	s.start("--network", s.name, "--network-alias", "web", image, "sh", "-c", "httpd -p 80 -h /etc; exec sleep 1000")
	s.step("run", "--rm", "--runtime", s.runtime, "--network", s.name, image, "sh", "-c",
		"for i in $(seq 100); do wget -qO- http://web/group && exit; sleep 0.1; done; exit 1")
	s.step("run", "--rm", "--runtime", s.runtime, "--network", s.name, image, "nslookup", "nobody.invalid", "127.0.0.11")
	s.seen = s.seen[:len(s.seen)-1]
	s.quiet("rm", "-f", s.name)
}

// A port of the host's leads into the container.
func (s *scene) ports() {
	s.start("--network", "bridge", "-p", "127.0.0.1:0:80", image, "sh", "-c", "httpd -p 80 -h /etc; exec sleep 1000")
	_, port, _ := strings.Cut(s.quiet("port", s.name, "80"), ":")
	s.note("%s", s.inHost("busybox", "sh", "-c", "for i in $(seq 100); do busybox wget -qO- http://127.0.0.1:"+port+"/group && exit; sleep 0.1; done; exit 1"))
	s.step("exec", s.name, "sh", "-c", "ip -4 addr | grep -c 'inet '; ip route | wc -l; ip addr show eth0 | grep -c 'inet '; grep -c eth0 /proc/net/dev; cat /proc/sys/net/ipv4/ip_forward")
	s.step("stop", "-t", "1", s.name)
}

func (s *scene) signals() {
	s.start("--stop-signal", "USR2", image, "sh", "-c", "trap 'echo one' USR1; trap 'echo two; exit 6' USR2; echo up; while :; do sleep 0.1; done")
	s.until("up", "logs", s.name)
	s.step("kill", "-s", "USR1", s.name)
	s.until("one", "logs", s.name)
	s.step("stop", "-t", "100", s.name)
	s.step("logs", s.name)
	s.step("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", s.name)
}

const composition = `version: "2.4"
services:
  web:
    image: ` + image + `
    runtime: RUNTIME
    command: ["httpd", "-f", "-p", "80", "-h", "/data"]
    volumes: ["data:/data"]
    depends_on: [writer]
  writer:
    image: ` + image + `
    runtime: RUNTIME
    environment: {TEXT: written}
    command: ["sh", "-c", "echo $$TEXT > /data/page; exec sleep 1000"]
    volumes: ["data:/data"]
volumes:
  data:
`

// compose brings two services up that share a volume and find each other, and takes them down.
func (s *scene) compose() {
	file := filepath.Join(s.t.TempDir(), "compose.yml")
	assert.NilError(s.t, os.WriteFile(file, []byte(strings.ReplaceAll(composition, "RUNTIME", s.runtime)), 0o644))
	do := func(args ...string) outcome {
		cmd := exec.Command("docker-compose", append([]string{"--no-ansi", "-H", s.host, "-p", s.name, "-f", file}, args...)...)
		return run(s.t, cmd)
	}
	o := do("up", "-d")
	assert.Equal(s.t, o.Status, "exit status 0", o.Stderr)
	o = do("exec", "-T", "writer", "sh", "-c", "for i in $(seq 100); do wget -qO- http://web/page && exit; sleep 0.1; done; exit 1")
	s.note("from writer: %s %s", o.Status, o.Stdout)
	o = do("exec", "-T", "web", "cat", "/data/page")
	s.note("in web: %s %s", o.Status, o.Stdout)
	o = do("down", "-v", "-t", "1")
	s.note("down: %s", o.Status)
	s.step("ps", "-aq", "--filter", "name="+s.name)
}

// testBuild makes an image of the same file with each runtime as the daemon's default.
func (d *docker) testBuild(t *testing.T) {
	const file = "FROM " + image + `
RUN echo built > /made && chmod 640 /made && ln -s made /link
COPY seen /copied
RUN cat /copied | tr a-z A-Z > /upper; id -u > /who
USER ann
WORKDIR /home/ann
RUN umask > /tmp/umask; touch here; echo user $(id -u) > /tmp/user
ENV A=b
CMD ["sh", "-c", "cat /upper /who /tmp/umask /tmp/user; readlink /link; stat -c '%a %u %n' /made . /tmp/user; echo $A $PWD"]
`
	var got [2]outcome
	for i, runtime := range []string{"runc", "ditto"} {
		d.setDefault(t, runtime)
		var context bytes.Buffer
		w := tar.NewWriter(&context)
		for name, text := range map[string]string{"Dockerfile": file, "seen": "from the host\n"} {
			assert.NilError(t, w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text))}))
			_, err := io.WriteString(w, text)
			assert.NilError(t, err)
		}
		assert.NilError(t, w.Close())
		build := d.command("build", "--no-cache", "--quiet", "--network", "none", "-t", "built-"+runtime, "-")
		build.Stdin, build.Env = &context, append(os.Environ(), "DOCKER_BUILDKIT=0")
		o := run(t, build)
		assert.Equal(t, o.Status, "exit status 0", o.Stderr)
		got[i] = d.run(t, runtime, "built-"+runtime)
	}
	if diff := cmp.Diff(got[0], got[1]); diff != "" {
		t.Errorf("ditto (+) differs from runc (-):\n%s", diff)
	}
	assert.Equal(t, got[0].Status, "exit status 0")
}
