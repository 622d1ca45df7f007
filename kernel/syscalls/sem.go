// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/ipc"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

//ditto:syscall semget full
func semget(t *task.Task, key, nsems, flags int32) (int32, error) {
	return ipc.Of(t).Sem.Get(t, key, nsems, uint32(flags))
}

//ditto:syscall semop full
func semop(t *task.Task, id int32, sops user.Addr, n uint32) error {
	return semtimedop(t, id, sops, n, 0)
}

//ditto:syscall semtimedop full
func semtimedop(t *task.Task, id int32, sops user.Addr, n uint32, timeout user.Addr) error {
	var ts unix.Timespec
	if timeout != 0 {
		var err error
		if ts, err = getTimespec(t, timeout); err != nil {
			return err
		}
	}
	switch {
	case uint64(n) > ipc.Of(t).Limits.SemOpm.Load():
		return unix.E2BIG
	case n < 1:
		return unix.EINVAL
	}
	ops := make([]ipc.SemOp, n)
	if err := get(t, sops, ops); err != nil {
		return err
	}
	if id < 0 {
		return unix.EINVAL
	}
	var deadline time.Time
	if timeout != 0 {
		if !validTimespec(ts) {
			return unix.EINVAL
		}
		deadline = time.Now().Add(duration(ts))
	}
	var undo *ipc.Undo
	for _, op := range ops {
		if op.Flags&ipc.SEM_UNDO != 0 {
			undo = t.SemUndo(func() task.SemUndo { return &ipc.Undo{} }).(*ipc.Undo)
			break
		}
	}
	return ipc.Of(t).Sem.Op(t, id, ops, undo, deadline)
}

// semDs is struct semid64_ds.
type semDs struct {
	Perm     ipcPerm
	OTime, _ int64
	CTime, _ int64
	N        uint64
	_        [2]uint64
}

//ditto:syscall semctl full
func semctl(t *task.Task, id, num, cmd int32, arg uint64) (int, error) {
	if id < 0 {
		return 0, unix.EINVAL
	}
	sem, buf := &ipc.Of(t).Sem, user.Addr(arg)
	switch cmd {
	case ipc.IPC_INFO, ipc.SEM_INFO:
		return semInfo(t, sem, buf, cmd)
	case ipc.IPC_STAT, ipc.SEM_STAT, ipc.SEM_STAT_ANY:
		s, ret, err := sem.Stat(t, id, int(cmd))
		if err != nil {
			return 0, err
		}
		return int(ret), put(t, buf, semDs{Perm: permOut(t, &s.Perm), OTime: s.OTime, CTime: s.CTime, N: uint64(s.N)})
	case ipc.GETVAL, ipc.GETPID, ipc.GETNCNT, ipc.GETZCNT:
		return sem.Value(t, id, num, int(cmd))
	case ipc.GETALL:
		values, err := sem.All(t, id)
		if err != nil {
			return 0, err
		}
		return 0, put(t, buf, values)
	case ipc.SETALL:
		return 0, semSetAll(t, sem, id, buf)
	case ipc.SETVAL:
		return 0, sem.SetOne(t, id, num, int32(arg))
	case ipc.IPC_SET:
		var ds semDs
		if err := get(t, buf, &ds); err != nil {
			return 0, err
		}
		return 0, sem.Set(t, id, ds.Perm.in(t))
	case ipc.IPC_RMID:
		return 0, sem.Remove(t, id)
	}
	return 0, unix.EINVAL
}

func semSetAll(t *task.Task, sem *ipc.Semaphores, id int32, buf user.Addr) error {
	n, err := sem.Count(t, id)
	if err != nil {
		return err
	}
	values := make([]uint16, n)
	if err := get(t, buf, values); err != nil {
		return err
	}
	return sem.SetAll(t, id, values)
}

// semInfo fills in struct seminfo; two of its fields are the limits, or with
// SEM_INFO what is in use.
func semInfo(t *task.Task, sem *ipc.Semaphores, buf user.Addr, cmd int32) (int, error) {
	sets, used, highest := sem.Info()
	usz, aem := int32(ipc.SEMUSZ), int32(ipc.SEMVMX)
	if cmd == ipc.SEM_INFO {
		usz, aem = int32(sets), int32(used)
	}
	return highest, put(t, buf, [10]int32{ipc.SEMMNS, ipc.SEMMNI, ipc.SEMMNS, ipc.SEMMNS, ipc.SEMMSL, ipc.SEMOPM, ipc.SEMOPM, usz, ipc.SEMVMX, aem})
}
