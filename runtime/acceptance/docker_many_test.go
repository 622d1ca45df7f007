// SPDX-License-Identifier: Apache-2.0

// This file is about many containers under Docker, and about killing what Ditto runs for it at any moment: nothing may
// be left, and Docker stays healthy. DITTO_SOAK (`make soak`) makes the numbers large.

package acceptance

import (
	"fmt"
	"math/rand/v2"
	"os"
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
	// Mounts in the daemon's namespace are Docker's own; after a failed start it has been seen to keep two.
	d.sameRemains(t, before, "mounts")
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
	// A "delete" that was killed the shim does not ask for again, whatever the runtime: TestKilledAtAnyMoment has those.
	pids := slices.DeleteFunc(hostProcesses(t), func(pid int) bool {
		args, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		return strings.Contains(string(args), "\x00delete\x00")
	})
	if len(pids) > 0 {
		_ = unix.Kill(pids[random.IntN(len(pids))], unix.SIGKILL)
	}
	_ = cmd.Wait() // it may well fail
	return len(pids) > 0
}

// remains are what a container may leave behind, by name.
func (d *docker) remains(t *testing.T) map[string]int {
	t.Helper()
	mounts, err := os.ReadFile(fmt.Sprintf("/proc/%d/mountinfo", d.pid))
	assert.NilError(t, err)
	state, err := filepath.Glob(filepath.Join(d.dir, "exec/runtime-*/moby/*"))
	assert.NilError(t, err)
	groups := 0
	for _, pattern := range []string{"/sys/fs/cgroup/docker/*/cgroup.procs", "/sys/fs/cgroup/*/docker/*/cgroup.procs"} {
		found, err := filepath.Glob(pattern)
		assert.NilError(t, err)
		groups += len(found)
	}
	containers, err := d.command("ps", "-aq").Output()
	assert.NilError(t, err)
	return map[string]int{
		"mounts": strings.Count(string(mounts), "\n"), "states": len(state), "cgroups": groups,
		"containers": len(strings.Fields(string(containers))), "processes": len(hostProcesses(t)),
	}
}

// sameRemains waits for what Docker removes after it answered, and fails with what stays.
func (d *docker) sameRemains(t *testing.T, before map[string]int, but ...string) {
	t.Helper()
	var now map[string]int
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
