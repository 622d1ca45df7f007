// SPDX-License-Identifier: Apache-2.0

package vfs

import (
	"golang.org/x/sys/unix"
)

// OpenHow is what open(2) and openat2(2) ask for.
type OpenHow struct {
	Flags   uint32
	Mode    uint32
	Umask   uint32
	Resolve How
}

const tmpfileBit = unix.O_TMPFILE &^ unix.O_DIRECTORY // __O_TMPFILE

// Check refuses flags that don't go together.
func (h *OpenHow) Check() error {
	f := h.Flags
	switch {
	case f&unix.O_CREAT != 0 && f&unix.O_DIRECTORY != 0 && f&tmpfileBit == 0:
		return unix.EINVAL
	case f&tmpfileBit != 0 && f&unix.O_DIRECTORY == 0,
		f&tmpfileBit != 0 && f&unix.O_CREAT != 0,
		f&tmpfileBit != 0 && f&(unix.O_WRONLY|unix.O_RDWR) == 0:
		return unix.EINVAL
	}
	return nil
}

// access is what the flags want of the file.
func (h *OpenHow) access() uint32 {
	mask := [4]uint32{MayRead, MayWrite, MayRead | MayWrite, MayRead | MayWrite}[h.Flags&unix.O_ACCMODE]
	if h.Flags&unix.O_TRUNC != 0 {
		mask |= MayWrite
	}
	return mask
}

// opening is one open(2) in progress.
type opening struct {
	walker
	OpenHow
	created bool
}

// Open is openat2(2): it finds or makes the file and opens it. O_CLOEXEC is
// the caller's matter.
func Open(ctx Ctx, at At, path string, how OpenHow) (*File, error) {
	if err := how.Check(); err != nil {
		return nil, err
	}
	var last *Dentry
	for {
		f, stale, err := open(ctx, at, path, how)
		if err != unix.ESTALE || stale == nil || stale.Parent() == nil || stale == last {
			return f, err
		}
		last = stale
		// The file was replaced and freed between the walk and the open. Who
		// replaces it holds the directory until the name leads elsewhere.
		dir := stale.Parent().dir
		dir.change.Lock()
		again := stale.IsUnlinked()
		dir.change.Unlock()
		if !again {
			return f, err
		}
	}
}

// open is one try of Open. With ESTALE it says at which dentry.
func open(ctx Ctx, at At, path string, how OpenHow) (_ *File, stale *Dentry, _ error) {
	if how.Flags&unix.O_PATH != 0 {
		how.Flags &= unix.O_PATH | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_CLOEXEC
	}
	walk := how.Resolve
	if exclusive := how.Flags&(unix.O_CREAT|unix.O_EXCL) == unix.O_CREAT|unix.O_EXCL; !exclusive && how.Flags&unix.O_NOFOLLOW == 0 {
		walk |= Follow
	}
	o := opening{walker: walker{ctx: ctx, creds: ctx.Creds(), how: walk}, OpenHow: how}
	if err := o.start(at, path); err != nil {
		return nil, nil, err
	}
	if how.Flags&unix.O_CREAT != 0 {
		if err := o.walkCreate(path); err != nil {
			return nil, nil, err
		}
	} else if err := o.walk(path); err != nil {
		return nil, nil, err
	}
	var f *File
	var err error
	switch {
	case how.Flags&tmpfileBit != 0:
		f, err = o.tmpfile()
	case how.Flags&unix.O_PATH != 0:
		f, err = o.openPath()
	default:
		f, err = o.finish()
	}
	return f, o.cur.Dentry, err
}

// walkCreate goes to the file, making it if it is not there.
func (o *opening) walkCreate(path string) error {
	for {
		last, slash, err := o.parent(path)
		if err != nil || last == "" {
			return err
		}
		switch {
		case last == "." || last == "..":
			_, err := o.step(last, false)
			return err
		case slash:
			return unix.EISDIR
		case len(last) > nameMax:
			return tooLong(o.cur.Dentry)
		}
		dir := o.cur.Dentry
		target, err := o.step(last, o.how&Follow != 0)
		if err == unix.ENOENT && o.cur.Dentry == dir {
			again, err := o.create(last)
			if again {
				continue
			}
			return err
		}
		if err != nil || target == "" {
			return err
		}
		path = target
	}
}

