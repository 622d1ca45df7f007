// SPDX-License-Identifier: Apache-2.0

// Package prlimit64 tests prlimit from Go: every resource's limits set for another process, and read back; the core file
// of a program of many threads.
package prlimit64

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("every_resource_of_a_child", "", everyResource)
	harness.Case("core_of_a_go_program", "", coreOfGo)
	harness.Child("prlimit64.crash", func([]string) int {
		debug.SetTraceback("crash") // the runtime prints what it has to say, and aborts
		panic("as it should")
	})
	harness.Child("prlimit64.wait", func([]string) int {
		var b [1]byte
		unix.Read(0, b[:])
		return 0
	})
}

func everyResource(t *harness.T) {
	cmd := harness.Command("prlimit64.wait")
	in, err := cmd.StdinPipe()
	t.Must("pipe", err)
	t.Must("start", cmd.Start())
	pid := cmd.Process.Pid
	for r := range 16 {
		var old, now unix.Rlimit
		t.Must("read", unix.Prlimit(pid, r, nil, &old))
		lower := unix.Rlimit{Cur: old.Cur / 2, Max: old.Max}
		t.Errno(fmt.Sprint("lower ", r), unix.Prlimit(pid, r, &lower, &now), 0)
		t.Equal(fmt.Sprint("old ", r), now, old)
		t.Errno(fmt.Sprint("read back ", r), unix.Prlimit(pid, r, nil, &now), 0)
		t.Equal(fmt.Sprint("new ", r), now, lower)
		bad := unix.Rlimit{Cur: 2, Max: 1}
		t.Errno(fmt.Sprint("soft above hard ", r), unix.Prlimit(pid, r, &bad, nil), unix.EINVAL)
		t.Errno(fmt.Sprint("restore ", r), unix.Prlimit(pid, r, &old, nil), 0)
	}
	io.WriteString(in, "x")
	t.Observe("child", "%s", harness.Status(cmd))
}

func coreOfGo(t *harness.T) {
	pattern, _ := os.ReadFile("/proc/sys/kernel/core_pattern")
	if uses, _ := os.ReadFile("/proc/sys/kernel/core_uses_pid"); string(pattern) != "core\n" || string(uses) != "0\n" {
		t.Skip("core files don't go to the working directory")
	}
	var l unix.Rlimit
	t.Must("limit", unix.Getrlimit(unix.RLIMIT_CORE, &l))
	l.Cur = l.Max
	t.Must("raise", unix.Setrlimit(unix.RLIMIT_CORE, &l))
	cmd := harness.Command("prlimit64.crash")
	t.Observe("end", "%s", harness.Status(cmd))
	t.Observe("core", "%v", cmd.ProcessState.Sys().(syscall.WaitStatus).CoreDump())
	f, err := elf.Open("core")
	t.Must("open", err)
	defer f.Close()
	t.Equal("type", f.Type, elf.ET_CORE)
	t.Equal("machine", f.Machine, elf.EM_X86_64)
	var loads, whole, notes int
	for _, p := range f.Progs {
		switch p.Type {
		case elf.PT_NOTE:
			notes++
			b, err := io.ReadAll(p.Open())
			t.Must("notes", err)
			t.Observe("has several threads", "%v", count(b, 1) > 2)
			t.Observe("each with its floating point", "%v", count(b, 1) == count(b, 2))
		case elf.PT_LOAD:
			loads++
			if p.Filesz == p.Memsz {
				whole++
			}
			t.Equal("alignment", p.Off%4096, uint64(0))
		}
	}
	t.Observe("segments", "notes %d, memory %v, some of it whole %v", notes, loads > 10, whole > 3)
}

// count is how many notes of a kind there are.
func count(b []byte, kind uint32) (n int) {
	for len(b) >= 12 {
		name, desc := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
		if binary.LittleEndian.Uint32(b[8:]) == kind {
			n++
		}
		b = b[12+(name+3)&^3+(desc+3)&^3:]
	}
	return n
}
