// SPDX-License-Identifier: Apache-2.0

// Package pidfd_getfd tests pidfd_getfd from Go: the pipe of a child is taken from it.
package pidfd_getfd

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("pipe_of_a_child", "", pipeOfAChild)
	harness.Child("pidfd_getfd.child", func([]string) int {
		r, w, err := os.Pipe()
		if err != nil {
			return 1
		}
		fmt.Println(w.Fd())
		var b [1]byte
		r.Read(b[:])
		return int(b[0])
	})
}

func pipeOfAChild(t *harness.T) {
	cmd := harness.Command("pidfd_getfd.child")
	out, err := cmd.StdoutPipe()
	t.Must("pipe", err)
	t.Must("start", cmd.Start())
	var number int
	fmt.Fscan(out, &number)
	pidfd, err := unix.PidfdOpen(cmd.Process.Pid, 0)
	t.Must("pidfd_open", err)
	fd, err := unix.PidfdGetfd(pidfd, number, 0)
	t.Must("pidfd_getfd", err)
	_, err = unix.Write(fd, []byte("x"))
	t.Must("write", err)
	t.Observe("child", "%s", harness.Status(cmd))
	_, err = unix.PidfdGetfd(pidfd, number, 0)
	t.Errno("ended", err, unix.ESRCH)
}
