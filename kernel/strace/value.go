// SPDX-License-Identifier: Apache-2.0

// This file prints values: numbers, flags, signals, results.

package strace

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/user"
)

type set struct {
	name    string
	members []member
}

// member is one name: a flag, whose mask is its own bits, or a value of the field that mask covers.
type member struct {
	name        string
	value, mask uint64
	field       bool
}

// format prints a value by the names of the set.
func (s *set) format(v uint64) string {
	rest := v
	var fields, flags []string
	done := uint64(0) // masks of fields that are named
	for _, m := range s.members {
		if m.field && m.mask&done == 0 && v&m.mask == m.value {
			fields = append(fields, m.name)
			rest &^= m.mask
			done |= m.mask
		}
	}
	for _, m := range s.members {
		if !m.field && m.value != 0 && rest&m.value == m.value {
			flags = append(flags, m.name)
			rest &^= m.value
		}
	}
	names := append(fields, flags...)
	if !s.members[0].field {
		names = append(flags, fields...) // clone's signal stands last
	}
	switch {
	case len(names) == 0 && v == 0:
		return s.zero()
	case len(names) == 0:
		return fmt.Sprintf("%#x /* %s??? */", v, s.prefix())
	case rest != 0:
		names = append(names, fmt.Sprintf("%#x", rest))
	}
	return strings.Join(names, "|")
}

// zero is the name for no flags at all, where there is one (PROT_NONE, F_OK).
func (s *set) zero() string {
	for _, m := range s.members {
		if !m.field && m.value == 0 {
			return m.name
		}
	}
	return "0"
}

// prefix is what the names of the set begin with (MADV_).
func (s *set) prefix() string {
	p := s.members[0].name
	for _, m := range s.members {
		for !strings.HasPrefix(m.name, p) {
			p = p[:len(p)-1]
		}
	}
	return p[:strings.LastIndex(p, "_")+1]
}

// scalar prints an argument that Begin can print: a value, or a string that goes in.
func (c *Call) scalar(i int, a arg, v uint64) string {
	switch a.kind {
	case kindFd, kindPid, kindInt, kindLong, kindOffset, kindMsecs, kindKeyid, kindId:
		return decimal(a, v)
	case kindDirfd:
		return dirfd(v)
	case kindUid, kindGid:
		return strconv.Itoa(int(int32(v)))
	case kindSize, kindUint:
		return strconv.FormatUint(v, 10)
	case kindSignal:
		return signal(int(int32(v)))
	case kindMode, kindOctal:
		return octal(v)
	case kindDev:
		return fmt.Sprintf("makedev(%#x, %#x)", unix.Major(v), unix.Minor(v))
	case kindAddr:
		return address(v)
	case kindPath, kindString:
		return c.path(user.Addr(v))
	case kindArgv:
		return c.argv(user.Addr(v))
	case kindEnvp:
		return c.envp(user.Addr(v))
	case kindFlags, kindCmd:
		return flagsText(a, v)
	case kindArg:
		return c.decided(i, v)
	}
	return hex(v)
}

// decimal prints a signed number. Descriptors and process ids have 32 bits however they are declared.
func decimal(a arg, v uint64) string {
	if a.kind == kindFd || a.kind == kindPid || a.bits == 32 {
		return strconv.Itoa(int(int32(v)))
	}
	return strconv.FormatInt(int64(v), 10)
}

func flagsText(a arg, v uint64) string {
	if a.bits == 32 {
		v = uint64(uint32(v))
	}
	if a.kind == kindCmd {
		v = uint64(uint32(v))
	}
	if a.set == &setFutex {
		return futexOp(v)
	}
	if a.set == &setMknod {
		return fileMode(uint32(v))
	}
	return a.set.format(v)
}

func dirfd(v uint64) string {
	if int32(v) == unix.AT_FDCWD {
		return "AT_FDCWD"
	}
	return strconv.Itoa(int(int32(v)))
}

func octal(v uint64) string {
	return fmt.Sprintf("%#03o", v)
}

func hex(v uint64) string {
	if v == 0 {
		return "0"
	}
	return fmt.Sprintf("%#x", v)
}

func address(v uint64) string {
	if v == 0 {
		return "NULL"
	}
	return fmt.Sprintf("%#x", v)
}

// signal names a signal; the first real-time one is 32 for the kernel, and shown so.
func signal(n int) string {
	for _, m := range setSignal.members {
		if int(m.value) == n {
			return m.name
		}
	}
	switch {
	case n == 32:
		return "SIGRTMIN"
	case n > 32 && n <= 64:
		return fmt.Sprintf("SIGRT_%d", n-32)
	}
	return strconv.Itoa(n)
}

// sigset prints a signal mask; one that is more than half full by what it lacks.
func sigset(mask uint64) string {
	not := ""
	if ones(mask) > 32 {
		mask, not = ^mask, "~"
	}
	var names []string
	for n := 1; n <= 64; n++ {
		if mask&(1<<(n-1)) != 0 {
			names = append(names, strings.TrimPrefix(signal(n), "SIG"))
		}
	}
	return not + "[" + strings.Join(names, " ") + "]"
}

func ones(v uint64) (n int) {
	for ; v != 0; v &= v - 1 {
		n++
	}
	return n
}

// restarts are the results that an application never sees, as strace explains them.
var restarts = map[unix.Errno]string{
	abi.ERESTARTSYS:           "ERESTARTSYS (To be restarted if SA_RESTART is set)",
	abi.ERESTARTNOINTR:        "ERESTARTNOINTR (To be restarted)",
	abi.ERESTARTNOHAND:        "ERESTARTNOHAND (To be restarted if no handler)",
	abi.ERESTART_RESTARTBLOCK: "ERESTART_RESTARTBLOCK (Interrupted by signal)",
}

func (c *Call) resultText(err error, note string) string {
	if err != nil {
		errno, ok := err.(unix.Errno)
		switch {
		case !ok:
			return "? " + err.Error()
		case restarts[errno] != "":
			return "? " + restarts[errno]
		}
		return fmt.Sprintf("-1 %s (%s)", errnoName(errno), errnoText(errno))
	}
	switch c.call.result {
	case resultAddr:
		return hex(uint64(c.ret))
	case resultOctal:
		return octal(uint64(c.ret))
	case resultReady:
		if c.ret == 0 {
			note = "Timeout"
		}
	}
	if more := c.decidedResult(); more != "" {
		return more
	}
	text := strconv.FormatInt(c.ret, 10)
	if note != "" {
		text += " (" + note + ")"
	}
	return text
}

// errnoName is Linux's own name, where x/sys/unix may have another one for the same number.
func errnoName(e unix.Errno) string {
	if e == unix.EOPNOTSUPP {
		return "EOPNOTSUPP" // ENOTSUP is the C library's name for the same number
	}
	if e == unix.EOPNOTSUPP {
		return "EOPNOTSUPP"
	}
	if name := unix.ErrnoName(e); name != "" {
		return name
	}
	return fmt.Sprintf("E%d", int(e))
}

// errnoText is strerror(3).
func errnoText(e unix.Errno) string {
	text := e.Error()
	return strings.ToUpper(text[:1]) + text[1:]
}
