// SPDX-License-Identifier: Apache-2.0

package seccomp

import (
	"testing"

	specs "github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/bpf"
)

func numbers(name string) (int, bool) {
	nr, ok := map[string]int{"read": 0, "write": 1, "open": 2, "mmap": 9, "clone": 56, "personality": 135, "statx": 332}[name]
	return nr, ok
}

func compiled(t *testing.T, p *specs.LinuxSeccomp) *Filter {
	t.Helper()
	code, err := Compile(p, numbers)
	assert.NilError(t, err)
	prog, err := bpf.NewSeccomp(code)
	assert.NilError(t, err)
	f := NewFilter(prog, Options{})
	f.Attach(nil)
	return f
}

func ask(f *Filter, nr int32, args ...uint64) Action {
	d := Data{Nr: nr, Arch: unix.AUDIT_ARCH_X86_64}
	copy(d.Args[:], args)
	a, _ := f.Run(&d)
	return a
}

func TestProfile(t *testing.T) {
	eight := uint(8)
	f := compiled(t, &specs.LinuxSeccomp{
		DefaultAction: specs.ActErrno,
		Syscalls: []specs.LinuxSyscall{
			{Names: []string{"read", "write", "statx", "no_such_call"}, Action: specs.ActAllow},
			{Names: []string{"open"}, Action: specs.ActErrno, ErrnoRet: &eight},
			{Names: []string{"personality"}, Action: specs.ActAllow, Args: []specs.LinuxSeccompArg{
				{Index: 0, Value: 0, Op: specs.OpEqualTo}, {Index: 0, Value: 8, Op: specs.OpEqualTo}}},
			{Names: []string{"clone"}, Action: specs.ActAllow, Args: []specs.LinuxSeccompArg{
				{Index: 0, Value: 0x7e020000, ValueTwo: 0, Op: specs.OpMaskedEqual}, {Index: 1, Value: 5, Op: specs.OpNotEqual}}},
		},
	})
	for _, c := range []struct {
		name string
		got  Action
		want Action
	}{
		{"allowed", ask(f, 0), Allow},
		{"the last allowed", ask(f, 332), Allow},
		{"an errno of its own", ask(f, 2), Errno | 8},
		{"the default", ask(f, 9), Errno | 1},
		{"newer than the profile", ask(f, 400), Errno | Action(unix.ENOSYS)},
		{"one of two values", ask(f, 135, 8), Allow},
		{"neither value", ask(f, 135, 9), Errno | 1},
		{"a value in the upper half", ask(f, 135, 8<<32), Errno | 1},
		{"both hold", ask(f, 56, 0x11, 6), Allow},
		{"the first does not", ask(f, 56, 0x10000000|0x11, 6), Errno | 1},
		{"the second does not", ask(f, 56, 0x11, 5), Errno | 1},
	} {
		assert.Equal(t, c.got, c.want, c.name)
	}
	assert.Assert(t, f.Allows(0) && f.Allows(332) && !f.Allows(2) && !f.Allows(135) && !f.Allows(9) && !f.Allows(1<<30))
	d := Data{Nr: 0, Arch: 0x40000003}
	a, _ := f.Run(&d)
	assert.Equal(t, a, KillThread)
}

func TestProfileOperators(t *testing.T) {
	values := []uint64{0, 1, 4, 5, 6, 1 << 32, 5 << 32, 5<<32 | 4, 5<<32 | 5, 5<<32 | 6, 6 << 32, ^uint64(0)}
	for op, holds := range map[specs.LinuxSeccompOperator]func(a, b uint64) bool{
		specs.OpEqualTo:      func(a, b uint64) bool { return a == b },
		specs.OpNotEqual:     func(a, b uint64) bool { return a != b },
		specs.OpLessThan:     func(a, b uint64) bool { return a < b },
		specs.OpLessEqual:    func(a, b uint64) bool { return a <= b },
		specs.OpGreaterThan:  func(a, b uint64) bool { return a > b },
		specs.OpGreaterEqual: func(a, b uint64) bool { return a >= b },
	} {
		for _, b := range values {
			f := compiled(t, &specs.LinuxSeccomp{DefaultAction: specs.ActKillProcess, Syscalls: []specs.LinuxSyscall{
				{Names: []string{"mmap"}, Action: specs.ActAllow, Args: []specs.LinuxSeccompArg{{Index: 3, Value: b, Op: op}}}}})
			for _, a := range values {
				want := KillProcess
				if holds(a, b) {
					want = Allow
				}
				assert.Equal(t, ask(f, 9, 0, 0, 0, a), want, "%#x %s %#x", a, op, b)
			}
		}
	}
}

func TestBadProfiles(t *testing.T) {
	for _, p := range []specs.LinuxSeccomp{
		{DefaultAction: "SCMP_ACT_SHRUG"},
		{DefaultAction: specs.ActAllow, Syscalls: []specs.LinuxSyscall{{Names: []string{"read"}, Action: "x"}}},
		{DefaultAction: specs.ActAllow, Syscalls: []specs.LinuxSyscall{{Action: specs.ActLog, Args: []specs.LinuxSeccompArg{{Index: 6, Op: specs.OpEqualTo}}}}},
		{DefaultAction: specs.ActAllow, Syscalls: []specs.LinuxSyscall{{Action: specs.ActLog, Args: []specs.LinuxSeccompArg{{Op: "x"}}}}},
	} {
		_, err := Compile(&p, numbers)
		assert.Assert(t, err != nil)
	}
}
