// SPDX-License-Identifier: Apache-2.0

// Package shmget tests shmget from Go: one segment by its key from several processes at once.
package shmget

import (
	"fmt"
	"os/exec"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("one_maker", "", oneMaker)
	harness.Child("shmget.maker", func(args []string) int {
		key, err := strconv.Atoi(args[0])
		if err != nil {
			return 2
		}
		if _, err := unix.SysvShmGet(key, 100, unix.IPC_CREAT|unix.IPC_EXCL|0o600); err != nil {
			return 1
		}
		return 0
	})
}

func oneMaker(t *harness.T) {
	key := 0x5d170000 + unix.Getpid()&0xffff
	var all []*exec.Cmd
	for range 4 {
		cmd := harness.Command("shmget.maker", strconv.Itoa(key))
		t.Must("start", cmd.Start())
		all = append(all, cmd)
	}
	made := 0
	for _, cmd := range all {
		if cmd.Wait() == nil {
			made++
		}
	}
	t.Equal("makers", made, 1)
	id, err := unix.SysvShmGet(key, 0, 0)
	t.Must("get", err)
	for _, size := range []int{0, 1, 100, 101, 4096, 1 << 40} {
		again, err := unix.SysvShmGet(key, size, 0)
		t.Observe(fmt.Sprintf("size %d", size), "%v %s", again == id, harness.ErrnoName(err))
	}
	_, err = unix.SysvShmCtl(id, unix.IPC_RMID, nil)
	t.Must("remove", err)
	_, err = unix.SysvShmGet(key, 0, 0)
	t.Errno("get what is gone", err, unix.ENOENT)
}
