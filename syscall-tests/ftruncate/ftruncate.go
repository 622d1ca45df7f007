// SPDX-License-Identifier: Apache-2.0

// Package ftruncate tests ftruncate from Go: contents after a row of lengths, against a model; a mapping that follows.
package ftruncate

import (
	"bytes"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("against_a_model", "", againstAModel)
	harness.Case("mapping_follows", "", mappingFollows)
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

func mappingFollows(t *harness.T) {
	fd := t.FD("f", unix.O_RDWR|unix.O_CREAT)
	t.Must("ftruncate", harness.Err(unix.SYS_FTRUNCATE, fd, 8192))
	m, err := unix.Mmap(fd, 0, 8192, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	t.Must("mmap", err)
	copy(m[4000:], strings.Repeat("x", 200))
	t.Must("ftruncate", harness.Err(unix.SYS_FTRUNCATE, fd, 4096))
	t.Equal("before the end", m[4095], byte('x'))
	t.Must("ftruncate", harness.Err(unix.SYS_FTRUNCATE, fd, 8192))
	t.Equal("beyond the old end", m[4096], byte(0))
	b, err := os.ReadFile("f")
	t.Must("read", err)
	t.Check(bytes.Equal(b, m), "file and mapping differ")
}

func call(path string, n int64) error {
	fd, err := unix.Open(path, unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return harness.Err(unix.SYS_FTRUNCATE, fd, n)
}
