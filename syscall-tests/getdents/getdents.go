// SPDX-License-Identifier: Apache-2.0

// Package getdents tests getdents from Go: every name once, whatever the buffer, while others come and go.
package getdents

import (
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("every_name_once", "", everyNameOnce)
	harness.Case("what_stays_is_seen", "", whatStaysIsSeen)
}

func everyNameOnce(t *harness.T) {
	t.Put("d/")
	var want []string
	for i := range 300 {
		name := fmt.Sprintf("d/%03d-%s", i, strings.Repeat("n", i%100))
		t.Put(name)
		want = append(want, strings.TrimPrefix(name, "d/"))
	}
	for _, size := range []int{200, 1000, 4096, 32768} {
		got, err := list(t.FD("d", unix.O_RDONLY|unix.O_DIRECTORY), size)
		t.Must("list", err)
		slices.Sort(got)
		t.Diff(fmt.Sprintf("buffer of %d", size), got, want)
	}
}

// Files that are there all the time are listed once, however many others come and go meanwhile.
func whatStaysIsSeen(t *harness.T) {
	t.Put("d/")
	var want []string
	for i := range 50 {
		name := fmt.Sprintf("stays%02d", i)
		t.Put("d/" + name)
		want = append(want, name)
	}
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			name := fmt.Sprintf("d/comes%d", i%10)
			os.WriteFile(name, nil, 0o644)
			os.Remove(name)
		}
	}()
	for range 20 {
		fd := t.FD("d", unix.O_RDONLY|unix.O_DIRECTORY)
		got, err := list(fd, 512)
		unix.Close(fd)
		t.Must("list", err)
		got = slices.DeleteFunc(got, func(s string) bool { return strings.HasPrefix(s, "comes") })
		slices.Sort(got)
		if !t.Diff("names", got, want) {
			break
		}
	}
	close(stop)
	<-done
}

// list reads the names of an open directory with a buffer of that size, without the dots.
func list(fd, size int) ([]string, error) {
	var names []string
	buf := make([]byte, size)
	for {
		n, err := harness.Sys(unix.SYS_GETDENTS, fd, buf, size)
		if err != nil || n == 0 {
			return names, err
		}
		for rest := buf[:n]; len(rest) > 0; {
			entry := rest[:binary.NativeEndian.Uint16(rest[16:])]
			rest = rest[len(entry):]
			name := entry[18:]
			if s := unix.ByteSliceToString(name); s != "." && s != ".." {
				names = append(names, s)
			}
		}
	}
}
