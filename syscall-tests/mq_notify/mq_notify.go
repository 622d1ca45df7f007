// SPDX-License-Identifier: Apache-2.0

// Package mq_notify tests mq_notify from Go: one who wants to know, from several processes, and what ends it.
package mq_notify

import (
	"os"
	"os/signal"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("one_at_a_time", "", oneAtATime)
	harness.Child("mq_notify.rival", func(args []string) int {
		q, err := harness.MqOpen(args[0], unix.O_RDWR, 0, nil)
		if err != nil {
			return 1
		}
		if notify(q, &sigevent{Signo: int32(unix.SIGUSR2)}) == unix.EBUSY {
			return 7
		}
		return 0
	})
}

// sigevent is struct sigevent.
type sigevent struct {
	Value         uint64
	Signo, Notify int32
	_             [48]byte
}

func notify(q int, e *sigevent) error {
	_, _, errno := unix.Syscall(unix.SYS_MQ_NOTIFY, uintptr(q), uintptr(unsafe.Pointer(e)), 0)
	if errno != 0 {
		return errno
	}
	return nil
}

func oneAtATime(t *harness.T) {
	name := harness.MqName(0)
	q, err := harness.MqOpen(name, unix.O_CREAT|unix.O_EXCL|unix.O_RDWR, 0o600, nil)
	t.Must("open", err)
	got := make(chan os.Signal, 10)
	signal.Notify(got, unix.SIGUSR2)
	rival := func(what string) {
		cmd := harness.Command("mq_notify.rival", name)
		_ = cmd.Run()
		t.Observe(what, "%s", harness.Status(cmd))
	}
	event := &sigevent{Signo: int32(unix.SIGUSR2)}
	t.Must("register", notify(q, event))
	t.Errno("register again", notify(q, event), unix.EBUSY)
	rival("while registered")
	t.Must("send", harness.MqSend(q, "one", 0, nil))
	t.Observe("told", "%v", <-got)
	rival("once told")
	t.Must("register for what waits", notify(q, event))
	t.Must("send", harness.MqSend(q, "two", 0, nil))
	t.Must("register none", notify(q, nil))
	rival("given up")
	t.ObserveErr("bad signal", notify(q, &sigevent{Signo: 65}))
	t.ObserveErr("bad kind", notify(q, &sigevent{Notify: 9}))
	t.ObserveErr("no queue", notify(0, event))
	t.Equal("signals left", len(got), 0)
	t.Must("unlink", harness.MqUnlink(name))
}
