// SPDX-License-Identifier: Apache-2.0

package hostio

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

func TestStatx(t *testing.T) {
	dir := t.TempDir()
	long := strings.Repeat("n", 255)
	for _, name := range []string{"f", long} {
		assert.NilError(t, os.WriteFile(filepath.Join(dir, name), []byte("four"), 0o640))
	}
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	assert.NilError(t, err)
	defer unix.Close(fd)
	for _, c := range []struct {
		dir   int
		name  string
		flags int
	}{
		{fd, "f", 0}, {fd, long, 0}, {fd, long + "n", 0}, {fd, "nothing", 0}, {fd, "", unix.AT_EMPTY_PATH}, {fd, "", 0}, {-1, "f", 0},
	} {
		var want, got unix.Statx_t
		wantErr := unix.Statx(c.dir, c.name, c.flags, unix.STATX_BASIC_STATS, &want)
		assert.Equal(t, Statx(c.dir, c.name, c.flags, unix.STATX_BASIC_STATS, &got), wantErr, c.name)
		assert.Equal(t, got, want)
	}
}
