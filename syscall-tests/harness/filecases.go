// SPDX-License-Identifier: Apache-2.0

// Scenarios that several calls on files share: each is handed the call in a common form.

package harness

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Vectored makes of a call on vectors one on a buffer, cut into pieces of growing lengths.
func Vectored(call func(fd int, iovs [][]byte, off int64) (int, error)) func(fd int, p []byte, off int64) (int, error) {
	return func(fd int, p []byte, off int64) (int, error) {
		var iovs [][]byte
		for n := 1; len(p) > 0 && len(iovs) < 1000; n += 37 {
			k := min(n, len(p))
			iovs = append(iovs, p[:k])
			p = p[k:]
		}
		return call(fd, iovs, off)
	}
}

var pieces = []int{13, 100, 4095, 4096, 4097, 10000, 65536, 100001}

// ReadPieces reads a large file from start to end in pieces of every length, and compares. Positional calls get the
// offset, the others go by the position.
func (t *T) ReadPieces(call func(fd int, p []byte, off int64) (int, error)) {
	want := Pattern(100_001)
	t.Must("write", os.WriteFile("big", want, 0o644))
	for _, size := range pieces {
		fd := t.FD("big", unix.O_RDONLY)
		var got []byte
		buf := make([]byte, size)
		for len(got) <= len(want) {
			n, err := call(fd, buf, int64(len(got)))
			t.Must(fmt.Sprintf("read of %d", size), err)
			if n == 0 {
				break
			}
			got = append(got, buf[:n]...)
		}
		t.Check(bytes.Equal(got, want), "read in pieces of %d: %d bytes that differ", size, len(got))
		unix.Close(fd)
	}
}

// WritePieces writes a large file in pieces of every length, and compares.
func (t *T) WritePieces(call func(fd int, p []byte, off int64) (int, error)) {
	want := Pattern(100_001)
	for _, size := range pieces {
		fd := t.FD("big", unix.O_CREAT|unix.O_TRUNC|unix.O_WRONLY)
		for done := 0; done < len(want); {
			n, err := call(fd, want[done:min(done+size, len(want))], int64(done))
			t.Must(fmt.Sprintf("write of %d", size), err)
			done += n
		}
		unix.Close(fd)
		got, err := os.ReadFile("big")
		t.Must("read", err)
		t.Check(bytes.Equal(got, want), "written in pieces of %d: %d bytes that differ", size, len(got))
	}
}

// AppendRace lets several writers append records at once. Each record must come out whole.
func (t *T) AppendRace(call func(fd int, p []byte) (int, error)) {
	const writers, records = 4, 50
	ends := Race(writers, func(i int) error {
		fd, err := unix.Open("log", unix.O_CREAT|unix.O_WRONLY|unix.O_APPEND|unix.O_CLOEXEC, 0o644)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		line := []byte(strings.Repeat(string(rune('a'+i)), 99) + "\n")
		for range records {
			if n, err := call(fd, line); err != nil || n != len(line) {
				return fmt.Errorf("%d, %w", n, err)
			}
		}
		return nil
	})
	t.Equal("writers", ends, fmt.Sprintf("0 x%d", writers))
	b, err := os.ReadFile("log")
	t.Must("read", err)
	counts := map[string]int{}
	for _, line := range strings.Split(strings.TrimSuffix(string(b), "\n"), "\n") {
		counts[line]++
	}
	want := map[string]int{}
	for i := range writers {
		want[strings.Repeat(string(rune('a'+i)), 99)] = records
	}
	t.Diff("records", counts, want)
}

// PositionsAreApart checks that a positional call moves no position, whatever else goes on: several at once on one
// descriptor, each on its own part of the file.
func (t *T) PositionsAreApart(call func(fd int, p []byte, off int64) (int, error)) {
	const part = 10_000
	want := Pattern(8 * part)
	t.Must("write", os.WriteFile("big", want, 0o644))
	fd := t.FD("big", unix.O_RDWR)
	unix.Seek(fd, 123, unix.SEEK_SET)
	ends := Race(8, func(i int) error {
		buf := slices.Clone(want[i*part : (i+1)*part])
		n, err := call(fd, buf, int64(i*part))
		if err == nil && (n != part || !bytes.Equal(buf, want[i*part:(i+1)*part])) {
			return fmt.Errorf("%d bytes that differ", n)
		}
		return err
	})
	t.Equal("calls", ends, "0 x8")
	pos, err := unix.Seek(fd, 0, unix.SEEK_CUR)
	t.Errno("seek", err, 0)
	t.Equal("position", pos, int64(123))
	got, _ := os.ReadFile("big")
	t.Check(bytes.Equal(got, want), "the file changed")
}

