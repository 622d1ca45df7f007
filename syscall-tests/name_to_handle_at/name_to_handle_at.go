// SPDX-License-Identifier: Apache-2.0

// Package name_to_handle_at tests name_to_handle_at from Go: many files, each with a handle of its own, whatever happens
// to their names.
package name_to_handle_at

import (
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("one_a_file", "", oneAFile)
	harness.Case("asked_at_once", "", askedAtOnce)
}

func id(t *harness.T, path string) string {
	h, _, err := unix.NameToHandleAt(unix.AT_FDCWD, path, 0)
	t.Must("handle of "+path, err)
	return fmt.Sprintf("%d %x", h.Type(), h.Bytes())
}

func oneAFile(t *harness.T) {
	seen := map[string]string{}
	for i := range 200 {
		path := fmt.Sprintf("f%d", i)
		t.Must("write", os.WriteFile(path, nil, 0o666))
		h := id(t, path)
		if other, ok := seen[h]; ok {
			t.Equal("same as "+other, path, "")
			return
		}
		seen[h] = path
	}
	for h, path := range seen {
		t.Must("rename", os.Rename(path, path+"x"))
		if got := id(t, path+"x"); got != h {
			t.Equal("handle of "+path, got, h)
			return
		}
	}
	for _, path := range seen {
		t.Must("remove", os.Remove(path+"x"))
	}
	t.Must("write", os.WriteFile("new", nil, 0o666))
	_, ok := seen[id(t, "new")]
	t.Equal("a new file has an old handle", ok, false)
}

func askedAtOnce(t *harness.T) {
	t.Must("write", os.WriteFile("f", nil, 0o666))
	got := make([]string, 8)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			for range 50 {
				h, _, err := unix.NameToHandleAt(unix.AT_FDCWD, "f", 0)
				if err != nil {
					got[i] = err.Error()
					return
				}
				got[i] = fmt.Sprintf("%d %x", h.Type(), h.Bytes())
			}
		})
	}
	wg.Wait()
	for _, h := range got {
		t.Equal("handle", h, id(t, "f"))
	}
}
