// SPDX-License-Identifier: Apache-2.0

package hostio

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

func TestPread(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	assert.NilError(t, os.WriteFile(name, []byte("0123456789"), 0o600))
	f, err := os.Open(name)
	assert.NilError(t, err)
	defer f.Close()
	for _, c := range []struct {
		off  int64
		size int
		want string
	}{{0, 10, "0123456789"}, {3, 4, "3456"}, {8, 10, "89"}, {10, 4, ""}, {100, 4, ""}, {0, 0, ""}} {
		p := make([]byte, c.size)
		n, err := Pread(int(f.Fd()), p, c.off)
		assert.NilError(t, err)
		assert.Equal(t, string(p[:n]), c.want)
	}
	_, err = Pread(-1, make([]byte, 1), 0)
	assert.Equal(t, err, unix.EBADF)
}

func BenchmarkPread4K(b *testing.B) {
	name := filepath.Join(b.TempDir(), "f")
	assert.NilError(b, os.WriteFile(name, make([]byte, 8192), 0o600))
	f, err := os.Open(name)
	assert.NilError(b, err)
	defer f.Close()
	fd, p := int(f.Fd()), make([]byte, 4096)
	b.Run("cached", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Pread(fd, p, 0)
		}
	})
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			unix.Pread(fd, p, 0)
		}
	})
}
