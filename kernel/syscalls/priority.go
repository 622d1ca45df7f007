// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"cmp"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
)

const (
	ioprioWhoProcess = 1
	ioprioWhoPgrp    = 2
	ioprioWhoUser    = 3

	ioprioRT   = 1
	ioprioBE   = 2
	ioprioIdle = 3

	ioprioClassShift = 13
)

// prioTargets are the tasks that a call on priorities is about: process,
// process group or user who, 0 being the caller's own. Who is dead and was not
// waited for still counts.
func prioTargets(t *task.Task, which, who int32) ([]*task.Task, error) {
	k := t.Kernel()
	var list []*task.Task
	switch which {
	case unix.PRIO_PROCESS:
		if target, err := taskOf(t, who); err == nil {
			list = []*task.Task{target}
		}
	case unix.PRIO_PGRP:
		if who == 0 {
			who = t.Group().PgrpID()
		} else {
			who = t.ToPid(who)
		}
		list = k.TasksOrDead(func(o *task.Task) bool { return o.InPgrp(who) })
		// The youngest process first, and of each its threads in order: the last one's error counts.
		slices.SortStableFunc(list, func(a, b *task.Task) int { return cmp.Compare(b.Group().ID(), a.Group().ID()) })
	case unix.PRIO_USER:
		uid := t.Creds().NS().ToUID(uint32(who))
		if who == 0 {
			uid = t.Creds().RUID
		}
		list = k.TasksOrDead(func(o *task.Task) bool { return o.Creds().RUID == uid })
	default:
		return nil, unix.EINVAL
	}
	if len(list) == 0 {
		return nil, unix.ESRCH
	}
	return list, nil
}

//ditto:syscall getpriority full
func getpriority(t *task.Task, which, who int32) (int, error) {
	list, err := prioTargets(t, which, who)
	if err != nil {
		return 0, err
	}
	best := 0
	for _, o := range list {
		best = max(best, 20-int(o.SchedParams().Nice))
	}
	return best, nil
}

//ditto:syscall setpriority partial the host gives nobody more than its ordinary priority: a negative value, which takes CAP_SYS_NICE, is kept and answered
func setpriority(t *task.Task, which, who, nice int32) error {
	nice = min(max(nice, -20), 19)
	list, err := prioTargets(t, which, who)
	if err != nil {
		return err
	}
	var result error
	for _, o := range list {
		if err := setNice(t, o, nice); err != nil {
			result = err
		}
	}
	return result
}

func setNice(t, o *task.Task, nice int32) error {
	c, oc := t.Creds(), o.Creds()
	if oc.RUID != c.EUID && oc.EUID != c.EUID && !c.CapableIn(oc.NS(), unix.CAP_SYS_NICE) {
		return unix.EPERM
	}
	s := *o.SchedParams()
	if nice < s.Nice && !mayNice(t, o, nice) {
		return unix.EACCES
	}
	if !mayReschedule(t, o) {
		return unix.EPERM
	}
	s.Nice = nice
	o.SetSchedParams(&s)
	return nil
}

// mayReschedule is cap_safe_nice: no task decides over one that may do more than itself.
func mayReschedule(t, o *task.Task) bool {
	c, oc := t.Creds(), o.Creds()
	return c.Holds(oc) || c.CapableIn(oc.NS(), unix.CAP_SYS_NICE)
}

// mayNice is can_nice: RLIMIT_NICE of the target, or CAP_SYS_NICE.
func mayNice(t, o *task.Task, nice int32) bool {
	return uint64(20-nice) <= o.RLimit(unix.RLIMIT_NICE) || t.Creds().Capable(unix.CAP_SYS_NICE)
}

//ditto:syscall ioprio_get full
func ioprioGet(t *task.Task, which, who int32) (int, error) {
	list, err := ioprioTargets(t, which, who)
	if err != nil {
		return 0, err
	}
	if which == ioprioWhoProcess && len(list) == 1 {
		return int(list[0].IOPrio()), nil
	}
	best := int(^uint16(0))
	for _, o := range list {
		best = min(best, effectiveIOPrio(o))
	}
	return best, nil
}

// effectiveIOPrio is the priority that I/O has: what was set, or what follows
// from the processor's (__get_task_ioprio).
func effectiveIOPrio(t *task.Task) int {
	if prio := int(t.IOPrio()); prio>>ioprioClassShift != 0 {
		return prio
	}
	s := t.SchedParams()
	class := ioprioBE
	switch s.Policy {
	case schedIdle:
		class = ioprioIdle
	case unix.SCHED_FIFO, unix.SCHED_RR:
		class = ioprioRT
	}
	return class<<ioprioClassShift | int(s.Nice+20)/5
}

func ioprioTargets(t *task.Task, which, who int32) ([]*task.Task, error) {
	switch which {
	case ioprioWhoProcess, ioprioWhoPgrp, ioprioWhoUser:
		return prioTargets(t, which-ioprioWhoProcess+unix.PRIO_PROCESS, who)
	}
	return nil, unix.EINVAL
}

//ditto:syscall ioprio_set partial the real-time class is kept and answered, but the host gives the best of the best-effort class, as it lets no ordinary container have the other
func ioprioSet(t *task.Task, which, who, prio int32) error {
	if err := checkIOPrio(t, prio); err != nil {
		return err
	}
	list, err := ioprioTargets(t, which, who)
	if err != nil {
		return err
	}
	for _, o := range list {
		c, oc := t.Creds(), o.Creds()
		if oc.RUID != c.EUID && oc.RUID != c.RUID && !c.Capable(unix.CAP_SYS_NICE) || !mayReschedule(t, o) {
			return unix.EPERM
		}
		o.SetIOPrio(uint16(prio))
	}
	return nil
}

// checkIOPrio is ioprio_check_cap: EINVAL, EPERM.
func checkIOPrio(t *task.Task, prio int32) error {
	class, level := prio>>ioprioClassShift&7, prio&(1<<ioprioClassShift-1)
	switch class {
	case ioprioRT:
		if c := t.Creds(); !c.Capable(unix.CAP_SYS_ADMIN) && !c.Capable(unix.CAP_SYS_NICE) {
			return unix.EPERM
		}
	case ioprioBE, ioprioIdle:
	case 0:
		if level != 0 {
			return unix.EINVAL
		}
	default:
		return unix.EINVAL
	}
	return nil
}
