// SPDX-License-Identifier: Apache-2.0

// Package fspick tests fspick from Go: what was picked is changed for all mounts of it.
package fspick

import (
	"os"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("all_mounts_change", "root cap:21", allMountsChange)
}

func allMountsChange(t *harness.T) {
	runtime.LockOSThread() // never unlocked
	t.Must("unshare", unix.Unshare(unix.CLONE_NEWNS))
	t.Must("private", unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	t.Put("one/", "two/")
	t.Must("mount", unix.Mount("x", "one", "tmpfs", 0, ""))
	t.Must("bind", unix.Mount("one", "two", "", unix.MS_BIND, ""))
	pick, err := unix.Fspick(unix.AT_FDCWD, "one", 0)
	t.Must("fspick", err)
	for i, c := range []struct {
		flag string
		want error
	}{{"ro", unix.EROFS}, {"rw", nil}, {"ro", unix.EROFS}} {
		t.Must("flag", unix.FsconfigSetFlag(pick, c.flag))
		t.Must("reconfigure", unix.FsconfigReconfigure(pick))
		err := os.WriteFile("two/"+string(rune('a'+i)), nil, 0o600)
		if c.want == nil {
			t.Must(c.flag, err)
		} else {
			t.Errno(c.flag, err, c.want.(unix.Errno))
		}
	}
	t.ObserveErr("unmount with it open", unix.Unmount("one", 0))
}
