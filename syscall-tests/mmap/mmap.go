// SPDX-License-Identifier: Apache-2.0

// Package mmap tests mmap from Go: many goroutines that map and unmap, and a file written through its mapping.
package mmap

import (
	"bytes"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("many_at_once", "", many)
	harness.Case("file_through_its_mapping", "", file)
}

const page = 4096

// Each finds zeros, and only what it wrote itself.
func many(t *harness.T) {
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			for i := range 50 {
				n := (1 + i%5) * page
				b, err := unix.Mmap(-1, 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
				if !t.Check(err == nil, "mmap: %v", err) {
					return
				}
				t.Check(bytes.Count(b, []byte{0}) == n, "fresh memory is not zero")
				for j := range b {
					b[j] = byte(g + 1)
				}
				t.Check(bytes.Count(b, []byte{byte(g + 1)}) == n, "memory is shared")
				t.Check(unix.Munmap(b) == nil, "munmap")
			}
		})
	}
	all.Wait()
}

func file(t *harness.T) {
	t.Must("write", os.WriteFile("f", bytes.Repeat([]byte("0123456789"), 1000), 0o644))
	f, err := os.OpenFile("f", os.O_RDWR, 0)
	t.Must("open", err)
	b, err := unix.Mmap(int(f.Fd()), page, 5000, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	t.Must("mmap", err)
	t.Observe("at the offset", "%s", b[:10])
	copy(b[100:], "written")
	t.Must("close", f.Close())
	got, err := os.ReadFile("f")
	t.Must("read", err)
	t.Observe("read", "%s", got[page+95:page+110])
	t.Equal("size", len(got), 10000)
	for _, off := range []int64{-1, 1, page - 1, 1 << 40} {
		f, _ := os.Open("f")
		_, err := unix.Mmap(int(f.Fd()), off, page, unix.PROT_READ, unix.MAP_SHARED)
		t.ObserveErr("offset "+map[int64]string{-1: "-1", 1: "1", page - 1: "4095", 1 << 40: "huge"}[off], err)
	}
}
