// SPDX-License-Identifier: Apache-2.0

// Package fsconfig tests fsconfig from Go: options by path and by blob, which no type here takes.
package fsconfig

import (
	"os"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("values_of_other_kinds", "root cap:21", valuesOfOtherKinds)
}

func valuesOfOtherKinds(t *harness.T) {
	runtime.LockOSThread() // never unlocked
	t.Must("unshare", unix.Unshare(unix.CLONE_NEWNS))
	dir, err := os.Open(".")
	t.Must("open", err)
	defer dir.Close()
	for _, typ := range []string{"tmpfs", "ramfs", "devpts", "proc", "mqueue"} {
		fs, err := unix.Fsopen(typ, 0)
		t.Must("fsopen "+typ, err)
		for _, key := range []string{"mode", "uid", "ro", "source", "nonesuch"} {
			t.ObserveErr(typ+" "+key+" as a path", unix.FsconfigSetPath(fs, key, "/", unix.AT_FDCWD))
			t.ObserveErr(typ+" "+key+" as an empty path", unix.FsconfigSetPathEmpty(fs, key, "", unix.AT_FDCWD))
			t.ObserveErr(typ+" "+key+" as a file", unix.FsconfigSetFd(fs, key, int(dir.Fd())))
			t.ObserveErr(typ+" "+key+" as a blob", unix.FsconfigSetBinary(fs, key, []byte("7")))
		}
		unix.Close(fs)
	}
}
