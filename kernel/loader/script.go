// SPDX-License-Identifier: Apache-2.0

package loader

import "golang.org/x/sys/unix"

// scriptHead is what exec looks at of a script (BINPRM_BUF_SIZE).
const scriptHead = 256

// parseScript reads the #! line of a script whose first bytes are head: the
// interpreter, and the one argument that may follow (fs/binfmt_script.c).
// ENOEXEC if it names none.
func parseScript(head []byte) (interp, arg string, hasArg bool, err error) {
	var buf [scriptHead]byte
	copy(buf[:], head)
	if buf[0] != '#' || buf[1] != '!' {
		return "", "", false, unix.ENOEXEC
	}
	end := lineEnd(buf[:])
	if end < 0 {
		// The line is cut: only good if the interpreter's name is whole.
		end = scriptHead - 1
		name := nonBlank(buf[:], 2, end)
		if name < 0 || terminator(buf[:], name, end) < 0 {
			return "", "", false, unix.ENOEXEC
		}
	}
	for blank(buf[end-1]) {
		end--
	}
	name := nonBlank(buf[:], 2, end)
	if name < 0 || name == end {
		return "", "", false, unix.ENOEXEC
	}
	argAt := -1
	sep := terminator(buf[:], name, end)
	if sep >= 0 && buf[sep] != 0 {
		argAt = nonBlank(buf[:], sep, end)
	}
	buf[end] = 0
	if argAt >= 0 {
		buf[sep] = 0
		return cstring(buf[name:]), cstring(buf[argAt:]), true, nil
	}
	return cstring(buf[name:]), "", false, nil
}

// lineEnd is the place of the newline, unless a NUL comes before it: -1.
func lineEnd(b []byte) int {
	for i, c := range b {
		switch c {
		case '\n':
			return i
		case 0:
			return -1
		}
	}
	return -1
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

// nonBlank is the first place in [from, to] that is no blank; -1: none.
func nonBlank(b []byte, from, to int) int {
	for ; from <= to; from++ {
		if !blank(b[from]) {
			return from
		}
	}
	return -1
}

// terminator is the first place in [from, to] that is a blank or NUL; -1: none.
func terminator(b []byte, from, to int) int {
	for ; from <= to; from++ {
		if blank(b[from]) || b[from] == 0 {
			return from
		}
	}
	return -1
}
