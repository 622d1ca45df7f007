// SPDX-License-Identifier: Apache-2.0

// This file makes a filter of a container's profile: the seccomp part of an
// OCI configuration (runtime-spec, config-linux.md, "Seccomp").

package seccomp

import (
	"fmt"
	"slices"

	specs "github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/bpf"
)

// Compile is the program of a profile. number is the number of a system call
// by its name; names that it does not know are left out, as newer kernels'
// calls are. Rules of one call are asked in the profile's order. A call newer
// than all that the profile names answers ENOSYS where the default is an
// error, so that programs fall back to what the profile's author knew.
func Compile(p *specs.LinuxSeccomp, number func(name string) (int, bool)) ([]bpf.Insn, error) {
	fallback, err := action(p.DefaultAction, p.DefaultErrnoRet)
	if err != nil {
		return nil, err
	}
	c := compiler{rules: map[int][]rule{}, fallback: fallback}
	for i := range p.Syscalls {
		if err := c.add(&p.Syscalls[i], number); err != nil {
			return nil, err
		}
	}
	code := []bpf.Insn{loadWord(4), when(unix.BPF_JEQ, unix.AUDIT_ARCH_X86_64, 1, 0), answer(c.foreign(p)), loadWord(0)}
	return append(code, c.tree(c.ranges())...), nil
}

// action is a profile's action in numbers.
func action(a specs.LinuxSeccompAction, errno *uint) (Action, error) {
	number := Action(unix.EPERM)
	if errno != nil {
		number = Action(*errno & unix.SECCOMP_RET_DATA)
	}
	switch a {
	case specs.ActKill, specs.ActKillThread:
		return KillThread, nil
	case specs.ActKillProcess:
		return KillProcess, nil
	case specs.ActTrap:
		return Trap, nil
	case specs.ActErrno:
		return Errno | number, nil
	case specs.ActTrace:
		return Trace | number, nil
	case specs.ActAllow:
		return Allow, nil
	case specs.ActLog:
		return Log, nil
	case specs.ActNotify:
		return UserNotif, nil
	}
	return 0, fmt.Errorf("seccomp: unknown action %q", a)
}

// rule is one rule of one call: an action, if all comparisons hold.
type rule struct {
	action Action
	args   []specs.LinuxSeccompArg
}

type compiler struct {
	rules    map[int][]rule
	fallback Action
	highest  int
}

func (c *compiler) add(s *specs.LinuxSyscall, number func(string) (int, bool)) error {
	a, err := action(s.Action, s.ErrnoRet)
	if err != nil {
		return err
	}
	for _, arg := range s.Args {
		if arg.Index > 5 {
			return fmt.Errorf("seccomp: argument %d of %v: a system call has six", arg.Index, s.Names)
		}
		if _, ok := comparisons[arg.Op]; !ok {
			return fmt.Errorf("seccomp: unknown operator %q for %v", arg.Op, s.Names)
		}
	}
	for _, name := range s.Names {
		if nr, ok := number(name); ok {
			c.highest = max(c.highest, nr)
			c.rules[nr] = append(c.rules[nr], rulesOf(a, s.Args)...)
		}
	}
	return nil
}

// rulesOf is one rule with all comparisons; or, if two are of one argument, a
// rule for each, as other runtimes understand it.
func rulesOf(a Action, args []specs.LinuxSeccompArg) []rule {
	var seen [6]bool
	twice := false
	for _, arg := range args {
		twice = twice || seen[arg.Index]
		seen[arg.Index] = true
	}
	if !twice {
		return []rule{{a, args}}
	}
	var list []rule
	for i := range args {
		list = append(list, rule{a, args[i : i+1]})
	}
	return list
}

// foreign is the answer to calls of other architectures, which the kernel has
// not anyway: the default's if the profile speaks of any, else death.
func (c *compiler) foreign(p *specs.LinuxSeccomp) Action {
	if slices.Contains(p.Architectures, specs.ArchX86) {
		return c.fallback
	}
	return KillThread
}

// span is the calls from a number on, up to the next span's, which have the
// same code.
type span struct {
	from int
	code []bpf.Insn
}

