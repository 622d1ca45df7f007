// SPDX-License-Identifier: Apache-2.0

// Package mq_unlink tests mq_unlink from Go: a queue without a name lives on, and its name is free for another.
package mq_unlink

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("lives_on_without_its_name", "", livesOn)
}

func livesOn(t *harness.T) {
	name := harness.MqName(0)
	const create = unix.O_CREAT | unix.O_EXCL | unix.O_RDWR
	first, err := harness.MqOpen(name, create, 0o600, nil)
	t.Must("first", err)
	t.Must("send", harness.MqSend(first, "to the first", 0, nil))
	t.Must("unlink", harness.MqUnlink(name))
	t.Errno("unlink again", harness.MqUnlink(name), unix.ENOENT)
	second, err := harness.MqOpen(name, create, 0o600, nil)
	t.Must("second", err)
	a, err := harness.MqGetSetAttr(second, nil)
	t.Must("attributes", err)
	t.Equal("messages in the second", a.CurMsgs, int64(0))
	text, _, err := harness.MqReceive(first, 8192, nil)
	t.Must("receive", err)
	t.Equal("from the first", text, "to the first")
	var st unix.Stat_t
	t.Must("fstat", unix.Fstat(first, &st))
	t.Observe("links of the first", "%d", st.Nlink)
	t.Must("fstat", unix.Fstat(second, &st))
	t.Observe("links of the second", "%d", st.Nlink)
	t.Must("unlink the second", harness.MqUnlink(name))
	for _, bad := range []string{"", "/", "a/b", ".", ".."} {
		t.ObserveErr("unlink "+bad, harness.MqUnlink(bad))
	}
}
