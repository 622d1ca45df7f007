// SPDX-License-Identifier: Apache-2.0

// Package truncate tests truncate from Go: contents after a row of lengths, against a model, and its errors.
package truncate

import (
	"bytes"
	"os"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("against_a_model", "", againstAModel)
	harness.Case("errors", "", errors)
}

func againstAModel(t *harness.T) {
	want := harness.Pattern(20_000)
	t.Must("write", os.WriteFile("f", want, 0o644))
	for _, n := range []int{15_000, 8192, 8191, 10_000, 4096, 1, 0, 5000, 20_000} {
		t.Must("truncate", call("f", int64(n)))
		if n <= len(want) {
			want = want[:n]
		} else {
			want = append(bytes.Clone(want), make([]byte, n-len(want))...)
		}
		got, err := os.ReadFile("f")
		t.Must("read", err)
		t.Check(bytes.Equal(got, want), "after %d: %d bytes that differ", n, len(got))
	}
}

func errors(t *harness.T) {
	t.Put("file", "dir/", "dangling -> nowhere", "loop -> loop")
	t.Tries(
		harness.Try("negative", unix.EINVAL, call("file", -1)),
		harness.Try("directory", unix.EISDIR, call("dir", 0)),
		harness.Try("missing", unix.ENOENT, call("missing", 0)),
		harness.Try("dangling", unix.ENOENT, call("dangling", 0)),
		harness.Try("loop", unix.ELOOP, call("loop", 0)),
		harness.Try("file with a slash", unix.ENOTDIR, call("file/", 0)),
	)
}

func call(path string, n int64) error {
	return harness.Err(unix.SYS_TRUNCATE, path, n)
}
