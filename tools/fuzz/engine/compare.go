// SPDX-License-Identifier: Apache-2.0

// This file compares what two sides saw, makes sure of a difference, and makes the program small.

package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/tools/fuzz/prog"
)

// Difference is the first thing that two sides saw differently.
type Difference struct {
	Program         *prog.Program
	Step            int // the operation's place in the program as it was generated; -1 for the end
	Native, Sandbox string
}

// Signature is what stays the same while a program shrinks: the call, and the results.
func (d *Difference) Signature() string {
	name := "end"
	for _, op := range d.Program.Ops {
		if op.Index == d.Step {
			name = op.Name
			if w := op.Args; name == "lseek" && (w[2].Value == unix.SEEK_DATA || w[2].Value == unix.SEEK_HOLE) {
				name = "lseek:data"
			}
		}
	}
	if strings.HasPrefix(d.Native, " ") || strings.HasPrefix(d.Sandbox, " ") {
		return name + " " + kind(d.Native) + label(d.Native, d.Sandbox) + " / " + kind(d.Sandbox) + label(d.Sandbox, d.Native)
	}
	n, s := result(d.Native), result(d.Sandbox)
	if n == "ok" && s == "ok" && field(d.Native, 1) != field(d.Sandbox, 1) {
		n, s = "value", "value"
	}
	return name + " " + n + " / " + s
}

// kind is the type of the file that a dump's line is about; nothing for a regular one.
func kind(line string) string {
	mode, err := strconv.ParseUint(field(line, 2), 8, 32)
	if err != nil || field(line, 1) != "mode" {
		return ""
	}
	return map[uint64]string{unix.S_IFDIR: "directory's ", unix.S_IFIFO: "FIFO's ", unix.S_IFLNK: "link's ", unix.S_IFSOCK: "socket's "}[mode&unix.S_IFMT]
}

// label names what of a dump's line differs from another: its word for the first other value.
func label(line, other string) string {
	a, b := strings.Fields(line), strings.Fields(other)
	for i := range a {
		if i >= len(b) || a[i] != b[i] {
			if i == 0 {
				return "names"
			}
			return strings.Trim(a[max(i-1, 1)], "0123456789.")
		}
	}
	return "end"
}

// result is what a call returned, without the number of its step and what it wrote. Two successes are alike.
func result(line string) string {
	f := field(line, 1)
	if _, err := strconv.Atoi(f); err == nil {
		return "ok"
	}
	if f == "" {
		return strings.ReplaceAll(line, " ", "_")
	}
	return f
}

func field(line string, i int) string {
	if f := strings.Fields(line); i < len(f) {
		return f[i]
	}
	return ""
}

// Call is the operation whose results differ, as a line.
func (d *Difference) Call() string {
	for _, op := range d.Program.Ops {
		if op.Index == d.Step {
			return d.Program.Line(op)
		}
	}
	return ""
}

// String is a report for a person.
func (d *Difference) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d, step %d:\n", d.Program.Seed, d.Step)
	if call := d.Call(); call != "" {
		fmt.Fprintf(&b, "  call     %s\n", call)
	}
	fmt.Fprintf(&b, "  native   %s\n  sandbox  %s\n", readable(d.Native), readable(d.Sandbox))
	fmt.Fprintf(&b, "the sequence, %d operations:\n%s", len(d.Program.Ops), d.Program)
	return b.String()
}

// readable gives errnos their names.
func readable(line string) string {
	f := strings.Split(line, " ")
	for i, w := range f {
		if n, err := strconv.Atoi(strings.TrimPrefix(w, "E")); err == nil && strings.HasPrefix(w, "E") {
			f[i] = "-1 " + unix.ErrnoName(unix.Errno(n))
		}
	}
	return strings.Join(f, " ")
}

