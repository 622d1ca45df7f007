// SPDX-License-Identifier: Apache-2.0

// Package cgroupfs is a container's control group as it sees it itself (cgroups(7), version 2): programs look there for
// how much memory and how many processors they may use. It is read-only: the limits are set from outside, and it is the host that keeps
// them, but for the number of tasks.
package cgroupfs

import (
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/kernfs"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Limits are those of the host's control group; of numbers, 0: none.
type Limits struct {
	Memory, Swap int64  `json:",omitempty"` // bytes
	Quota        int64  `json:",omitempty"` // microseconds of processor time in a period
	Period       uint64 `json:",omitempty"`
	Weight       uint64 `json:",omitempty"`
	CPUs         string `json:",omitempty"` // as 0-3
}

// Group is a container's control group.
type Group struct {
	kernel *task.Kernel
	tasks  *task.Container
	online string // processors
	limits atomic.Pointer[Limits]
	fs     *kernfs.FS
}

// New is the group of a container, on a machine with these processors.
func New(k *task.Kernel, c *task.Container, online string) *Group {
	g := &Group{kernel: k, tasks: c, online: online}
	g.limits.Store(&Limits{})
	g.fs = kernfs.New("cgroup2", unix.CGROUP2_SUPER_MAGIC, &kernfs.Entry{Name: "/", Mode: unix.S_IFDIR | 0o555, Children: []*kernfs.Entry{
		line("cgroup.controllers", func() string { return "cpuset cpu memory pids" }),
		line("cgroup.events", func() string { return "populated 1\nfrozen 0" }),
		list("cgroup.procs", g.processes),
		line("cgroup.subtree_control", func() string { return "" }),
		list("cgroup.threads", g.threads),
		line("cgroup.type", func() string { return "domain" }),
		line("cpu.max", g.cpuMax),
		line("cpu.weight", func() string { return strconv.FormatUint(or(g.limits.Load().Weight, defaultWeight), 10) }),
		line("cpuset.cpus", func() string { return g.limits.Load().CPUs }),
		line("cpuset.cpus.effective", func() string { return or(g.limits.Load().CPUs, g.online) }),
		line("memory.current", g.memory),
		line("memory.high", func() string { return none }),
		line("memory.low", func() string { return "0" }),
		line("memory.max", func() string { return most(g.limits.Load().Memory) }),
		line("memory.min", func() string { return "0" }),
		line("memory.swap.max", g.swapMax),
		line("pids.current", func() string { return strconv.Itoa(len(g.threads())) }),
		line("pids.max", func() string { return most(c.MaxTasks.Load()) }),
	}})
	return g
}

// FS is the group as a file system.
func (g *Group) FS() vfs.FileSystem { return g.fs }

// Set says what the limits are from now on.
func (g *Group) Set(l Limits) { g.limits.Store(&l) }

// What the files say where nothing is set.
const (
	none          = "max"
	defaultPeriod = 100000
	defaultWeight = 100
)

func or[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// most is a limit as these files have it.
func most(n int64) string {
	if n <= 0 {
		return none
	}
	return strconv.FormatInt(n, 10)
}

func (g *Group) cpuMax() string {
	l := g.limits.Load()
	return fmt.Sprintf("%s %d", most(l.Quota), or(l.Period, defaultPeriod))
}

// swapMax: the runtime's limit is of memory and swap together.
func (g *Group) swapMax() string {
	l := g.limits.Load()
	if l.Memory <= 0 || l.Swap < l.Memory {
		return none
	}
	return strconv.FormatInt(l.Swap-l.Memory, 10)
}

// memory is what its processes have in memory. What several of them share is counted for each.
func (g *Group) memory() string {
	var sum uint64
	for _, p := range g.kernel.GroupsOf(g.tasks) {
		if m := p.Leader().MM(); m != nil {
			if r, ok := m.Resident(); ok {
				sum += r.Total()
			}
		}
	}
	return strconv.FormatUint(sum, 10)
}

func (g *Group) processes() (ids []int32) {
	for _, p := range g.kernel.GroupsOf(g.tasks) {
		ids = append(ids, p.ID())
	}
	return ids
}

func (g *Group) threads() (ids []int32) {
	for _, p := range g.kernel.GroupsOf(g.tasks) {
		for _, t := range p.Threads() {
			ids = append(ids, t.Pid())
		}
	}
	return ids
}

// line is a file of one line.
func line(name string, text func() string) *kernfs.Entry {
	return &kernfs.Entry{Name: name, Mode: unix.S_IFREG | 0o444, Text: func(vfs.Ctx, any) ([]byte, error) {
		return append([]byte(text()), '\n'), nil
	}}
}

// list is a file of ids, as the reader's pid namespace has them.
func list(name string, ids func() []int32) *kernfs.Entry {
	return &kernfs.Entry{Name: name, Mode: unix.S_IFREG | 0o444, Text: func(ctx vfs.Ctx, _ any) ([]byte, error) {
		all := ids()
		if t, ok := ctx.(*task.Task); ok {
			for i, id := range all {
				all[i] = t.Kernel().ShowIn(id, t.PidNS()) // 0: out of its sight, as in Linux
			}
		}
		slices.Sort(all)
		var b []byte
		for _, id := range all {
			b = fmt.Appendf(b, "%d\n", id)
		}
		return b, nil
	}}
}
