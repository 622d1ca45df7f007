// SPDX-License-Identifier: Apache-2.0

// This file prints strings and buffers as C string literals.

package strace

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/ditto-kernel/ditto/kernel/user"
)

const (
	maxText  = 32   // bytes that are shown of a buffer, and elements of an array
	maxPath  = 4096 // PATH_MAX
	pageSize = 4096
)

// quote prints bytes as a C string literal, with octal escapes as short as what follows allows.
func quote(b []byte) string {
	var s strings.Builder
	s.WriteByte('"')
	for i, ch := range b {
		switch {
		case ch == '"' || ch == '\\':
			s.WriteByte('\\')
			s.WriteByte(ch)
		case ch >= ' ' && ch < 127:
			s.WriteByte(ch)
		case ch >= '\t' && ch <= '\r':
			s.WriteString([...]string{`\t`, `\n`, `\v`, `\f`, `\r`}[ch-'\t'])
		case i+1 < len(b) && b[i+1] >= '0' && b[i+1] <= '7':
			fmt.Fprintf(&s, `\%03o`, ch)
		default:
			fmt.Fprintf(&s, `\%o`, ch)
		}
	}
	s.WriteByte('"')
	return s.String()
}

// cstring reads a NUL-terminated string of at most max bytes. It reads no page beyond the string's end. ended says that
// the NUL was found.
func cstring(mem user.Memory, addr user.Addr, max int) (text []byte, ended bool, err error) {
	for len(text) < max {
		at := addr + user.Addr(len(text))
		chunk := make([]byte, min(max-len(text), pageSize-int(at%pageSize)))
		n, err := mem.CopyIn(at, chunk)
		if end := bytes.IndexByte(chunk[:n], 0); end >= 0 {
			return append(text, chunk[:end]...), true, nil
		}
		if err != nil {
			return nil, false, err
		}
		text = append(text, chunk...)
	}
	return text, false, nil
}

func (c *Call) path(addr user.Addr) string {
	return c.text(addr, maxPath)
}

func (c *Call) text(addr user.Addr, max int) string {
	if addr == 0 {
		return "NULL"
	}
	b, _, err := cstring(c.mem, addr, max+1)
	switch {
	case err != nil:
		return address(uint64(addr))
	case len(b) > max:
		return quote(b[:max]) + "..."
	}
	return quote(b)
}

// buffer prints n bytes at addr, or as many as are shown.
func (c *Call) buffer(addr user.Addr, n uint64) string {
	if addr == 0 {
		return "NULL"
	}
	b := make([]byte, min(n, maxText))
	if _, err := c.mem.CopyIn(addr, b); err != nil {
		return address(uint64(addr))
	}
	if n > maxText {
		return quote(b) + "..."
	}
	return quote(b)
}

// pointers reads a NULL-ended array of pointers, as far as max.
func (c *Call) pointers(addr user.Addr, max int) (list []user.Addr, ended bool, err error) {
	var word [8]byte
	for len(list) < max {
		if _, err := c.mem.CopyIn(addr+user.Addr(8*len(list)), word[:]); err != nil {
			return nil, false, err
		}
		p := user.Addr(binary.LittleEndian.Uint64(word[:]))
		if p == 0 {
			return list, true, nil
		}
		list = append(list, p)
	}
	return list, false, nil
}

func (c *Call) argv(addr user.Addr) string {
	if addr == 0 {
		return "NULL"
	}
	list, ended, err := c.pointers(addr, maxText)
	if err != nil {
		return address(uint64(addr))
	}
	var texts []string
	for _, p := range list {
		texts = append(texts, c.text(p, maxText))
	}
	if !ended {
		texts = append(texts, "...")
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

func (c *Call) envp(addr user.Addr) string {
	if addr == 0 {
		return "NULL"
	}
	list, _, err := c.pointers(addr, 1<<16)
	if err != nil {
		return address(uint64(addr))
	}
	plural := "s"
	if len(list) == 1 {
		plural = ""
	}
	return fmt.Sprintf("%#x /* %d var%s */", uint64(addr), len(list), plural)
}
