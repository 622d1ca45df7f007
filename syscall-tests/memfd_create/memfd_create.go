// SPDX-License-Identifier: Apache-2.0

// Package memfd_create tests memfd_create from Go: a memfd handed to another process, and seals by table.
package memfd_create

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("handed_to_a_child", "", handed)
	harness.Case("seals", "", seals)
	harness.Child("memfd_create.reader", func([]string) int {
		f := os.NewFile(3, "memfd")
		b := make([]byte, 5)
		if n, err := f.ReadAt(b, 0); n != 5 || err != nil || string(b) != "hello" {
			return 1
		}
		if _, err := f.WriteAt([]byte("HELLO"), 0); err != nil {
			return 2
		}
		return 0
	})
}

func handed(t *harness.T) {
	fd, err := unix.MemfdCreate("shared", unix.MFD_CLOEXEC)
	t.Must("memfd_create", err)
	f := os.NewFile(uintptr(fd), "memfd")
	_, err = f.WriteString("hello")
	t.Must("write", err)
	cmd := harness.Command("memfd_create.reader")
	cmd.ExtraFiles = []*os.File{f}
	t.Observe("child", "%s", harness.Status(cmd))
	b := make([]byte, 5)
	_, err = f.ReadAt(b, 0)
	t.Must("read", err)
	t.Observe("then", "%s", b)
}

func seals(t *harness.T) {
	for s := range 64 {
		fd, err := unix.MemfdCreate("m", unix.MFD_ALLOW_SEALING)
		t.Must("memfd_create", err)
		_, err = unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, s)
		t.ObserveErr(fmt.Sprintf("add %#x", s), err)
		got, err := unix.FcntlInt(uintptr(fd), unix.F_GET_SEALS, 0)
		t.Must("get", err)
		n, werr := unix.Pwrite(fd, []byte("x"), 10)
		t.Observe(fmt.Sprintf("then %#x", s), "%#x, write %d %s, truncate %s", got, n, harness.ErrnoName(werr), harness.ErrnoName(unix.Ftruncate(fd, 100)))
		unix.Close(fd)
	}
}
