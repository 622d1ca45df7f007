// SPDX-License-Identifier: Apache-2.0

package loader

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// MappedFile is a vfs file as mm knows it: what /proc/PID/maps shows the path of.
type MappedFile struct{ *vfs.File }

var _ mm.Backing = MappedFile{}

// Hold implements mm.Backing.
func (f MappedFile) Hold() { f.IncRef() }

// Drop implements mm.Backing.
func (f MappedFile) Drop() { f.DecRef() }

// Key implements mm.Backing.
func (f MappedFile) Key() any { return f.Inode }

// Moved implements mm.Mover, for the files that want to know.
func (f MappedFile) Moved(m *mm.MM, from, to uint64) {
	if o, ok := f.Ops.(mm.Mover); ok {
		o.Moved(m, from, to)
	}
}

// caller is exec on behalf of a task, with the thread that will run.
type caller struct {
	vfs.Ctx
	thread platform.Thread
	creds  *cred.Creds
}

func (c caller) Thread() platform.Thread { return c.thread }
func (c caller) Creds() *cred.Creds      { return c.creds }

const (
	dynBase = mm.TaskSize / 3 * 2 // ELF_ET_DYN_BASE
	dynRnd  = 1 << 28             // pages
	brkRnd  = 1 << 30 / abi.PageSize
)

// placed is a program with the bias that its addresses get.
type placed struct {
	*program
	*image
	bias uint64
	file *vfs.File
}

// build fills the image's address space.
func (l *loading) build(im *task.Image) error {
	c := caller{l.Ctx, im.Thread, l.creds}
	b := im.MM.Build(c)
	stackLimit := l.Ctx.RLimit(unix.RLIMIT_STACK)
	im.MM.LimitStack(stackLimit)
	top := im.MM.Randomise(stackLimit, l.random)
	exe, err := l.place(im.MM, b, l.prog, l.file, l.ld != nil)
	if err != nil {
		return err
	}
	entry, base := exe.entry+exe.bias, uint64(0)
	images := []*placed{exe}
	if l.ld != nil {
		ld, err := l.place(im.MM, b, l.ld, l.interp, false)
		if err != nil {
			return err
		}
		images = append(images, ld)
		entry, base = ld.entry+ld.bias, ld.bias
	}
	if entry >= mm.TaskSize {
		return unix.EINVAL
	}
	st := buildStack(top, l.random(alignStackRandom)/abi.PageSize, l.Filename, l.argv, l.Envp, func(s *stackImage) []auxPair {
		return l.aux(s, exe, base)
	})
	l.mapStack(b, st, stackLimit)
	if err := b.Run(); err != nil {
		return err
	}
	if err := write(im.Thread, images, st); err != nil {
		return err
	}
	im.Entry, im.Stack = entry, st.sp
	im.MM.SetInfo(func(i *mm.Info) { l.inform(i, exe, st) })
	return nil
}

// random is mm.RandomPages, unless the program is to be where it always is.
func (l *loading) random(pages uint64) uint64 {
	if l.SamePlaces {
		return 0
	}
	return mm.RandomPages(pages)
}

// place chooses where a program goes and enters its mappings.
func (l *loading) place(m *mm.MM, b *mm.Builder, p *program, file *vfs.File, hasInterp bool) (*placed, error) {
	start, length := p.span()
	if length == 0 || length > mm.TaskSize {
		return nil, unix.EINVAL
	}
	length = pageUp(start+length) - start
	pl := &placed{program: p, file: file}
	if p.kind == etDyn {
		want := uint64(0)
		if hasInterp {
			want = dynBase + l.random(dynRnd)
		}
		base := m.FindBase(want, length, p.align())
		if base == 0 {
			return nil, unix.ENOMEM
		}
		pl.bias = base - start
	} else if m.FindBase(start, length, abi.PageSize) != start {
		return nil, unix.EEXIST
	}
	var err error
	if pl.image, err = p.lay(pl.bias); err != nil {
		return nil, err
	}
	fd, err := file.Ops.Mappable(l.Ctx, file, unix.PROT_READ|unix.PROT_EXEC, unix.MAP_PRIVATE)
	if err != nil {
		return nil, err
	}
	for _, s := range pl.maps {
		v := mm.VMA{Start: s.start, End: s.end, Prot: s.prot}
		if s.anonymous {
			b.Map(v, -1)
			continue
		}
		v.Off, v.File = s.off, MappedFile{file}
		b.Map(v, fd)
	}
	return pl, nil
}

