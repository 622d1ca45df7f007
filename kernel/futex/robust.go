// SPDX-License-Identifier: Apache-2.0

package futex

import (
	"encoding/binary"

	"github.com/ditto-kernel/ditto/kernel/user"
)

// RobustHeadSize is the size of struct robust_list_head.
const RobustHeadSize = 24

// robustLimit is how many entries are looked at (ROBUST_LIST_LIMIT): the list
// is the application's, and may be a ring.
const robustLimit = 2048

// ExitRobust marks the futexes on a dying thread's robust list as left by
// their owner, and wakes one waiter of each (get_robust_list(2)). It stops at
// the first word that can't be read.
func ExitRobust(c Caller, head user.Addr) {
	var h [RobustHeadSize]byte
	if _, err := c.Memory().CopyIn(head, h[:]); err != nil {
		return
	}
	le := binary.LittleEndian
	entry, offset, pending := le.Uint64(h[:]), le.Uint64(h[8:]), le.Uint64(h[16:])
	for n := 0; n < robustLimit && entry&^1 != uint64(head); n++ {
		// The next entry is read first: whoever is woken may free this one.
		var next [8]byte
		_, err := c.Memory().CopyIn(user.Addr(entry&^1), next[:])
		if entry&^1 != pending&^1 && !died(c, user.Addr(entry&^1+offset), entry&1 != 0, false) {
			return
		}
		if err != nil {
			return
		}
		entry = le.Uint64(next[:])
	}
	if pending&^1 != 0 {
		died(c, user.Addr(pending&^1+offset), pending&1 != 0, true)
	}
}

// died deals with one word: handle_futex_death. False: it can't be read.
func died(c Caller, addr user.Addr, pi, pending bool) bool {
	word := Word{Addr: addr}
	if addr%4 != 0 {
		return false
	}
	u, err := word.load(c)
	if err != nil {
		return false
	}
	if pending && !pi && u == 0 {
		// It was unlocked, and the wake-up that should have followed was not made.
		Wake(c, addr)
		return true
	}
	for u&tidMask == uint32(c.TID()) {
		now, err := c.Memory().CompareAndSwap32(addr, u, u&waitersBit|ownerDied)
		if err != nil {
			return false
		}
		if now == u {
			if !pi && u&waitersBit != 0 {
				Wake(c, addr)
			}
			return true
		}
		u = now
	}
	return true
}
