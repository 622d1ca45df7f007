// SPDX-License-Identifier: Apache-2.0

// This file reads the memory behind a pointer: how much of it there is, and then one structure after the other.

package strace

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/ditto-kernel/ditto/kernel/user"
)

// pointed prints what a pointer argument points to, or its address if that can't be read or has no format.
func (c *Call) pointed(a arg, v uint64) string {
	addr := user.Addr(v)
	if addr == 0 {
		return "NULL"
	}
	n := c.extent(a)
	switch a.of {
	case "buf":
		return c.buffer(addr, n)
	case "string":
		return c.path(addr)
	case "sockopt":
		return c.sockopt(addr, n)
	case "cpu_set":
		return c.cpus(addr, n)
	case "dirents", "dirents64":
		return c.entries(addr, n)
	case "sockaddr":
		return c.sockaddr(addr, n)
	case "iovec":
		return c.iovecs(addr, n)
	case "msgbuf":
		return address(v)
	case "wait_status":
		if c.ret <= 0 {
			return address(v) // nothing was waited for, so nothing was written
		}
	}
	f := formats[a.of]
	if f == nil {
		return address(v)
	}
	return c.array(addr, a, n, f)
}

// array prints n structures: in brackets unless it is one that is not an array.
func (c *Call) array(addr user.Addr, a arg, n uint64, f format) string {
	var texts []string
	for i := uint64(0); i < n; i++ {
		if i == maxText {
			texts = append(texts, "...")
			break
		}
		b := make([]byte, a.size)
		if _, err := c.mem.CopyIn(addr+user.Addr(i*uint64(a.size)), b); err != nil {
			return address(uint64(addr))
		}
		texts = append(texts, f(c, b))
	}
	if a.count == 0 && a.elems == 0 {
		if scalars[a.of] {
			return "[" + texts[0] + "]"
		}
		return texts[0]
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// extent is how many elements, or bytes of a buffer, there are. After the call it is no more than the call says that it
// wrote.
func (c *Call) extent(a arg) uint64 {
	n := uint64(1)
	switch {
	case a.bytesAt != 0:
		return c.lengthAt(user.Addr(c.args[a.bytesAt-1]))
	case a.bytes != 0 && a.size > 1 && a.of != "sockaddr":
		return 1 // a structure that says its own size
	case a.bytes != 0:
		n = c.length(a.bytes - 1)
	case a.count != 0:
		n = c.length(a.count - 1)
	case a.elems != 0:
		return uint64(a.elems)
	default:
		return 1
	}
	if c.after && a.dir&out != 0 && a.of != "iovec" {
		n = min(n, uint64(max(c.ret, 0)))
	}
	return n
}

// length is a length argument; what Linux would take for negative is no length.
func (c *Call) length(i int) uint64 {
	v := c.call.args[i].narrow(c.args[i])
	if int64(v) < 0 {
		return 0
	}
	return v
}

func (c *Call) lengthAt(addr user.Addr) uint64 {
	var word [4]byte
	if _, err := c.mem.CopyIn(addr, word[:]); err != nil {
		return 0
	}
	return uint64(max(int32(binary.LittleEndian.Uint32(word[:])), 0))
}

// iovecs prints an array of ranges with what they hold: all of it on the way in, what the call transferred on the way
// out.
func (c *Call) iovecs(addr user.Addr, n uint64) string {
	if c.after {
		return c.ranges(addr, n, uint64(max(c.ret, 0)))
	}
	return c.ranges(addr, n, ^uint64(0))
}

func (c *Call) ranges(addr user.Addr, n, left uint64) string {
	var texts []string
	for i := uint64(0); i < n; i++ {
		if i == maxText {
			texts = append(texts, "...")
			break
		}
		var b [16]byte
		if _, err := c.mem.CopyIn(addr+user.Addr(16*i), b[:]); err != nil {
			return address(uint64(addr))
		}
		base, length := binary.LittleEndian.Uint64(b[:]), binary.LittleEndian.Uint64(b[8:])
		held := min(length, left)
		left -= held
		texts = append(texts, "{iov_base="+c.buffer(user.Addr(base), held)+", iov_len="+number(length)+"}")
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// cpus lists the processors of a mask.
func (c *Call) cpus(addr user.Addr, n uint64) string {
	b := make([]byte, min(n, 1024/8))
	if _, err := c.mem.CopyIn(addr, b); err != nil {
		return address(uint64(addr))
	}
	var list []string
	for i := range 8 * len(b) {
		if b[i/8]&(1<<(i%8)) != 0 {
			list = append(list, strconv.Itoa(i))
		}
	}
	return "[" + strings.Join(list, " ") + "]"
}

// entries counts directory entries: struct linux_dirent and linux_dirent64 both have their length at offset 16.
func (c *Call) entries(addr user.Addr, n uint64) string {
	count := 0
	for off := uint64(0); off+18 <= n; count++ {
		var length [2]byte
		if _, err := c.mem.CopyIn(addr+user.Addr(off+16), length[:]); err != nil {
			return address(uint64(addr))
		}
		step := uint64(binary.LittleEndian.Uint16(length[:]))
		if step == 0 {
			break
		}
		off += step
	}
	return address(uint64(addr)) + " /* " + plural(count, "entry", "entries") + " */"
}
