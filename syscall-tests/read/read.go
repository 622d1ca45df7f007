// SPDX-License-Identifier: Apache-2.0

// Package read tests read from Go: a large file in pieces of every length, and several callers at once.
package read

import (
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("pieces", "", pieces)
	harness.Case("sharing_one_position", "", sharingOnePosition)
}

func pieces(t *harness.T) {
	t.ReadPieces(call)
}

func sharingOnePosition(t *harness.T) {
	want := harness.Pattern(8000)
	t.Must("write", os.WriteFile("f", want, 0o644))
	fd := t.FD("f", unix.O_RDONLY)
	parts := make([][]byte, 8)
	ends := harness.Race(8, func(i int) error {
		parts[i] = make([]byte, 1000)
		_, err := harness.Sys(unix.SYS_READ, fd, parts[i], 1000)
		return err
	})
	t.Equal("ends", ends, "0 x8")
	// Each part was read by one of them: what they have together is the file.
	var got, all []string
	for i := range 8 {
		got = append(got, string(parts[i]))
		all = append(all, string(want[i*1000:(i+1)*1000]))
	}
	slices.Sort(got)
	slices.Sort(all)
	t.Check(slices.Equal(got, all), "the parts are not the file")
}

func call(fd int, p []byte, off int64) (int, error) {
	return harness.Sys(unix.SYS_READ, fd, p, len(p))
}
