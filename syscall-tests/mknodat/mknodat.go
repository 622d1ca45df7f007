// SPDX-License-Identifier: Apache-2.0

// Package mknodat tests mknodat from Go: a FIFO that works, devices that do, and its errors.
package mknodat

import (
	"bytes"
	"os"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("fifo_carries_data", "", fifoCarriesData)
	harness.Case("errors", "", errors)
}

func fifoCarriesData(t *harness.T) {
	t.Errno("mknod", call("fifo", unix.S_IFIFO|0o600, 0), 0)
	want := harness.Pattern(200_000)
	go func() {
		w, err := os.OpenFile("fifo", os.O_WRONLY, 0)
		if err == nil {
			w.Write(want)
			w.Close()
		}
	}()
	got, err := os.ReadFile("fifo")
	t.Must("read", err)
	t.Check(bytes.Equal(got, want), "%d bytes that differ", len(got))
}

func errors(t *harness.T) {
	t.Put("file", "link -> file", "dir/")
	t.Tries(
		harness.Try("existing", unix.EEXIST, call("file", unix.S_IFREG|0o600, 0)),
		harness.Try("link", unix.EEXIST, call("link", unix.S_IFREG|0o600, 0)),
		harness.Try("directory", unix.EPERM, call("new", unix.S_IFDIR|0o600, 0)),
		harness.Try("symlink", unix.EINVAL, call("new", unix.S_IFLNK|0o600, 0)),
		harness.Try("no such type", unix.EINVAL, call("new", 0o110000|0o600, 0)),
		harness.Try("slash", unix.ENOENT, call("new/", unix.S_IFREG|0o600, 0)),
		harness.Try("no type", 0, call("new", 0o600, 0)),
	)
	t.Diff("tree", harness.Tree("."), []string{"dir/", "file", "link -> file", `new 0600 ""`})
}

func call(path string, mode, dev int) error {
	return harness.Err(unix.SYS_MKNODAT, unix.AT_FDCWD, path, mode, dev)
}
