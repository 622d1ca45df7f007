// SPDX-License-Identifier: Apache-2.0

// Package boot wires a sandbox together: from its description to a running
// init and its first command, and on to that command's end.
package boot

import "github.com/ditto-kernel/ditto/kernel/task"

// Description says what a sandbox shall be. It travels from the command to the
// kernel process as JSON. Paths named Source are the host's.
type Description struct {
	Args []string // the command; Args[0] is looked up in PATH
	Env  []string
	// Cwd is where the command starts. If it isn't there the command starts
	// in "/", unless CwdMust says that this is an error.
	Cwd     string
	CwdMust bool

	// User is who the command runs as: "UID[:GID]" or a name of the sandbox's
	// /etc/passwd. Empty: UID, GID and Groups, the caller's.
	User     string
	UID, GID uint32
	Groups   []uint32

	Umask   uint32
	Limits  []task.Limit // by RLIMIT_*
	Ignored []int        // signals that the caller ignores

	Hostname string
	Root     string // directory of the host under the in-memory overlay
	Volumes  []Volume

	Strace bool
	Counts bool // count what the calls carry: Sandbox.Counts
	// Terminal: standard input is a terminal, which the command has put into raw
	// mode; the sandbox does the line discipline.
	Terminal bool
	Winsize  Winsize
}

// Volume is a directory or file of the host that the sandbox sees.
type Volume struct {
	Source, Target string
	ReadOnly       bool
}

// Winsize is struct winsize.
type Winsize struct{ Row, Col, Xpixel, Ypixel uint16 }
