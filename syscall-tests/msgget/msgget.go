// SPDX-License-Identifier: Apache-2.0

// Package msgget tests msgget from Go: a queue outlives its maker, and ids are not used again at once.
package msgget

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("outlives_its_maker", "", outlives)
	harness.Child("msgget.maker", func(args []string) int {
		key, err := strconv.Atoi(args[0])
		if err != nil {
			return 2
		}
		id, err := harness.Msgget(key, unix.IPC_CREAT|unix.IPC_EXCL|0o600)
		if err != nil || harness.Msgsnd(id, 5, "from the maker", 0) != nil {
			return 1
		}
		return 0
	})
}

func outlives(t *harness.T) {
	key := 0x5d170000 + unix.Getpid()&0xffff
	t.Observe("maker", "%s", harness.Status(harness.Command("msgget.maker", strconv.Itoa(key))))
	id, err := harness.Msgget(key, 0)
	t.Must("get", err)
	typ, text, err := harness.Msgrcv(id, 100, 0, harness.IPC_NOWAIT)
	t.Observe("message", "%d %s %s", typ, strings.TrimSpace(text), harness.ErrnoName(err))
	_, err = harness.Msgctl(id, unix.IPC_RMID, nil)
	t.Must("remove", err)
	again, err := harness.Msgget(key, unix.IPC_CREAT|0o600)
	t.Must("get again", err)
	t.Equal("same id", again == id, false)
	_, err = harness.Msgctl(again, unix.IPC_RMID, nil)
	t.Must("remove again", err)
}
