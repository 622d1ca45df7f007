// SPDX-License-Identifier: Apache-2.0

// Package seccomp has the filters that decide over system calls (seccomp(2)):
// their chain, what they say of a call, and the queue of calls that a filter
// hands to another process. Which task has which filters, and what becomes of
// a call, is package task's.
package seccomp

import (
	"encoding/binary"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/bpf"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Modes of a task (prctl(PR_GET_SECCOMP)).
const (
	ModeDisabled = 0
	ModeStrict   = 1
	ModeFilter   = 2
	ModeDead     = 3 // it has been killed
)

// Action is what a filter returns: what to do in the upper half, data for it
// in the lower.
type Action uint32

// The actions, the weightiest first.
const (
	KillProcess = Action(unix.SECCOMP_RET_KILL_PROCESS)
	KillThread  = Action(unix.SECCOMP_RET_KILL_THREAD)
	Trap        = Action(unix.SECCOMP_RET_TRAP)
	Errno       = Action(unix.SECCOMP_RET_ERRNO)
	UserNotif   = Action(unix.SECCOMP_RET_USER_NOTIF)
	Trace       = Action(unix.SECCOMP_RET_TRACE)
	Log         = Action(unix.SECCOMP_RET_LOG)
	Allow       = Action(unix.SECCOMP_RET_ALLOW)
)

// Actions are all there are, the weightiest first.
var Actions = []Action{KillProcess, KillThread, Trap, Errno, UserNotif, Trace, Log, Allow}

// Full is the action without its data.
func (a Action) Full() Action { return a & unix.SECCOMP_RET_ACTION_FULL }

// Data is what the filter gave along.
func (a Action) Data() uint16 { return uint16(a & unix.SECCOMP_RET_DATA) }

// weight orders actions: less is weightier (KillProcess is negative).
func (a Action) weight() int32 { return int32(a.Full()) }

// Name is the action as /proc/sys/kernel/seccomp has it.
func (a Action) Name() string {
	switch a.Full() {
	case KillProcess:
		return "kill_process"
	case KillThread:
		return "kill_thread"
	case Trap:
		return "trap"
	case Errno:
		return "errno"
	case UserNotif:
		return "user_notif"
	case Trace:
		return "trace"
	case Log:
		return "log"
	case Allow:
		return "allow"
	}
	return "unknown"
}

// Data is struct seccomp_data: a system call as filters see it.
type Data struct {
	Nr   int32
	Arch uint32
	IP   uint64 // behind the system call instruction
	Args [6]uint64
}

// Marshal writes struct seccomp_data into p, which has bpf.DataSize bytes.
func (d *Data) Marshal(p []byte) {
	binary.LittleEndian.PutUint32(p, uint32(d.Nr))
	binary.LittleEndian.PutUint32(p[4:], d.Arch)
	binary.LittleEndian.PutUint64(p[8:], d.IP)
	for i, a := range d.Args {
		binary.LittleEndian.PutUint64(p[16+8*i:], a)
	}
}

// maxWeight is MAX_INSNS_PER_PATH, and linkWeight what each filter of a chain
// counts beside its program.
const (
	maxWeight  = 1 << 18 / bpf.InsnSize
	linkWeight = 4
)

// Filter is one filter of a chain, and by that the chain of those that were
// installed before it. Only users and the listener's state change.
type Filter struct {
	prog     *bpf.Program
	prev     *Filter
	count    int // filters in the chain
	log      bool
	listener *Listener // nil: it has none
	allows   [8]uint64 // calls that the chain allows whatever their arguments: see Allows

	users atomic.Int32 // tasks whose chain begins here, and filters built on it that have users
}

// Options of a filter (the flags of SECCOMP_SET_MODE_FILTER).
type Options struct {
	Log          bool
	Listener     bool
	WaitKillable bool
}

// NewFilter is a filter to be attached.
func NewFilter(prog *bpf.Program, o Options) *Filter {
	f := &Filter{prog: prog, log: o.Log}
	f.findAllowed()
	if o.Listener {
		f.listener = newListener(o.WaitKillable)
	}
	return f
}

// TooLong tells whether the filter would make a chain longer than Linux
// allows.
func (f *Filter) TooLong(prev *Filter) bool {
	total := f.prog.Weight()
	for w := prev; w != nil; w = w.prev {
		total += w.prog.Weight() + linkWeight
	}
	return total > maxWeight
}

// Attach puts the filter on top of a chain (nil: none yet). The caller's use
// of prev becomes f's, and f has the caller as its user.
func (f *Filter) Attach(prev *Filter) {
	f.prev = prev
	if prev != nil {
		for i := range f.allows {
			f.allows[i] &= prev.allows[i]
		}
	}
	f.count = prev.Count() + 1
	f.users.Store(1)
}

// Count is the number of filters in the chain.
func (f *Filter) Count() int {
	if f == nil {
		return 0
	}
	return f.count
}

// Listener is what the filter hands calls to; nil if nothing.
func (f *Filter) Listener() *Listener { return f.listener }

// Logs tells whether the filter wants its actions in the log.
func (f *Filter) Logs() bool { return f.log }

// Program is what the filter runs, and Prev the filter installed before it.
func (f *Filter) Program() *bpf.Program { return f.prog }

// Prev: see Program.
func (f *Filter) Prev() *Filter { return f.prev }

// HasListener tells whether a filter of the chain has a listener that is
// still open.
func (f *Filter) HasListener() bool {
	for ; f != nil; f = f.prev {
		if f.listener != nil && f.listener.open() {
			return true
		}
	}
	return false
}

// Use counts another task with this chain (nil does nothing).
func (f *Filter) Use() *Filter {
	if f != nil {
		f.users.Add(1)
	}
	return f
}

// Drop counts one less. Listeners of filters that no task has any more hear of it.
func (f *Filter) Drop() {
	for ; f != nil && f.users.Add(-1) == 0; f = f.prev {
		if f.listener != nil {
			f.listener.queue.Notify(wait.Hup)
		}
	}
}

// Extends tells whether f's chain is older or begins with it.
func (f *Filter) Extends(older *Filter) bool {
	if older == nil {
		return true
	}
	for ; f != nil; f = f.prev {
		if f == older {
			return true
		}
	}
	return false
}

// findAllowed runs the program once for each call of x86_64, with nothing but
// its number and architecture to look at: a load of more ends a program with
// 0, which is no Allow.
func (f *Filter) findAllowed() {
	var buf [bpf.DataSize]byte
	for nr := range int32(64 * len(f.allows)) {
		d := Data{Nr: nr, Arch: unix.AUDIT_ARCH_X86_64}
		d.Marshal(buf[:])
		if Action(f.prog.Run(buf[:8])).Full() == Allow {
			f.allows[nr/64] |= 1 << (nr % 64)
		}
	}
}

// Allows tells whether every filter of the chain allows the call of x86_64,
// whatever its arguments are and wherever it comes from: most calls need not
// be asked about.
func (f *Filter) Allows(nr uint32) bool {
	return nr < uint32(64*len(f.allows)) && f.allows[nr/64]>>(nr%64)&1 != 0
}

// Run asks every filter of the chain and returns the weightiest answer, and
// the filter that gave it: the newest of equals. Nobody but Allow is nil.
func (f *Filter) Run(d *Data) (Action, *Filter) {
	var buf [bpf.DataSize]byte
	d.Marshal(buf[:])
	action := Allow
	var match *Filter
	for ; f != nil; f = f.prev {
		if a := Action(f.prog.Run(buf[:])); a.weight() < action.weight() {
			action, match = a, f
		}
	}
	return action, match
}
