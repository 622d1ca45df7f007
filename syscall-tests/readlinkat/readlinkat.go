// SPDX-License-Identifier: Apache-2.0

// Package readlinkat tests readlinkat from Go: targets of every length through buffers of every size, and its errors.
package readlinkat

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("lengths", "", lengths)
	harness.Case("errors", "", errors)
}

func lengths(t *harness.T) {
	for _, length := range []int{1, 2, 59, 60, 61, 100, 255, 1000, 4000} {
		target := strings.Repeat("t", length)
		t.Must("symlink", os.Symlink(target, "l"))
		for _, size := range []int{1, length - 1, length, length + 1, 4096} {
			buf := make([]byte, size)
			if size == 0 {
				continue
			}
			n, err := call("l", buf)
			t.Errno("readlink", err, 0)
			t.Equal(fmt.Sprintf("%d of %d", size, length), string(buf[:max(n, 0)]), target[:min(size, length)])
		}
		t.Must("remove", os.Remove("l"))
	}
}

func errors(t *harness.T) {
	t.Put("file", "dir/", "loop -> loop", "dangling -> nowhere")
	call := func(path string) error {
		_, err := call(path, make([]byte, 100))
		return err
	}
	t.Tries(
		harness.Try("missing", unix.ENOENT, call("missing")),
		harness.Try("file", unix.EINVAL, call("file")),
		harness.Try("directory", unix.EINVAL, call("dir")),
		harness.Try("loop itself", 0, call("loop")),
		harness.Try("dangling", 0, call("dangling")),
		harness.Try("dangling with a slash", unix.ENOENT, call("dangling/")),
		harness.Try("through the loop", unix.ELOOP, call("loop/x")),
		harness.Try("below a file", unix.ENOTDIR, call("file/x")),
	)
}

func call(path string, buf []byte) (int, error) {
	return harness.Sys(unix.SYS_READLINKAT, unix.AT_FDCWD, path, buf, len(buf))
}