// create makes the file in the directory where the walker is. again: someone
// else was faster.
func (o *opening) create(name string) (again bool, err error) {
	dir := o.cur.Dentry
	dir.dir.change.Lock()
	defer dir.dir.change.Unlock()
	c, err := dir.lookupChange(o.ctx, name)
	if err != nil {
		return false, err
	}
	if c.inode != nil {
		return true, nil
	}
	if o.cur.Mount.ReadOnly() {
		return false, unix.EROFS
	}
	if err := restricted(o.creds, o.cur, RightMakeReg); err != nil {
		return false, err
	}
	if err := mayCreate(o.ctx, dir); err != nil {
		return false, err
	}
	mode, err := newMode(o.ctx, dir.inode, o.Mode&0o7777|unix.S_IFREG, o.Umask)
	if err != nil {
		return false, err
	}
	inode, err := dir.inode.Create(o.ctx, name, mode, 0)
	if err != nil {
		return false, err
	}
	c = newDentry(dir, name, inode)
	dir.insert(c)
	notifyName(o.ctx, o.cur, name, c, unix.IN_CREATE, 0)
	o.created = true
	o.cur = Path{o.cur.Mount, c}
	return false, nil
}

// finish opens what the walker is at: do_open's checks, in its order.
func (o *opening) finish() (*File, error) {
	inode := o.cur.Dentry.inode
	isDir := o.cur.Dentry.IsDir()
	switch {
	case o.Flags&unix.O_CREAT == 0 || o.created:
	case o.Flags&unix.O_EXCL != 0:
		return nil, unix.EEXIST
	case isDir:
		return nil, unix.EISDIR
	default:
		if err := o.mayCreateInSticky(); err != nil {
			return nil, err
		}
	}
	if o.Flags&unix.O_DIRECTORY != 0 && !isDir {
		return nil, unix.ENOTDIR
	}
	if !o.created {
		if err := o.mayOpen(inode); err != nil {
			return nil, err
		}
	}
	f, err := OpenPath(o.ctx, o.cur, o.Flags)
	if err != nil {
		return nil, err
	}
	f.Created = o.created
	if o.Flags&unix.O_TRUNC != 0 && !o.created && inode.Mode()&unix.S_IFMT == unix.S_IFREG {
		err := f.mayTruncate()
		if err == nil {
			err = truncate(o.ctx, o.cur, inode, SetAttr{})
		}
		if err != nil {
			f.DecRef()
			return nil, err
		}
	}
	return f, nil
}

// mayOpen is may_open: type, permission, read-only mounts, O_NOATIME.
func (o *opening) mayOpen(inode Inode) error {
	mask := o.access()
	kind := inode.Mode() & unix.S_IFMT
	switch kind {
	case unix.S_IFLNK:
		return unix.ELOOP
	case unix.S_IFDIR:
		if mask&MayWrite != 0 {
			return unix.EISDIR
		}
	case unix.S_IFREG:
		if mask&MayWrite != 0 && o.cur.Mount.ReadOnly() {
			return unix.EROFS
		}
	case unix.S_IFCHR, unix.S_IFBLK:
		if o.cur.Mount.NoDevices() {
			return unix.EACCES
		}
	}
	if err := permission(o.ctx, o.creds, inode, mask); err != nil {
		return err
	}
	if mask&MayWrite != 0 && IsAppendOnly(inode) && (o.Flags&unix.O_APPEND == 0 || o.Flags&unix.O_TRUNC != 0) {
		return unix.EPERM
	}
	if o.Flags&unix.O_NOATIME == 0 {
		return nil
	}
	a, err := inode.Attr(o.ctx)
	if err == nil && !a.OwnerOrCapable(o.creds) {
		err = unix.EPERM
	}
	return err
}

// mayCreateInSticky is fs.protected_regular and protected_fifos: O_CREAT does
// not open another's file or FIFO in a sticky directory that anyone can write,
// or with 2 the group, unless the directory's owner has it; nor, whatever the
// settings, what is neither.
func (o *opening) mayCreateInSticky() error {
	level := 1
	switch o.cur.Dentry.inode.Mode() & unix.S_IFMT {
	case unix.S_IFREG:
		level = protection().Regular
	case unix.S_IFIFO:
		level = protection().FIFOs
	}
	dir := o.cur.Dentry.Parent()
	if level == 0 || dir == nil {
		return nil
	}
	mode := dir.inode.Mode()
	if mode&unix.S_ISVTX == 0 || mode&0o002 == 0 && (mode&0o020 == 0 || level < 2) {
		return nil
	}
	fa, err := o.cur.Dentry.inode.Attr(o.ctx)
	if err != nil || fa.UID == o.creds.FSUID {
		return err
	}
	da, err := dir.inode.Attr(o.ctx)
	if err != nil || fa.UID == da.UID {
		return err
	}
	return unix.EACCES
}

// OpenPath opens what is at a place, with no check of permissions.
func OpenPath(ctx Ctx, p Path, flags uint32) (*File, error) {
	return openPlace(ctx, p, flags, openPlain)
}

// OpenToRun is OpenPath of a program that is to be executed.
func OpenToRun(ctx Ctx, p Path) (*File, error) { return openPlace(ctx, p, unix.O_RDONLY, openRun) }