// differ finds the first line that differs.
func differ(p *prog.Program, native, sandbox []string) *Difference {
	step := -1
	for i := range max(len(native), len(sandbox)) {
		n, s := "(nothing)", "(nothing)"
		if i < len(native) {
			n = native[i]
		}
		if i < len(sandbox) {
			s = sandbox[i]
		}
		first, _, _ := strings.Cut(n, " ")
		if v, err := strconv.Atoi(first); err == nil {
			step = v
		} else if first != "" {
			step = -1
		}
		if n == s {
			continue
		}
		if first == "" { // a line of a dump, or what it lacks
			step = dumpStep(native[:i+1])
		}
		return &Difference{p, step, n, s}
	}
	return nil
}

// dumpStep is the step that the dump's lines belong to.
func dumpStep(lines []string) int {
	for _, line := range slices.Backward(lines) {
		if n, err := strconv.Atoi(strings.TrimSpace(line)); err == nil {
			return n
		}
	}
	return -1
}

// Both runs programs on both sides at the same time, and answers what each saw: of as many as both performed before an
// error.
func (p *Pair) Both(programs []*prog.Program) (native, sandbox [][]string, err error) {
	for _, program := range programs {
		program.Flags |= p.Flags
	}
	failed := make(chan error)
	go func() {
		var err error
		native, err = p.Native.RunAll(programs)
		failed <- err
	}()
	sandbox, err = p.Sandbox.RunAll(programs)
	if e := <-failed; e != nil {
		err = e
	}
	n := min(len(native), len(sandbox))
	return native[:n], sandbox[:n], err
}

// Compare runs a program on both sides.
func (p *Pair) Compare(program *prog.Program) (*Difference, error) {
	native, sandbox, err := p.Both([]*prog.Program{program})
	if err != nil {
		return nil, err
	}
	d, _, err := p.differ(program, native[0], sandbox[0])
	return d, err
}

// Confirm runs a program again that differed, and answers the difference if each run of the native side saw the same,
// and each of the sandbox saw otherwise in the same place.
func (p *Pair) Confirm(program *prog.Program, times int) (*Difference, error) {
	var first *Difference
	for range times {
		d, err := p.Compare(program)
		if d == nil || err != nil {
			return nil, err
		}
		if first == nil {
			first = d
		} else if d.Step != first.Step || d.Native != first.Native || d.Sandbox != first.Sandbox {
			return nil, nil
		}
	}
	return first, nil
}

// Shrink makes the program of a difference as small as it gets while the difference stays of the same kind.
func (p *Pair) Shrink(d *Difference, budget int) (*Difference, error) {
	want := d.Signature()
	try := func(q *prog.Program) (bool, error) {
		if budget--; budget < 0 {
			return false, nil
		}
		got, err := p.Compare(q)
		if err != nil || got == nil || got.Signature() != want {
			return false, err
		}
		d = got
		return true, nil
	}
	// What comes after the step plays no part.
	cut := d.Program.Keep(func(i int) bool { return d.Step < 0 || d.Program.Ops[i].Index <= d.Step })
	if _, err := try(cut); err != nil {
		return d, err
	}
	for size := max(1, len(d.Program.Ops)/2); budget > 0; {
		removed := false
		for at := 0; at < len(d.Program.Ops); {
			before := len(d.Program.Ops)
			ok, err := try(d.Program.Keep(func(i int) bool { return i < at || i >= at+size }))
			if err != nil {
				return d, err
			}
			if removed = removed || ok; !ok || len(d.Program.Ops) == before {
				at += size
			}
		}
		if size == 1 && !removed {
			break
		}
		if size > 1 {
			size = max(1, size/2)
		}
	}
	return d, p.simplify(d, try)
}

// simplify takes from each operation what it can do without: the other thread, the other user, bits of its constants.
func (p *Pair) simplify(d *Difference, try func(*prog.Program) (bool, error)) error {
	for i := range d.Program.Ops {
		op := d.Program.Ops[i]
		for _, change := range []func(*prog.Op){
			func(o *prog.Op) { o.As = 0 },
			func(o *prog.Op) { o.Thread, o.Async = 0, false },
		} {
			changed := op
			change(&changed)
			if changed.As == op.As && changed.Thread == op.Thread {
				continue
			}
			ok, err := try(d.Program.With(i, changed))
			if err != nil {
				return err
			}
			if ok {
				op = changed
			}
		}
	}
	return nil
}
