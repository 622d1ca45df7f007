// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"cmp"
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// schedAttr is struct sched_attr.
type schedAttr struct {
	Size, Policy              uint32
	Flags                     uint64
	Nice                      int32
	Priority                  uint32
	Runtime, Deadline, Period uint64
	UtilMin, UtilMax          uint32
}

const (
	schedAttrSize     = 56
	schedAttrSizeVer0 = 48

	schedFlagResetOnFork = 0x01
	schedFlagKeepPolicy  = 0x08
	schedFlagKeepParams  = 0x10
	schedFlagUtilClamp   = 0x60
	schedFlagAll         = 0x7f
)

//ditto:syscall sched_getattr full
func schedGetattr(t *task.Task, pid int32, addr user.Addr, size, flags uint32) error {
	if addr == 0 || pid < 0 || size > abi.PageSize || size < schedAttrSizeVer0 || flags != 0 {
		return unix.EINVAL
	}
	o, err := taskOf(t, pid)
	if err != nil {
		return err
	}
	s := o.SchedParams()
	a := schedAttr{Size: min(size, schedAttrSize), Policy: s.Policy, Flags: uint64(boolWord(s.ResetOnFork)) * schedFlagResetOnFork}
	switch s.Policy {
	case schedFIFO, schedRR:
		a.Priority = s.Priority
	default:
		a.Nice = s.Nice
		a.Runtime = s.Runtime
	}
	b, err := binary.Append(nil, binary.LittleEndian, &a)
	if err != nil {
		panic(err)
	}
	b = append(b, make([]byte, max(0, int(size)-len(b)))...)
	_, err = t.Memory().CopyOut(addr, b[:min(int(size), len(b))])
	return err
}

//ditto:syscall sched_setattr partial of SCHED_FIFO and SCHED_RR the values are kept and answered, but the host does not schedule by them; SCHED_DEADLINE is refused to the privileged as well, with EBUSY
func schedSetattr(t *task.Task, pid int32, addr user.Addr, flags uint32) error {
	if addr == 0 || pid < 0 || flags != 0 {
		return unix.EINVAL
	}
	a, err := getSchedAttr(t, addr)
	if err != nil {
		return err
	}
	if int32(a.Policy) < 0 {
		return unix.EINVAL
	}
	o, err := taskOf(t, pid)
	if err != nil {
		return err
	}
	old := o.SchedParams()
	if a.Flags&schedFlagKeepPolicy != 0 {
		a.Policy = old.Policy
	}
	if a.Flags&schedFlagKeepParams != 0 {
		a.Nice, a.Priority, a.Runtime = old.Nice, old.Priority, old.Runtime
	}
	switch {
	case a.Flags&^schedFlagAll != 0, a.Policy == schedExt:
		return unix.EINVAL
	case a.Policy == schedDeadline:
		return a.refuseDeadline(t)
	}
	s := *old
	s.Policy, s.Priority, s.Runtime = a.Policy, a.Priority, a.Runtime
	if a.Flags&schedFlagKeepPolicy == 0 { // the flag is part of the policy
		s.ResetOnFork = a.Flags&schedFlagResetOnFork != 0
	}
	if a.Policy == schedOther || a.Policy == schedBatch {
		s.Nice = min(max(a.Nice, -20), 19)
	}
	if a.Flags&schedFlagUtilClamp != 0 { // as a kernel without CONFIG_UCLAMP_TASK, which looks at them last
		return cmp.Or(checkSched(t, o, &s), error(unix.EOPNOTSUPP))
	}
	return applySched(t, o, &s)
}

// getSchedAttr is sched_copy_attr: what is longer than the kernel knows must
// be zero, or the known size is written back with E2BIG.
func getSchedAttr(t *task.Task, addr user.Addr) (a schedAttr, err error) {
	var size uint32
	if err := get(t, addr, &size); err != nil {
		return a, err
	}
	if size == 0 {
		size = schedAttrSizeVer0
	}
	err = unix.E2BIG
	if size >= schedAttrSizeVer0 && size <= abi.PageSize {
		err = getStruct(t, addr, uint64(size), &a)
	}
	if err == nil && a.Flags&schedFlagUtilClamp != 0 && size < schedAttrSize {
		return a, unix.EINVAL
	}
	if err == unix.E2BIG {
		if werr := put32(t, addr, schedAttrSize); werr != nil {
			return a, werr
		}
	}
	return a, err
}

// refuseDeadline is the answer to SCHED_DEADLINE: EINVAL for bad parameters
// (__checkparam_dl), EPERM without CAP_SYS_NICE. With it Linux goes on to ask
// whether there is processor time left to be promised, and here is none.
func (a *schedAttr) refuseDeadline(t *task.Task) error {
	const (
		leastRuntime         = 1 << 10
		minPeriod, maxPeriod = 100e3, 1 << 22 * 1000 // sysctl_sched_dl_period_min and _max
	)
	period := cmp.Or(a.Period, a.Deadline)
	switch {
	case a.Priority != 0, a.Deadline == 0, a.Runtime < leastRuntime, int64(a.Deadline) < 0, int64(a.Period) < 0,
		period < a.Deadline, a.Deadline < a.Runtime, period < minPeriod, period > maxPeriod:
		return unix.EINVAL
	case !t.Creds().Capable(unix.CAP_SYS_NICE):
		return unix.EPERM
	}
	return unix.EBUSY
}
