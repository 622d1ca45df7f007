// SPDX-License-Identifier: Apache-2.0

// This file is file handles: a file named by a few bytes instead of a path (name_to_handle_at(2), exportfs). A file system
// of the host can't be asked for a file by its number, so a file of which someone has a handle is held by its dentry, and
// found again as the same until its last name goes. handleTable.mu is a leaf.

package vfs

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
)

// HandleForm is what the handles of a file system look like.
type HandleForm int

const (
	NoHandles    HandleForm = iota // can't be opened by them; as an id there is one for any file
	Ino32Handles                   // FILEID_INO32_GEN, with the parent in one that is connectable: ext4
	ShmemHandles                   // that of tmpfs
)

// Exporter is a file system whose files can be opened by handles.
type Exporter interface{ HandleForm() HandleForm }

// Types of handles (enum fid_type).
const (
	handleIno32       = 1
	handleIno32Parent = 2
	handleIno64       = 0x81

	HandleInvalid = 0xff // FILEID_INVALID: it takes more room than there is
)

// HandleUse is what a handle is wanted for.
type HandleUse int

const (
	HandleToOpen        HandleUse = iota
	HandleAsID                    // AT_HANDLE_FID: it need not lead anywhere
	HandleConnectable             // AT_HANDLE_CONNECTABLE: the path must be known to who opens it
	handleTableMinSweep = 1024
)

// Handle is a struct file_handle without its size.
type Handle struct {
	Type int32
	ID   []byte
}

// handleTable is the files of a file system that someone has a handle of.
type handleTable struct {
	count atomic.Int32

	mu      sync.Mutex
	of      map[Inode]*handled
	byGen   map[uint32]*handled
	lastGen uint32
	sweepAt int
}

// handled is such a file.
type handled struct {
	d    *Dentry // holds the file
	gen  uint32
	ino  uint64 // as it was told, though it may change when a file of an overlay is taken over
	gone bool   // its last name was removed
}

func formOf(fs FileSystem) HandleForm {
	if e, ok := fs.(Exporter); ok {
		return e.HandleForm()
	}
	return NoHandles
}

// OnDisk tells whether the file system passes for one on a disk of the host: ext4, by what it knows besides.
func OnDisk(fs FileSystem) bool { return formOf(fs) == Ino32Handles }

// HasHandles tells whether what is at p has handles for that use (exportfs_can_encode_fh).
func HasHandles(p Path, use HandleUse) bool {
	switch formOf(p.Mount.FS) {
	case NoHandles:
		return use == HandleAsID
	case ShmemHandles:
		return use != HandleConnectable
	}
	return true
}

// HandleOf is the handle of what is at p. One of type HandleInvalid tells only how long it would be.
func HandleOf(ctx Ctx, p Path, use HandleUse, room int) (Handle, error) {
	h, err := p.encode(ctx, formOf(p.Mount.FS), use)
	if err == nil && len(h.ID) > room {
		h.Type = HandleInvalid
	}
	return h, err
}

func (p Path) encode(ctx Ctx, form HandleForm, use HandleUse) (h Handle, err error) {
	le := binary.LittleEndian
	if form == NoHandles {
		a, err := p.Dentry.inode.Attr(ctx)
		return Handle{handleIno64, le.AppendUint32(le.AppendUint64(nil, a.Ino), 0)}, err
	}
	f, err := p.Mount.super.handles.add(ctx, p.Dentry)
	if err != nil {
		return h, err
	}
	if form == ShmemHandles {
		return Handle{handleIno32, le.AppendUint64(le.AppendUint32(nil, f.gen), f.ino)}, nil
	}
	h = Handle{handleIno32, le.AppendUint32(le.AppendUint32(nil, uint32(f.ino)), f.gen)}
	if up := p.Dentry.Parent(); use == HandleConnectable && !p.Dentry.IsDir() && up != nil {
		if f, err = p.Mount.super.handles.add(ctx, up); err != nil {
			return h, err
		}
		h = Handle{handleIno32Parent, le.AppendUint32(le.AppendUint32(h.ID, uint32(f.ino)), f.gen)}
	}
	return h, nil
}

