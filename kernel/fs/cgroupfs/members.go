// SPDX-License-Identifier: Apache-2.0

// This file is who is in a control group, and how a process comes to another.

package cgroupfs

import (
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/kernfs"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

func processes(n *group) (ids []int32) {
	for _, p := range n.of.kernel.CgroupMembers(n.of.tasks, n.cg, false) {
		ids = append(ids, p.ID())
	}
	return ids
}

func threads(n *group) (ids []int32) {
	for _, p := range n.of.kernel.CgroupMembers(n.of.tasks, n.cg, false) {
		for _, t := range p.Threads() {
			ids = append(ids, t.Pid())
		}
	}
	return ids
}

// list is a file of ids, as the reader's pid namespace has them.
func list(name string, ids func(*group) []int32, store func(ctx vfs.Ctx, n *group, value string) error) *kernfs.Entry {
	e := file(name, 0o644, nil, store)
	e.Text = func(ctx vfs.Ctx, of any) ([]byte, error) {
		n := of.(*group)
		if err := n.alive(); err != nil {
			return nil, err
		}
		all := ids(n)
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
	}
	return e
}

// named finds who is to be moved (cgroup_procs_write_start): EINVAL, ESRCH.
func named(ctx vfs.Ctx, value string) (*task.Task, error) {
	t, ok := ctx.(*task.Task)
	if !ok {
		return nil, unix.EINVAL
	}
	pid, err := integer(value)
	if err != nil || pid < 0 {
		return nil, unix.EINVAL
	}
	if pid == 0 {
		return t, nil
	}
	if t = t.Lookup(int32(pid)); t == nil {
		return nil, unix.ESRCH
	}
	return t, nil
}

func moveProcess(ctx vfs.Ctx, n *group, value string) error {
	t, err := named(ctx, value)
	if err != nil {
		return err
	}
	if err := n.mayTake(ctx, t.Group()); err != nil {
		return err
	}
	return t.Group().MoveTo(n.cg)
}

// moveThread is for threads that stay where they are: there is no group that has threads only.
func moveThread(ctx vfs.Ctx, n *group, value string) error {
	t, err := named(ctx, value)
	if err != nil {
		return err
	}
	if err := n.mayTake(ctx, t.Group()); err != nil {
		return err
	}
	if t.Group().Cgroup() != n.cg {
		return unix.EOPNOTSUPP
	}
	return nil
}

// mayTake is cgroup_procs_write_permission: who moves a process must be able to do so in what is above both groups.
// ENOENT: the process is another container's.
func (n *group) mayTake(ctx vfs.Ctx, p *task.ThreadGroup) error {
	from, ok := p.Cgroup().Files.(*group)
	if !ok || from.of != n.of {
		return unix.ENOENT
	}
	c := from.cg
	for !n.cg.Within(c) {
		c = c.Parent()
	}
	return c.Files.(*group).mayWrite(ctx)
}

// mayWrite tells whether somebody may write to the group's cgroup.procs.
func (n *group) mayWrite(ctx vfs.Ctx) error {
	return vfs.Permission(ctx, n.of.fs.Inode(n.of.procsFile, n), vfs.MayWrite)
}

// Into is the control group that an open directory is of, for the caller to put a child in: EBADF for what is no such
// directory, EACCES, ENOENT for one that is gone.
func Into(t *task.Task, f *vfs.File) (*task.Cgroup, error) {
	e, of := kernfs.About(f.Path.Inode())
	n, ok := of.(*group)
	if !ok || e.Mode&unix.S_IFMT != unix.S_IFDIR {
		return nil, unix.EBADF
	}
	if n.Gone() {
		return nil, unix.ENOENT
	}
	if err := n.mayWrite(t); err != nil {
		return nil, err
	}
	return n.cg, n.mayTake(t, t.Group())
}
