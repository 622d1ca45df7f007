// SPDX-License-Identifier: Apache-2.0

package anon

import (
	"encoding/binary"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/ktime"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Timerfd is a timer that can be read (timerfd_create(2)).
type Timerfd struct {
	vfs.BaseFile
	vfs.NoSpliceRead
	vfs.NoWrites
	queue wait.Queue
	clock ktime.Host
	timer *ktime.Timer

	mu sync.Mutex
	// cancel: when the real-time clock is set the wait ends (TFD_TIMER_CANCEL_ON_SET), wasSet: it was.
	cancel, wasSet bool
}

// NewTimerfd is a timerfd on a clock. flags are timerfd_create(2)'s.
func NewTimerfd(clock ktime.Host, flags uint32) *vfs.File {
	t := &Timerfd{clock: clock}
	t.timer = ktime.NewTimer(clock, func() { t.queue.Notify(wait.In) })
	return vfs.NewAnonFile("anon_inode:[timerfd]", t, unix.O_RDWR|flags&unix.TFD_NONBLOCK)
}

// Clock is the clockid of the host's clock that it goes by.
func (t *Timerfd) Clock() int32 { return int32(t.clock) }

// Set is timerfd_settime(2): value and interval in nanoseconds; flags are
// known. It returns the setting before. ECANCELED: it is set, and nobody has been told yet that the clock was.
func (t *Timerfd) Set(flags uint32, value, interval int64) (left, oldInterval int64, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	abs := flags&unix.TFD_TIMER_ABSTIME != 0
	cancel := abs && flags&unix.TFD_TIMER_CANCEL_ON_SET != 0 && t.clock.Settable()
	if cancel != t.cancel {
		t.cancel, t.wasSet = cancel, false
		clockSet.follow(t, cancel)
	}
	if value != 0 && !abs {
		value = ktime.Add(t.clock.Now(), value)
	}
	left, oldInterval = t.timer.Set(value, interval)
	if value != 0 && t.wasSet {
		t.wasSet, err = false, unix.ECANCELED
	}
	return left, oldInterval, err
}

// Get is timerfd_gettime(2).
func (t *Timerfd) Get() (left, interval int64) { return t.timer.Get() }

// clockWasSet ends the wait.
func (t *Timerfd) clockWasSet() {
	t.mu.Lock()
	t.wasSet = t.cancel
	t.mu.Unlock()
	t.queue.Notify(wait.In)
}

// canceled tells whether the clock was set, once for each time.
func (t *Timerfd) canceled() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	was := t.wasSet
	t.wasSet = false
	return was
}

// Read implements vfs.FileOps.
func (t *Timerfd) Read(ctx vfs.Ctx, f *vfs.File, dst *user.Buf, _ *int64) (int, error) {
	if dst.Len() < 8 {
		return 0, unix.EINVAL
	}
	var n uint64
	err := block(ctx, f, &t.queue, wait.In, func() error {
		if t.canceled() {
			t.timer.Take()
			return unix.ECANCELED
		}
		if n = t.timer.Take(); n == 0 {
			return unix.EAGAIN
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], n)
	return dst.CopyOutLast(b[:])
}

// Poll implements vfs.FileOps.
func (t *Timerfd) Poll(*vfs.File) wait.Mask {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.wasSet || t.timer.Due() {
		return wait.In
	}
	return 0
}

// Queue implements vfs.FileOps.
func (t *Timerfd) Queue(*vfs.File) *wait.Queue { return &t.queue }

// Write implements vfs.FileOps.
func (*Timerfd) Write(vfs.Ctx, *vfs.File, *user.Buf, *int64) (int, error) { return 0, unix.EINVAL }

// Release implements vfs.FileOps.
func (t *Timerfd) Release(*vfs.File) {
	t.timer.Set(0, 0)
	clockSet.follow(t, false)
}