// ranges is all numbers, each with its code; neighbours of the same are one.
func (c *compiler) ranges() []span {
	unknown := c.fallback
	if unknown.Full() == Errno {
		unknown = Errno | Action(unix.ENOSYS)
	}
	var list []span
	put := func(from int, code []bpf.Insn) {
		if n := len(list); n == 0 || !slices.Equal(list[n-1].code, code) {
			list = append(list, span{from, code})
		}
	}
	for nr := 0; nr <= c.highest; nr++ {
		put(nr, c.call(c.rules[nr]))
	}
	put(c.highest+1, []bpf.Insn{answer(unknown)})
	return list
}

// call is the code for one call: its rules in turn, then the default.
func (c *compiler) call(rules []rule) []bpf.Insn {
	var code []bpf.Insn
	for _, r := range rules {
		if len(r.args) == 0 {
			return append(code, answer(r.action))
		}
		code = append(code, r.code()...)
	}
	return append(code, answer(c.fallback))
}

// code answers if every comparison holds, and goes on behind itself if not.
func (r *rule) code() []bpf.Insn {
	code := []bpf.Insn{answer(r.action)}
	for i := len(r.args) - 1; i >= 0; i-- {
		code = append(comparison(&r.args[i], len(code)), code...)
	}
	return code
}

// tree finds the span of the number in the accumulator.
func (c *compiler) tree(list []span) []bpf.Insn {
	if len(list) == 1 {
		return list[0].code
	}
	mid := len(list) / 2
	low, high := c.tree(list[:mid]), c.tree(list[mid:])
	code := []bpf.Insn{when(unix.BPF_JGE, uint32(list[mid].from), 0, 1), {Code: unix.BPF_JMP | unix.BPF_JA, K: uint32(len(low))}}
	return append(append(code, low...), high...)
}

func loadWord(off uint32) bpf.Insn {
	return bpf.Insn{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: off}
}

func answer(a Action) bpf.Insn { return bpf.Insn{Code: unix.BPF_RET | unix.BPF_K, K: uint32(a)} }

func when(cond uint16, k uint32, yes, no uint8) bpf.Insn {
	return bpf.Insn{Code: unix.BPF_JMP | cond | unix.BPF_K, K: k, Jt: yes, Jf: no}
}

// comparisons are the operators of a profile, by what they ask of the upper
// and the lower half.
var comparisons = map[specs.LinuxSeccompOperator]struct {
	cond    uint16 // of the lower half, where the upper are equal
	negated bool
	ordered bool // a greater upper half decides
}{
	specs.OpEqualTo:      {cond: unix.BPF_JEQ},
	specs.OpNotEqual:     {cond: unix.BPF_JEQ, negated: true},
	specs.OpMaskedEqual:  {cond: unix.BPF_JEQ},
	specs.OpGreaterThan:  {cond: unix.BPF_JGT, ordered: true},
	specs.OpGreaterEqual: {cond: unix.BPF_JGE, ordered: true},
	specs.OpLessThan:     {cond: unix.BPF_JGE, ordered: true, negated: true},
	specs.OpLessEqual:    {cond: unix.BPF_JGT, ordered: true, negated: true},
}

// comparison goes on behind itself if it holds, and skips rest more
// instructions if not.
func comparison(a *specs.LinuxSeccompArg, rest int) []bpf.Insn {
	op := comparisons[a.Op]
	value, mask := a.Value, ^uint64(0)
	if a.Op == specs.OpMaskedEqual {
		mask, value = a.Value, a.ValueTwo&a.Value
	}
	low, high := uint32(16+8*a.Index), uint32(20+8*a.Index)
	// Both ends are one jump each, so that no distance is too long.
	yes, no := bpf.Insn{Code: unix.BPF_JMP | unix.BPF_JA, K: 1}, bpf.Insn{Code: unix.BPF_JMP | unix.BPF_JA, K: uint32(rest)}
	if op.negated {
		yes.K, no.K = uint32(rest+1), 0
	}
	code := []bpf.Insn{loadWord(high), and(mask >> 32)}
	if op.ordered {
		code = append(code, when(unix.BPF_JGT, uint32(value>>32), 4, 0))
	}
	return append(code,
		when(unix.BPF_JEQ, uint32(value>>32), 0, 4), // to no
		loadWord(low), and(mask),
		when(op.cond, uint32(value), 0, 1),
		yes, no)
}

func and(mask uint64) bpf.Insn {
	return bpf.Insn{Code: unix.BPF_ALU | unix.BPF_AND | unix.BPF_K, K: uint32(mask)}
}
