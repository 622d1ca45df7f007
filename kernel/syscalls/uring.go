// SPDX-License-Identifier: Apache-2.0

// This file is io_uring_setup(2) and io_uring_enter(2). What is registered is in uringregister.go, what a ring can be asked for in
// uringops.go and behind.

package syscalls

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/uring"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// uringParams is struct io_uring_params.
type uringParams struct {
	SQEntries, CQEntries, Flags, ThreadCPU, ThreadIdle, Features uint32
	WQ                                                           int32
	Resv                                                         [3]uint32
	SQOff, CQOff                                                 [10]uint32
}

// uringFeatures are the IORING_FEAT_* that hold: SINGLE_MMAP, NODROP, SUBMIT_STABLE, RW_CUR_POS, CUR_PERSONALITY, FAST_POLL,
// POLL_32BITS, EXT_ARG, NATIVE_WORKERS, CQE_SKIP, LINKED_FILE, MIN_TIMEOUT.
const uringFeatures = 1<<0 | 1<<1 | 1<<2 | 1<<3 | 1<<4 | 1<<5 | 1<<6 | 1<<8 | 1<<9 | 1<<11 | 1<<12 | 1<<15

//ditto:syscall io_uring_setup partial no IORING_SETUP_SQPOLL, IOPOLL, NO_MMAP, REGISTERED_FD_ONLY and mixed sizes of entries (EINVAL)
func ioUringSetup(t *task.Task, entries uint32, params user.Addr) (int, error) {
	var p uringParams
	if err := get(t, params, &p); err != nil {
		return 0, err
	}
	if p.Resv != [3]uint32{} {
		return 0, unix.EINVAL
	}
	if err := checkUringFlags(t, &p); err != nil {
		return 0, err
	}
	sizes := uring.Params{SQEntries: entries, CQEntries: p.CQEntries, Flags: p.Flags}
	r, f, err := uring.New(t, &sizes, &uringOps)
	if err != nil {
		return 0, err
	}
	p.SQEntries, p.CQEntries, p.Features = sizes.SQEntries, sizes.CQEntries, uringFeatures
	p.SQOff, p.CQOff = r.Offsets()
	if err := put(t, params, &p); err != nil {
		f.DecRef()
		return 0, err
	}
	return install(t, f, 0, true)
}

func checkUringFlags(t *task.Task, p *uringParams) error {
	has := func(flag uint32) bool { return p.Flags&flag != 0 }
	switch {
	case p.Flags&^uring.SetupFlags != 0,
		has(uring.SetupTaskrunFlag) && !has(uring.SetupCoopTaskrun|uring.SetupDeferTaskrun),
		has(uring.SetupDeferTaskrun) && !has(uring.SetupSingleIssuer):
		return unix.EINVAL
	case !has(uring.SetupAttachWQ):
		return nil
	}
	f, err := t.Files().Get(vfs.FD(p.WQ))
	if err != nil {
		return unix.ENXIO
	}
	defer f.DecRef()
	if uring.Of(f) == nil {
		return unix.EINVAL
	}
	return nil
}

// Flags of io_uring_enter(2).
const (
	enterGetevents      = 1
	enterExtArg         = 8
	enterRegisteredRing = 16
	enterAbsTimer       = 32
	enterExtArgReg      = 64
	enterKnown          = 0xff
)

// ringAt is the ring at a descriptor, with its file's reference: EBADF, EOPNOTSUPP.
func ringAt(t *task.Task, fd int32, registered bool) (*vfs.File, *uring.Ring, error) {
	var f *vfs.File
	var err error
	if registered {
		f, err = registeredRing(t, fd)
	} else {
		f, err = t.Files().Get(vfs.FD(fd))
	}
	if err != nil {
		return nil, nil, err
	}
	r := uring.Of(f)
	if r == nil {
		f.DecRef()
		return nil, nil, unix.EOPNOTSUPP
	}
	return f, r, nil
}

