// SPDX-License-Identifier: Apache-2.0

// Helpers of the tests of the calls on files: the calls by number, tables of calls with the errno that each must end
// in, races with one winner, and what a tree holds as a list to compare.

package harness

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// Sys makes a system call by number. Strings become paths, byte slices and pointers addresses, nil NULL.
func Sys(nr uintptr, args ...any) (int, error) {
	var a [6]uintptr
	var keep []any
	for i, arg := range args {
		var p any
		a[i], p = sysArg(arg)
		keep = append(keep, p)
	}
	r, _, errno := unix.Syscall6(nr, a[0], a[1], a[2], a[3], a[4], a[5])
	runtime.KeepAlive(keep)
	if errno != 0 {
		return -1, errno
	}
	return int(r), nil
}

// Err is Sys for calls whose result is only success or failure.
func Err(nr uintptr, args ...any) error {
	_, err := Sys(nr, args...)
	return err
}

func sysArg(arg any) (uintptr, any) {
	switch v := arg.(type) {
	case nil:
		return 0, nil
	case int:
		return uintptr(v), nil
	case int64:
		return uintptr(v), nil
	case uint32:
		return uintptr(v), nil
	case uintptr:
		return v, nil
	case string:
		p, err := unix.BytePtrFromString(v)
		if err != nil {
			panic(err)
		}
		return uintptr(unsafe.Pointer(p)), p
	case []byte:
		p := unsafe.Pointer(unsafe.SliceData(v))
		return uintptr(p), p
	case unsafe.Pointer:
		return uintptr(v), v
	}
	panic(fmt.Sprintf("no system call takes a %T", arg))
}

// Attempt is a call that was made, and the errno that it must have ended in.
type Attempt struct {
	name string
	want unix.Errno // 0: success
	err  error
}

// Try is an entry of the table for Tries.
func Try(name string, want unix.Errno, err error) Attempt { return Attempt{name, want, err} }

// Tries checks a table of calls, made in its order, and shows what differs.
func (t *T) Tries(attempts ...Attempt) {
	var got, want []string
	for _, a := range attempts {
		got = append(got, a.name+": "+ErrnoName(a.err))
		want = append(want, a.name+": "+ErrnoName(a.want))
	}
	t.Diff("errnos", got, want)
}

// Diff checks that two values are the same, and shows how they differ.
func (t *T) Diff(what string, got, want any) bool {
	d := cmp.Diff(want, got)
	if d != "" {
		t.fail(1, "%s (-want +got):\n%s", what, d)
	}
	return d == ""
}

// Race runs n calls at the same time and returns how they ended: "0 x1, EEXIST x7".
func Race(n int, call func(i int) error) string {
	var wg sync.WaitGroup
	start := make(chan struct{})
	ends := make([]string, n)
	for i := range n {
		wg.Go(func() {
			<-start
			ends[i] = ErrnoName(call(i))
		})
	}
	close(start)
	wg.Wait()
	counts := map[string]int{}
	for _, e := range ends {
		counts[e]++
	}
	var text []string
	for e, c := range counts {
		text = append(text, fmt.Sprintf("%s x%d", e, c))
	}
	sort.Strings(text)
	return strings.Join(text, ", ")
}

// Put makes files and directories below the working directory: "d/" is a directory, "l -> target" a link, and anything
// else a file that holds its own name.
func (t *T) Put(entries ...string) {
	for _, e := range entries {
		link, target, isLink := strings.Cut(e, " -> ")
		switch {
		case isLink:
			t.Must(e, os.Symlink(target, link))
		case strings.HasSuffix(e, "/"):
			t.Must(e, os.Mkdir(e, 0o755))
		default:
			t.Must(e, os.WriteFile(e, []byte(e), 0o644))
		}
	}
}

// Tree is everything below a directory in the form of Put, sorted, with the mode where it isn't the usual and the
// content of a file where that isn't its name.
func Tree(dir string) []string {
	var tree []string
	filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, path)
		if rel == "." {
			return nil
		}
		if err != nil {
			tree = append(tree, rel+": "+ErrnoName(err))
			return nil
		}
		tree = append(tree, treeEntry(path, rel))
		return nil
	})
	return tree
}

func treeEntry(path, rel string) string {
	var st unix.Stat_t
	if err := unix.Lstat(path, &st); err != nil {
		return rel + ": " + ErrnoName(err)
	}
	mode := func(usual uint32) string {
		if st.Mode&0o7777 == usual {
			return ""
		}
		return fmt.Sprintf(" %#o", st.Mode&0o7777)
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFDIR:
		return rel + "/" + mode(0o755)
	case unix.S_IFLNK:
		target, _ := os.Readlink(path)
		return rel + " -> " + target
	case unix.S_IFREG:
		b, err := os.ReadFile(path)
		if err != nil || string(b) == rel {
			return rel + mode(0o644)
		}
		return fmt.Sprintf("%s%s %.40q", rel, mode(0o644), b)
	}
	return fmt.Sprintf("%s type %#o%s", rel, st.Mode&unix.S_IFMT, mode(0o644))
}

// Pattern is n bytes in which no two places look alike.
func Pattern(n int) []byte {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}

// FD opens a file or ends the case.
func (t *T) FD(path string, flags int) int {
	fd, err := unix.Open(path, flags|unix.O_CLOEXEC, 0o644)
	t.Must("open "+path, err)
	return fd
}
