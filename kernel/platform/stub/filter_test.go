// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

// verdict runs the filter on one call, as the host does.
func verdict(nr uint32, ip, arg0 uint64) uint32 {
	var acc uint32
	words := map[uint32]uint32{dataNr: nr, dataArch: unix.AUDIT_ARCH_X86_64,
		dataIP: uint32(ip), dataIP + 4: uint32(ip >> 32), dataArg0: uint32(arg0), dataArg0 + 4: uint32(arg0 >> 32)}
	prog := filterProgram()
	for pc := 0; ; pc++ {
		switch ins := prog[pc]; ins.Code {
		case unix.BPF_LD | unix.BPF_W | unix.BPF_ABS:
			acc = words[ins.K]
		case unix.BPF_RET | unix.BPF_K:
			return ins.K
		default:
			taken := acc == ins.K
			if ins.Code&0xf0 == unix.BPF_JGE {
				taken = acc >= ins.K
			}
			if taken {
				pc += int(ins.Jt)
			} else {
				pc += int(ins.Jf)
			}
		}
	}
}

func TestFilter(t *testing.T) {
	inside, outside := uint64(TextBase+0x100), uint64(0x401000)
	for _, c := range []struct {
		name     string
		nr       uint32
		ip, arg0 uint64
		want     uint32
	}{
		{"mmap from the stub", unix.SYS_MMAP, inside, 0, unix.SECCOMP_RET_ALLOW},
		{"mmap from the application", unix.SYS_MMAP, outside, 0, unix.SECCOMP_RET_TRAP},
		{"behind the stub's text", unix.SYS_MMAP, textEnd(), 0, unix.SECCOMP_RET_TRAP},
		{"same low half of the address", unix.SYS_MMAP, 0x100, 0, unix.SECCOMP_RET_TRAP},
		{"open", unix.SYS_OPEN, inside, 0, unix.SECCOMP_RET_TRAP},
		{"the trap's own number", 0x7fff, inside, 0, unix.SECCOMP_RET_TRAP},
		{"x32", unix.SYS_MMAP | 0x40000000, inside, 0, unix.SECCOMP_RET_TRAP},
		{"fork", unix.SYS_CLONE, inside, uint64(forkFlags), unix.SECCOMP_RET_ALLOW},
		{"thread", unix.SYS_CLONE, inside, threadFlags, unix.SECCOMP_RET_ALLOW},
		{"clone into a user namespace", unix.SYS_CLONE, inside, unix.CLONE_NEWUSER, unix.SECCOMP_RET_TRAP},
		{"fork with high bits", unix.SYS_CLONE, inside, uint64(forkFlags) | 1<<32, unix.SECCOMP_RET_TRAP},
		{"set fs", unix.SYS_ARCH_PRCTL, inside, 0x1002, unix.SECCOMP_RET_ALLOW},
		{"cpuid faulting", unix.SYS_ARCH_PRCTL, inside, 0x1012, unix.SECCOMP_RET_ALLOW},
		{"tagged addresses", unix.SYS_ARCH_PRCTL, inside, 0x4002, unix.SECCOMP_RET_TRAP},
		{"no_new_privs", unix.SYS_PRCTL, inside, unix.PR_SET_NO_NEW_PRIVS, unix.SECCOMP_RET_TRAP},
		{"unknown membarrier", unix.SYS_MEMBARRIER, inside, 1 << 10, unix.SECCOMP_RET_TRAP},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, verdict(c.nr, c.ip, c.arg0), c.want)
		})
	}
}

// SECURITY.md lists exactly what the filter lets through.
func TestFilterIsWhatSecurityTells(t *testing.T) {
	text, err := os.ReadFile("../../../SECURITY.md")
	assert.NilError(t, err)
	_, section, found := strings.Cut(string(text), "## What a stub may ask of the host")
	assert.Assert(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	numbers := callNumbers(t)
	var told, want []string
	for line := range strings.Lines(section) {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			bare := regexp.MustCompile(`\([^)]*\)`).ReplaceAllString(cells[1], "")
			for _, w := range regexp.MustCompile(`[a-z_0-9]+`).FindAllString(bare, -1) {
				if _, ok := numbers[w]; ok {
					told = append(told, w)
				}
			}
		}
	}
	for name, nr := range numbers {
		for _, arg0 := range []uint64{0, 1, threadFlags, 0x1002} {
			if verdict(nr, TextBase+8, arg0) == unix.SECCOMP_RET_ALLOW {
				want = append(want, name)
				break
			}
		}
	}
	slices.Sort(told)
	slices.Sort(want)
	assert.DeepEqual(t, told, want)
}

func callNumbers(t *testing.T) map[string]uint32 {
	t.Helper()
	table, err := os.ReadFile("../../../fixtures/syscalls/syscall_64.tsv")
	assert.NilError(t, err)
	numbers := map[string]uint32{}
	for line := range strings.Lines(string(table)) {
		f := strings.Split(line, "\t")
		var nr uint32
		for _, d := range f[0] {
			nr = nr*10 + uint32(d-'0')
		}
		if f[0] != "number" {
			numbers[f[2]] = nr
		}
	}
	return numbers
}
