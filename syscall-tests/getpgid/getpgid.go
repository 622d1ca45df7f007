// SPDX-License-Identifier: Apache-2.0

// Package getpgid tests getpgid from Go: groups of a shell with job control and of its jobs.
package getpgid

import (
	"os/exec"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("job_control", "", jobControl)
}

func jobControl(t *harness.T) {
	out, err := exec.Command("/bin/sh", "-c", `set -m
sleep 100 &
pid=$!
# The fifth field of stat is the group.
read -r a b c d group rest < /proc/$pid/stat
[ $group = $pid ] && echo a group of its own
kill $pid
wait $pid 2>/dev/null
echo $?`).CombinedOutput()
	t.ObserveErr("shell", err)
	g, err := unix.Getpgid(0)
	t.Must("getpgid", err)
	t.Equal("our group", g, unix.Getpid())
	_, err = unix.Getpgid(1 << 29)
	t.Errno("nobody", err, unix.ESRCH)
	t.Observe("output", "%s", out)
}
