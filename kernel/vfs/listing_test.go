// SPDX-License-Identifier: Apache-2.0

package vfs

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

// A listing has what the host's listing has, however many buffers that takes.
func TestListingHasAllNames(t *testing.T) {
	dir := t.TempDir()
	want := []string{"..x", ".x", "...", "d"}
	for _, name := range want[:3] {
		assert.NilError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	assert.NilError(t, os.Mkdir(filepath.Join(dir, "d"), 0o700))
	for i := range 300 {
		name := fmt.Sprint(strings.Repeat("n", i%250), i)
		assert.NilError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
		want = append(want, name)
	}
	for _, size := range []int{512, 4096, 64 << 10} {
		fd, err := unix.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		assert.NilError(t, err)
		var l Listing
		for buf := make([]byte, size); ; {
			n, err := unix.Getdents(fd, buf)
			assert.NilError(t, err)
			if n == 0 {
				break
			}
			l.Add(buf[:n], nil)
			clear(buf)
		}
		unix.Close(fd)
		var got []string
		for i := range l.Len() {
			e := l.Entry(i)
			var st unix.Stat_t
			assert.NilError(t, unix.Lstat(filepath.Join(dir, e.Name), &st))
			assert.Equal(t, e.Ino, st.Ino)
			assert.Equal(t, uint32(e.Type), st.Mode>>12)
			got = append(got, e.Name)
		}
		slices.Sort(got)
		slices.Sort(want)
		assert.DeepEqual(t, got, want)
	}
}

// Where the host does not tell a type, it is asked for; what is cut off is left out.
func TestListingOfOddBuffers(t *testing.T) {
	one := append([]byte{7, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 24, 0, 0}, "abc\x00?"...)
	var l Listing
	l.Add(slices.Concat(one, one[:20]), func(name string) uint8 {
		assert.Equal(t, name, "abc")
		return unix.DT_FIFO
	})
	full := slices.Clone(one) // no zero behind the name
	full[18], full[22] = unix.DT_REG, 'd'
	l.Add(full, nil)
	assert.Equal(t, l.Len(), 2)
	assert.Equal(t, l.Entry(0), DirEntry{Name: "abc", Ino: 7, Type: unix.DT_FIFO})
	assert.Equal(t, l.Entry(1), DirEntry{Name: "abcd?", Ino: 7, Type: unix.DT_REG})
	assert.Equal(t, (*Listing)(nil).Len(), 0)
}
