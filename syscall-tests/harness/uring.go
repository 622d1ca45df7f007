// SPDX-License-Identifier: Apache-2.0

// io_uring, of which x/sys/unix has nothing.

package harness

import (
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// UringParams is struct io_uring_params.
type UringParams struct {
	SQEntries, CQEntries, Flags, ThreadCPU, ThreadIdle, Features, WQ uint32
	Resv                                                             [3]uint32
	SQOff, CQOff                                                     [10]uint32
}

// SQE is struct io_uring_sqe.
type SQE struct {
	Op, Flags             uint8
	IOPrio                uint16
	FD                    int32
	Off                   uint64
	Addr                  uintptr
	Len, OpFlags          uint32
	UserData              uint64
	BufIndex, Personality uint16
	FileIndex             uint32
	_                     [2]uint64
}

// CQE is struct io_uring_cqe.
type CQE struct {
	UserData uint64
	Res      int32
	Flags    uint32
}

// Operations of a ring.
const (
	URING_NOP     = 0
	URING_POLL    = 6
	URING_TIMEOUT = 11
	URING_ACCEPT  = 13
	URING_CANCEL  = 14
	URING_READ    = 22
	URING_WRITE   = 23
	URING_SEND    = 26
	URING_RECV    = 27
)

// Uring is a ring with its memory. It is for one goroutine at a time.
type Uring struct {
	FD     int
	Params UringParams
	mem    []byte
	sqes   []byte
	queued uint32
}

// NewUring is io_uring_setup(2) and its mappings.
func NewUring(entries int, flags uint32) (*Uring, error) {
	u := &Uring{}
	u.Params.Flags = flags
	var err error
	if u.FD, err = Sys(unix.SYS_IO_URING_SETUP, entries, unsafe.Pointer(&u.Params)); err != nil {
		return nil, err
	}
	size := max(int(u.Params.SQOff[6]+4*u.Params.SQEntries), int(u.Params.CQOff[5]+16*u.Params.CQEntries))
	if u.mem, err = unix.Mmap(u.FD, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED); err != nil {
		return nil, err
	}
	u.sqes, err = unix.Mmap(u.FD, 0x10000000, int(64*u.Params.SQEntries), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	for i := range u.Params.SQEntries {
		*u.word(u.Params.SQOff[6] + 4*i) = i
	}
	return u, err
}

// Close gives everything back.
func (u *Uring) Close() {
	_ = unix.Munmap(u.mem)
	_ = unix.Munmap(u.sqes)
	_ = unix.Close(u.FD)
}

func (u *Uring) word(off uint32) *uint32 { return (*uint32)(unsafe.Pointer(&u.mem[off])) }

// Put queues a request; what it points at must stay where it is.
func (u *Uring) Put(s SQE) {
	tail := u.word(u.Params.SQOff[1])
	*(*SQE)(unsafe.Pointer(&u.sqes[64*(*tail&(u.Params.SQEntries-1))])) = s
	atomic.AddUint32(tail, 1)
	u.queued++
}

// Enter submits what was put and waits for least completions, again if the Go runtime interrupts it.
func (u *Uring) Enter(least int) error {
	for {
		n, _, e := unix.Syscall6(unix.SYS_IO_URING_ENTER, uintptr(u.FD), uintptr(u.queued), uintptr(least), 1, 0, 0)
		if e == 0 {
			u.queued -= uint32(n)
		}
		if e != unix.EINTR && (e != 0 || int(u.Ready()) >= least) {
			_, err := result(n, e)
			return err
		}
	}
}

// Ready is how many completions there are.
func (u *Uring) Ready() uint32 {
	return atomic.LoadUint32(u.word(u.Params.CQOff[1])) - *u.word(u.Params.CQOff[0])
}

// Take takes the first completion; there must be one.
func (u *Uring) Take() CQE {
	head := u.word(u.Params.CQOff[0])
	c := *(*CQE)(unsafe.Pointer(&u.mem[u.Params.CQOff[5]+16*(*head&(u.Params.CQEntries-1))]))
	atomic.AddUint32(head, 1)
	return c
}
