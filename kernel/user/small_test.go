// SPDX-License-Identifier: Apache-2.0

package user

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

// Strings of all lengths come in whole, though the room that they pass through is small and was used before.
func TestStringsComeInWhole(t *testing.T) {
	for n := range 600 {
		want := strings.Repeat(string(rune('a'+n%26)), n)
		mem := flat(strings.Repeat("\x00", 8192))
		copy(mem[16:], want)
		got, err := CopyInString(mem, 16, 4096)
		assert.NilError(t, err)
		assert.Equal(t, got, want)
		_, err = CopyInString(mem, 16, n)
		assert.ErrorIs(t, err, unix.ENAMETOOLONG)
	}
}

func BenchmarkCopyInString(b *testing.B) {
	mem := flat("a-file-name.txt\x00" + strings.Repeat("\x00", 8192))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := CopyInString(mem, 0, 4096); err != nil {
			b.Fatal(err)
		}
	}
}
