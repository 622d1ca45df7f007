// SPDX-License-Identifier: Apache-2.0

// This file has the sched_* calls. What they set is kept and answered; nice values,
// affinity, SCHED_BATCH and SCHED_IDLE are the host thread's as well (task.SetSchedParams).

package syscalls

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// Scheduling policies (sched(7)).
const (
	schedOther    = 0
	schedFIFO     = 1
	schedRR       = 2
	schedBatch    = 3
	schedIdle     = 5
	schedDeadline = 6
	schedExt      = 7

	schedResetOnFork = 0x40000000
)

//ditto:syscall sched_yield full
func schedYield(t *task.Task) error {
	op := platform.Op{Nr: unix.SYS_SCHED_YIELD}
	if err := t.Thread().Do(&op); err != nil {
		return err
	}
	runtime.Gosched()
	return nil
}

//ditto:syscall sched_get_priority_max full
func schedGetPriorityMax(_ *task.Task, policy int32) (int, error) {
	_, hi, err := priorities(policy)
	return hi, err
}

//ditto:syscall sched_get_priority_min full
func schedGetPriorityMin(_ *task.Task, policy int32) (int, error) {
	lo, _, err := priorities(policy)
	return lo, err
}

func priorities(policy int32) (lo, hi int, err error) {
	switch policy {
	case schedFIFO, schedRR:
		return 1, 99, nil
	case schedOther, schedBatch, schedIdle, schedDeadline, schedExt:
		return 0, 0, nil
	}
	return 0, 0, unix.EINVAL
}

// schedTask is the target of a sched call: EINVAL, ESRCH.
func schedTask(t *task.Task, pid int32) (*task.Task, error) {
	if pid < 0 {
		return nil, unix.EINVAL
	}
	return taskOf(t, pid)
}

//ditto:syscall sched_getscheduler full
func schedGetscheduler(t *task.Task, pid int32) (uint32, error) {
	o, err := schedTask(t, pid)
	if err != nil {
		return 0, err
	}
	s := o.SchedParams()
	return s.Policy | boolWord(s.ResetOnFork)*schedResetOnFork, nil
}

//ditto:syscall sched_getparam full
func schedGetparam(t *task.Task, pid int32, param user.Addr) error {
	if param == 0 {
		return unix.EINVAL
	}
	o, err := schedTask(t, pid)
	if err != nil {
		return err
	}
	return put32(t, param, o.SchedParams().Priority)
}

//ditto:syscall sched_setscheduler partial of SCHED_FIFO and SCHED_RR the values are kept and answered, but the host does not schedule by them
func schedSetscheduler(t *task.Task, pid, policy int32, param user.Addr) error {
	if policy < 0 {
		return unix.EINVAL
	}
	return setScheduler(t, pid, &policy, param)
}

//ditto:syscall sched_setparam partial of SCHED_FIFO and SCHED_RR the values are kept and answered, but the host does not schedule by them
func schedSetparam(t *task.Task, pid int32, param user.Addr) error {
	return setScheduler(t, pid, nil, param)
}

// setScheduler sets policy (nil: the one it has) and priority.
func setScheduler(t *task.Task, pid int32, policy *int32, param user.Addr) error {
	if param == 0 || pid < 0 {
		return unix.EINVAL
	}
	var priority int32
	if err := get(t, param, &priority); err != nil {
		return err
	}
	o, err := taskOf(t, pid)
	if err != nil {
		return err
	}
	s := *o.SchedParams()
	s.Priority = uint32(priority)
	if policy != nil {
		s.Policy = uint32(*policy &^ schedResetOnFork)
		s.ResetOnFork = *policy&schedResetOnFork != 0
	}
	if s.Policy == schedDeadline || s.Policy == schedExt {
		return unix.EINVAL // needs sched_setattr, and a host that can
	}
	return applySched(t, o, &s)
}

// applySched checks s against what o has, and sets it (__sched_setscheduler).
func applySched(t, o *task.Task, s *task.Sched) error {
	if err := checkSched(t, o, s); err != nil {
		return err
	}
	o.SetSchedParams(s)
	armRTLimit(o)
	return nil
}

// checkSched is applySched up to the change: EINVAL, EPERM.
func checkSched(t, o *task.Task, s *task.Sched) error {
	lo, hi, err := priorities(int32(s.Policy))
	if err != nil || int(s.Priority) < lo || int(s.Priority) > hi {
		return unix.EINVAL
	}
	return maySched(t, o, s)
}

// maySched is user_check_sched_setscheduler.
func maySched(t, o *task.Task, s *task.Sched) error {
	c, oc, old := t.Creds(), o.Creds(), o.SchedParams()
	if c.Capable(unix.CAP_SYS_NICE) {
		return nil
	}
	if s.Policy == schedOther || s.Policy == schedBatch {
		if s.Nice < old.Nice && !mayNice(t, o, s.Nice) {
			return unix.EPERM
		}
	}
	if s.Policy == schedFIFO || s.Policy == schedRR {
		limit := o.RLimit(unix.RLIMIT_RTPRIO)
		if s.Policy != old.Policy && limit == 0 || s.Priority > old.Priority && uint64(s.Priority) > limit {
			return unix.EPERM
		}
	}
	switch {
	case s.Policy == schedDeadline,
		old.Policy == schedIdle && s.Policy != schedIdle && !mayNice(t, o, old.Nice),
		c.EUID != oc.EUID && c.EUID != oc.RUID, !mayReschedule(t, o),
		old.ResetOnFork && !s.ResetOnFork:
		return unix.EPERM
	}
	return nil
}

//ditto:syscall sched_rr_get_interval full
func schedRrGetInterval(t *task.Task, pid int32, addr user.Addr) error {
	o, err := schedTask(t, pid)
	if err != nil {
		return err
	}
	var interval time.Duration // less than a jiffy, for the fair policies
	if o.SchedParams().Policy == schedRR {
		interval = 100 * time.Millisecond
	}
	ts := unix.NsecToTimespec(int64(interval))
	return put(t, addr, &ts)
}
