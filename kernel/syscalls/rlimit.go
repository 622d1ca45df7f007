// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

const maxOpenFiles = 1 << 20 // fs.nr_open

//ditto:syscall getrlimit full
func getrlimit(t *task.Task, resource uint32, addr user.Addr) error {
	if resource >= abi.RLIM_NLIMITS {
		return unix.EINVAL
	}
	l := t.Group().Limit(int(resource))
	return put(t, addr, &l)
}

//ditto:syscall setrlimit full
func setrlimit(t *task.Task, resource uint32, addr user.Addr) error {
	var l task.Limit
	if err := get(t, addr, &l); err != nil {
		return err
	}
	return changeLimit(t, t.Group(), resource, l)
}

func changeLimit(t *task.Task, g *task.ThreadGroup, resource uint32, l task.Limit) error {
	switch {
	case resource >= abi.RLIM_NLIMITS, l.Cur > l.Max:
		return unix.EINVAL
	case resource == unix.RLIMIT_NOFILE && l.Max > maxOpenFiles:
		return unix.EPERM
	}
	err := g.ChangeLimit(int(resource), func(old task.Limit) error {
		if l.Max > old.Max && !t.Creds().Capable(unix.CAP_SYS_RESOURCE) {
			return unix.EPERM
		}
		return nil
	}, l)
	if err == nil && resource == unix.RLIMIT_STACK {
		if m, _, _ := g.Leader().Resources(); m != nil {
			m.LimitStack(l.Cur)
		}
	}
	if err == nil && resource == unix.RLIMIT_CPU {
		armCPULimit(g)
	}
	if err == nil && resource == unix.RLIMIT_RTTIME {
		armRTLimits(g)
	}
	return err
}

//ditto:syscall prlimit64 full
func prlimit64(t *task.Task, pid int32, resource uint32, newAddr, oldAddr user.Addr) error {
	var l task.Limit
	if newAddr != 0 {
		if err := get(t, newAddr, &l); err != nil {
			return err
		}
	}
	target, err := taskOf(t, pid)
	if err != nil {
		return err
	}
	if err := mayLimit(t, target); err != nil {
		return err
	}
	if resource >= abi.RLIM_NLIMITS {
		return unix.EINVAL
	}
	old := target.Group().Limit(int(resource))
	if newAddr != 0 {
		if err := changeLimit(t, target.Group(), resource, l); err != nil {
			return err
		}
	}
	if oldAddr == 0 {
		return nil
	}
	return put(t, oldAddr, &old)
}

// mayLimit is check_prlimit_permission: the same user and group throughout,
// or CAP_SYS_RESOURCE.
func mayLimit(t, target *task.Task) error {
	if t == target {
		return nil
	}
	c, o := t.Creds(), target.Creds()
	if c.RUID == o.EUID && c.RUID == o.SUID && c.RUID == o.RUID &&
		c.RGID == o.EGID && c.RGID == o.SGID && c.RGID == o.RGID || c.CapableIn(o.NS(), unix.CAP_SYS_RESOURCE) {
		return nil
	}
	return unix.EPERM
}
