// SPDX-License-Identifier: Apache-2.0

package hostio

import (
	"runtime"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// As calls f, and returns how many blocks (of 512 bytes) the host's file systems read
// and wrote for it, as the host reckons: a page counts when it is read from a disk, and when it
// is made to differ from the disk's.
//
// prio is the priority of I/O that it has meanwhile (ioprio_set(2)), as far as the host lets; 0: the usual one.
func As(prio uint16, f func()) (in, out int64) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if prio != 0 {
		if setPriority(prio) == unix.EPERM {
			_ = setPriority(NextBest(prio))
		}
		defer setPriority(0)
	}
	in0, out0 := blocks()
	f()
	in, out = blocks()
	return in - in0, out - out0
}

// NextBest is what comes next to a priority that the host refuses: of the real-time class the best
// of the best-effort class.
func NextBest(prio uint16) uint16 {
	const classShift, realTime, bestEffort = 13, 1, 2
	if prio>>classShift == realTime {
		return bestEffort << classShift
	}
	return prio
}

// setPriority sets the calling thread's priority.
func setPriority(prio uint16) error {
	const whoProcess = 1
	if _, _, e := unix.RawSyscall(unix.SYS_IOPRIO_SET, whoProcess, 0, uintptr(prio)); e != 0 {
		return e
	}
	return nil
}

// blocks is the calling thread's account.
func blocks() (in, out int64) {
	var ru unix.Rusage
	who := unix.RUSAGE_THREAD
	_, _, e := unix.RawSyscall(unix.SYS_GETRUSAGE, uintptr(who), uintptr(unsafe.Pointer(&ru)), 0)
	if e != 0 {
		return 0, 0
	}
	return ru.Inblock, ru.Oublock
}

// coldSpan is more than the host reads ahead.
const coldSpan = 1 << 20

// Reader reads from one file, and knows when it is worth an account: what is cached costs none, unless
// the host was seen to read a moment ago. Then it may read ahead, whatever it finds cached.
type Reader struct{ cold atomic.Int64 } // bytes to be read with an account

// Pread is Pread for who has a priority, with the blocks that the host read for it.
func (r *Reader) Pread(prio uint16, fd int, p []byte, off int64) (n int, in int64, err error) {
	if prio == 0 && r.cold.Load() <= 0 {
		if n, ok := preadCached(fd, p, off); ok {
			return n, 0, nil
		}
	}
	in, _ = As(prio, func() { n, err = Pread(fd, p, off) })
	if in > 0 {
		r.cold.Store(coldSpan)
	} else {
		r.cold.Add(-int64(n))
	}
	return n, in, err
}
