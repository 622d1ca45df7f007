// SPDX-License-Identifier: Apache-2.0

package mm

import (
	"fmt"
	"sort"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
)

// stackLimiter is an address space whose stack the host grows, by page faults
// that nobody else sees: the limit must be the host's.
type stackLimiter interface {
	LimitStack(limit uint64) error
}

// inheritedStackLimit is what fresh address spaces have from this process.
var inheritedStackLimit = sync.OnceValue(func() uint64 {
	var l unix.Rlimit
	_ = unix.Getrlimit(unix.RLIMIT_STACK, &l)
	return l.Cur
})

// LimitStack makes RLIMIT_STACK known to the host: at exec, and whenever it
// changes. A host that refuses leaves the limit that it has.
func (m *MM) LimitStack(limit uint64) {
	m.mu.Lock()
	defer m.unlock()
	now := m.info.StackLimit
	if now == 0 {
		now = inheritedStackLimit()
	}
	m.info.StackLimit = limit
	if l, ok := m.as.(stackLimiter); ok && limit != now {
		_ = l.LimitStack(limit)
	}
}

// followStacks lets the account follow the stacks that the host has grown,
// before someone looks at them.
func (m *MM) followStacks() {
	if m.as == nil || !readsLeaveStacks() {
		return
	}
	m.mu.Lock()
	defer m.unlock()
	for i, v := range m.vmas {
		if v.Flags&GrowsDown != 0 && v.Prot&unix.PROT_READ != 0 {
			m.followStack(i)
		}
	}
}

// followStack does so for one: the pages below it are readable as far as it
// reaches.
func (m *MM) followStack(i int) {
	v := m.vmas[i]
	low := v.End - min(v.End, pageDown(m.info.StackLimit))
	if i > 0 {
		low = max(low, m.vmas[i-1].End)
	}
	if low >= v.Start {
		return
	}
	pages := (v.Start - low) / abi.PageSize
	grown := sort.Search(int(pages), func(n int) bool { // the first page below that is not there
		var b [1]byte
		_, err := m.as.ReadAt(v.Start-uint64(n+1)*abi.PageSize, b[:])
		return err != nil
	})
	if grown > 0 {
		m.noteGrowth(v.Start - uint64(grown)*abi.PageSize)
	}
}

// readsLeaveStacks tells whether reading another process's memory leaves its
// stacks as they are: before Linux 6.5 it grew them.
var readsLeaveStacks = sync.OnceValue(func() bool {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return false
	}
	var major, minor int
	n, _ := fmt.Sscanf(unix.ByteSliceToString(u.Release[:]), "%d.%d", &major, &minor)
	return n == 2 && (major > 6 || major == 6 && minor >= 5)
})
