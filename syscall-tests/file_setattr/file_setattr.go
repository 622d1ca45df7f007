// SPDX-License-Identifier: Apache-2.0

// Package file_setattr tests file_setattr from Go: a log that may only grow, whoever writes it.
package file_setattr

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("a_log_that_grows", "root kernel>=6.17 cap:9", grows)
}

func set(path string, xflags uint64) error {
	p, err := unix.BytePtrFromString(path)
	if err != nil {
		return err
	}
	a := struct {
		XFlags uint64
		Rest   [4]uint32
	}{XFlags: xflags}
	cwd := unix.AT_FDCWD
	_, _, errno := unix.Syscall6(469, uintptr(cwd), uintptr(unsafe.Pointer(p)), uintptr(unsafe.Pointer(&a)), unsafe.Sizeof(a), 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

func grows(t *harness.T) {
	t.Must("write", os.WriteFile("log", nil, 0o666))
	t.Must("append only", set("log", 0x10))
	defer set("log", 0)
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() {
			f, err := os.OpenFile("log", os.O_WRONLY|os.O_APPEND, 0)
			if err != nil {
				errs[i] = err
				return
			}
			defer f.Close()
			for range 100 {
				if _, errs[i] = fmt.Fprintf(f, "%d\n", i); errs[i] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		t.Must("writer", err)
	}
	text, err := os.ReadFile("log")
	t.Must("read", err)
	t.Equal("lines", strings.Count(string(text), "\n"), 400)
	t.Errno("os.Create", os.Truncate("log", 0), unix.EPERM)
	t.Errno("remove", os.Remove("log"), unix.EPERM)
	t.Must("plain again", set("log", 0))
	t.Must("remove", os.Remove("log"))
}
