// SPDX-License-Identifier: Apache-2.0

package user

import (
	"bytes"

	"golang.org/x/sys/unix"
)

// PathMax is the longest path, with its NUL (PATH_MAX).
const PathMax = 4096

const pageSize = 4096

// Capturing is a memory of which some may be at hand.
type Capturing interface {
	// Captured reads as much of dst as is at hand, perhaps nothing, and returns how much that was: for data whose length is in the
	// data.
	Captured(addr Addr, dst []byte) int
}

// CopyInString reads a NUL-terminated string of at most limit bytes, its NUL
// among them: ENAMETOOLONG if there is none by then, EFAULT.
func CopyInString(mem Memory, addr Addr, limit int) (string, error) {
	buf := GetSmall() // a string is mostly short, and a longer read costs more
	defer buf.Free()
	if c, ok := mem.(Capturing); ok {
		n := c.Captured(addr, buf[:min(len(buf), limit)])
		if end := bytes.IndexByte(buf[:n], 0); end >= 0 {
			return string(buf[:end]), nil
		}
	}
	s := buf[:0]
	for len(s) < limit {
		at := addr + Addr(len(s))
		n := min(max(len(s), 128), limit-len(s), int(pageSize-at%pageSize))
		s = append(s, make([]byte, n)...)
		piece := s[len(s)-n:]
		got, err := mem.CopyIn(at, piece)
		if end := bytes.IndexByte(piece[:got], 0); end >= 0 {
			return string(s[:len(s)-n+end]), nil
		}
		if err != nil {
			return "", err
		}
	}
	return "", unix.ENAMETOOLONG
}

// CopyInPath reads a path. An empty one is the caller's matter.
func CopyInPath(mem Memory, p Path) (string, error) {
	return CopyInString(mem, Addr(p), PathMax)
}
