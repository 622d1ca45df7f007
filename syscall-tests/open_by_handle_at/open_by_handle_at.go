// SPDX-License-Identifier: Apache-2.0

// Package open_by_handle_at tests open_by_handle_at from Go: a server that knows its files by handles only, while another
// moves and removes them.
package open_by_handle_at

import (
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("a_server_of_files", "cap:2", serve)
	harness.Case("races_with_removal", "cap:2", races)
}

func handle(t *harness.T, path string) unix.FileHandle {
	h, _, err := unix.NameToHandleAt(unix.AT_FDCWD, path, 0)
	t.Must("handle of "+path, err)
	return h
}

// read is what the file of a handle has in it, or the error.
func read(h unix.FileHandle) string {
	fd, err := unix.OpenByHandleAt(unix.AT_FDCWD, h, unix.O_RDONLY)
	if err != nil {
		return unix.ErrnoName(err.(unix.Errno))
	}
	f := os.NewFile(uintptr(fd), "file")
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func serve(t *harness.T) {
	t.Put("in/", "out/")
	const files = 60
	handles := make([]unix.FileHandle, files)
	for i := range handles {
		path := fmt.Sprintf("in/%d", i)
		t.Must("write", os.WriteFile(path, fmt.Append(nil, "file ", i), 0o666))
		handles[i] = handle(t, path)
	}
	for i := range handles {
		old := fmt.Sprintf("in/%d", i)
		switch i % 4 {
		case 0:
			t.Must("rename", os.Rename(old, fmt.Sprintf("out/%d", i)))
		case 1:
			t.Must("remove", os.Remove(old))
		case 2:
			t.Must("link", os.Link(old, old+"l"))
			t.Must("remove", os.Remove(old))
		}
	}
	t.Must("rename", os.Rename("in", "elsewhere"))
	for i, h := range handles {
		want := fmt.Sprint("file ", i)
		if i%4 == 1 {
			want = "ESTALE"
		}
		t.Equal(fmt.Sprint("file ", i), read(h), want)
	}
}

func races(t *harness.T) {
	for range 10 {
		t.Must("write", os.WriteFile("f", []byte("text"), 0o666))
		h := handle(t, "f")
		var wg sync.WaitGroup
		got := make([]string, 4)
		for i := range got {
			wg.Go(func() { got[i] = read(h) })
		}
		t.Must("remove", os.Remove("f"))
		wg.Wait()
		for _, text := range got {
			if text != "text" && text != "ESTALE" {
				t.Equal("read", text, "text or ESTALE")
			}
		}
		t.Equal("afterwards", read(h), "ESTALE")
	}
}
