// SPDX-License-Identifier: Apache-2.0

// This file is what /proc shows of a task's memory: maps, smaps, statm,
// cmdline, environ, auxv, mem.

package proc

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/fs/kernfs"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// memoryOf is the address space of a task that the caller may look into; nil
// if it has none any more.
func memoryOf(ctx vfs.Ctx, t *task.Task) (*mm.MM, error) {
	if err := alive(t); err != nil {
		return nil, err
	}
	m, _, _ := t.Resources()
	if c := caller(ctx); c != nil && m != nil && m == c.MM() {
		return m, nil // one's own, whosever process it is, too (may_access_mm)
	}
	if err := mayAccess(ctx, t); err != nil {
		return nil, err
	}
	return m, nil
}

// ofMemory is a file about memory: whether one may look at that is found when it is opened (proc_mem_open), too.
func ofMemory(name string, mode uint32, f func(ctx vfs.Ctx, t *task.Task) ([]byte, error)) *kernfs.Entry {
	e := ofTask(name, mode, f)
	e.Bind = func(ctx vfs.Ctx, of any) (any, error) {
		_, err := memoryOf(ctx, of.(subject).task)
		return of, err
	}
	return e
}

// readRange is the memory in [start, end), as far as it is there.
func readRange(m *mm.MM, start, end uint64) []byte {
	const most = 4 << 20
	if start >= end {
		return nil
	}
	b := make([]byte, min(end-start, most))
	n, _ := m.AddressSpace().ReadAt(start, b)
	return b[:n]
}

// cmdline is the arguments as they are now: a program may overwrite them, and
// go on into its environment (setproctitle).
func cmdline(_ vfs.Ctx, t *task.Task) ([]byte, error) {
	m, _, _ := t.Resources()
	if m == nil {
		return nil, alive(t)
	}
	i := m.Info()
	b := readRange(m, i.ArgStart, i.ArgEnd)
	if n := len(b); n == 0 || b[n-1] == 0 {
		return b, nil
	}
	b = append(b, readRange(m, i.ArgEnd, i.EnvEnd)...)
	if end := bytes.IndexByte(b, 0); end >= 0 {
		b = b[:end]
	}
	return b, nil
}

func environ(ctx vfs.Ctx, t *task.Task) ([]byte, error) {
	m, err := memoryOf(ctx, t)
	if m == nil {
		return nil, err
	}
	i := m.Info()
	return readRange(m, i.EnvStart, i.EnvEnd), nil
}

func auxv(ctx vfs.Ctx, t *task.Task) ([]byte, error) {
	m, err := memoryOf(ctx, t)
	if m == nil {
		return nil, err
	}
	return m.Info().Auxv, nil
}

// mapped is a mapping and what it shows.
type mapped struct {
	mm.VMA
	name string
	dev  uint64
	ino  uint64
}

// mappings is a copy of the account, with names.
func mappings(ctx vfs.Ctx, m *mm.MM) []mapped {
	info := m.Info()
	var list []mapped
	m.Maps(func(v *mm.VMA) bool {
		e := mapped{VMA: *v}
		if ino, anonymous := v.Anonymous(); anonymous {
			e.ino, e.name = ino, v.Label(&info)
			if ino != 0 {
				e.dev = unix.Mkdev(0, 1)
			}
		}
		list = append(list, e)
		if v.File != nil {
			v.File.Hold()
		}
		return true
	})
	for i := range list {
		e := &list[i]
		if _, anonymous := e.Anonymous(); !anonymous {
			e.name, e.dev, e.ino = backing(ctx, e.File)
		}
		if e.File != nil {
			e.File.Drop()
		}
	}
	return list
}

// appendMap appends the line of one mapping.
func (e *mapped) appendMap(b []byte) []byte {
	off := e.Off
	if e.File == nil {
		off = 0
	}
	start := len(b)
	b = fmt.Appendf(b, "%08x-%08x %s %08x %02x:%02x %d ", e.Start, e.End, e.Perms(), off,
		unix.Major(e.dev), unix.Minor(e.dev), e.ino)
	if e.name == "" {
		return append(b, '\n')
	}
	const column = 73 // 25 + sizeof(void *) * 6
	if pad := column - (len(b) - start); pad > 0 {
		b = append(b, strings.Repeat(" ", pad)...)
	}
	return append(append(b, strings.ReplaceAll(e.name, "\n", `\012`)...), '\n')
}