// mapStack adds the stack, as much as setup_arg_pages makes of it at first.
func (l *loading) mapStack(b *mm.Builder, st *stackImage, limit uint64) {
	start := pageDown(st.strings) - stackReserve
	if limit < st.top-start {
		start = pageUp(st.top - limit)
	}
	v := mm.VMA{Start: min(start, pageDown(st.sp)), End: st.top, Flags: mm.GrowsDown,
		Prot: unix.PROT_READ | unix.PROT_WRITE}
	if l.prog.execable {
		v.Prot |= unix.PROT_EXEC
	}
	b.Map(v, -1)
}

// write puts into memory what no file has: zeros behind a segment's data, and
// the stack.
func write(th platform.Thread, images []*placed, st *stackImage) error {
	var zeros [abi.PageSize]byte
	for _, im := range images {
		for _, c := range im.clear {
			if c.prot&unix.PROT_WRITE == 0 {
				continue // Linux tries, and does not mind
			}
			if _, err := th.WriteMemory(c.start, zeros[:c.end-c.start]); err != nil {
				return err
			}
		}
	}
	_, err := th.WriteMemory(st.sp, st.data)
	return err
}

func (l *loading) aux(s *stackImage, exe *placed, base uint64) []auxPair {
	host, c, ns := hostAux(), l.creds, l.creds.NS()
	flag := map[bool]uint64{true: 1}
	var a []auxPair
	if vdso := l.Platform.Layout().VDSO; vdso != 0 {
		a = append(a, auxPair{atSysinfoEhdr, vdso})
	}
	a = append(a, auxPair{atMinsigstksz, host[atMinsigstksz]}, auxPair{atHwcap, host[atHwcap]},
		auxPair{atPagesz, abi.PageSize}, auxPair{atClktck, clockTicks},
		auxPair{atPhdr, exe.phdrAddr(exe.bias)}, auxPair{atPhent, phdrSize},
		auxPair{atPhnum, uint64(len(exe.segments))}, auxPair{atBase, base}, auxPair{atFlags, 0},
		auxPair{atEntry, exe.entry + exe.bias}, auxPair{atUID, uint64(ns.ShowUID(c.RUID))},
		auxPair{atEUID, uint64(ns.ShowUID(c.EUID))}, auxPair{atGID, uint64(ns.ShowGID(c.RGID))},
		auxPair{atEGID, uint64(ns.ShowGID(c.EGID))}, auxPair{atSecure, flag[l.secure]},
		auxPair{atRandom, s.random}, auxPair{atHwcap2, host[atHwcap2]}, auxPair{atExecfn, s.execfn},
		auxPair{atPlatform, s.platform})
	for _, k := range []uint64{atRseqSize, atRseqAlign} {
		if v := host[k]; v != 0 {
			a = append(a, auxPair{k, v})
		}
	}
	return append(a, auxPair{atNull, 0})
}

// inform enters what /proc shows, and where the break starts.
func (l *loading) inform(i *mm.Info, exe *placed, st *stackImage) {
	i.StartCode, i.EndCode = exe.startCode, exe.endCode
	i.StartData, i.EndData = exe.startData, exe.endData
	i.StartStack = st.sp
	i.ArgStart, i.ArgEnd, i.EnvStart, i.EnvEnd = st.argStart, st.argEnd, st.envStart, st.envEnd
	i.Auxv = st.auxv()
	i.Exe = MappedFile{l.file}
	brk := pageUp(exe.endBSS)
	if exe.kind == etDyn && l.ld == nil {
		brk = pageUp(dynBase) // a program without interpreter lies among the mappings
	}
	i.StartBrk = brk + l.random(brkRnd)
	i.Brk = i.StartBrk
}
