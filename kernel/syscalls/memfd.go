// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"bytes"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/anon"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// memfdNameMax is the longest name of a memfd (NAME_MAX less "memfd:").
const memfdNameMax = 249

//ditto:syscall memfd_create partial MFD_HUGETLB answers as a kernel without hugetlbfs
func memfdCreate(t *task.Task, uname user.Addr, flags uint32) (int, error) {
	const known = unix.MFD_CLOEXEC | unix.MFD_ALLOW_SEALING | unix.MFD_NOEXEC_SEAL | unix.MFD_EXEC
	switch {
	case flags&unix.MFD_HUGETLB != 0:
		return 0, unix.ENOSYS
	case flags&^known != 0, flags&unix.MFD_EXEC != 0 && flags&unix.MFD_NOEXEC_SEAL != 0:
		return 0, unix.EINVAL
	}
	name, err := memfdName(t, uname, memfdNameMax)
	if err != nil {
		return 0, err
	}
	f, err := anon.NewMemfd(t.Creds(), name, flags)
	if err != nil {
		return 0, err
	}
	return install(t, f, 0, flags&unix.MFD_CLOEXEC != 0)
}

// memfdName is a string of at most most bytes: EINVAL if it is longer.
func memfdName(t *task.Task, addr user.Addr, most int) (string, error) {
	b := make([]byte, most+1)
	n, err := t.Memory().CopyIn(addr, b)
	if end := bytes.IndexByte(b[:n], 0); end >= 0 {
		return string(b[:end]), nil
	}
	if err != nil {
		return "", err
	}
	return "", unix.EINVAL
}
