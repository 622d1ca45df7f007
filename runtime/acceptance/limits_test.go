// SPDX-License-Identifier: Apache-2.0

// This file is about what a container may use, and sees of that itself.

package acceptance

import (
	"fmt"
	"strings"
	"testing"

	"gotest.tools/v3/assert"
)

// A container finds its limits where programs look for them (cgroups(7), version 2), also when they change.
func TestContainerSeesItsLimits(t *testing.T) {
	b := newBundle(t)
	b.config["mounts"] = append(b.config["mounts"].([]any), map[string]any{
		"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": []string{"nosuid", "noexec", "nodev", "relatime", "ro"}})
	const mega = 1 << 20
	b.part("linux")["resources"] = map[string]any{
		"memory": map[string]any{"limit": 64 * mega, "swap": 96 * mega}, "cpu": map[string]any{"quota": 50000, "period": 200000, "cpus": "0"},
		"pids": map[string]any{"limit": 30},
	}
	b.runs("sh", "-c", "sleep 1000 & exec sleep 1000")
	const id = "ditto-test-limits"
	b.do("create", "--bundle", b.dir, id)
	b.do("start", id)
	see := func(names ...string) string {
		return strings.Join(strings.Fields(b.do("exec", id, "sh", "-c", "cd /sys/fs/cgroup && cat "+strings.Join(names, " "))), " ")
	}
	limits := []string{"memory.max", "memory.swap.max", "cpu.max", "cpuset.cpus.effective", "pids.max"}
	assert.Equal(t, see(limits...), fmt.Sprintf("%d %d 50000 200000 0 30", 64*mega, 32*mega))
	assert.Equal(t, see("cgroup.controllers", "/proc/self/cgroup"), "cpuset cpu memory pids 0::/")
	assert.Assert(t, strings.HasPrefix(see("cgroup.procs")+" ", "1 "), see("cgroup.procs"))
	assert.Assert(t, see("memory.current") != "0")
	b.do("update", "--memory", fmt.Sprint(80*mega), "--memory-swap", fmt.Sprint(80*mega), "--cpu-quota", "70000", "--pids-limit", "40", id)
	assert.Equal(t, see(limits...), fmt.Sprintf("%d 0 70000 200000 0 40", 80*mega))
	b.do("delete", "--force", id)
	b.nothingLeft(id)
}
