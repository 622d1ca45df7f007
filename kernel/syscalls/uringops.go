// SPDX-License-Identifier: Apache-2.0

// This file is the list of what a ring can be asked for. An operation's Prep refuses the fields that mean nothing to it, as Linux
// does; its Issue is the system call, without waiting.

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/anon"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/uring"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// uringOps are the operations, by their IORING_OP_ numbers. IORING_REGISTER_PROBE tells of them.
var uringOps uring.Ops

func init() {
	in, out := wait.Mask(wait.In|wait.RdNorm|wait.Pri|wait.RdHup), wait.Mask(wait.Out|wait.WrNorm)
	uringOps = uring.Ops{
		0:                   {Prep: prepNop, Issue: issueNop},
		1:                   rwOp(false, true, false, in),
		2:                   rwOp(true, true, false, out),
		3:                   {NeedsFile: true, Prep: prepSync, Issue: issueSync},
		4:                   rwOp(false, false, true, in),
		5:                   rwOp(true, false, true, out),
		uring.OpPollAdd:     {NeedsFile: true, Wait: wait.All, Prep: prepPoll, Issue: issuePoll},
		7:                   {Prep: prepPollRemove, Issue: issuePollRemove},
		8:                   fileOp(unused{addr: true, index: true, file: true}, issueSyncRange),
		9:                   msgOp(true, out),
		10:                  msgOp(false, in),
		uring.OpTimeout:     {Prep: prepTimeout, Issue: issueTimeout},
		12:                  {Prep: prepTimeoutRemove, Issue: issueTimeoutRemove},
		13:                  {NeedsFile: true, IOPrio: true, Wait: in, Prep: prepAccept, Issue: issueAccept},
		14:                  {Prep: prepCancel, Issue: issueCancel},
		uring.OpLinkTimeout: {Prep: prepLinkTimeout, Issue: issueLinkTimeout},
		16:                  {NeedsFile: true, Wait: out, Prep: prepConnect, Issue: issueConnect},
		17:                  fileOp(unused{index: true, flags: true, file: true}, issueFallocate),
		18:                  pathOp(unused{index: true}, issueOpenat),
		19:                  {Prep: prepClose, Issue: issueClose},
		20:                  {Prep: prepFilesUpdate, Issue: issueFilesUpdate},
		21:                  pathOp(unused{index: true, file: true}, issueStatx),
		22:                  rwOp(false, false, false, in),
		23:                  rwOp(true, false, false, out),
		24:                  fileOp(unused{index: true, file: true}, issueFadvise),
		25:                  callOp(unused{index: true, file: true}, issueMadvise),
		26:                  sendOp(true, out),
		27:                  sendOp(false, in),
		28:                  pathOp(unused{index: true}, issueOpenat2),
		29:                  callOp(unused{index: true, file: true}, issueEpollCtl),
		34:                  fileOp(unused{off: true, addr: true, flags: true, index: true, file: true}, issueShutdown),
		35:                  pathOp(unused{index: true, file: true}, issueRenameat),
		36:                  {Prep: prepUnlinkat, Issue: issueUnlinkat},
		37:                  pathOp(unused{off: true, flags: true, index: true, file: true}, issueMkdirat),
		38:                  pathOp(unused{length: true, flags: true, index: true, file: true}, issueSymlinkat),
		39:                  pathOp(unused{index: true, file: true}, issueLinkat),
		45:                  {Prep: prepSocket, Issue: issueSocket},
		55:                  fileOp(unused{addr: true, length: true, flags: true, index: true, file: true}, issueFtruncate),
		56:                  fileOp(unused{length: true, flags: true, index: true, file: true}, issueBind),
		57:                  fileOp(unused{off: true, addr: true, flags: true, index: true, file: true}, issueListen),
	}
}

// unused are the fields of a request that must be zero.
type unused struct{ off, addr, length, flags, index, file bool }

func (u unused) check(r *uring.Req) error {
	if u.off && r.Off != 0 || u.addr && r.Addr != 0 || u.length && r.Len != 0 || u.flags && r.OpFlags != 0 ||
		u.index && r.BufIndex != 0 || u.file && r.FileIndex != 0 {
		return unix.EINVAL
	}
	return nil
}

// fileOp is an operation on a file that is a plain call.
func fileOp(u unused, call func(t *task.Task, r *uring.Req) error) *uring.Op {
	op := callOp(u, call)
	op.NeedsFile = true
	return op
}

// callOp is an operation that is a plain call, with 0 as its result.
func callOp(u unused, call func(t *task.Task, r *uring.Req) error) *uring.Op {
	return &uring.Op{Prep: u.check, Issue: func(t *task.Task, r *uring.Req) (uring.Result, error) { return uring.Result{}, call(t, r) }}
}

// pathOp is an operation on a name, which takes no registered file as its start.
func pathOp(u unused, call func(t *task.Task, r *uring.Req) (int, error)) *uring.Op {
	prep := func(r *uring.Req) error {
		if err := u.check(r); err != nil {
			return err
		}
		if r.Flags&uring.FixedFile != 0 {
			return unix.EBADF
		}
		return nil
	}
	return &uring.Op{Prep: prep, Issue: func(t *task.Task, r *uring.Req) (uring.Result, error) { return count(call(t, r)) }}
}

func count(n int, err error) (uring.Result, error) { return uring.Result{N: int64(n)}, err }

