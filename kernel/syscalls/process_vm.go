// SPDX-License-Identifier: Apache-2.0

// The memory of other processes: process_vm_readv(2) and process_madvise(2).

package syscalls

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// vmChunk is how much is moved between two processes at once.
const vmChunk = 64 << 10

//ditto:syscall process_vm_readv full
func processVMReadv(t *task.Task, pid int32, lvec user.Addr, liovcnt uint64, rvec user.Addr, riovcnt, flags uint64) (int, error) {
	return processVM(t, pid, lvec, liovcnt, rvec, riovcnt, flags, func(m *mm.MM, at uint64, p []byte, local *user.Buf) (int, error) {
		n, rerr := m.AddressSpace().ReadAt(at, p)
		done, err := local.CopyOut(p[:n])
		if err == nil {
			err = rerr
		}
		return done, err
	})
}

//ditto:syscall process_vm_writev full
func processVMWritev(t *task.Task, pid int32, lvec user.Addr, liovcnt uint64, rvec user.Addr, riovcnt, flags uint64) (int, error) {
	return processVM(t, pid, lvec, liovcnt, rvec, riovcnt, flags, func(m *mm.MM, at uint64, p []byte, local *user.Buf) (int, error) {
		n, lerr := local.CopyIn(p)
		done, err := m.AddressSpace().WriteAt(at, p[:n])
		if err == nil {
			err = lerr
		}
		return done, err
	})
}

// processVM moves bytes between the caller's ranges and another's, in order,
// until one of them ends. What was moved before a fault counts.
func processVM(t *task.Task, pid int32, lvec user.Addr, liovcnt uint64, rvec user.Addr, riovcnt, flags uint64,
	move func(m *mm.MM, at uint64, p []byte, local *user.Buf) (int, error)) (int, error) {
	if flags != 0 {
		return 0, unix.EINVAL
	}
	local, err := user.NewIovBuf(t.Memory(), lvec, liovcnt)
	if err != nil {
		return 0, err
	}
	if local.Len() == 0 {
		return 0, nil
	}
	remote, err := getRanges(t, rvec, riovcnt)
	if err != nil || totalLen(remote) == 0 {
		return 0, err
	}
	m, err := memoryOf(t, t.Lookup(pid))
	if err != nil {
		return 0, err
	}
	defer m.DecRef()
	done := 0
	buf := make([]byte, min(vmChunk, local.Len()))
	for _, r := range remote {
		for r.Len > 0 && local.Len() > 0 {
			n := int(min(uint64(len(buf)), r.Len, uint64(local.Len())))
			n, err := move(m, uint64(r.Addr), buf[:n], &local)
			done += n
			r.Addr += user.Addr(n)
			r.Len -= uint64(n)
			if err != nil {
				if done > 0 {
					return done, nil
				}
				return 0, err
			}
		}
	}
	return done, nil
}

// memoryOf is a process's address space with a reference: ESRCH, EPERM (mm_access). One's own may be looked at whosever process
// it is, too.
func memoryOf(t, target *task.Task) (*mm.MM, error) {
	if target == nil {
		return nil, unix.ESRCH
	}
	m, _, _ := target.Resources()
	if m == nil || !m.TryIncRef() {
		return nil, unix.ESRCH
	}
	if m != t.MM() && t.MayAccess(target) != nil {
		m.DecRef()
		return nil, unix.EPERM
	}
	return m, nil
}

// getRanges copies in struct iovec of another process's memory: only their
// lengths are checked.
func getRanges(t *task.Task, addr user.Addr, n uint64) ([]user.Bytes, error) {
	if n > user.MaxIov {
		return nil, unix.EINVAL
	}
	raw := make([]byte, n*16)
	if _, err := t.Memory().CopyIn(addr, raw); err != nil {
		return nil, err
	}
	out := make([]user.Bytes, n)
	for i := range out {
		b := raw[i*16:]
		out[i] = user.Bytes{Addr: user.Addr(binary.LittleEndian.Uint64(b)), Len: binary.LittleEndian.Uint64(b[8:])}
		if int64(out[i].Len) < 0 {
			return nil, unix.EINVAL
		}
	}
	return out, nil
}