// add is the entry of the file at d.
func (t *handleTable) add(ctx Ctx, d *Dentry) (handled, error) {
	a, err := d.inode.Attr(ctx)
	if err != nil {
		return handled{}, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	f := t.of[d.inode]
	if f == nil {
		f = t.fresh(d, a.Ino)
	}
	if f.d.IsUnlinked() {
		f.d = d
	}
	f.gone = f.gone || a.Nlink == 0
	return *f, nil
}

func (t *handleTable) fresh(d *Dentry, ino uint64) *handled {
	if t.of == nil {
		t.of, t.byGen = map[Inode]*handled{}, map[uint32]*handled{}
		t.lastGen, t.sweepAt = rand.Uint32(), handleTableMinSweep
	}
	if len(t.of) >= t.sweepAt {
		for _, f := range t.of {
			t.dropIfGone(f)
		}
		t.sweepAt = max(handleTableMinSweep, 2*len(t.of))
	}
	t.lastGen++
	f := &handled{d: d, gen: t.lastGen, ino: ino}
	t.of[d.inode], t.byGen[f.gen] = f, f
	t.count.Store(int32(len(t.of)))
	return f
}

// dropIfGone forgets a file that has no name and is not open.
func (t *handleTable) dropIfGone(f *handled) bool {
	if !f.gone || f.d.openCount().Load() != 0 {
		return false
	}
	if a, err := f.d.inode.Attr(nil); err == nil && a.Nlink != 0 && !f.d.IsDir() {
		f.gone = false // it got another name (O_TMPFILE)
		return false
	}
	delete(t.of, f.d.inode)
	delete(t.byGen, f.gen)
	t.count.Store(int32(len(t.of)))
	return true
}

// removed notes that a name is gone, perhaps the file's last.
func (t *handleTable) removed(ctx Ctx, d *Dentry) {
	if t.count.Load() == 0 {
		return
	}
	if !d.IsDir() {
		if a, err := d.inode.Attr(ctx); err == nil && a.Nlink != 0 {
			return
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if f := t.of[d.inode]; f != nil {
		f.gone = true
		t.dropIfGone(f)
	}
}

// find is the file that a handle names: ESTALE.
func (t *handleTable) find(ctx Ctx, form HandleForm, h Handle) (*Dentry, error) {
	le := binary.LittleEndian
	var gen uint32
	var ino uint64
	known := false
	switch {
	case form == Ino32Handles && len(h.ID) >= 8:
		ino, gen, known = uint64(le.Uint32(h.ID)), le.Uint32(h.ID[4:]), h.Type == handleIno32 || h.Type == handleIno32Parent
	case form == ShmemHandles && len(h.ID) >= 12:
		gen, ino, known = le.Uint32(h.ID), le.Uint64(h.ID[4:]), true
	}
	t.mu.Lock()
	f := t.byGen[gen]
	if !known || f == nil || f.ino != ino && uint64(uint32(f.ino)) != ino || t.dropIfGone(f) {
		t.mu.Unlock()
		return nil, unix.ESTALE
	}
	d, gone := f.d, f.gone
	t.mu.Unlock()
	if a, err := d.inode.Attr(ctx); !gone && (err != nil || a.Nlink == 0 && d.openCount().Load() == 0) {
		return nil, unix.ESTALE // who else has the host's directory removed it
	}
	return d, nil
}

// HandleWant is what a handle's type says of the file that it must lead to.
type HandleWant struct {
	Connected bool // it is below the place where the search starts
	Dir       bool
}

// FindHandle finds the file that a handle names in the file system of what is at root, for who opens it with flags: EPERM,
// ESTALE.
func FindHandle(ctx Ctx, root Path, h Handle, want HandleWant, flags uint32) (Path, error) {
	user, below, err := root.mayDecode(ctx.Creds(), flags)
	if err != nil {
		return Path{}, err
	}
	d, err := root.Mount.super.handles.find(ctx, formOf(root.Mount.FS), h)
	if err != nil || (want.Dir || user) && !d.IsDir() {
		return Path{}, unix.ESTALE
	}
	if (user || want.Connected) && !root.leadsTo(ctx, d, user, below || want.Connected) {
		return Path{}, unix.ESTALE
	}
	return Path{root.Mount, d}, nil
}

// MayDecode is may_decode_fh: EPERM for who may not open files by handles below root.
func (root Path) MayDecode(creds *cred.Creds, flags uint32) error {
	_, _, err := root.mayDecode(creds, flags)
	return err
}

// mayDecode: who rules the file system or the mount may open directories, if he could go there (user), and that
// below root only (below).
func (root Path) mayDecode(creds *cred.Creds, flags uint32) (user, below bool, err error) {
	switch {
	case creds.Capable(unix.CAP_DAC_READ_SEARCH):
		return false, false, nil
	case flags&unix.O_DIRECTORY == 0:
		return false, false, unix.EPERM
	case creds.CapableIn(root.Mount.super.owner, unix.CAP_SYS_ADMIN):
	default:
		ns := root.Mount.ns.Load()
		if ns == nil || !creds.CapableIn(ns.owner, unix.CAP_SYS_ADMIN) {
			return false, false, unix.EPERM
		}
		mountMu.RLock()
		locked := root.Mount.hasLocked(root.Dentry)
		mountMu.RUnlock()
		if locked {
			return false, false, unix.EPERM
		}
		below = true
	}
	if !creds.CapableHere(unix.CAP_DAC_READ_SEARCH) {
		return false, false, unix.EPERM
	}
	return true, below, nil
}

// leadsTo is vfs_dentry_acceptable: the way up from d comes to root, if that is asked for, and with user all that it passes
// belongs to someone whom the caller's user namespace knows.
func (root Path) leadsTo(ctx Ctx, d *Dentry, user, below bool) bool {
	for {
		if user {
			a, err := d.inode.Attr(ctx)
			if err != nil || !ctx.Creds().NS().Maps(a.UID, a.GID) {
				return false
			}
		}
		up := d.Parent()
		if d == root.Dentry || up == nil {
			return !below || d == root.Dentry
		}
		d = up
	}
}

// OpenFound opens what is at a place as open(2) of a path that leads there: do_file_open_root.
func OpenFound(ctx Ctx, p Path, how OpenHow) (*File, error) {
	if how.Flags&unix.O_PATH != 0 {
		how.Flags &= unix.O_PATH | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC
	}
	if err := how.Check(); err != nil {
		return nil, err
	}
	o := opening{walker: walker{ctx: ctx, creds: ctx.Creds(), cur: p}, OpenHow: how}
	switch {
	case how.Flags&unix.O_PATH != 0:
		return o.openPath()
	case p.Dentry.inode.Mode()&unix.S_IFMT == unix.S_IFLNK:
		return nil, unix.ELOOP
	case how.Flags&tmpfileBit != 0:
		return o.tmpfile()
	}
	return o.finish()
}
