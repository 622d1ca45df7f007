// SPDX-License-Identifier: Apache-2.0

// Package mq_getsetattr tests mq_getsetattr from Go: what can be set, for whom it holds, and what is counted.
package mq_getsetattr

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("of_one_description", "", ofOne)
}

func ofOne(t *harness.T) {
	name := harness.MqName(0)
	attr := harness.MqAttr{MaxMsg: 4, MsgSize: 16}
	q, err := harness.MqOpen(name, unix.O_CREAT|unix.O_EXCL|unix.O_RDWR, 0o600, &attr)
	t.Must("open", err)
	other, err := harness.MqOpen(name, unix.O_RDWR, 0, nil)
	t.Must("open again", err)
	twin, err := unix.Dup(q)
	t.Must("dup", err)
	t.Must("unlink", harness.MqUnlink(name))
	show := func(what string) {
		for fd, whose := range map[int]string{q: "its own", other: "another's", twin: "a dup's"} {
			a, err := harness.MqGetSetAttr(fd, nil)
			t.Must("get", err)
			flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
			t.Must("fcntl", err)
			t.Observe(what+", "+whose, "%#x %d %d %d, %#x", a.Flags, a.MaxMsg, a.MsgSize, a.CurMsgs, flags)
		}
	}
	show("fresh")
	t.Must("send", harness.MqSend(q, "one", 0, nil))
	t.Must("send", harness.MqSend(other, "two", 0, nil))
	old, err := harness.MqGetSetAttr(q, &harness.MqAttr{Flags: unix.O_NONBLOCK, MaxMsg: 9, MsgSize: 9, CurMsgs: 9})
	t.Must("set", err)
	t.Observe("before", "%#x %d %d %d", old.Flags, old.MaxMsg, old.MsgSize, old.CurMsgs)
	show("set")
	for _, flags := range []int64{1, unix.O_CLOEXEC, unix.O_NONBLOCK | unix.O_APPEND, -1} {
		_, err := harness.MqGetSetAttr(q, &harness.MqAttr{Flags: flags})
		t.Errno("bad flags", err, unix.EINVAL)
	}
	_, err = harness.MqGetSetAttr(0, nil)
	t.Errno("no queue", err, unix.EBADF)
	_, err = harness.MqGetSetAttr(q, &harness.MqAttr{})
	t.Must("set back", err)
	show("set back")
}
