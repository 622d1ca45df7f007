// SPDX-License-Identifier: Apache-2.0

// This file prints structures, in strace's abbreviated form. Offsets are those of x86_64.

package strace

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// format prints one structure.
type format func(c *Call, b []byte) string

// scalars are the structures that are one number, printed in brackets.
var scalars = map[string]bool{"int": true, "u32": true, "u64": true, "uid_t": true, "gid_t": true, "off_t": true,
	"loff_t": true, "size_t": true, "time_t": true, "timer_t": true, "pointer": true, "aio_context_t": true, "wait_status": true}

var formats map[string]format

func init() {
	formats = map[string]format{
		"int": signed32, "timer_t": signed32, "u32": unsigned32, "uid_t": signed32, "gid_t": signed32,
		"u64": unsigned64, "size_t": unsigned64, "off_t": signed64, "loff_t": signed64, "time_t": signed64,
		"pointer":       func(c *Call, b []byte) string { return address(u64(b, 0)) },
		"aio_context_t": func(c *Call, b []byte) string { return address(u64(b, 0)) },
		"wait_status":   func(c *Call, b []byte) string { return waitStatus(u32(b, 0)) },
		"timespec":      func(c *Call, b []byte) string { return timespec(b) },
		"timeval":       func(c *Call, b []byte) string { return timeval(b) },
		"timezone": func(c *Call, b []byte) string {
			return fmt.Sprintf("{tz_minuteswest=%d, tz_dsttime=%d}", i32(b, 0), i32(b, 4))
		},
		"itimerspec": func(c *Call, b []byte) string {
			return "{it_interval=" + timespec(b) + ", it_value=" + timespec(b[16:]) + "}"
		},
		"itimerval": func(c *Call, b []byte) string {
			return "{it_interval=" + timeval(b) + ", it_value=" + timeval(b[16:]) + "}"
		},
		"stat":        stat,
		"statx":       statx,
		"statfs":      statfs,
		"pollfd":      pollfd,
		"epoll_event": epollEvent,
		"sigset":      func(c *Call, b []byte) string { return sigset(u64(b, 0)) },
		"sigaction":   sigaction,
		"siginfo":     siginfo,
		"stack_t": func(c *Call, b []byte) string {
			return fmt.Sprintf("{ss_sp=%s, ss_flags=%s, ss_size=%d}", address(u64(b, 0)), setSigaltstack.format(uint64(u32(b, 8))), u64(b, 16))
		},
		"rlimit": func(c *Call, b []byte) string {
			return "{rlim_cur=" + limit(u64(b, 0)) + ", rlim_max=" + limit(u64(b, 8)) + "}"
		},
		"rusage": func(c *Call, b []byte) string {
			return "{ru_utime=" + timeval(b) + ", ru_stime=" + timeval(b[16:]) + ", ...}"
		},
		"new_utsname": func(c *Call, b []byte) string {
			return "{sysname=" + quote(zero(b[:65])) + ", nodename=" + quote(zero(b[65:130])) + ", ...}"
		},
		"sysinfo": func(c *Call, b []byte) string {
			return fmt.Sprintf("{uptime=%d, totalram=%d, freeram=%d, procs=%d, ...}", i64(b, 0), u64(b, 32), u64(b, 40), binary.LittleEndian.Uint16(b[80:]))
		},
		"sched_param": func(c *Call, b []byte) string { return fmt.Sprintf("[%d]", i32(b, 0)) },
		"sembuf": func(c *Call, b []byte) string {
			return fmt.Sprintf("{sem_num=%d, sem_op=%d, sem_flg=%s}", binary.LittleEndian.Uint16(b), int16(binary.LittleEndian.Uint16(b[2:])), setSembuf.format(uint64(binary.LittleEndian.Uint16(b[4:]))))
		},
		"utimbuf": func(c *Call, b []byte) string {
			return fmt.Sprintf("{actime=%d, modtime=%d}", i64(b, 0), i64(b, 8))
		},
		"tms": func(c *Call, b []byte) string {
			return fmt.Sprintf("{tms_utime=%d, tms_stime=%d, tms_cutime=%d, tms_cstime=%d}", i64(b, 0), i64(b, 8), i64(b, 16), i64(b, 24))
		},
		"open_how":   openHow,
		"clone_args": cloneArgs,
		"fd_set":     (*Call).fdSet,
		"msghdr":     (*Call).msghdr,
		"mmsghdr":    (*Call).mmsghdr,
	}
}