// OpenUnheard is OpenPath, but nobody who watches the file hears of what is done with it.
func OpenUnheard(ctx Ctx, p Path, flags uint32) (*File, error) {
	return openPlace(ctx, p, flags, openUnheard)
}

// What an open is for.
type openKind int

const (
	openPlain openKind = iota
	openRun
	openUnheard
)

func openPlace(ctx Ctx, p Path, flags uint32, kind openKind) (*File, error) {
	inode := p.Dentry.inode
	lacks, err := restrictOpen(ctx.Creds(), p, flags, kind)
	if err != nil {
		return nil, err
	}
	writes := 0
	if inode.Mode()&unix.S_IFMT == unix.S_IFREG && flags&unix.O_ACCMODE != unix.O_RDONLY {
		writes = 1
		if err := countWriter(inode, writes); err != nil {
			return nil, err
		}
	}
	err = askOpen(ctx, p, kind)
	if err == nil {
		err = breakLeases(ctx, inode, writes != 0, flags&unix.O_NONBLOCK != 0)
	}
	var ops FileOps
	if err == nil {
		ops, err = inode.Open(ctx, flags)
	}
	if err == nil && flags&unix.O_DIRECT != 0 && !CanDirect(inode) {
		NewFile(ops, inode, p, flags).DecRef()
		err = unix.EINVAL
	}
	if err != nil {
		if writes != 0 {
			uncountWriter(inode, writes)
		}
		return nil, err
	}
	f := NewFile(ops, inode, p, flags)
	f.countWriter(writes)
	f.Creds = ctx.Creds()
	f.unheard = kind == openUnheard
	f.asks = !f.unheard && mayBeAsked()
	f.lacks = lacks
	f.notifyOpened(ctx, kind == openRun)
	return f, nil
}

// Direct is an inode whose file can be read and written without the page cache, or as if (O_DIRECT).
type Direct interface{ CanDirect() bool }

// CanDirect tells whether a file may be opened with O_DIRECT.
func CanDirect(inode Inode) bool {
	d, ok := inode.(Direct)
	return ok && d.CanDirect()
}

// MayDirect tells whether an open file may become one of O_DIRECT (FMODE_CAN_ODIRECT): not one that its maker did not open.
func (f *File) MayDirect() bool {
	o, ok := f.Ops.(interface{ MayDirect() bool })
	return CanDirect(f.Inode) && (!ok || o.MayDirect())
}

// pathOps are the operations of a file opened with O_PATH: none.
type pathOps struct{ BaseFile }

// PathHolder is an inode that wants to know how many O_PATH files hold it.
type PathHolder interface {
	HoldPath()
	DropPath()
}

func (pathOps) Release(f *File) {
	if h, ok := f.Inode.(PathHolder); ok {
		h.DropPath()
	}
}

func (o *opening) openPath() (*File, error) {
	if o.Flags&unix.O_DIRECTORY != 0 && !o.cur.Dentry.IsDir() {
		return nil, unix.ENOTDIR
	}
	f := newPathFile(o.cur, o.Flags)
	f.Creds = o.creds
	return f, nil
}

func newPathFile(p Path, flags uint32) *File {
	if h, ok := p.Dentry.inode.(PathHolder); ok {
		h.HoldPath()
	}
	return NewFile(pathOps{}, p.Dentry.inode, p, flags)
}

// TmpfileMaker is a directory that can make a file without a name.
type TmpfileMaker interface {
	Tmpfile(ctx Ctx, mode uint32, linkable bool) (Inode, error)
}

func (o *opening) tmpfile() (*File, error) {
	dir := o.cur.Dentry
	if !dir.IsDir() {
		return nil, unix.ENOTDIR
	}
	if o.cur.Mount.ReadOnly() {
		return nil, unix.EROFS
	}
	if err := permission(o.ctx, o.creds, dir.inode, MayWrite|MayExec); err != nil {
		return nil, err
	}
	maker, ok := dir.inode.(TmpfileMaker)
	if !ok {
		return nil, unix.EOPNOTSUPP
	}
	mode, err := newMode(o.ctx, dir.inode, o.Mode&0o7777|unix.S_IFREG, o.Umask)
	if err != nil {
		return nil, err
	}
	inode, err := maker.Tmpfile(o.ctx, mode, o.Flags&unix.O_EXCL == 0)
	if err != nil {
		return nil, err
	}
	a, err := inode.Attr(o.ctx)
	if err != nil {
		return nil, err
	}
	d := newDentry(dir, "#"+utoa(a.Ino), inode)
	d.state.Or(dUnlinked)
	return OpenPath(o.ctx, Path{o.cur.Mount, d}, o.Flags)
}
