// SPDX-License-Identifier: Apache-2.0

// This file is which mappings a core file has, how much of each, and their
// content (fs/coredump.c, vma_dump_size).

package coredump

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/ipc"
	"github.com/ditto-kernel/ditto/kernel/loader"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// part is a mapping as the file has it. Its File is held.
type part struct {
	mm.VMA
	size uint64 // bytes of it, from Start
	name string // of its file; "": none
}

// mappings are those of t's address space.
func mappings(t *task.Task) []part {
	var list []part
	t.MM().Maps(func(v *mm.VMA) bool {
		if v.File != nil {
			v.File.Hold()
		}
		list = append(list, part{VMA: *v})
		return true
	})
	host, _ := t.MM().HostMaps()
	filter := t.MM().DumpFilter()
	for i := range list {
		p := &list[i]
		f := lookAt(t, p.File)
		p.name = f.name
		p.size = p.dumped(t, host, filter, &f)
	}
	return list
}

func drop(list []part) {
	for i := range list {
		if f := list[i].File; f != nil {
			f.Drop()
		}
	}
}

// mappedFile is what is behind a mapping.
type mappedFile struct {
	name       string // "" for private anonymous memory
	linked     bool   // it has a name in a file system
	executable bool   // by its mode
}

func lookAt(t *task.Task, b mm.Backing) mappedFile {
	switch b := b.(type) {
	case nil:
		return mappedFile{}
	case *ipc.Segment:
		name, _ := b.MapName()
		return mappedFile{name: name}
	case loader.MappedFile:
		name, _ := vfs.PathName(t.FS().Root(), b.Path)
		f := mappedFile{name: name}
		if a, err := b.Inode.Attr(t); err == nil {
			f.linked, f.executable = a.Nlink > 0, a.Mode&0o111 != 0
		}
		return f
	}
	return mappedFile{name: "/dev/zero (deleted)"}
}

// dumped is how much of the mapping the file has.
func (p *part) dumped(t *task.Task, host []platform.Mapped, filter uint32, f *mappedFile) uint64 {
	whole := p.End - p.Start
	has := func(bits uint32) bool { return filter&bits != 0 }
	switch {
	case p.Flags&mm.Special != 0:
		return whole
	case p.Flags&(mm.DontDump|mm.Secret) != 0:
		return 0
	case p.Flags&mm.Shared != 0:
		if !f.linked && has(mm.DumpAnonShared) || f.linked && has(mm.DumpMappedShared) {
			return whole
		}
		return 0
	case has(mm.DumpAnonPrivate) && p.written(t.MM(), host):
		return whole
	case p.File == nil:
		return 0
	case has(mm.DumpMappedPrivate):
		return whole
	case has(mm.DumpELFHeaders) && p.Off == 0 && p.Prot&unix.PROT_READ != 0 && (f.executable || p.startsELF(t)):
		return pageSize
	}
	return 0
}

// written tells whether the process has pages of its own in a private mapping.
func (p *part) written(m *mm.MM, host []platform.Mapped) bool {
	found := false
	known := m.Content(host, p.Start, p.End, func(r platform.Range, own bool) bool {
		found = own
		return !found
	})
	return found || !known && p.Prot&unix.PROT_WRITE != 0
}

// startsELF tells whether the mapping begins with an ELF header.
func (p *part) startsELF(t *task.Task) bool {
	var b [4]byte
	n, err := t.MM().Access(t.Thread(), p.Start, b[:], false)
	return err == nil && string(b[:n]) == "\x7fELF"
}

// writer writes the file, from its start on.
type writer struct {
	t    *task.Task
	core *task.Core
	f    *vfs.File
	pos  int64
	left uint64 // of RLIMIT_CORE, which holes don't count against
	hole bool   // ends with one
	buf  []byte
}

// write appends b. False: there is an end to it, by the limit, an error, or SIGKILL.
func (w *writer) write(b []byte) bool {
	if w.core.Killed() {
		return false
	}
	fits := min(uint64(len(b)), w.left)
	if fits < uint64(len(b)) {
		fits -= fits % pageSize
	}
	src := user.KernelBuf(b[:fits])
	n, err := w.f.Pwrite(w.t, &src, w.pos)
	w.pos += int64(n)
	w.left -= uint64(n)
	w.hole = w.hole && n == 0
	return err == nil && n == len(b)
}

// skip leaves a hole.
func (w *writer) skip(n uint64) {
	w.pos += int64(n)
	w.hole = w.hole || n > 0
}

// memory appends the mappings' content.
func (w *writer) memory(parts []part) {
	w.buf = make([]byte, 256<<10)
	host, _ := w.t.MM().HostMaps()
	for i := range parts {
		p := &parts[i]
		if p.size > 0 && !w.mapping(p, host) {
			return
		}
	}
	if w.hole {
		w.pos--
		w.write([]byte{0})
	}
}

// mapping appends one. Of anonymous memory only what is there is read: pages
// that nobody touched are holes.
func (w *writer) mapping(p *part, host []platform.Mapped) bool {
	end := p.Start + p.size
	if p.File != nil || p.Flags&mm.Special != 0 {
		return w.copy(p.Start, end)
	}
	at, ok := p.Start, true
	known := w.t.MM().Content(host, p.Start, end, func(r platform.Range, _ bool) bool {
		w.skip(r.Start - at)
		at = r.End
		ok = w.copy(r.Start, r.End)
		return ok
	})
	if !known && at == p.Start {
		return w.copy(p.Start, end)
	}
	if ok {
		w.skip(end - at)
	}
	return ok
}

// copy appends the memory in [start, end); pages that can't be read are holes.
func (w *writer) copy(start, end uint64) bool {
	for start < end {
		b := w.buf[:min(end-start, uint64(len(w.buf)))]
		n, err := w.t.MM().Access(w.t.Thread(), start, b, false)
		n -= n % pageSize
		if n > 0 && !w.write(b[:n]) {
			return false
		}
		start += uint64(n)
		if err != nil && start < end {
			w.skip(pageSize)
			start += pageSize
		}
	}
	return true
}
