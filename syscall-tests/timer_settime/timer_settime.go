// SPDX-License-Identifier: Apache-2.0

// Package timer_settime tests timer_settime from Go: the life of several timers, and what is refused.
package timer_settime

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("life", "", life)
	harness.Case("errnos", "", errnos)
}

type spec struct{ interval, value unix.Timespec }

func create(t *harness.T) int {
	var ev [16]int32
	ev[3] = 1 // SIGEV_NONE
	var id int32
	t.Must("timer_create", harness.Err(unix.SYS_TIMER_CREATE, unix.CLOCK_MONOTONIC, unsafe.Pointer(&ev), unsafe.Pointer(&id)))
	return int(id)
}

func life(t *harness.T) {
	ids := map[int]bool{}
	for i := range 10 {
		id := create(t)
		t.Check(!ids[id], "two timers are called %d", id)
		ids[id] = true
		s, cur := spec{value: unix.Timespec{Sec: int64(1000 * (i + 1))}}, spec{}
		t.Must("settime", harness.Err(unix.SYS_TIMER_SETTIME, id, 0, unsafe.Pointer(&s), nil))
		t.Must("gettime", harness.Err(unix.SYS_TIMER_GETTIME, id, unsafe.Pointer(&cur)))
		t.Check(cur.value.Sec <= s.value.Sec && cur.value.Sec > s.value.Sec-500, "%d of %d s are left", cur.value.Sec, s.value.Sec)
		n, err := harness.Sys(unix.SYS_TIMER_GETOVERRUN, id)
		t.Must("getoverrun", err)
		t.Equal("overrun", n, 0)
	}
	for id := range ids {
		t.Must("delete", harness.Err(unix.SYS_TIMER_DELETE, id))
		t.Errno("delete again", harness.Err(unix.SYS_TIMER_DELETE, id), unix.EINVAL)
	}
}

func errnos(t *harness.T) {
	id, s := create(t), spec{value: unix.Timespec{Sec: 1000}}
	bad := spec{value: unix.Timespec{Nsec: 1e9}}
	t.Tries(
		harness.Try("no clock", unix.EINVAL, harness.Err(unix.SYS_TIMER_CREATE, 99, nil, unsafe.Pointer(&s))),
		harness.Try("no id", unix.EFAULT, harness.Err(unix.SYS_TIMER_CREATE, unix.CLOCK_REALTIME, nil, nil)),
		harness.Try("bad time", unix.EINVAL, harness.Err(unix.SYS_TIMER_SETTIME, id, 0, unsafe.Pointer(&bad), nil)),
		harness.Try("no time", unix.EINVAL, harness.Err(unix.SYS_TIMER_SETTIME, id, 0, nil, nil)),
		harness.Try("bad pointer", unix.EFAULT, harness.Err(unix.SYS_TIMER_GETTIME, id, 16)),
		harness.Try("no timer", unix.EINVAL, harness.Err(unix.SYS_TIMER_SETTIME, 999, 0, unsafe.Pointer(&s), nil)),
		harness.Try("no timer, overrun", unix.EINVAL, harness.Err(unix.SYS_TIMER_GETOVERRUN, 999)),
	)
}