func totalLen(ranges []user.Bytes) (n uint64) {
	for _, r := range ranges {
		n += r.Len
	}
	return n
}

// remoteAdvice is what may be advised about another's memory.
func remoteAdvice(a int32) bool {
	return a == unix.MADV_COLD || a == unix.MADV_PAGEOUT || a == unix.MADV_WILLNEED || a == unix.MADV_COLLAPSE
}

//ditto:syscall process_madvise full
func processMadvise(t *task.Task, pidfd vfs.FD, vec user.Addr, vlen uint64, advice int32, flags uint32) (int, error) {
	if flags != 0 {
		return 0, unix.EINVAL
	}
	ranges, err := getRanges(t, vec, vlen)
	if err != nil {
		return 0, err
	}
	for _, r := range ranges {
		if end := uint64(r.Addr) + r.Len; end < r.Len || end > userEnd {
			return 0, unix.EFAULT
		}
	}
	g, err := pidfdGroup(t, pidfd)
	if err != nil {
		return 0, err
	}
	target := t.Kernel().Lookup(g.ID())
	m, err := memoryOf(t, target)
	switch {
	case err == unix.EPERM:
		return 0, unix.EACCES // as mm_access says it
	case err != nil:
		return 0, err
	}
	defer m.DecRef()
	if m == t.MM() {
		return adviseAll(t, m, ranges, advice)
	}
	if !remoteAdvice(advice) {
		return 0, unix.EINVAL
	}
	if !t.Creds().Capable(unix.CAP_SYS_NICE) {
		return 0, unix.EPERM
	}
	return adviseThere(t, target, m, ranges, advice)
}

// userEnd is where an application's memory ends at the latest (TASK_SIZE_MAX).
const userEnd = 1<<47 - 4096

// What stands for the caller in place of a pidfd.
const (
	pidfdSelfThread = -10000
	pidfdSelf       = -10001
)

// pidfdGroup is the process that a pidfd names: EBADF.
func pidfdGroup(t *task.Task, pidfd vfs.FD) (*task.ThreadGroup, error) {
	if pidfd == pidfdSelfThread || pidfd == pidfdSelf {
		return t.Group(), nil
	}
	g, _, err := t.PidFD(int32(pidfd))
	return g, err
}

//ditto:syscall process_mrelease full
func processMrelease(t *task.Task, pidfd vfs.FD, flags uint32) error {
	if flags != 0 {
		return unix.EINVAL
	}
	g, err := pidfdGroup(t, pidfd)
	if err != nil {
		return err
	}
	return t.WaitRelease(g)
}

func adviseAll(c mm.Caller, m *mm.MM, ranges []user.Bytes, advice int32) (done int, err error) {
	for _, r := range ranges {
		if err := m.Advise(c, uint64(r.Addr), r.Len, advice); err != nil {
			if done > 0 {
				return done, nil
			}
			return 0, err
		}
		done += int(r.Len)
	}
	return done, nil
}

// adviseThere has the target give the advice itself, in its own thread.
func adviseThere(t, target *task.Task, m *mm.MM, ranges []user.Bytes, advice int32) (int, error) {
	type answer struct {
		n   int
		err error
	}
	answers := make(chan answer, 1)
	ok := target.Call(func() {
		a := answer{err: unix.ESRCH}
		if target.MM() == m {
			a.n, a.err = adviseAll(target, m, ranges, advice)
		}
		answers <- a
		t.Wake()
	})
	if !ok {
		return 0, unix.ESRCH
	}
	for {
		select {
		case a := <-answers:
			return a.n, a.err
		default:
		}
		if err := t.Sleep(time.Time{}); err != nil {
			return 0, err
		}
	}
}
