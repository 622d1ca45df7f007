// SPDX-License-Identifier: Apache-2.0

// Times as the application has them.

package syscalls

import (
	"encoding/binary"
	"math"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

func getTimespec(t *task.Task, addr user.Addr) (unix.Timespec, error) {
	var b [16]byte
	_, err := t.Memory().CopyIn(addr, b[:])
	return unix.Timespec{
		Sec:  int64(binary.LittleEndian.Uint64(b[:])),
		Nsec: int64(binary.LittleEndian.Uint64(b[8:])),
	}, err
}

func putTimespec(t *task.Task, addr user.Addr, d time.Duration) error {
	return putTimespecRaw(t, addr, unix.NsecToTimespec(int64(d)))
}

func putTimespecRaw(t *task.Task, addr user.Addr, ts unix.Timespec) error {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:], uint64(ts.Sec))
	binary.LittleEndian.PutUint64(b[8:], uint64(ts.Nsec))
	_, err := t.Memory().CopyOut(addr, b[:])
	return err
}

// validTimespec is timespec64_valid.
func validTimespec(ts unix.Timespec) bool {
	return ts.Sec >= 0 && ts.Nsec >= 0 && ts.Nsec < 1e9
}

// duration is a valid timespec; what does not fit is the longest there is.
func duration(ts unix.Timespec) time.Duration {
	if ts.Sec >= math.MaxInt64/int64(time.Second) {
		return math.MaxInt64
	}
	return time.Duration(ts.Nano())
}