// StatCase compares what a stat call says of files against how they were made.
func (t *T) StatCase(call func(path string, st *unix.Stat_t) error, follow bool) {
	t.Put("file", "dir/", "dir/sub/", "link -> file")
	t.Must("link", unix.Link("file", "hard"))
	t.Must("mkfifo", unix.Mkfifo("fifo", 0o600))
	t.Must("chmod", unix.Chmod("dir", 0o3770))
	t.Must("truncate", unix.Truncate("file", 1<<33))
	type facts struct {
		Path  string
		Mode  uint32
		Size  int64
		Links uint64
	}
	want := []facts{
		{"file", unix.S_IFREG | 0o644, 1 << 33, 2}, {"hard", unix.S_IFREG | 0o644, 1 << 33, 2},
		{"dir", unix.S_IFDIR | 0o3770, 0, 0}, {"fifo", unix.S_IFIFO | 0o600, 0, 1}, {"link", unix.S_IFLNK | 0o777, 4, 1},
	}
	if follow {
		want[4] = facts{"link", unix.S_IFREG | 0o644, 1 << 33, 2}
	}
	var got []facts
	for _, w := range want {
		var st unix.Stat_t
		t.Errno(w.Path, call(w.Path, &st), 0)
		f := facts{w.Path, st.Mode, st.Size, st.Nlink}
		if st.Mode&unix.S_IFMT == unix.S_IFDIR {
			f.Size, f.Links = 0, 0
		}
		got = append(got, f)
		t.Equal(w.Path+": uid", st.Uid, uint32(unix.Geteuid()))
	}
	t.Diff("facts", got, want)
}

// XattrCalls are the four calls on extended attributes of one form, on a path.
type XattrCalls struct {
	Set    func(path, attr string, value []byte, flags int) error
	Get    func(path, attr string, buf []byte) (int, error)
	List   func(path string, buf []byte) (int, error)
	Remove func(path, attr string) error
}

// Xattrs are the calls of a form: "" by path, "l" on a link itself, "f" on a descriptor.
func Xattrs(form string) XattrCalls {
	nr := map[string][4]uintptr{
		"":  {unix.SYS_SETXATTR, unix.SYS_GETXATTR, unix.SYS_LISTXATTR, unix.SYS_REMOVEXATTR},
		"l": {unix.SYS_LSETXATTR, unix.SYS_LGETXATTR, unix.SYS_LLISTXATTR, unix.SYS_LREMOVEXATTR},
		"f": {unix.SYS_FSETXATTR, unix.SYS_FGETXATTR, unix.SYS_FLISTXATTR, unix.SYS_FREMOVEXATTR},
	}[form]
	on := func(path string, call func(target any) (int, error)) (int, error) {
		if form != "f" {
			return call(path)
		}
		fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			return -1, err
		}
		defer unix.Close(fd)
		return call(fd)
	}
	return XattrCalls{
		Set: func(path, attr string, value []byte, flags int) error {
			_, err := on(path, func(target any) (int, error) { return Sys(nr[0], target, attr, value, len(value), flags) })
			return err
		},
		Get: func(path, attr string, buf []byte) (int, error) {
			return on(path, func(target any) (int, error) { return Sys(nr[1], target, attr, buf, len(buf)) })
		},
		List: func(path string, buf []byte) (int, error) {
			return on(path, func(target any) (int, error) { return Sys(nr[2], target, buf, len(buf)) })
		},
		Remove: func(path, attr string) error {
			_, err := on(path, func(target any) (int, error) { return Sys(nr[3], target, attr) })
			return err
		},
	}
}

// All reads every user. attribute of a path.
func (x XattrCalls) All(t *T, path string) map[string]string {
	all := map[string]string{}
	list := make([]byte, 65536)
	n, err := x.List(path, list)
	t.Must("list", err)
	for _, attr := range strings.Split(strings.TrimSuffix(string(list[:n]), "\x00"), "\x00") {
		if !strings.HasPrefix(attr, "user.") {
			continue
		}
		buf := make([]byte, 65536)
		n, err := x.Get(path, attr, buf)
		t.Must("get "+attr, err)
		all[attr] = string(buf[:n])
	}
	return all
}
