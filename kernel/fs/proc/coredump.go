// SPDX-License-Identifier: Apache-2.0

// This file is what /proc has about core files (core(5)).

package proc

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/kernfs"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// corePattern is core_pattern. Programs and sockets that would take the core
// (a pattern of "|..." or "@...") run outside of every container; here there is
// no outside, and EINVAL says so.
func (s *system) corePattern() *kernfs.Entry {
	const most = 127 // CORENAME_MAX_SIZE, without the NUL
	cores := &s.kernel.Cores
	e := file("core_pattern", 0o644, func(vfs.Ctx, any) ([]byte, error) {
		if p := cores.Pattern.Load(); p != nil {
			return []byte(*p + "\n"), nil
		}
		return []byte("core\n"), nil
	})
	e.Store = func(_ vfs.Ctx, _ any, data []byte) error {
		line, _, _ := strings.Cut(string(data), "\n")
		line, _, _ = strings.Cut(line, "\x00")
		line = line[:min(len(line), most)]
		if strings.HasPrefix(line, "|") || strings.HasPrefix(line, "@") {
			return unix.EINVAL
		}
		cores.Pattern.Store(&line)
		return nil
	}
	return e
}

func (s *system) coreUsesPid() *kernfs.Entry {
	uses := &s.kernel.Cores.UsesPid
	e := file("core_uses_pid", 0o644, func(vfs.Ctx, any) ([]byte, error) {
		if uses.Load() {
			return []byte("1\n"), nil
		}
		return []byte("0\n"), nil
	})
	e.Store = func(_ vfs.Ctx, _ any, data []byte) error {
		n, err := parseInt(data)
		if err != nil {
			return unix.EINVAL
		}
		uses.Store(n != 0)
		return nil
	}
	return e
}

// coredumpFilter is which mappings a core file of the process has.
func coredumpFilter() *kernfs.Entry {
	e := seqFile("coredump_filter", 0o644, func(_ vfs.Ctx, of any) ([]byte, error) {
		t := of.(subject).task
		m, _, _ := t.Resources()
		if m == nil {
			return nil, alive(t)
		}
		return fmt.Appendf(nil, "%08x\n", m.DumpFilter()), nil
	})
	e.Store = func(_ vfs.Ctx, of any, data []byte) error {
		t := of.(subject).task
		bits, err := strconv.ParseUint(strings.TrimSuffix(string(data), "\n"), 0, 32)
		if err != nil {
			if err.(*strconv.NumError).Err == strconv.ErrRange {
				return unix.ERANGE
			}
			return unix.EINVAL
		}
		m, _, _ := t.Resources()
		if m == nil {
			return unix.ESRCH
		}
		m.SetDumpFilter(uint32(bits))
		return nil
	}
	return e
}
