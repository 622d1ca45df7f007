// SPDX-License-Identifier: Apache-2.0

package futex

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/user"
)

// Requeue is FUTEX_REQUEUE and, with a cmp, FUTEX_CMP_REQUEUE: it wakes up to
// nWake waiters of one word and has up to nRequeue others wait for another.
// The result counts both. EAGAIN if the word has not the value *cmp.
func Requeue(c Caller, from, to Word, nWake, nRequeue int, cmp *uint32) (int, error) {
	if nWake < 0 || nRequeue < 0 {
		return 0, unix.EINVAL
	}
	k1, err := from.key(c)
	if err != nil {
		return 0, err
	}
	k2, err := to.key(c)
	if err != nil {
		return 0, err
	}
	b1, b2 := bucketOf(k1), bucketOf(k2)
	var woken wakeList
	moved := 0
	lockBoth(b1, b2)
	if cmp != nil {
		var now uint32
		if now, err = from.load(c); err == nil && now != *cmp {
			err = unix.EAGAIN
		}
	}
	for w := b1.head; w != nil && err == nil && len(woken)+moved-nWake < nRequeue; {
		next := w.next
		switch {
		case w.key != k1:
		case w.pi || w.target != nil:
			err = unix.EINVAL
		case len(woken) < nWake:
			b1.remove(w)
			woken = append(woken, w)
		default:
			moved++
			if k1 != k2 {
				b1.move(w, b2, k2)
			}
		}
		w = next
	}
	unlockBoth(b1, b2)
	n := woken.wake() + moved
	if n > 0 {
		return n, nil
	}
	return 0, err
}

// Operations and comparisons of FUTEX_WAKE_OP (futex(2)).
const (
	opSet = iota
	opAdd
	opOr
	opAndn
	opXor
	opShift = 8 // FUTEX_OP_OPARG_SHIFT
)

// WakeOp is FUTEX_WAKE_OP: it changes the second word as op says, wakes up to
// nWake waiters of the first, and up to nWake2 of the second if what it was
// before compares as op says.
func WakeOp(c Caller, w1, w2 Word, nWake, nWake2 int, op uint32) (int, error) {
	k1, err := w1.key(c)
	if err != nil {
		return 0, err
	}
	k2, err := w2.key(c)
	if err != nil {
		return 0, err
	}
	b1, b2 := bucketOf(k1), bucketOf(k2)
	var woken, woken2 wakeList
	lockBoth(b1, b2)
	hit, err := operate(c.Memory(), w2.Addr, op)
	if err == nil {
		err = b1.wake(k1, nWake, MatchAny, &woken)
	}
	if err == nil && hit {
		err = b2.wake(k2, nWake2, MatchAny, &woken2)
	}
	unlockBoth(b1, b2)
	return woken.wake() + woken2.wake(), err
}

// operate changes the word and compares what it was: ENOSYS for an operation
// or comparison that does not exist.
func operate(mem user.Memory, addr user.Addr, encoded uint32) (bool, error) {
	op, cmp := encoded>>28&7, encoded>>24&15
	arg := uint32(int32(encoded<<8) >> 20)
	cmpArg := int32(encoded<<20) >> 20
	if encoded>>28&opShift != 0 {
		arg = 1 << (arg & 31)
	}
	if op > opXor {
		return false, unix.ENOSYS
	}
	for old := uint32(0); ; {
		now, err := mem.CompareAndSwap32(addr, old, apply(op, old, arg))
		if err != nil {
			return false, err
		}
		if now == old {
			return compare(cmp, int32(old), cmpArg)
		}
		old = now
	}
}

func apply(op, old, arg uint32) uint32 {
	switch op {
	case opSet:
		return arg
	case opAdd:
		return old + arg
	case opOr:
		return old | arg
	case opAndn:
		return old &^ arg
	}
	return old ^ arg
}

func compare(cmp uint32, a, b int32) (bool, error) {
	switch cmp {
	case 0:
		return a == b, nil
	case 1:
		return a != b, nil
	case 2:
		return a < b, nil
	case 3:
		return a <= b, nil
	case 4:
		return a > b, nil
	case 5:
		return a >= b, nil
	}
	return false, unix.ENOSYS
}
