// SPDX-License-Identifier: Apache-2.0

// This file is about many containers under Docker, and about killing what Ditto runs for it at any moment: nothing may
// be left, and Docker stays healthy. DITTO_SOAK (`make soak`) makes the numbers large.

package acceptance

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

func TestDockerManyContainers(t *testing.T) {
	d := startDocker(t)
	before := d.remains(t)
	t.Run("executed while killed", func(t *testing.T) { d.executedWhileKilled(t, often(2, 20)) })
	d.sameRemains(t, before)
	t.Run("at once", func(t *testing.T) { d.manyAtOnce(t, often(3, 50)) })
	d.sameRemains(t, before)
	t.Run("come and go", func(t *testing.T) { d.comeAndGo(t, often(4, 500)) })
	d.sameRemains(t, before)
	t.Run("killed", func(t *testing.T) { d.killedAtAnyMoment(t, often(3, 200)) })
	d.sameRemains(t, before, "network namespaces")
	for _, runtime := range []string{"runc", "ditto"} {
		t.Run("starts and deletes killed, "+runtime, func(t *testing.T) { d.startsAndDeletesKilled(t, runtime, often(3, 30)) })
	}
}

// says checks what a command of Docker's answers.
func (d *docker) says(t *testing.T, want string, args ...string) {
	out, err := d.command(args...).CombinedOutput()
	assert.Check(t, err == nil && (want == "" || string(out) == want), "%v: %v: %s", args, err, out)
}

func (d *docker) manyAtOnce(t *testing.T, n int) {
	name := func(i int) string { return fmt.Sprint("many-", i) }
	together(n, func(i int) {
		d.says(t, "", "run", "-d", "--runtime", "ditto", "--network", "none", "--name", name(i), image, "sleep", "1000")
	})
	out, err := d.command("ps", "-q").Output()
	assert.NilError(t, err)
	assert.Equal(t, len(strings.Fields(string(out))), n)
	together(n, func(i int) { d.says(t, "42\n", "exec", name(i), "sh", "-c", "echo $((6*7))") })
	together(n, func(i int) { d.says(t, "", "rm", "-f", name(i)) })
}

func (d *docker) comeAndGo(t *testing.T, n int) {
	together(n, func(i int) {
		d.says(t, fmt.Sprintln(i), "run", "--rm", "--runtime", "ditto", "--network", "none", image, "echo", fmt.Sprint(i))
	})
}

// executedWhileKilled kills the kernel process under an executed process: who waits for that hears of its end.
func (d *docker) executedWhileKilled(t *testing.T, n int) {
	for range n {
		d.says(t, "", "run", "-d", "--runtime", "ditto", "--network", "none", "--name", "victim", image, "sleep", "1000")
		cmd := d.command("exec", "victim", "sh", "-c", "echo in; exec sleep 1000")
		out, err := cmd.StdoutPipe()
		assert.NilError(t, err)
		assert.NilError(t, cmd.Start())
		_, err = out.Read(make([]byte, 3))
		assert.NilError(t, err)
		pid, err := d.command("inspect", "-f", "{{.State.Pid}}", "victim").Output()
		assert.NilError(t, err)
		kernel, err := strconv.Atoi(strings.TrimSpace(string(pid)))
		assert.NilError(t, err)
		assert.NilError(t, unix.Kill(kernel, unix.SIGKILL))
		assert.ErrorContains(t, cmd.Wait(), "exit status 137")
		d.says(t, "", "rm", "-f", "victim")
	}
}

// killedAtAnyMoment kills one of the processes of Ditto, be it a command that the shim runs or a container's kernel, while
// Docker does something to the container.
func (d *docker) killedAtAnyMoment(t *testing.T, n int) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	tries := 0
	for killed := 0; killed < n; tries++ {
		assert.Assert(t, tries < 20*n, "%d of %d tries found something to kill", killed, tries)
		if d.killOnce(t, random) {
			killed++
		}
		d.says(t, "", "rm", "-f", "victim")
		d.says(t, "alive\n", "run", "--rm", "--runtime", "ditto", "--network", "none", "--name", "victim", image, "echo", "alive")
	}
	t.Logf("%d killed in %d tries", n, tries)
}

