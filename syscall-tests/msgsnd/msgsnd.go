// SPDX-License-Identifier: Apache-2.0

// Package msgsnd tests msgsnd from Go: more messages than fit, to a reader in another process.
package msgsnd

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("more_than_fits", "", more)
	harness.Child("msgsnd.reader", reader)
}

const messages = 200

func reader(args []string) int {
	id, err := strconv.Atoi(args[0])
	if err != nil {
		return 2
	}
	for i := range messages {
		typ, text, err := harness.Msgrcv(id, 8192, 0, 0)
		if err != nil || typ != int64(i+1) || text != body(i) {
			return 1
		}
	}
	return 0
}

func body(i int) string { return strings.Repeat(fmt.Sprint(i), i*10) }

func more(t *harness.T) {
	id, err := harness.Msgget(unix.IPC_PRIVATE, 0o600)
	t.Must("get", err)
	cmd := harness.Command("msgsnd.reader", strconv.Itoa(id))
	t.Must("start", cmd.Start())
	for i := range messages {
		t.Must("send", harness.Msgsnd(id, int64(i+1), body(i), 0))
	}
	t.Must("reader", cmd.Wait())
	var d [15]uint64
	_, err = harness.Msgctl(id, unix.IPC_STAT, &d)
	t.Must("stat", err)
	t.Observe("left", "%d messages, %d bytes", d[10], d[9])
	_, err = harness.Msgctl(id, unix.IPC_RMID, nil)
	t.Must("remove", err)
}
