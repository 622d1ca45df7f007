// SPDX-License-Identifier: Apache-2.0

// Package file_getattr tests file_getattr from Go: that it agrees with ioctl and statx.
package file_getattr

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("agrees_with_statx", "root kernel>=6.17 cap:9", agrees)
}

type attr struct {
	XFlags                                uint64
	ExtSize, NExtents, ProjID, CowExtSize uint32
}

func get(path string) (a attr, err error) {
	p, err := unix.BytePtrFromString(path)
	if err != nil {
		return a, err
	}
	cwd := unix.AT_FDCWD
	_, _, errno := unix.Syscall6(468, uintptr(cwd), uintptr(unsafe.Pointer(p)), uintptr(unsafe.Pointer(&a)), unsafe.Sizeof(a), 0, 0)
	if errno != 0 {
		err = errno
	}
	return a, err
}

func agrees(t *harness.T) {
	t.Must("write", os.WriteFile("f", nil, 0o666))
	f, err := os.Open("f")
	t.Must("open", err)
	defer f.Close()
	for _, c := range []struct {
		flag, xflag uint32
		attribute   uint64
	}{{0x40, 0x80, unix.STATX_ATTR_NODUMP}, {0x10, 0x8, unix.STATX_ATTR_IMMUTABLE}, {0x20, 0x10, unix.STATX_ATTR_APPEND}, {0x80, 0x40, 0}} {
		old, err := unix.IoctlGetUint32(int(f.Fd()), unix.FS_IOC_GETFLAGS)
		t.Must("GETFLAGS", err)
		t.Must("SETFLAGS", unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, int(old|c.flag)))
		a, err := get("f")
		t.Must("file_getattr", err)
		name := fmt.Sprintf("%#x", c.flag)
		t.Equal(name, a.XFlags, uint64(c.xflag))
		var st unix.Statx_t
		t.Must("statx", unix.Statx(unix.AT_FDCWD, "f", 0, unix.STATX_BASIC_STATS, &st))
		const all = unix.STATX_ATTR_NODUMP | unix.STATX_ATTR_IMMUTABLE | unix.STATX_ATTR_APPEND
		t.Equal("attributes "+name, st.Attributes&all, c.attribute)
		t.Must("back", unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, int(old)))
	}
}