// killOnce answers whether there was something to kill at the moment that chance chose.
func (d *docker) killOnce(t *testing.T, random *rand.Rand) bool {
	steps := [][]string{
		{"run", "-d", "--runtime", "ditto", "--network", "none", "--name", "victim", image, "sleep", "1000"},
		{"exec", "victim", "true"},
		{"stop", "-t", "0", "victim"},
	}
	at := random.IntN(len(steps))
	for _, args := range steps[:at] {
		if d.command(args...).Run() != nil {
			return false
		}
	}
	cmd := d.command(steps[at]...)
	if cmd.Start() != nil {
		return false
	}
	time.Sleep(time.Duration(random.IntN(600_000)) * time.Microsecond)
	// For what these leave see startsAndDeletesKilled.
	pids := slices.DeleteFunc(hostProcesses(t), func(pid int) bool {
		args, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		return strings.Contains(string(args), "\x00start\x00") || strings.Contains(string(args), "\x00delete\x00")
	})
	if len(pids) > 0 {
		_ = unix.Kill(pids[random.IntN(len(pids))], unix.SIGKILL)
	}
	_ = cmd.Wait() // it may well fail
	return len(pids) > 0
}

// startsAndDeletesKilled kills the commands whose end Docker takes for an answer, and cleans nothing up, whatever the
// runtime: after a "start" the container waits or runs, after a "delete" it has ended, and in either case its shim stays, and the daemon
// forgets it with the next "docker rm". So what this wants is the same of both runtimes: that a container whose
// "delete" was killed can be started again, for which Docker repeats it; and that what Docker forgot goes with a
// "delete --force", and with the end of the shim, after which containerd has the runtime asked for another one.
func (d *docker) startsAndDeletesKilled(t *testing.T, runtime string, n int) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	before := d.remains(t)
	tries, shims := 0, 0
	for killed := 0; killed < n; tries++ {
		assert.Assert(t, tries < 20*n, "%d of %d tries found something to kill", killed, tries)
		out, err := d.command("create", "--runtime", runtime, "--network", "none", "--name", "victim", image, "sleep", "1000").Output()
		assert.NilError(t, err)
		id, verb, doing := strings.TrimSpace(string(out)), "start", []string{"start", "victim"}
		if random.IntN(2) == 0 {
			d.says(t, "", doing...)
			verb, doing = "delete", []string{"stop", "-t", "0", "victim"}
		}
		hit := d.killVerb(verb, id, time.Duration(random.IntN(15_000))*time.Microsecond, d.command(doing...))
		again := hit && verb == "delete" && random.IntN(2) == 0
		if again {
			d.says(t, "", "start", "victim")
			d.says(t, "alive\n", "exec", "victim", "echo", "alive")
		}
		d.says(t, "", "rm", "-f", "victim")
		if hit && !again {
			shims += len(d.running("\x00-id\x00" + id + "\x00"))
			d.forget(t, runtime, id)
		}
		if hit {
			killed++
		}
		d.sameRemains(t, before)
	}
	t.Logf("%d killed in %d tries; Docker forgot %d with a shim", n, tries, shims)
}

// killVerb runs a command of Docker's, waits for the verb that it has a runtime asked for, and kills that so much later. It
// tells whether that still ran.
func (d *docker) killVerb(verb, id string, after time.Duration, cmd *exec.Cmd) (killed bool) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = cmd.Run() // it may well fail
	}()
	for !killed {
		select {
		case <-done:
			return false
		default:
		}
		for _, pid := range d.running("\x00" + verb + "\x00" + id + "\x00") {
			pidfd, err := unix.PidfdOpen(pid, 0)
			if err != nil {
				continue
			}
			time.Sleep(after)
			ended, err := unix.Poll([]unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}, 0)
			killed = err == nil && ended == 0 && unix.PidfdSendSignal(pidfd, unix.SIGKILL, nil, 0) == nil
			unix.Close(pidfd)
		}
	}
	<-done
	return true
}

