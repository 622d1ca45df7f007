// SPDX-License-Identifier: Apache-2.0

// This file is the name of a core file (core(5), "Naming of core dump files").

package coredump

import (
	"fmt"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// fileName is core_pattern with its specifiers filled in.
func fileName(t *task.Task, c *task.Core) string {
	s := &t.Kernel().Cores
	pattern := "core"
	if p := s.Pattern.Load(); p != nil {
		pattern = *p
	}
	name, hasPid := expand(pattern, func(spec byte) (string, bool) { return specifier(t, c, spec) })
	if !hasPid && s.UsesPid.Load() {
		name += fmt.Sprintf(".%d", t.TGID())
	}
	return name
}

// expand fills in a pattern. What is no specifier is dropped, as is a % at the
// end. hasPid tells whether %p was in it.
func expand(pattern string, specifier func(byte) (string, bool)) (name string, hasPid bool) {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '%' {
			b.WriteByte(pattern[i])
			continue
		}
		if i++; i == len(pattern) {
			break
		}
		if pattern[i] == '%' {
			b.WriteByte('%')
		} else if v, ok := specifier(pattern[i]); ok {
			b.WriteString(v)
			hasPid = hasPid || pattern[i] == 'p'
		}
	}
	return b.String(), hasPid
}

func specifier(t *task.Task, c *task.Core, spec byte) (string, bool) {
	creds := t.Creds()
	var n int64
	switch spec {
	case 'p':
		n = int64(t.TGID())
	case 'P':
		n = int64(t.ProcessID())
	case 'i':
		n = int64(t.TID())
	case 'I':
		n = int64(t.Pid())
	case 'u':
		n = int64(creds.RUID)
	case 'g':
		n = int64(creds.RGID)
	case 'd':
		n = int64(t.Group().Dumpable())
	case 's':
		n = int64(c.Info.Signo)
	case 't':
		n = time.Now().Unix()
	case 'c':
		return fmt.Sprint(t.RLimit(unix.RLIMIT_CORE)), true
	case 'C':
		cpu, _, _ := t.Thread().Processor()
		n = int64(cpu)
	case 'h':
		return plain(t.UTS().Names().Nodename), true
	case 'e':
		return plain(t.Comm()), true
	case 'f':
		name := program(t)
		return plain(name[strings.LastIndexByte(name, '/')+1:]), true
	case 'E':
		return plain(program(t)), true
	default:
		return "", false
	}
	return fmt.Sprint(n), true
}

// program is the path of the program that runs.
func program(t *task.Task) string {
	f := t.Group().Exe()
	if f == nil {
		return t.Comm() + " (path unknown)"
	}
	defer f.DecRef()
	name, _ := vfs.PathName(t.FS().Root(), f.Path)
	return name
}

// plain is a name as part of one: without slashes, and not one that leads elsewhere.
func plain(name string) string {
	switch name {
	case "":
		return "!"
	case ".", "..":
		return "!" + name[1:]
	}
	return strings.ReplaceAll(name, "/", "!")
}
