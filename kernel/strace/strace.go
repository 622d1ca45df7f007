// SPDX-License-Identifier: Apache-2.0

// Package strace prints system calls as strace(1) does:
//
//	openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3
//
// Begin reads what goes in, before the call; End adds what came out. What each argument is comes from the generated
// tables; only the layout of structures and the few arguments that another one decides (fcntl, ioctl, futex) are
// written by hand. It reads the application's memory and changes nothing.
package strace

import (
	"fmt"
	"strings"

	"github.com/ditto-kernel/ditto/kernel/user"
)

// kind is what an argument is; the names are those of fixtures/syscalls/arguments.tsv.
type kind uint8

const (
	kindFd kind = iota
	kindDirfd
	kindPid
	kindUid
	kindGid
	kindSignal
	kindDev
	kindKey
	kindKeyid
	kindId
	kindMode
	kindOctal
	kindOffset
	kindSize
	kindInt
	kindUint
	kindLong
	kindMsecs
	kindHex
	kindAddr
	kindArg
	kindPath
	kindString
	kindArgv
	kindEnvp
	kindFlags
	kindCmd
	kindStruct
)

// dir is the direction in which the memory behind a pointer travels.
type dir uint8

const (
	in dir = 1 << iota
	out
)

type result uint8

const (
	resultNumber result = iota
	resultAddr
	resultOctal
	resultReady
)

type call struct {
	name     string
	noReturn bool
	pairs    bool // pairs of its flags are counted
	result   result
	args     []arg
}

type arg struct {
	kind   kind
	dir    dir
	bits   uint8
	signed bool
	set    *set
	of     string // the structure pointed to
	size   int    // of one

	// How many there are: a number, or the index plus one of the argument that says so, in elements, in bytes, or as
	// the int that it points to.
	elems, count, bytes, bytesAt int
}

// Call is one call on its way. It is for one goroutine.
type Call struct {
	nr   uint64
	call *call
	args [6]uint64
	mem  user.Memory

	texts  [6]string // what Begin could print
	before [6]string // what an in-and-out argument held

	nameLength string // what msg_namelen was before the call
	after      bool   // in End
	ret        int64
	failed     bool
}

// Begin reads the arguments that go in.
func Begin(nr uint64, args *[6]uint64, mem user.Memory) *Call {
	c := &Call{nr: nr, args: *args, mem: mem}
	if nr < uint64(len(calls)) && calls[nr].name != "" {
		c.call = &calls[nr]
	} else {
		c.call = &call{name: fmt.Sprintf("syscall_%#x", nr), args: anyArgs}
	}
	for i, a := range c.call.args {
		v := a.narrow(c.args[i])
		switch {
		case a.kind != kindStruct:
			c.texts[i] = c.scalar(i, a, v)
		case v == 0:
			c.texts[i] = "NULL"
		case a.dir == in:
			c.texts[i] = c.pointed(a, v)
		case a.dir == in|out:
			c.before[i] = c.pointed(a, v)
		}
	}
	return c
}

// anyArgs are the arguments of a call that the table does not have.
var anyArgs = []arg{{kind: kindHex, bits: 64}, {kind: kindHex, bits: 64}, {kind: kindHex, bits: 64},
	{kind: kindHex, bits: 64}, {kind: kindHex, bits: 64}, {kind: kindHex, bits: 64}}

// NoReturn reports whether the call never comes back, so that there will be no End.
func (c *Call) NoReturn() bool { return c.call.noReturn }

// Unfinished is the line of a call that has not returned, or never will.
func (c *Call) Unfinished() string {
	for i, a := range c.call.args {
		if c.texts[i] != "" {
			continue
		}
		if c.texts[i] = c.before[i]; c.texts[i] == "" {
			c.texts[i] = address(a.narrow(c.args[i]))
		}
	}
	return c.head() + " = ?"
}

// End is the line of a call that returned.
func (c *Call) End(ret uint64, err error) string {
	c.after, c.ret, c.failed = true, int64(ret), err != nil
	note := ""
	for i, a := range c.call.args {
		v := a.narrow(c.args[i])
		if a.kind == kindArg && i > 0 && c.call.args[i-1].set == &setIoctl && !c.failed {
			if text := c.ioctlArg(uint32(c.args[i-1]), v, true); text != "" {
				c.texts[i] = text
			}
		}
		if c.texts[i] != "" {
			continue
		}
		switch {
		case a.dir == out && c.failed:
			c.texts[i] = address(v)
		case a.dir == out:
			c.texts[i] = c.pointed(a, v)
		default:
			var more string
			c.texts[i], more = c.changed(i, a, v)
			note = join(note, more)
		}
	}
	return c.head() + " = " + c.resultText(err, note)
}

// changed prints an argument that goes in and comes out.
func (c *Call) changed(i int, a arg, v uint64) (text, note string) {
	before := c.before[i]
	if c.failed {
		return before, ""
	}
	switch a.of {
	case "pollfd":
		return before, c.polled(a, v)
	case "fd_set":
		return before, c.selected(i, v)
	case "timespec", "timeval":
		if c.call.result == resultReady {
			return before, "" // select's remaining time: of no interest
		}
	case "msghdr":
		return c.pointed(a, v), ""
	case "off_t", "loff_t":
		if after := c.pointed(a, v); after != before {
			return before + " => " + after, ""
		}
		return before, ""
	}
	after := c.pointed(a, v)
	switch {
	case before == after:
		return after, ""
	case strings.HasPrefix(before, "0x"): // what went in could not be read
		return after, ""
	case strings.HasPrefix(before, "[") && strings.HasPrefix(after, "["):
		return strings.TrimSuffix(before, "]") + " => " + strings.TrimPrefix(after, "["), ""
	}
	return before + " => " + after, ""
}

func (c *Call) head() string {
	texts := c.texts[:len(c.call.args)]
	return c.call.name + "(" + strings.Join(c.trim(texts), ", ") + ")"
}

// trim leaves out the arguments that this call does not look at.
func (c *Call) trim(texts []string) []string {
	for i, a := range c.call.args {
		switch {
		case a.kind == kindMode && i > 0 && c.call.args[i-1].set == &setOpen && !creates(c.args[i-1]):
			return texts[:i]
		case a.kind == kindCmd && i+1 < len(texts) && c.call.args[i+1].kind == kindArg:
			return c.trimArgs(texts, i+1)
		case a.kind == kindDev && i > 0 && c.call.args[i-1].set == &setMknod && !isDevice(c.args[i-1]):
			return texts[:i]
		case a.set == &setFutex:
			return texts[:min(len(texts), futexArgs(c.args[i]))]
		}
	}
	return texts
}

// trimArgs leaves out the trailing arguments that the command before them has no use for, as far as can be told: what
// fcntl and its kin document, and zeros.
func (c *Call) trimArgs(texts []string, from int) []string {
	if commandTakesNothing(c.call.args[from-1].set, uint32(c.args[from-1])) {
		return texts[:from]
	}
	n := len(texts)
	for n > from+1 && c.call.args[n-1].kind == kindArg && c.args[n-1] == 0 {
		n--
	}
	return texts[:n]
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ", " + b
}

// narrow is the argument as the kernel looks at it.
func (a arg) narrow(v uint64) uint64 {
	switch {
	case a.bits == 32 && a.signed:
		return uint64(int64(int32(v)))
	case a.bits == 32:
		return uint64(uint32(v))
	case a.bits == 16:
		return uint64(uint16(v))
	}
	return v
}