func u32(b []byte, off int) uint32 { return binary.LittleEndian.Uint32(b[off:]) }
func u64(b []byte, off int) uint64 { return binary.LittleEndian.Uint64(b[off:]) }
func i32(b []byte, off int) int32  { return int32(u32(b, off)) }
func i64(b []byte, off int) int64  { return int64(u64(b, off)) }

func number(n uint64) string { return strconv.FormatUint(n, 10) }

func signed32(_ *Call, b []byte) string   { return strconv.Itoa(int(i32(b, 0))) }
func unsigned32(_ *Call, b []byte) string { return number(uint64(u32(b, 0))) }
func signed64(_ *Call, b []byte) string   { return strconv.FormatInt(i64(b, 0), 10) }
func unsigned64(_ *Call, b []byte) string { return number(u64(b, 0)) }

func plural(n int, one, many string) string {
	if n == 1 {
		many = one
	}
	return strconv.Itoa(n) + " " + many
}

// zero cuts a fixed-size field at its NUL.
func zero(b []byte) []byte {
	b, _, _ = bytes.Cut(b, []byte{0})
	return b
}

func timespec(b []byte) string {
	nsec := strconv.FormatInt(i64(b, 8), 10)
	switch i64(b, 8) {
	case unix.UTIME_NOW:
		return "UTIME_NOW"
	case unix.UTIME_OMIT:
		return "UTIME_OMIT"
	}
	return fmt.Sprintf("{tv_sec=%d, tv_nsec=%s}", i64(b, 0), nsec)
}

func timeval(b []byte) string {
	return fmt.Sprintf("{tv_sec=%d, tv_usec=%d}", i64(b, 0), i64(b, 8))
}

func limit(v uint64) string {
	switch {
	case v == ^uint64(0):
		return "RLIM64_INFINITY"
	case v > 1024 && v%1024 == 0:
		return strconv.FormatUint(v/1024, 10) + "*1024"
	}
	return number(v)
}

// fileMode prints st_mode: the type by name, the rest in octal.
func fileMode(mode uint32) string {
	perm := octal(uint64(mode &^ unix.S_IFMT))
	for _, m := range setFileType.members {
		if mode&unix.S_IFMT == uint32(m.value) {
			return m.name + "|" + special(mode) + perm0(mode)
		}
	}
	return perm
}

func special(mode uint32) (s string) {
	for _, bit := range []struct {
		bit  uint32
		name string
	}{{unix.S_ISUID, "S_ISUID|"}, {unix.S_ISGID, "S_ISGID|"}, {unix.S_ISVTX, "S_ISVTX|"}} {
		if mode&bit.bit != 0 {
			s += bit.name
		}
	}
	return s
}

func perm0(mode uint32) string { return octal(uint64(mode & 0o777)) }

func sizeOrDevice(mode uint32, size, major, minor uint64) string {
	if t := mode & unix.S_IFMT; t == unix.S_IFCHR || t == unix.S_IFBLK {
		return fmt.Sprintf("rdev=makedev(%#x, %#x)", major, minor)
	}
	return "size=" + number(size)
}

func stat(_ *Call, b []byte) string {
	mode, dev := u32(b, 24), u64(b, 40)
	return "{st_mode=" + fileMode(mode) + ", st_" + sizeOrDevice(mode, u64(b, 48), uint64(unix.Major(dev)), uint64(unix.Minor(dev))) + ", ...}"
}

