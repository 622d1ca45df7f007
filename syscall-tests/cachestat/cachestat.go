// SPDX-License-Identifier: Apache-2.0

// Package cachestat tests cachestat from Go: a file that is written page by page.
package cachestat

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

const page = 4096

func init() { harness.Case("follows_the_writer", "kernel>=6.5", followsTheWriter) }

func followsTheWriter(t *harness.T) {
	f, err := os.Create("f")
	t.Must("create", err)
	defer f.Close()
	for i := range 8 {
		_, err := f.WriteAt(make([]byte, page), int64(i)*page)
		t.Must("write", err)
		var st unix.Cachestat_t
		t.Must("cachestat", unix.Cachestat(uint(f.Fd()), &unix.CachestatRange{}, &st, 0))
		t.Equal(fmt.Sprint("pages after ", i+1), st.Cache, uint64(i+1))
		t.Must("cachestat", unix.Cachestat(uint(f.Fd()), &unix.CachestatRange{Off: uint64(i) * page, Len: page}, &st, 0))
		t.Equal(fmt.Sprint("the last of ", i+1), st.Cache, uint64(1))
	}
	t.Errno("flags", unix.Cachestat(uint(f.Fd()), &unix.CachestatRange{}, &unix.Cachestat_t{}, 1), unix.EINVAL)
}