// forget removes what a container that Docker no longer has left behind.
func (d *docker) forget(t *testing.T, runtime, id string) {
	if runtime == "ditto" {
		runtime = ditto
	}
	root := filepath.Join(d.dir, "exec/runtime-runc/moby")
	o := run(t, exec.Command(runtime, "--root", root, "delete", "--force", id))
	assert.Equal(t, o.Status, "exit status 0", o.Stderr)
	_, err := os.Stat(filepath.Join(root, id))
	assert.ErrorIs(t, err, os.ErrNotExist)
	groups, err := filepath.Glob("/sys/fs/cgroup/*/docker/" + id)
	assert.NilError(t, err)
	assert.Equal(t, len(groups), 0, "%v", groups)
	for _, shim := range d.running("\x00-id\x00" + id + "\x00") {
		assert.NilError(t, unix.Kill(shim, unix.SIGKILL))
	}
}

// running are the processes of this daemon's that have a text in their command line.
func (d *docker) running(text string) (pids []int) {
	all, _ := os.ReadDir("/proc")
	for _, p := range all {
		pid, err := strconv.Atoi(p.Name())
		if err != nil {
			continue
		}
		line, _ := os.ReadFile("/proc/" + p.Name() + "/cmdline")
		if strings.Contains(string(line), d.dir+"/") && strings.Contains(string(line), text) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// remains are what a container may leave behind, by kind.
func (d *docker) remains(t *testing.T) map[string][]string {
	t.Helper()
	state, err := filepath.Glob(filepath.Join(d.dir, "exec/runtime-*/moby/*"))
	assert.NilError(t, err)
	var groups []string
	for _, pattern := range []string{"/sys/fs/cgroup/docker/*/cgroup.procs", "/sys/fs/cgroup/*/docker/*/cgroup.procs"} {
		found, err := filepath.Glob(pattern)
		assert.NilError(t, err)
		groups = append(groups, found...)
	}
	containers, err := d.command("ps", "-aq").Output()
	assert.NilError(t, err)
	networks, others := d.mounts(t)
	return map[string][]string{
		"network namespaces": networks, "mounts": others, "states": state, "cgroups": groups,
		"containers": strings.Fields(string(containers)), "processes": words(hostProcesses(t)), "shims": words(d.running("-shim-")),
	}
}

// mounts are those in the daemon's namespace: those of network namespaces, and all others. A network namespace the daemon
// mounts when a hook of the container asks for it. If the "create" is killed meanwhile, be it runc's, the daemon cleans up,
// then comes to the end of what it was asked ("sandbox set key processing took ..." in its log), and keeps the mount.
func (d *docker) mounts(t *testing.T) (networks, others []string) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/mountinfo", d.pid))
	assert.NilError(t, err)
	for line := range strings.Lines(string(text)) {
		if name := strings.Fields(line)[4]; strings.HasPrefix(name, d.dir+"/exec/netns/") {
			networks = append(networks, name)
		} else {
			others = append(others, name)
		}
	}
	return networks, others
}

func words(numbers []int) (list []string) {
	for _, n := range numbers {
		list = append(list, strconv.Itoa(n))
	}
	return list
}

// sameRemains waits for what Docker removes after it answered, and fails with what stays.
func (d *docker) sameRemains(t *testing.T, before map[string][]string, but ...string) {
	t.Helper()
	var now map[string][]string
	for deadline := time.Now().Add(20 * time.Second); ; {
		now = d.remains(t)
		for _, name := range but {
			now[name] = before[name]
		}
		if fmt.Sprint(now) == fmt.Sprint(before) || time.Now().After(deadline) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	assert.DeepEqual(t, now, before)
}
