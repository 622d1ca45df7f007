// SPDX-License-Identifier: Apache-2.0

// This file has the names that a configuration uses for numbers.

package oci

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/ditto-kernel/ditto/kernel/boot"
)

// capabilities in the order of their numbers (capabilities(7)).
var capabilities = strings.Fields(`CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
	NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT
	SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP
	MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE`)

func capability(name string) (uint, bool) {
	short := strings.TrimPrefix(strings.ToUpper(name), "CAP_")
	for n, c := range capabilities {
		if c == short {
			return uint(n), true
		}
	}
	return 0, false
}

// caps converts capability sets. Without any a process has none.
func caps(c *specs.LinuxCapabilities) (*boot.Caps, error) {
	sets := &boot.Caps{}
	if c == nil {
		return sets, nil
	}
	for _, set := range []struct {
		field string
		names []string
		bits  *uint64
	}{
		{"bounding", c.Bounding, &sets.Bounding}, {"permitted", c.Permitted, &sets.Permitted}, {"effective", c.Effective, &sets.Effective},
		{"inheritable", c.Inheritable, &sets.Inheritable}, {"ambient", c.Ambient, &sets.Ambient},
	} {
		for _, name := range set.names {
			n, ok := capability(name)
			if !ok {
				return nil, fmt.Errorf("process.capabilities.%s: unknown capability %q", set.field, name)
			}
			*set.bits |= 1 << n
		}
	}
	if sets.Effective&^sets.Permitted != 0 {
		return nil, fmt.Errorf("process.capabilities.effective: more than permitted")
	}
	sets.Ambient &= sets.Permitted & sets.Inheritable
	return sets, nil
}

// limits in the order of RLIMIT_*.
var limits = strings.Fields("CPU FSIZE DATA STACK CORE RSS NPROC NOFILE MEMLOCK AS LOCKS SIGPENDING MSGQUEUE NICE RTPRIO RTTIME")

func limit(name string) (int, bool) {
	for n, l := range limits {
		if "RLIMIT_"+l == name {
			return n, true
		}
	}
	return 0, false
}

// signals are the names of the standard signals in the order of their numbers from 1.
var signals = strings.Fields(`HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP
	TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS`)

// ParseSignal takes a signal's number or its name, as kill(1) does.
func ParseSignal(s string) (int, error) {
	if n, err := strconv.Atoi(s); err == nil {
		if n < 1 || n > 64 {
			return 0, fmt.Errorf("signal %q: out of range", s)
		}
		return n, nil
	}
	name := strings.TrimPrefix(strings.ToUpper(s), "SIG")
	for i, known := range signals {
		if known == name {
			return i + 1, nil
		}
	}
	const rtMin, rtMax = 34, 64
	for _, rt := range []struct {
		prefix   string
		from, by int
	}{{"RTMIN+", rtMin, 1}, {"RTMAX-", rtMax, -1}} {
		if rest, ok := strings.CutPrefix(name, rt.prefix); ok {
			if n, err := strconv.Atoi(rest); err == nil && n >= 0 && n <= rtMax-rtMin {
				return rt.from + rt.by*n, nil
			}
		}
	}
	switch name {
	case "RTMIN":
		return rtMin, nil
	case "RTMAX":
		return rtMax, nil
	case "POLL":
		return int(unix.SIGPOLL), nil
	case "IOT":
		return int(unix.SIGIOT), nil
	case "CLD":
		return int(unix.SIGCLD), nil
	}
	return 0, fmt.Errorf("unknown signal %q", s)
}