func maps(ctx vfs.Ctx, t *task.Task) ([]byte, error) {
	m, err := memoryOf(ctx, t)
	if m == nil {
		return nil, err
	}
	var b []byte
	for _, e := range mappings(ctx, m) {
		b = e.appendMap(b)
	}
	return b, nil
}

// smaps has the sizes that the kernel knows, and asks the host which pages are
// present.
func smaps(ctx vfs.Ctx, t *task.Task) ([]byte, error) {
	m, err := memoryOf(ctx, t)
	if m == nil {
		return nil, err
	}
	var b []byte
	host := settledMaps(t, m)
	for _, e := range mappings(ctx, m) {
		b = e.appendMap(b)
		const page = abi.PageSize / 1024
		b = appendSizes(b, "Size", (e.End-e.Start)/1024, "KernelPageSize", page, "MMUPageSize", page)
		part := e.HostPart(host)
		b = appendCounts(b, &part, e.locked(&part))
		b = fmt.Appendf(b, "THPeligible:           0\nVmFlags: %s\n", e.vmFlags())
	}
	return b, nil
}

// locked is the part of what is present that counts as locked: its share.
func (e *mapped) locked(part *platform.Mapped) uint64 {
	if e.Flags&mm.Locked == 0 {
		return 0
	}
	return part.KB[mappedPss]
}

const mappedPss = 1 // in platform.SmapsFields

// appendSizes appends lines of names and sizes in kB.
func appendSizes(b []byte, pairs ...any) []byte {
	for i := 0; i < len(pairs); i += 2 {
		b = fmt.Appendf(b, "%-16s%8d kB\n", pairs[i].(string)+":", pairs[i+1])
	}
	return b
}

func appendCounts(b []byte, part *platform.Mapped, locked uint64) []byte {
	for i, name := range platform.SmapsFields {
		b = appendSizes(b, name, part.KB[i])
	}
	return appendSizes(b, "Locked", locked)
}

// settledMaps is what the host says of the mappings. Who has ended and was waited for shares no page any more, which on the
// host may take a moment.
func settledMaps(t *task.Task, m *mm.MM) []platform.Mapped {
	t.Kernel().Platform.Settle()
	host, _ := m.HostMaps()
	return host
}

// smapsRollup is the sum of smaps.
func smapsRollup(ctx vfs.Ctx, t *task.Task) ([]byte, error) {
	m, err := memoryOf(ctx, t)
	if m == nil {
		return nil, err
	}
	var sum platform.Mapped
	var first, last, locked uint64
	var split [3]uint64 // of Pss: anonymous, file, shared memory
	host := settledMaps(t, m)
	for i, e := range mappings(ctx, m) {
		if i == 0 {
			first = e.Start
		}
		last = e.End
		part := e.HostPart(host)
		for f, n := range part.KB {
			sum.KB[f] += n
		}
		locked += e.locked(&part)
		anon, pss := min(part.KB[platform.MappedAnonymous], part.KB[mappedPss]), part.KB[mappedPss]
		split[0] += anon // its own pages of a private file mapping are nobody else's
		if part.Shmem {
			split[2] += pss - anon
		} else {
			split[1] += pss - anon
		}
	}
	head := mapped{VMA: mm.VMA{Start: first, End: last}, name: "[rollup]"}
	b := appendSizes(head.appendMap(nil), "Rss", sum.KB[0], "Pss", sum.KB[1], "Pss_Dirty", sum.KB[2],
		"Pss_Anon", split[0], "Pss_File", split[1], "Pss_Shmem", split[2])
	for i, name := range platform.SmapsFields[3:] {
		b = appendSizes(b, name, sum.KB[3+i])
	}
	return appendSizes(b, "Locked", locked), nil
}

