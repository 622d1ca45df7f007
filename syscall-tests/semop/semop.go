// SPDX-License-Identifier: Apache-2.0

// Package semop tests semop from Go: processes that exclude each other, and one that dies inside.
package semop

import (
	"os/exec"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("mutual_exclusion", "", exclusion)
	harness.Child("semop.worker", worker)
}

const workers, turns = 4, 50

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}

// worker enters again and again; semaphore 1 counts who is inside. The last
// turn ends by a kill inside.
func worker(args []string) int {
	id := number(args[0])
	for i := range turns {
		if harness.Semtimedop(id, []harness.Sembuf{{Num: 0, Op: -1, Flg: harness.SEM_UNDO}, {Num: 1, Op: 1, Flg: harness.SEM_UNDO}}, nil) != nil {
			return 1
		}
		if n, err := harness.Semctl(id, 1, harness.GETVAL, 0); err != nil || n != 1 {
			return 2
		}
		if i == turns-1 {
			_ = unix.Kill(unix.Getpid(), unix.SIGKILL)
		}
		if harness.Semtimedop(id, []harness.Sembuf{{Num: 1, Op: -1, Flg: harness.SEM_UNDO}, {Num: 0, Op: 1, Flg: harness.SEM_UNDO}}, nil) != nil {
			return 3
		}
	}
	return 4
}

func exclusion(t *harness.T) {
	id, err := harness.Semget(unix.IPC_PRIVATE, 2, 0o600)
	t.Must("get", err)
	_, err = harness.Semctl(id, 0, harness.SETVAL, 1)
	t.Must("set", err)
	var all []*exec.Cmd
	for range workers {
		cmd := harness.Command("semop.worker", strconv.Itoa(id))
		t.Must("start", cmd.Start())
		all = append(all, cmd)
	}
	for _, cmd := range all {
		t.Equal("end", cmd.Wait().Error(), "signal: killed")
	}
	values := make([]uint16, 2)
	_, err = harness.SemctlAll(id, harness.GETALL, values)
	t.Must("values", err)
	t.Observe("undone", "%v", values)
	_, err = harness.Semctl(id, 0, unix.IPC_RMID, 0)
	t.Must("remove", err)
}
