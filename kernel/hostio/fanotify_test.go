// SPDX-License-Identifier: Apache-2.0

package hostio

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

// TestWatch has another process change a watched directory and a watched file in it.
func TestWatch(t *testing.T) {
	w, err := NewWatch()
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) {
		t.Skip("a host before Linux 5.17, or without fanotify:", err)
	}
	assert.NilError(t, err)
	defer w.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	assert.NilError(t, os.WriteFile(file, nil, 0o600))
	names := map[FileID]string{"": "-"}
	for path, name := range map[string]string{dir: "dir", file: "file"} {
		fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		assert.NilError(t, err)
		id, err := w.Add(fd, path == dir)
		assert.NilError(t, err)
		unix.Close(fd)
		names[id] = name
	}
	buf := make([]byte, 4096)
	for _, step := range []struct {
		do   string
		want []string
	}{
		{"echo x >> file", []string{"0xa file dir:file -:"}},
		{"mv file other", []string{"0x10000000 file dir:file dir:other", "0x800 file -: -:"}},
		{"rm other", []string{"0x404 file -: -:", "0x200 file dir:other -:"}},
		{"chmod 700 .", []string{"0x40000004 - dir:. -:"}},
	} {
		c := exec.Command("sh", "-c", step.do)
		c.Dir = dir
		assert.NilError(t, c.Run())
		list, err := w.Read(nil, buf)
		assert.NilError(t, err)
		var got []string
		for _, e := range list {
			got = append(got, fmt.Sprintf("%#x %s %s:%s %s:%s", e.Mask, names[e.File], names[e.Dir], e.Name, names[e.NewDir], e.NewName))
			assert.Assert(t, e.PID != os.Getpid())
			assert.Equal(t, e.Moved(), e.Mask == fanRename)
		}
		assert.DeepEqual(t, got, step.want)
	}

	assert.NilError(t, os.Mkdir(filepath.Join(dir, "own"), 0o700))
	n, err := unix.Read(w.FD(), buf)
	assert.NilError(t, err)
	list := parseWatchEvents(nil, buf[:n])
	assert.Equal(t, list[0].PID, os.Getpid())
	for short := range n { // what is cut short is passed over
		assert.Equal(t, len(parseWatchEvents(nil, buf[:short])), 0)
	}
}
