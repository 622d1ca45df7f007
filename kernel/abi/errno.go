// SPDX-License-Identifier: Apache-2.0

// Package abi holds facts of the Linux user-space interface of x86_64:
// constants and structs with their exact layout, where golang.org/x/sys/unix
// has none. It has no behaviour.
package abi

import "golang.org/x/sys/unix"

// Errnos that never reach an application: they say how an interrupted system
// call goes on once the signal that ended its wait was dealt with (signal(7),
// "Interruption of system calls"). Only package task gives them a meaning.
const (
	// ERESTARTSYS restarts the call if the handler has SA_RESTART, or if no
	// handler ran; otherwise the call answers EINTR.
	ERESTARTSYS = unix.Errno(512)
	// ERESTARTNOINTR always restarts the call.
	ERESTARTNOINTR = unix.Errno(513)
	// ERESTARTNOHAND restarts only if no handler ran; otherwise EINTR.
	ERESTARTNOHAND = unix.Errno(514)
	// ERESTART_RESTARTBLOCK restarts through restart_syscall(2) if no handler
	// ran (the task remembers how); otherwise EINTR.
	ERESTART_RESTARTBLOCK = unix.Errno(516)
)

// PageSize is the size of a page, in bytes.
const PageSize = 4096
