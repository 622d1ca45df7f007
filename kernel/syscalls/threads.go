// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"cmp"
	"reflect"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/anon"
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const robustListSize = 24 // sizeof(struct robust_list_head)

//ditto:syscall set_robust_list full
func setRobustList(t *task.Task, head user.Addr, size uint64) error {
	if size != robustListSize {
		return unix.EINVAL
	}
	t.SetRobustList(head)
	return nil
}

//ditto:syscall get_robust_list full
func getRobustList(t *task.Task, pid int32, head, size user.Addr) error {
	o, err := taskOf(t, pid)
	if err != nil {
		return err
	}
	if err := t.MayAccess(o); err != nil {
		return err
	}
	if err := put64(t, size, robustListSize); err != nil {
		return err
	}
	return put64(t, head, uint64(o.RobustList()))
}

//ditto:syscall rseq delegated
func rseq(t *task.Task, area user.Addr, size uint32, flags int32, signature uint32) error {
	return t.RegisterRSeq(task.RSeq{Addr: area, Size: size, Signature: signature}, uint32(flags))
}

//ditto:syscall personality full
func personality(t *task.Task, persona uint32) (uint32, error) {
	if persona == 0xffffffff {
		return t.Personality(), nil
	}
	return t.SetPersonality(persona), nil
}

// Codes of arch_prctl.
const (
	archSetGS    = 0x1001
	archSetFS    = 0x1002
	archGetFS    = 0x1003
	archGetGS    = 0x1004
	archGetCPUID = 0x1011
	archSetCPUID = 0x1012

	archGetXCompSupp = 0x1021
	archGetXCompPerm = 0x1022
	archReqXCompPerm = 0x1023
	archGetGuestPerm = 0x1024
	archReqGuestPerm = 0x1025

	archMapVDSO64 = 0x2003
)

//ditto:syscall arch_prctl partial the vDSO of 32-bit programs can't be mapped, as from a kernel that runs none
func archPrctl(t *task.Task, option int32, arg uint64) (int, error) {
	switch option {
	case archSetFS:
		if arg >= user.TaskTop {
			return 0, unix.EPERM
		}
		return 0, t.Thread().SetFSBase(arg)
	case archGetFS:
		return 0, put64(t, user.Addr(arg), t.Thread().Regs().Fs_base)
	case archSetGS:
		if arg >= user.TaskTop {
			return 0, unix.EPERM
		}
		return 0, t.Thread().SetGSBase(arg)
	case archGetGS:
		return 0, put64(t, user.Addr(arg), t.Thread().Regs().Gs_base)
	case archMapVDSO64:
		return t.MapVDSO(arg)
	case archGetCPUID, archSetCPUID, archGetXCompSupp, archGetXCompPerm, archReqXCompPerm, archGetGuestPerm, archReqGuestPerm:
		op := platform.Op{Nr: unix.SYS_ARCH_PRCTL, Args: [6]uint64{uint64(uint32(option)), arg}}
		if err := t.Thread().Do(&op); err != nil {
			return 0, err
		}
		return int(op.Result), op.Err()
	}
	return 0, unix.EINVAL
}

//ditto:syscall membarrier delegated
func membarrier(t *task.Task, cmd int32, flags uint32, cpu int32) (int, error) {
	const last = 1 << 9 // MEMBARRIER_CMD_GET_REGISTRATIONS: what the stub may ask for
	if cmd < 0 || cmd&(cmd-1) != 0 || cmd > last {
		return 0, unix.EINVAL
	}
	op := platform.Op{Nr: unix.SYS_MEMBARRIER, Args: [6]uint64{uint64(cmd), uint64(flags), uint64(cpu)}}
	if err := t.Thread().Do(&op); err != nil {
		return 0, err
	}
	return int(op.Result), op.Err()
}

// What kcmp(2) compares.
const (
	kcmpFile = iota
	kcmpVM
	kcmpFiles
	kcmpFS
	kcmpSighand
	kcmpIO
	kcmpSysvsem
	kcmpEpollTFD
)

//ditto:syscall kcmp full
func kcmp(t *task.Task, pid1, pid2, kind int32, idx1, idx2 uint64) (int, error) {
	a, b := t.Lookup(pid1), t.Lookup(pid2)
	if a == nil || b == nil {
		return 0, unix.ESRCH
	}
	if t.MayAccess(a) != nil || t.MayAccess(b) != nil {
		return 0, unix.EPERM
	}
	mm1, files1, fs1 := a.Resources()
	mm2, files2, fs2 := b.Resources()
	switch kind {
	case kcmpFile:
		return compareFiles(files1, files2, idx1, idx2)
	case kcmpVM:
		return order(mm1, mm2), nil
	case kcmpFiles:
		return order(files1, files2), nil
	case kcmpFS:
		return order(fs1, fs2), nil
	case kcmpSighand:
		return order(a.SigHandOf(), b.SigHandOf()), nil
	case kcmpIO:
		return order(a.IOContext(), b.IOContext()), nil
	case kcmpSysvsem:
		return order(a.SemUndoOf(), b.SemUndoOf()), nil
	case kcmpEpollTFD:
		return compareWatched(t, files1, files2, idx1, user.Addr(idx2))
	}
	return 0, unix.EINVAL
}

// order is kcmp's answer for two objects: 0 for the same, else 1 or 2 by some
// order.
func order(a, b any) int {
	switch cmp.Compare(reflect.ValueOf(a).Pointer(), reflect.ValueOf(b).Pointer()) {
	case -1:
		return 1
	case 1:
		return 2
	}
	return 0
}

func compareFiles(t1, t2 *vfs.FDTable, fd1, fd2 uint64) (int, error) {
	if t1 == nil || t2 == nil {
		return 0, unix.EBADF
	}
	f1, err := t1.GetPath(vfs.FD(fd1))
	if err != nil {
		return 0, err
	}
	defer f1.DecRef()
	f2, err := t2.GetPath(vfs.FD(fd2))
	if err != nil {
		return 0, err
	}
	defer f2.DecRef()
	return order(f1, f2), nil
}

// compareWatched compares a file with one that an epoll of the second process
// watches (kcmp_epoll_target).
func compareWatched(t *task.Task, t1, t2 *vfs.FDTable, fd uint64, slot user.Addr) (int, error) {
	var s struct{ Epoll, Target, Skip uint32 } // struct kcmp_epoll_slot
	if err := get(t, slot, &s); err != nil {
		return 0, err
	}
	if t1 == nil || t2 == nil {
		return 0, unix.EBADF
	}
	f, err := t1.GetPath(vfs.FD(fd))
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	e, err := t2.GetPath(vfs.FD(s.Epoll))
	if err != nil {
		return 0, err
	}
	defer e.DecRef()
	ep := anon.AsEpoll(e)
	if ep == nil {
		return 0, unix.EINVAL
	}
	watched := ep.Watched(vfs.FD(s.Target), s.Skip)
	if watched == nil {
		return 0, unix.ENOENT
	}
	return order(f, watched), nil
}