//ditto:syscall io_uring_enter partial of operations those that IORING_REGISTER_PROBE tells of
func ioUringEnter(t *task.Task, fd int32, submit, least, flags uint32, argp user.Addr, argsz uint64) (int, error) {
	if flags&^enterKnown != 0 {
		return 0, unix.EINVAL
	}
	f, r, err := ringAt(t, fd, flags&enterRegisteredRing != 0)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	if err := r.MayEnter(t); err == unix.EBADFD || err != nil && submit > 0 {
		return 0, err
	}
	n := 0
	if submit > 0 {
		if n = r.Submit(t, submit); n != int(submit) {
			return n, nil
		}
	}
	if flags&enterGetevents == 0 {
		return n, nil
	}
	if err := uringWait(t, r, least, flags, argp, argsz); err != nil && n == 0 {
		return 0, err
	}
	return n, nil
}

// uringWait waits for completions.
func uringWait(t *task.Task, r *uring.Ring, least, flags uint32, argp user.Addr, argsz uint64) error {
	if r.Flags()&uring.SetupDeferTaskrun != 0 && !r.IsOwner(t) {
		return unix.EEXIST
	}
	var a waitArgs
	if err := a.take(t, r, flags, argp, argsz); err != nil {
		return err
	}
	if err := swapMask(t, a.mask, a.size); err != nil {
		return err
	}
	err := r.Wait(t, least, a.deadline, a.enough)
	if err != unix.EINTR {
		t.RestoreMask()
	}
	return err
}

// waitArgs are what io_uring_enter(2) is told of a wait.
type waitArgs struct {
	mask     user.Addr
	size     uint64
	deadline time.Time
	enough   time.Duration // after which one completion is enough
}

// take finds them: they are a mask of signals, or in a structure, which may lie in the ring's region. EINVAL, EFAULT.
func (a *waitArgs) take(t *task.Task, r *uring.Ring, flags uint32, argp user.Addr, argsz uint64) error {
	switch {
	case flags&enterExtArg == 0:
		a.mask, a.size = argp, argsz
		return nil
	case flags&enterExtArgReg != 0:
		return a.takeRegion(t, r, flags, uint64(argp), argsz)
	}
	var x struct { // struct io_uring_getevents_arg
		Mask        uint64
		Size, MinUs uint32
		TS          uint64
	}
	if argsz != 24 {
		return unix.EINVAL
	}
	if err := get(t, argp, &x); err != nil {
		return err
	}
	a.enough = time.Duration(x.MinUs) * time.Microsecond
	a.mask, a.size = user.Addr(x.Mask), uint64(x.Size)
	if x.TS != 0 {
		ts, err := getTimespec(t, user.Addr(x.TS))
		if err != nil {
			return err
		}
		a.deadline = uringDeadline(ts, flags&enterAbsTimer != 0, r.Clock())
	}
	return nil
}

// takeRegion finds them at an offset in the region (io_get_ext_arg_reg).
func (a *waitArgs) takeRegion(t *task.Task, r *uring.Ring, flags uint32, off, argsz uint64) error {
	var x struct { // struct io_uring_reg_wait
		TS           unix.Timespec
		MinUs, Flags uint32
		Mask         uint64
		Size         uint32
		_            [3]uint32
		_            [2]uint64
	}
	if argsz != 64 {
		return unix.EINVAL
	}
	at, err := r.WaitArg(off, argsz)
	if err == nil {
		err = get(t, user.Addr(at), &x)
	}
	if err != nil {
		return err
	}
	const hasTime = 1 // IORING_REG_WAIT_TS
	if x.Flags&^hasTime != 0 {
		return unix.EINVAL
	}
	a.enough = time.Duration(x.MinUs) * time.Microsecond
	a.mask, a.size = user.Addr(x.Mask), uint64(x.Size)
	if x.Flags&hasTime != 0 {
		a.deadline = uringDeadline(x.TS, flags&enterAbsTimer != 0, r.Clock())
	}
	return nil
}

// uringDeadline is when a wait ends: after a time, or at one of the ring's clock.
func uringDeadline(ts unix.Timespec, absolute bool, clock int32) time.Time {
	d := aioTimeout(ts)
	if absolute && clock == unix.CLOCK_BOOTTIME {
		var now unix.Timespec
		_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &now)
		d -= time.Duration(now.Nano())
	} else if absolute {
		d -= monotonic()
	}
	return time.Now().Add(d)
}

// monotonic is the host's CLOCK_MONOTONIC, which applications read without asking us.
func monotonic() time.Duration {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
	return time.Duration(now.Nano())
}
