// SPDX-License-Identifier: Apache-2.0

// Package msgrcv tests msgrcv from Go: requests and answers by type, as servers use queues.
package msgrcv

import (
	"fmt"
	"os/exec"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("a_server", "", server)
	harness.Child("msgrcv.client", client)
}

// client asks with type 1 and waits for the answer of its own number.
func client(args []string) int {
	id, err := strconv.Atoi(args[0])
	if err != nil {
		return 2
	}
	n, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil {
		return 2
	}
	for i := range int64(20) {
		if harness.Msgsnd(id, 1, fmt.Sprintf("%d %d", n, i), 0) != nil {
			return 1
		}
		typ, text, err := harness.Msgrcv(id, 100, n, 0)
		if err != nil || typ != n || text != fmt.Sprint(n*i) {
			return 3
		}
	}
	return 0
}

func server(t *harness.T) {
	id, err := harness.Msgget(unix.IPC_PRIVATE, 0o600)
	t.Must("get", err)
	var all []*exec.Cmd
	for n := range 3 {
		cmd := harness.Command("msgrcv.client", strconv.Itoa(id), strconv.Itoa(n+2))
		t.Must("start", cmd.Start())
		all = append(all, cmd)
	}
	for range 60 {
		_, text, err := harness.Msgrcv(id, 100, -1, 0)
		t.Must("receive", err)
		var n, i int64
		_, err = fmt.Sscan(text, &n, &i)
		t.Must("parse", err)
		t.Must("answer", harness.Msgsnd(id, n, fmt.Sprint(n*i), 0))
	}
	for _, cmd := range all {
		t.Must("client", cmd.Wait())
	}
	_, _, err = harness.Msgrcv(id, 100, 0, harness.IPC_NOWAIT)
	t.Errno("empty", err, unix.ENOMSG)
	_, err = harness.Msgctl(id, unix.IPC_RMID, nil)
	t.Must("remove", err)
}
