// SPDX-License-Identifier: Apache-2.0

// Package msgctl tests msgctl from Go: the counters of a queue as messages come and go.
package msgctl

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() { harness.Case("counters", "", counters) }

func counters(t *harness.T) {
	id, err := harness.Msgget(unix.IPC_PRIVATE, 0o600)
	t.Must("get", err)
	show := func(name string) {
		var d [15]uint64
		_, err := harness.Msgctl(id, unix.IPC_STAT, &d)
		t.Must("stat", err)
		pid := uint64(unix.Getpid())
		t.Observe(name, "sent %v received %v bytes %d messages %d most %d by own %v to own %v", d[6] != 0, d[7] != 0, d[9], d[10], d[11],
			d[12]&0xffffffff == pid, d[12]>>32 == pid)
	}
	show("fresh")
	for i := range 3 {
		t.Must("send", harness.Msgsnd(id, int64(i+1), "12345678"[:i*4], 0))
		show(fmt.Sprintf("sent %d", i))
	}
	for i := range 3 {
		_, text, err := harness.Msgrcv(id, 100, int64(3-i), 0)
		t.Must("receive", err)
		show(fmt.Sprintf("received %d: %s", i, text))
	}
	_, err = harness.Msgctl(id, unix.IPC_RMID, nil)
	t.Must("remove", err)
	_, err = harness.Msgctl(id, unix.IPC_RMID, nil)
	t.Errno("remove again", err, unix.EINVAL)
}
