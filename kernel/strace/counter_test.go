// SPDX-License-Identifier: Apache-2.0

package strace

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/abi"
)

func TestCounter(t *testing.T) {
	var n Counter
	n.Count(unix.SYS_OPENAT, &[6]uint64{fdcwd, 0, unix.O_WRONLY | unix.O_SYNC}, unix.ENOENT)
	n.Count(unix.SYS_OPENAT, &[6]uint64{fdcwd, 0, unix.O_WRONLY}, nil)
	n.Count(unix.SYS_MPROTECT, &[6]uint64{0, 0, 0}, nil)
	n.Count(unix.SYS_LSEEK, &[6]uint64{3, 0, 2}, unix.ESPIPE)
	n.Count(unix.SYS_LSEEK, &[6]uint64{3, 0, 2}, unix.EOPNOTSUPP)
	n.Count(unix.SYS_READ, &[6]uint64{3, 0, 2}, abi.ERESTARTSYS)
	n.Interrupted(unix.SYS_PAUSE)
	n.Interrupted(1 << 40)
	n.Count(400, &[6]uint64{}, unix.ENOSYS)
	n.Count(1<<40, &[6]uint64{}, unix.ENOSYS)
	var s strings.Builder
	_, err := n.WriteTo(&s)
	assert.NilError(t, err)
	assert.Equal(t, s.String(), `lseek	EOPNOTSUPP
lseek	ESPIPE
lseek	SEEK_END
mprotect	PROT_NONE
openat	ENOENT
openat	O_DSYNC
openat	O_SYNC
openat	O_WRONLY
openat	O_WRONLY+O_DSYNC
openat	O_WRONLY+O_SYNC
pause	EINTR
`)
}