const nopInject = 1 // IORING_NOP_INJECT_RESULT

func prepNop(r *uring.Req) error {
	if r.OpFlags&^nopInject != 0 {
		return unix.EINVAL
	}
	return nil
}

func issueNop(_ *task.Task, r *uring.Req) (uring.Result, error) {
	if r.OpFlags&nopInject == 0 {
		return uring.Result{}, nil
	}
	n := int64(int32(r.Len))
	return uring.Result{N: n, Short: n < 0}, nil
}

// onceNonblock makes a call on a file that has no position as if it were O_NONBLOCK.
func onceNonblock(f *vfs.File, call func(*vfs.File) (int, error)) (int, error) {
	if f.Ops.Seekable() {
		return call(f)
	}
	return f.Once(unix.O_NONBLOCK, unix.O_NONBLOCK, call)
}

// triesWithoutWaiting is FMODE_NOWAIT: a ring can wait for such a file itself, whatever O_NONBLOCK says.
func triesWithoutWaiting(ctx vfs.Ctx, f *vfs.File) bool {
	switch f.Ops.(type) {
	case *anon.Timerfd, *anon.Signalfd:
		return true
	}
	return canNowait(ctx, f) || anon.IsEventfd(f)
}

// rwOp is a read or a write: of one range or of several (vec), in a registered buffer (fixed).
func rwOp(write, vec, fixed bool, events wait.Mask) *uring.Op {
	return &uring.Op{NeedsFile: true, IOPrio: true, Wait: events, Issue: func(t *task.Task, r *uring.Req) (uring.Result, error) {
		f := r.File
		if write && !f.Writable() || !write && !f.Readable() {
			return uring.Result{}, unix.EBADF
		}
		if err := checkRWFlags(t, f, r.OpFlags); err != nil {
			return uring.Result{}, err
		}
		if err := checkIOPrio(t, int32(r.IOPrio)); r.IOPrio != 0 && err != nil {
			return uring.Result{}, err
		}
		r.NoWait = r.OpFlags&unix.RWF_NOWAIT != 0 || f.NonBlock() && !triesWithoutWaiting(t, f)
		buf, err := uringBuf(t, r, vec, fixed)
		if err != nil {
			return uring.Result{}, err
		}
		want := buf.Len()
		n, err := onceNonblock(f, func(f *vfs.File) (int, error) { return uringMove(t, f, &buf, r, write) })
		return uring.Result{N: int64(n), Short: n != want}, err
	}}
}

func uringBuf(t *task.Task, r *uring.Req, vec, fixed bool) (user.Buf, error) {
	switch {
	case vec:
		return user.NewIovBuf(t.Memory(), user.Addr(r.Addr), uint64(r.Len))
	case fixed:
		if err := r.Ring.FixedBuffer(r.BufIndex, r.Addr, r.Len); err != nil {
			return user.Buf{}, err
		}
	}
	return user.NewBuf(t.Memory(), user.Bytes{Addr: user.Addr(r.Addr), Len: uint64(r.Len)})
}

// uringMove is a transfer at the request's position, which may be the file's own.
func uringMove(t *task.Task, f *vfs.File, buf *user.Buf, r *uring.Req, write bool) (int, error) {
	switch pos := int64(r.Off); {
	case !f.Ops.Seekable() || pos == -1:
		move := withFlags(r.OpFlags, reading, (*vfs.File).Read)
		if write {
			move = withFlags(r.OpFlags, writing, (*vfs.File).Write)
		}
		n, err := move(f, t, buf)
		if write && n > 0 && r.OpFlags&(unix.RWF_DSYNC|unix.RWF_SYNC) != 0 {
			err = f.Ops.Sync(t, f, r.OpFlags&unix.RWF_SYNC == 0)
		}
		return n, err
	case pos < 0:
		return 0, unix.EINVAL
	default:
		return moveAt(t, f, buf, pos, r.OpFlags, write)
	}
}

func prepSync(r *uring.Req) error {
	const dataSync = 1 // IORING_FSYNC_DATASYNC
	if r.OpFlags&^dataSync != 0 {
		return unix.EINVAL
	}
	return unused{addr: true, index: true, file: true}.check(r)
}

func issueSync(t *task.Task, r *uring.Req) (uring.Result, error) {
	return uring.Result{}, r.File.Ops.Sync(t, r.File, r.OpFlags != 0)
}

func issueSyncRange(t *task.Task, r *uring.Req) error {
	return syncRange(t, r.File, int64(r.Off), int64(r.Len), r.OpFlags)
}

func issueFallocate(t *task.Task, r *uring.Req) error {
	return fallocateFile(t, r.File, r.Len, int64(r.Off), int64(r.Addr))
}

func issueFadvise(t *task.Task, r *uring.Req) error {
	n := r.Addr
	if n == 0 {
		n = uint64(r.Len)
	}
	return fadviseFile(r.File, n, int32(r.OpFlags))
}

func issueMadvise(t *task.Task, r *uring.Req) error {
	n := r.Off
	if n == 0 {
		n = uint64(r.Len)
	}
	return t.MM().Advise(t, r.Addr, n, int32(r.OpFlags))
}

func issueFtruncate(t *task.Task, r *uring.Req) error {
	if int64(r.Off) < 0 {
		return unix.EINVAL
	}
	return vfs.Ftruncate(t, r.File, int64(r.Off))
}
