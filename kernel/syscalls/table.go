// SPDX-License-Identifier: Apache-2.0

// Package syscalls holds one handler for each Linux syscall, in files by family, and the generated table that leads to
// them. A handler checks its arguments in Linux's order and calls one method of the object that does the work.
//
// A handler is found by the directive above it:
//
//	//ditto:syscall NAME full
//	//ditto:syscall NAME partial WORDS THAT SAY WHAT IS MISSING
//	//ditto:syscall NAME delegated
//	//ditto:syscall NAME denied ERRNO
//
// A syscall without a directive is missing, and answers ENOSYS. Run go generate after adding or changing one.
package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
)

//go:generate go run github.com/ditto-kernel/ditto/tools/gentable

// Status says how far a syscall is implemented.
type Status uint8

const (
	Unassigned Status = iota // Linux gave this number to no syscall
	Missing                  // not implemented yet: ENOSYS
	Absent                   // no longer implemented by Linux itself: ENOSYS
	Full
	Partial   // its directive says what is missing
	Delegated // done by the host in the application's own thread
	Denied    // refused, as Linux refuses it to an ordinary container
)

// Entry is one row of the table.
type Entry struct {
	Name   string
	Nargs  uint8
	Status Status
	Errno  unix.Errno // the answer when there is no Call; 0 stands for ENOSYS

	// Call decodes the argument registers and calls the handler.
	Call func(t *task.Task, a *[6]uint64) (uint64, error)
}

// Number is the number of a syscall by its name.
func Number(name string) (nr int, ok bool) {
	if name == "" {
		return 0, false
	}
	for nr := range Table {
		if Table[nr].Name == name {
			return nr, true
		}
	}
	return 0, false
}

// Dispatch performs the syscall nr for the task. Like Linux it looks at the low 32 bits of nr only.
func Dispatch(t *task.Task, nr uint64, args *[6]uint64) (uint64, error) {
	if uint32(nr) >= uint32(len(Table)) {
		return 0, unix.ENOSYS
	}
	e := &Table[uint32(nr)]
	if e.Call == nil {
		return 0, e.refusal()
	}
	r, err := e.Call(t, args)
	if pendingSignals.some.Load() {
		sendPending()
	}
	return r, err
}

func (e *Entry) refusal() error {
	if e.Errno != 0 {
		return e.Errno
	}
	return unix.ENOSYS
}
