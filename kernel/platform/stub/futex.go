// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"bytes"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/platform"
)

// Futexes are the host's: a word in the application's memory is one for the
// host too, private or shared (memory that processes share is shared on the
// host), and so waiters and wakers meet there whoever made the call. The stub
// makes it by itself where the slot allows that (Slot.LetFutex), and on order
// otherwise. A wait is interruptible: see host_wait in the blob, and Run.

// LetFutex implements platform.Thread.
func (t *thread) LetFutex(futex, futex2 bool) {
	var let uint32
	if futex {
		let |= LetFutex1
	}
	if futex2 {
		let |= LetFutex2
	}
	if t.let.Load() != let {
		t.let.Store(let)
		atomic.StoreUint32(&t.slot.LetFutex, let)
	}
}

// ForbidFutex takes LetFutex back from all threads, whatever they do.
func (sp *space) ForbidFutex() {
	sp.mu.Lock()
	defer sp.mu.Unlock()
	for _, t := range sp.threads {
		t.let.Store(0)
		atomic.StoreUint32(&t.slot.LetFutex, 0)
	}
}

// Futex implements platform.Thread. No kick is lost for the reason that Run gives.
func (t *thread) Futex(o *platform.Op, interrupted func() bool) error {
	if err := t.ready(); err != nil {
		return err
	}
	if err := t.flush(); err != nil {
		o.Result = -int64(unix.EFAULT)
		return nil
	}
	t.unkick()
	if interrupted != nil {
		t.running.Store(true)
		defer t.running.Store(false)
		if interrupted() {
			o.Result = -int64(unix.EINTR)
			return nil
		}
	}
	t.ncap, t.used = 0, 0 // memory changes meanwhile
	args := o.Args
	if o.Nr != unix.SYS_FUTEX_WAITV && o.Nr != unix.SYS_FUTEX_REQUEUE {
		args[0] = notOurs(args[0])
	}
	if o.Nr == unix.SYS_FUTEX && twoWords>>(args[1]&0x7f)&1 != 0 {
		args[4] = notOurs(args[4])
	}
	if o.TimeoutArg > 0 {
		*(*unix.Timespec)(ptr(&t.slot.window()[scratch])) = o.Timeout
		args[o.TimeoutArg] = uint64(RegionBase + t.index*SlotStride + WindowOffset + scratch)
	}
	r, err := t.op(uint64(o.Nr), args[:]...)
	o.Result = r
	return err
}

// twoWords are the commands of futex(2) with two words, by bits:
// FUTEX_REQUEUE, FUTEX_CMP_REQUEUE and FUTEX_WAKE_OP.
const twoWords = uint64(1<<3 | 1<<4 | 1<<5)

// notOurs makes an address of the stub's memory one that is not there: the
// application has none at either.
func notOurs(addr uint64) uint64 {
	if addr >= TextBase {
		return addr | 1<<63 | TextBase
	}
	return addr
}

// Asleep implements platform.Thread. The stub says that it waits a moment
// before it does; the host knows better, where it tells.
func (t *thread) Asleep() (now bool, waits uint64) {
	t.kickMu.Lock()
	if !t.gone {
		now = atomic.LoadUint32(&t.slot.Waiting) != 0
		waits = uint64(atomic.LoadUint32(&t.slot.Waits))
	}
	t.kickMu.Unlock()
	if now {
		stat, err := t.ask("stat")
		_, state, found := bytes.Cut(stat, []byte(") "))
		now = err != nil || found && state[0] == 'S'
	}
	return now, waits
}