func statx(_ *Call, b []byte) string {
	mode := uint32(binary.LittleEndian.Uint16(b[28:]))
	return fmt.Sprintf("{stx_mask=%s, stx_attributes=%s, stx_mode=%s, stx_%s, ...}", setStatxMask.format(uint64(u32(b, 0))), hex(u64(b, 8)), fileMode(mode),
		sizeOrDevice(mode, u64(b, 40), uint64(u32(b, 128)), uint64(u32(b, 132))))
}

func statfs(_ *Call, b []byte) string {
	return fmt.Sprintf("{f_type=%#x, f_bsize=%d, f_blocks=%d, f_bfree=%d, f_bavail=%d, ...}", u64(b, 0), u64(b, 8), u64(b, 16), u64(b, 24), u64(b, 32))
}

func epollEvent(_ *Call, b []byte) string {
	return fmt.Sprintf("{events=%s, data={u32=%d, u64=%d}}", setEpollEvents.format(uint64(u32(b, 0))), u32(b, 4), u64(b, 4))
}

func openHow(_ *Call, b []byte) string {
	s := "{flags=" + setOpen.format(u64(b, 0))
	if creates(u64(b, 0)) {
		s += ", mode=" + octal(u64(b, 8))
	}
	return s + ", resolve=" + setResolve.format(u64(b, 16)) + "}"
}

func cloneArgs(_ *Call, b []byte) string {
	s := "{flags=" + setClone3.format(u64(b, 0))
	if sig := u64(b, 32); sig != 0 {
		s += ", exit_signal=" + signal(int(sig))
	} else {
		s += ", exit_signal=0"
	}
	s += ", stack=" + address(u64(b, 40)) + ", stack_size=" + hex(u64(b, 48))
	if u64(b, 0)&unix.CLONE_SETTLS != 0 {
		s += ", tls=" + address(u64(b, 56))
	}
	return s + "}"
}

// fdSet prints the descriptors of a set, below the call's first argument.
func (c *Call) fdSet(b []byte) string {
	var fds []string
	for fd := 0; fd < int(int32(c.args[0])) && fd < 8*len(b); fd++ {
		if b[fd/8]&(1<<(fd%8)) != 0 {
			fds = append(fds, strconv.Itoa(fd))
		}
	}
	return "[" + strings.Join(fds, " ") + "]"
}

// selected is what select found: "in [3]".
func (c *Call) selected(i int, v uint64) string {
	if v == 0 || c.ret <= 0 {
		return ""
	}
	text := c.pointed(c.call.args[i], v)
	if text == "[]" {
		return ""
	}
	return [...]string{"", "in ", "out ", "except "}[min(i, 3)] + text
}

func pollfd(_ *Call, b []byte) string {
	return fmt.Sprintf("{fd=%d, events=%s}", i32(b, 0), setPollEvents.format(uint64(binary.LittleEndian.Uint16(b[4:]))))
}

func waitStatus(s uint32) string {
	w := unix.WaitStatus(s)
	switch {
	case w.Exited():
		return fmt.Sprintf("{WIFEXITED(s) && WEXITSTATUS(s) == %d}", w.ExitStatus())
	case w.Signaled() && w.CoreDump():
		return "{WIFSIGNALED(s) && WTERMSIG(s) == " + signal(int(w.Signal())) + " && WCOREDUMP(s)}"
	case w.Signaled():
		return "{WIFSIGNALED(s) && WTERMSIG(s) == " + signal(int(w.Signal())) + "}"
	case w.Stopped():
		return "{WIFSTOPPED(s) && WSTOPSIG(s) == " + signal(int(w.StopSignal())) + "}"
	case w.Continued():
		return "{WIFCONTINUED(s)}"
	}
	return fmt.Sprintf("%#x", s)
}
