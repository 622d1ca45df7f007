// SPDX-License-Identifier: Apache-2.0

// Package generate makes programs from seeds: of file operations, for the soak, and of any system calls, by what the
// table says of their arguments.
package generate

import (
	"encoding/binary"
	"math/rand/v2"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/tools/fuzz/prog"
	"github.com/ditto-kernel/ditto/tools/table"
)

// The slots by what they hold.
const (
	fdSlots   = 0 // 12 of them
	fdCount   = 12
	pidSlots  = 12
	pidCount  = 4
	addrSlots = 16
	addrCount = 6
	idSlots   = 22
	idCount   = 8
)

// builder makes one program.
type builder struct {
	r       *rand.Rand
	t       *table.Table
	p       *prog.Program
	strings map[string]int
	stored  map[int]bool // slots that a call before has filled, perhaps
	limit   int          // how much of the arena room may give away
	memory  []int        // places in the arena where calls leave descriptors
}

func newBuilder(t *table.Table, seed uint64, arena, flags int) *builder {
	return &builder{
		r:       rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)),
		t:       t,
		p:       &prog.Program{Seed: seed, Flags: flags, Arena: arena},
		limit:   arena,
		strings: map[string]int{},
		stored:  map[int]bool{},
	}
}

// chance is true n times in a hundred.
func (b *builder) chance(n int) bool { return b.r.IntN(100) < n }

func pick[T any](b *builder, from ...T) T { return from[b.r.IntN(len(from))] }

func value(v int) prog.Arg { return prog.Arg{Value: int64(v)} }

// room is n bytes of the arena, aligned to 8; 0 when it is full, which a program can live with.
func (b *builder) room(n int) int {
	at := (len(b.p.Data) + 7) &^ 7
	if at+n > b.limit {
		return 0
	}
	b.p.Data = append(b.p.Data, make([]byte, at+n-len(b.p.Data))...)
	return at
}

func (b *builder) blob(data []byte) prog.Arg {
	at := b.room(len(data))
	copy(b.p.Data[at:], data)
	return arena(at)
}

func arena(at int) prog.Arg { return prog.Arg{Kind: prog.Arena, Value: int64(at)} }

// text is the address of a string, each of which is there once.
func (b *builder) text(s string) prog.Arg {
	at, ok := b.strings[s]
	if !ok {
		at = b.room(len(s) + 1)
		if at == 0 && len(b.p.Data) > 0 {
			return arena(0)
		}
		copy(b.p.Data[at:], s)
		b.strings[s] = at
	}
	name := s
	if len(name) > 40 {
		name = name[:37] + "..."
	}
	return prog.Arg{Kind: prog.Arena, Value: int64(at), Text: name}
}

// words is memory of 64-bit words.
func (b *builder) words(w ...int) prog.Arg {
	data := make([]byte, 0, 8*len(w))
	for _, v := range w {
		data = binary.LittleEndian.AppendUint64(data, uint64(v))
	}
	return b.blob(data)
}

// ints is memory of 32-bit words.
func (b *builder) ints(w ...int) prog.Arg {
	data := make([]byte, 0, 4*len(w))
	for _, v := range w {
		data = binary.LittleEndian.AppendUint32(data, uint32(v))
	}
	return b.blob(data)
}

// fd is a descriptor that a call before may have opened.
func (b *builder) fd() prog.Arg {
	if len(b.memory) > 0 && b.chance(25) {
		return prog.Arg{Kind: prog.Memory, Value: int64(pick(b, b.memory...))}
	}
	return b.slot(fdSlots, fdCount)
}

// slot is a filled slot of a kind, if there is one.
func (b *builder) slot(first, count int) prog.Arg {
	s := first + b.r.IntN(count)
	for range 8 {
		if b.stored[s] {
			break
		}
		s = first + b.r.IntN(count)
	}
	return prog.Arg{Kind: prog.Slot, Slot: s}
}

// store has the result of the last call kept in a slot of a kind.
func (b *builder) store(first, count int) int {
	s := first + b.r.IntN(count)
	b.p.Ops[len(b.p.Ops)-1].Store = s
	b.stored[s] = true
	return s
}

// call appends a system call.
func (b *builder) call(name string, args ...prog.Arg) *prog.Op {
	s := b.t.ByName(name)
	if s == nil {
		panic("no syscall is called " + name)
	}
	b.p.Ops = append(b.p.Ops, prog.Op{Name: name, Nr: s.Number, Store: prog.NoStore, Args: args, Index: len(b.p.Ops)})
	return b.last()
}

func (b *builder) last() *prog.Op { return &b.p.Ops[len(b.p.Ops)-1] }

func (b *builder) special(what int, name string, args ...prog.Arg) *prog.Op {
	b.p.Ops = append(b.p.Ops, prog.Op{Name: name, What: what, Store: prog.NoStore, Args: args, Index: len(b.p.Ops)})
	return b.last()
}

// norm has a part of the arena put into a stable form after the last call.
func (b *builder) norm(format int, at prog.Arg, length int) {
	if at.Kind != prog.Arena {
		return
	}
	op := b.last()
	if len(op.Norms) < 6 {
		op.Norms = append(op.Norms, prog.Norm{Format: format, Offset: int(at.Value), Length: length})
	}
}

// flags is a random member or several of a set's.
func (b *builder) flags(set string) prog.Arg {
	s := b.t.Sets[set]
	v := uint64(0)
	for range pick(b, 0, 1, 1, 1, 2, 2, 3) {
		m := s.Members[b.r.IntN(len(s.Members))]
		v = v&^m.Mask | m.Value
		if m.Cmd {
			v = m.Value
		}
	}
	if b.chance(3) {
		v |= 1 << b.r.IntN(32)
	}
	return value(int(v))
}

func (b *builder) dirfd() prog.Arg {
	if b.chance(70) {
		return prog.Arg{Value: unix.AT_FDCWD, Text: "AT_FDCWD"}
	}
	return b.fd()
}