// vmFlags is the VmFlags line: two letters a flag, each with a blank behind.
func (e *mapped) vmFlags() string {
	var b strings.Builder
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"rd", e.Prot&unix.PROT_READ != 0}, {"wr", e.Prot&unix.PROT_WRITE != 0}, {"ex", e.Prot&unix.PROT_EXEC != 0},
		{"sh", e.Flags&mm.Shared != 0}, {"mr", e.Flags&mm.MayRead != 0}, {"mw", e.Flags&mm.MayWrite != 0},
		{"me", e.Flags&mm.MayExec != 0}, {"ms", e.Flags&mm.Shared != 0}, {"gd", e.Flags&mm.GrowsDown != 0}, {"lo", e.Flags&mm.Locked != 0},
		{"sr", e.Flags&mm.SeqRead != 0}, {"rr", e.Flags&mm.RandRead != 0}, {"dc", e.Flags&mm.DontFork != 0},
		{"de", e.Flags&mm.DontExpand != 0}, {"lf", e.Flags&mm.LockOnFault != 0}, {"ac", e.Flags&mm.Account != 0}, {"nr", e.Flags&mm.NoReserve != 0},
		{"wf", e.Flags&mm.WipeOnFork != 0}, {"dd", e.Flags&mm.DontDump != 0}, {"hg", e.Flags&mm.HugePage != 0},
		{"nh", e.Flags&mm.NoHugePage != 0}, {"mg", e.Flags&mm.Mergeable != 0}, {"sl", e.Flags&mm.Sealed != 0},
	} {
		if f.set {
			b.WriteString(f.name + " ")
		}
	}
	return b.String()
}

func statm(_ vfs.Ctx, t *task.Task) ([]byte, error) {
	m, _, _ := t.Resources()
	if m == nil {
		return []byte("0 0 0 0 0 0 0\n"), alive(t)
	}
	u := m.Usage()
	r, _ := m.Resident()
	p := func(n uint64) uint64 { return n / abi.PageSize }
	return fmt.Appendf(nil, "%d %d %d %d 0 %d 0\n", p(u.Size), p(r.Total()), p(r.File+r.Shmem), p(u.Exe), p(u.Data+u.Stack)), nil
}

// memFile is an open /proc/PID/mem.
type memFile struct {
	vfs.BaseFile
	vfs.PlainReads
	vfs.PlainWrites
	t *task.Task
	m *mm.MM
}

// access is a debugger's access, for a task; without one (the kernel's own
// look) protection counts.
func (f *memFile) access(ctx vfs.Ctx, addr uint64, p []byte, write bool) (int, error) {
	if c := caller(ctx); c != nil {
		return c.AccessMemory(f.t, f.m, addr, p, write)
	}
	if write {
		return f.m.AddressSpace().WriteAt(addr, p)
	}
	return f.m.AddressSpace().ReadAt(addr, p)
}

func openMem(ctx vfs.Ctx, of any, _ uint32) (vfs.FileOps, error) {
	t := of.(subject).task
	m, err := memoryOf(ctx, t)
	if err != nil {
		return nil, err
	}
	return &memFile{t: t, m: m}, nil
}

func (f *memFile) Seekable() bool { return true }

// Seek implements vfs.FileOps: the position is an address.
func (f *memFile) Seek(_ vfs.Ctx, _ *vfs.File, off int64, whence int, cur int64) (int64, error) {
	switch whence {
	case unix.SEEK_SET:
		return off, nil
	case unix.SEEK_CUR:
		return cur + off, nil
	}
	return 0, unix.EINVAL
}

// Read implements vfs.FileOps. A page that is not there is EIO.
func (f *memFile) Read(ctx vfs.Ctx, _ *vfs.File, dst *user.Buf, pos *int64) (int, error) {
	return f.move(dst.Len(), pos, func(p []byte) (int, error) {
		n, err := f.access(ctx, uint64(*pos), p, false)
		if n == 0 && err != nil {
			return 0, unix.EIO
		}
		return dst.CopyOut(p[:n])
	})
}

// Write implements vfs.FileOps.
func (f *memFile) Write(ctx vfs.Ctx, _ *vfs.File, src *user.Buf, pos *int64) (int, error) {
	return f.move(src.Len(), pos, func(p []byte) (int, error) {
		n, err := src.CopyIn(p)
		if n == 0 {
			return 0, err
		}
		n, err = f.access(ctx, uint64(*pos), p[:n], true)
		if n == 0 && err != nil {
			return 0, unix.EIO
		}
		return n, nil
	})
}

// move moves up to left bytes by step, a piece at a time, and advances pos.
func (f *memFile) move(left int, pos *int64, step func([]byte) (int, error)) (int, error) {
	if f.m == nil {
		return 0, nil
	}
	done := 0
	piece := make([]byte, min(left, 64<<10))
	for left > done {
		n, err := step(piece[:min(len(piece), left-done)])
		*pos += int64(n)
		done += n
		if err != nil && done == 0 {
			return 0, err
		}
		if err != nil || n < len(piece) {
			break
		}
	}
	return done, nil
}

func parseInt(data []byte) (int64, error) {
	return strconv.ParseInt(strings.TrimSpace(string(data)), 0, 64)
}
