// SPDX-License-Identifier: Apache-2.0

// This file is io_uring_register(2). The tables of files and buffers are in uringtables.go, what few rings have in uringrare.go.

package syscalls

import (
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/uring"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const uringRegisteredRing = 1 << 31 // IORING_REGISTER_USE_REGISTERED_RING

// uringRegisters are what can be asked for, by number.
var uringRegisters = map[uint32]func(t *task.Task, r *uring.Ring, arg user.Addr, n uint32) (int, error){
	0: uringBuffers,
	1: plainRegister(func(_ *task.Task, r *uring.Ring) (int, error) { return 0, r.DropBuffers() }),
	2: uringFiles,
	3: plainRegister(func(_ *task.Task, r *uring.Ring) (int, error) { return 0, r.DropFiles() }),
	4: func(t *task.Task, r *uring.Ring, arg user.Addr, n uint32) (int, error) {
		return uringEventfd(t, r, arg, n, false)
	},
	5: plainRegister(func(_ *task.Task, r *uring.Ring) (int, error) { return 0, r.DropEventfd() }),
	6: uringFilesUpdate,
	7: func(t *task.Task, r *uring.Ring, arg user.Addr, n uint32) (int, error) {
		return uringEventfd(t, r, arg, n, true)
	},
	8:  uringProbe,
	9:  plainRegister(uringPersonality),
	10: uringDropPersonality,
	11: uringRestrict,
	12: plainRegister(func(t *task.Task, r *uring.Ring) (int, error) { return 0, r.Enable(t) }),
	13: uringFiles2,
	14: uringFilesUpdate2,
	15: uringBuffers2,
	16: uringBuffersUpdate,
	17: uringWorkersCPUs,
	18: plainRegister(func(*task.Task, *uring.Ring) (int, error) { return 0, nil }),
	19: uringWorkers,
	20: uringRingFDs,
	21: uringDropRingFDs,
	24: uringSyncCancel,
	25: uringFileRange,
	27: uringNAPI,
	28: uringDropNAPI,
	29: uringClock,
	30: uringCloneBuffers,
	32: uringReceiveQueue,
	34: uringRegion,
}

//ditto:syscall io_uring_register partial no PBUF_RING, PBUF_STATUS, RESIZE_RINGS and ZCRX_IFQ (EINVAL); BUFFERS follow the mapping instead of pinning its pages, as MEM_REGION does, which must be the application's memory; a tag comes at once, also while a request uses what bears it; IOWQ_AFF and NAPI are kept and change nothing
func ioUringRegister(t *task.Task, fd int32, op uint32, arg user.Addr, n uint32) (int, error) {
	registered := op&uringRegisteredRing != 0
	op &^= uringRegisteredRing
	switch {
	case op >= uint32(uringLastRegister):
		return 0, unix.EINVAL
	case fd == -1:
		return 0, uringBlind(t, op, arg, n)
	}
	f, r, err := ringAt(t, fd, registered)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	switch {
	case !r.IsOwner(t):
		return 0, unix.EEXIST
	case !r.MayRegister(op):
		return 0, unix.EACCES
	}
	if do := uringRegisters[op]; do != nil {
		return do(t, r, arg, n)
	}
	return 0, unix.EINVAL
}

// uringLastRegister is IORING_REGISTER_LAST.
const uringLastRegister = 37

// plainRegister is for what takes no argument.
func plainRegister(do func(*task.Task, *uring.Ring) (int, error)) func(*task.Task, *uring.Ring, user.Addr, uint32) (int, error) {
	return func(t *task.Task, r *uring.Ring, arg user.Addr, n uint32) (int, error) {
		if arg != 0 || n != 0 {
			return 0, unix.EINVAL
		}
		return do(t, r)
	}
}

func doneOr(n int, err error) (int, error) {
	if n > 0 {
		return n, nil
	}
	return 0, err
}

func uringEventfd(t *task.Task, r *uring.Ring, arg user.Addr, n uint32, async bool) (int, error) {
	if n != 1 {
		return 0, unix.EINVAL
	}
	var fd int32
	if err := get(t, arg, &fd); err != nil {
		return 0, err
	}
	f, err := t.Files().Get(vfs.FD(fd))
	if err != nil {
		return 0, err
	}
	if err := r.SetEventfd(f, async); err != nil {
		f.DecRef()
		return 0, err
	}
	return 0, nil
}

// uringProbe tells which operations there are.
func uringProbe(t *task.Task, _ *uring.Ring, arg user.Addr, n uint32) (int, error) {
	if arg == 0 || n > 256 {
		return 0, unix.EINVAL
	}
	n = min(n, uint32(len(uringOps)))
	b := make([]byte, 16+8*n)
	if _, err := t.Memory().CopyIn(arg, b); err != nil {
		return 0, err
	}
	for _, v := range b {
		if v != 0 {
			return 0, unix.EINVAL
		}
	}
	last := 0
	for i, op := range uringOps {
		if op != nil {
			last = i
		}
	}
	n = min(n, uint32(last+1))
	b[0], b[1] = byte(last), byte(n)
	for i := range n {
		b[16+8*i] = byte(i)
		if uringOps[i] != nil {
			b[16+8*i+2] = 1 // IO_URING_OP_SUPPORTED
		}
	}
	_, err := t.Memory().CopyOut(arg, b)
	return 0, err
}

func uringPersonality(t *task.Task, r *uring.Ring) (int, error) {
	id, err := r.AddPersonality(t.Creds())
	return int(id), err
}

func uringDropPersonality(_ *task.Task, r *uring.Ring, arg user.Addr, n uint32) (int, error) {
	if arg != 0 {
		return 0, unix.EINVAL
	}
	return 0, r.DropPersonality(n)
}

func uringRestrict(t *task.Task, r *uring.Ring, arg user.Addr, n uint32) (int, error) {
	if arg == 0 || n > 128 {
		return 0, unix.EINVAL
	}
	list := make([]uring.Restriction, n)
	if err := get(t, arg, list); err != nil {
		return 0, err
	}
	return 0, r.Restrict(list)
}

func uringFileRange(t *task.Task, r *uring.Ring, arg user.Addr, n uint32) (int, error) {
	var a struct {
		Off, Len uint32
		Resv     uint64
	}
	if arg == 0 || n != 0 {
		return 0, unix.EINVAL
	}
	if err := get(t, arg, &a); err != nil {
		return 0, err
	}
	if uint64(a.Off)+uint64(a.Len) > 1<<32-1 {
		return 0, unix.EOVERFLOW
	}
	if a.Resv != 0 {
		return 0, unix.EINVAL
	}
	return 0, r.SetFileRange(a.Off, a.Len)
}

// ringFDs are the rings that a task has registered, to be named by a number that is no descriptor.
type ringFDs struct {
	mu    sync.Mutex
	files [16]*vfs.File
}

type ringFDsKey struct{}

func ringFDsOf(t *task.Task) *ringFDs {
	return t.Extra(ringFDsKey{}, func() any { return new(ringFDs) }).(*ringFDs)
}

func registeredRing(t *task.Task, i int32) (*vfs.File, error) {
	s := ringFDsOf(t)
	s.mu.Lock()
	defer s.mu.Unlock()
	if uint32(i) >= uint32(len(s.files)) {
		return nil, unix.EINVAL
	}
	if s.files[i] == nil {
		return nil, unix.EBADF
	}
	return s.files[i].IncRef(), nil
}

// DropRingFDs forgets the rings that a task has registered: at its end, and with exec.
func DropRingFDs(t *task.Task) {
	s := ringFDsOf(t)
	s.mu.Lock()
	files := s.files
	s.files = [16]*vfs.File{}
	s.mu.Unlock()
	for _, f := range files {
		if f != nil {
			f.DecRef()
		}
	}
}

func uringRingFDs(t *task.Task, _ *uring.Ring, arg user.Addr, n uint32) (int, error) {
	s := ringFDsOf(t)
	if n == 0 || n > uint32(len(s.files)) {
		return 0, unix.EINVAL
	}
	for i := range n {
		at := arg + user.Addr(16*i)
		var a rsrcUpdate
		if err := get(t, at, &a); err != nil {
			return doneOr(int(i), err)
		}
		place, err := addRingFD(t, s, &a)
		if err == nil {
			a.Offset = uint32(place)
			err = put(t, at, &a)
		}
		if err != nil {
			return doneOr(int(i), err)
		}
	}
	return int(n), nil
}

// addRingFD registers one ring, in a place of its own or the first free one: EBUSY, EBADF, EOPNOTSUPP.
func addRingFD(t *task.Task, s *ringFDs, a *rsrcUpdate) (int, error) {
	first, last := 0, len(s.files)
	if a.Offset != ^uint32(0) {
		if a.Offset >= uint32(len(s.files)) {
			return 0, unix.EINVAL
		}
		first, last = int(a.Offset), int(a.Offset)+1
	}
	if a.Resv != 0 {
		return 0, unix.EINVAL
	}
	f, _, err := ringAt(t, int32(a.Data), false)
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := first; i < last; i++ {
		if s.files[i] == nil {
			s.files[i] = f
			return i, nil
		}
	}
	f.DecRef()
	return 0, unix.EBUSY
}

func uringDropRingFDs(t *task.Task, _ *uring.Ring, arg user.Addr, n uint32) (int, error) {
	s := ringFDsOf(t)
	if n == 0 || n > uint32(len(s.files)) {
		return 0, unix.EINVAL
	}
	for i := range n {
		var a rsrcUpdate
		if err := get(t, arg+user.Addr(16*i), &a); err != nil {
			return doneOr(int(i), err)
		}
		if a.Resv != 0 || a.Data != 0 || a.Offset >= uint32(len(s.files)) {
			return doneOr(int(i), unix.EINVAL)
		}
		s.mu.Lock()
		f := s.files[a.Offset]
		s.files[a.Offset] = nil
		s.mu.Unlock()
		if f != nil {
			f.DecRef()
		}
	}
	return int(n), nil
}
