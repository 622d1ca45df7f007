// SPDX-License-Identifier: Apache-2.0

// Package cgroupfs is a container's control group as it sees it itself (cgroups(7), version 2): programs look there for
// how much memory and how many processors they may use. These limits are set from outside, and it is the host that keeps
// them, but for the number of tasks. In it applications may make groups of their own, to tell their processes apart.
//
// Lock order: group.mu and Group.mu are leaves.
package cgroupfs

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
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

// Group is a container's control group, and those that it makes in it.
type Group struct {
	kernel *task.Kernel
	tasks  *task.Container
	online string // processors
	limits atomic.Pointer[Limits]

	root, child           *kernfs.Entry // its own directory, and that of each other group
	eventsFile, procsFile *kernfs.Entry
	fs                    *kernfs.FS

	mu    sync.Mutex
	below map[*task.Cgroup]*kernfs.FS // fs with another root, for cgroup namespaces
}

// New is the group of a container, on a machine with these processors. It is before the container has tasks.
func New(k *task.Kernel, c *task.Container, online string) *Group {
	g := &Group{kernel: k, tasks: c, online: online, below: map[*task.Cgroup]*kernfs.FS{}}
	g.limits.Store(&Limits{})
	own := newGroup(g, c.Cgroup())
	c.Cgroup().Files = own
	common := g.common()
	g.child = g.directory("[GROUP]", common)
	g.root = g.directory("/", append(slices.Clone(common),
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
		line("pids.current", g.pids),
		line("pids.max", func() string { return most(c.MaxTasks.Load()) }),
	))
	g.fs = kernfs.NewOf("cgroup2", unix.CGROUP2_SUPER_MAGIC, g.root, own)
	return g
}

// Type is cgroup2 as a type of file systems: what is mounted is the group of the caller's container, from the root of the
// caller's cgroup namespace on.
var Type = &vfs.FSType{Name: "cgroup2", User: true, Kept: true, OwnerOf: ownerOf, Check: checkOption, New: mounted}

func ownerOf(ctx vfs.Ctx) *cred.UserNS {
	if t, ok := ctx.(*task.Task); ok {
		return t.Namespaces().Cgroup.Owner()
	}
	return cred.InitialNS
}

// checkOption knows the options, which count only in the first cgroup namespace of a machine (cgroup_apply_root_flags).
func checkOption(_ vfs.Ctx, o vfs.Option) error {
	switch o.Key {
	case "nsdelegate", "favordynmods", "memory_localevents", "memory_recursiveprot", "memory_hugetlb_accounting", "pids_localevents":
		if !o.Flag {
			return vfs.FlagOnly
		}
		return nil
	}
	return vfs.NoParam
}

func mounted(ctx vfs.Ctx, _ []vfs.Option) (vfs.FileSystem, error) {
	t, ok := ctx.(*task.Task)
	if !ok {
		return nil, unix.ENODEV
	}
	own, ok := t.Container().Cgroup().Files.(*group)
	if !ok {
		return nil, unix.ENODEV
	}
	return own.of.from(t.Namespaces().Cgroup.Root(t.Container())), nil
}

// from is the file system with a group as its root.
func (g *Group) from(c *task.Cgroup) *kernfs.FS {
	n, ok := c.Files.(*group)
	if !ok || n.of != g || c.Parent() == nil {
		return g.fs
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.below[c] == nil {
		g.below[c] = g.fs.Below(g.child, n)
	}
	return g.below[c]
}

// views are the file system with all its roots.
func (g *Group) views() []*kernfs.FS {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := []*kernfs.FS{g.fs}
	for _, fs := range g.below {
		list = append(list, fs)
	}
	return list
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

// pids is how many threads there are, in all its groups.
func (g *Group) pids() string {
	n := 0
	for _, p := range g.kernel.GroupsOf(g.tasks) {
		n += len(p.Threads())
	}
	return strconv.Itoa(n)
}

// line is a file of one line.
func line(name string, text func() string) *kernfs.Entry {
	return &kernfs.Entry{Name: name, Mode: unix.S_IFREG | 0o444, Text: func(vfs.Ctx, any) ([]byte, error) {
		return append([]byte(text()), '\n'), nil
	}}
}
