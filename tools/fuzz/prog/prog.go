// SPDX-License-Identifier: Apache-2.0

// Package prog is what a program of the fuzzer is: a list of system calls whose arguments are constants, the results of
// calls before, or addresses in the arena, with what is to be told of each. It knows the form in which a program
// travels to the executor, how it reads, and how it is written as a case of the conformance suite.
package prog

import (
	"fmt"
	"slices"
	"strings"
)

// What an argument's value is made of. The numbers are those of executor/wire.h, as are all below.
const (
	Value    = iota
	Slot     // the result that an earlier call stored
	Arena    // an address in the arena
	Pages    // an address in the pages that programs map and unmap
	SlotPlus // a stored address, and an offset
	Memory   // the int at an offset of the arena, as pipe leaves descriptors
)

// What an operation is.
const (
	Call = iota
	Dump // tell all that can be seen of the directory
	Poke // store to memory that may fault
	Peek // load from it
	Fork // let a child perform the Body operations that follow
)

// How a result is told.
const (
	RetValue  = iota
	RetOK     // its value means nothing: an address
	RetPid    // a process of the program, by its place
	RetSilent // nothing: time decides it
)

// What in the arena can't be compared as it is.
const (
	Zero = iota
	Stat
	Statx
	Dirents
	Dirents64
	Times
	Pids
	Statfs
	Timevals
	Siginfo
	Port
	_ // NORM_TIMEX
	IPC
)

// Flags of a program.
const (
	SameFS    = 1 << iota // both sides have the same kind of file system: block counts and sizes of directories count
	Template              // the directory is not empty
	Prepared              // and has been filled beforehand
	Small                 // files may not grow beyond 1 MiB
	OwnMemory             // it does to its address space what can't be undone
	NoLinks               // no file of the directory has two names
	OwnBlocks             // how many blocks a file takes is its file system's own matter: a disk's map of them takes some, by when it wrote what
)

// NoStore is the slot of a result that is not kept.
const NoStore = 255

// Arg is one argument.
type Arg struct {
	Kind  int
	Slot  int
	Value int64
	Text  string // how it reads, if it has a name
}

// Norm is a part of the arena that needs a stable form before it is compared.
type Norm struct{ Format, Offset, Length int }

// Op is one operation.
type Op struct {
	Name   string // of the system call
	Nr     int
	What   int
	Thread int
	Async  bool
	NotDir bool // left out on a directory whose positions are the file system's own
	Ret    int
	Store  int
	As     int // 0: as the program; 1: as uid 1000; 2: that, with the group 2000
	Args   []Arg
	Norms  []Norm
	Body   int
	Index  int // in the program as it was generated
}

// Program is a list of operations, and what the arena holds when it starts.
type Program struct {
	Seed  uint64
	Flags int
	Arena int // its size
	Data  []byte
	Ops   []Op
}

// Keep is the program with only the operations that keep says. A child's operations become its parent's when the fork
// goes.
func (p *Program) Keep(keep func(i int) bool) *Program {
	q := *p
	q.Ops = nil
	for i, op := range p.Ops {
		if !keep(i) {
			continue
		}
		body := 0
		for j := i + 1; j <= i+op.Body; j++ {
			if keep(j) {
				body++
			}
		}
		op.Body = body
		q.Ops = append(q.Ops, op)
	}
	return &q
}

// With is the program with another operation in the place of one.
func (p *Program) With(i int, op Op) *Program {
	q := *p
	q.Ops = slices.Clone(p.Ops)
	q.Ops[i] = op
	return &q
}

// String is the program in a person's words, a line an operation.
func (p *Program) String() string {
	var b strings.Builder
	for _, op := range p.Ops {
		fmt.Fprintf(&b, "%4d  %s\n", op.Index, p.Line(op))
	}
	return b.String()
}

// Line is one operation.
func (p *Program) Line(op Op) string {
	var args []string
	for _, a := range op.Args {
		args = append(args, p.arg(a))
	}
	text := op.Name + "(" + strings.Join(args, ", ") + ")"
	if op.Store != NoStore && op.What != Dump {
		text = fmt.Sprintf("r%d = %s", op.Store, text)
	}
	if op.Body > 0 {
		text += fmt.Sprintf(" which performs the next %d", op.Body)
	}
	if op.Thread > 0 {
		text += fmt.Sprintf(" in thread %d", op.Thread)
	}
	if op.Async {
		text += ", not waited for"
	}
	if op.As > 0 {
		text += fmt.Sprintf(" as %d", op.As)
	}
	return text
}

func (p *Program) arg(a Arg) string {
	switch a.Kind {
	case Slot:
		return fmt.Sprintf("r%d", a.Slot)
	case SlotPlus:
		return fmt.Sprintf("r%d+%d", a.Slot, a.Value)
	case Arena:
		if a.Text != "" {
			return fmt.Sprintf("%q", a.Text)
		}
		return fmt.Sprintf("&arena[%#x]", a.Value)
	case Pages:
		return fmt.Sprintf("&pages[%#x]", a.Value)
	case Memory:
		return fmt.Sprintf("*(int *)&arena[%#x]", a.Value)
	}
	if a.Text != "" {
		return a.Text
	}
	if a.Value >= 0x10000 {
		return fmt.Sprintf("%#x", a.Value)
	}
	return fmt.Sprint(a.Value)
}
