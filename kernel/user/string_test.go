// SPDX-License-Identifier: Apache-2.0

package user

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

// flat is memory from address 0 on; behind its end is nothing.
type flat []byte

func (f flat) CopyIn(a Addr, dst []byte) (int, error) {
	if int(a) >= len(f) {
		return 0, unix.EFAULT
	}
	n := copy(dst, f[a:])
	if n < len(dst) {
		return n, unix.EFAULT
	}
	return n, nil
}
func (f flat) CopyOut(Addr, []byte) (int, error)           { return 0, unix.EFAULT }
func (f flat) CopyOutLast(Addr, []byte, bool) (int, error) { return 0, unix.EFAULT }
func (f flat) CopyOutFrom(Addr, int, bool, func([]byte) (int, error)) (int, error) {
	return 0, unix.EFAULT
}
func (f flat) CopyInTo(Addr, int, func([]byte) (int, error)) (int, error) {
	return 0, unix.EFAULT
}
func (f flat) CompareAndSwap32(Addr, uint32, uint32) (uint32, error) {
	return 0, unix.EFAULT
}

func TestCopyInString(t *testing.T) {
	long := strings.Repeat("p", 4095)
	for _, tt := range []struct {
		mem  string
		at   Addr
		want string
		err  error
	}{
		{"abc\x00", 0, "abc", nil},
		{"abc\x00", 3, "", nil},
		{"abc", 0, "", unix.EFAULT},
		{"", 0, "", unix.EFAULT},
		{long + "\x00", 0, long, nil},
		{"xyz" + long + "\x00", 3, long, nil},
		{long + "p\x00", 0, "", unix.ENAMETOOLONG},
		{long + "p", 1, "", unix.EFAULT},
	} {
		got, err := CopyInPath(flat(tt.mem), Path(tt.at))
		if tt.err == nil {
			assert.NilError(t, err)
			assert.Equal(t, got, tt.want)
		} else {
			assert.ErrorIs(t, err, tt.err)
		}
	}
}
