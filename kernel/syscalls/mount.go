// SPDX-License-Identifier: Apache-2.0

// This file is the old calls that change the tree of mounts (fs/namespace.c).

package syscalls

import (
	"math/bits"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const (
	msMagic     = 0xc0ed0000 // MS_MGC_VAL
	msMagicMask = 0xffff0000
	msNoUser    = 1 << 31

	propagations = unix.MS_SHARED | unix.MS_PRIVATE | unix.MS_SLAVE | unix.MS_UNBINDABLE
)

// mounting is one mount(2) in progress.
type mounting struct {
	t      *task.Task
	ns     *vfs.Namespace
	source *string // nil: none was given
	at     vfs.Path
	flags  uint64
	data   string
}

//ditto:syscall mount partial file systems on devices and cgroups of version 1 can't be mounted; groups in a cgroup2 have no controllers, and can be neither frozen nor threaded; overlay without redirects, index, metadata-only copies and exported handles (EINVAL)
func mount(t *task.Task, usource user.String, target user.Path, utype user.String, flags uint64, udata user.Addr) error {
	fstype, err := mountString(t, utype)
	if err != nil {
		return err
	}
	m := mounting{t: t, ns: t.Mounts(), flags: flags}
	if m.source, err = mountString(t, usource); err != nil {
		return err
	}
	if m.data, err = mountData(t, udata); err != nil {
		return err
	}
	if m.at, err = lookupAt(t, vfs.AtFDCWD, target, 0); err != nil {
		return err
	}
	if m.flags&msMagicMask == msMagic {
		m.flags &^= msMagicMask
	}
	if m.flags&msNoUser != 0 || m.flags>>32 != 0 {
		return unix.EINVAL
	}
	if err := vfs.MountsFixed(t.Creds()); err != nil {
		return err
	}
	if err := m.ns.MayMount(t); err != nil {
		return err
	}
	switch {
	case m.flags&unix.MS_REMOUNT != 0 && m.flags&unix.MS_BIND != 0:
		return m.ns.ChangeFlags(m.at, m.mountFlags())
	case m.flags&unix.MS_REMOUNT != 0:
		return m.remount()
	case m.flags&unix.MS_BIND != 0:
		return m.bind()
	case m.flags&propagations != 0:
		return m.propagate()
	case m.flags&unix.MS_MOVE != 0:
		return m.move()
	}
	return m.fresh(fstype)
}

// mountString is copy_mount_string: nil stays nil.
func mountString(t *task.Task, addr user.String) (*string, error) {
	if addr == 0 {
		return nil, nil
	}
	s, err := dupString(t, user.Addr(addr), user.PathMax)
	return &s, err
}

// mountData is copy_mount_options: at most a page, and no more than is there.
func mountData(t *task.Task, addr user.Addr) (string, error) {
	if addr == 0 {
		return "", nil
	}
	var page [abi.PageSize]byte
	first := page[:abi.PageSize-addr%abi.PageSize]
	n, err := t.Memory().CopyIn(addr, first)
	if n == 0 {
		return "", err
	}
	if n == len(first) && n < len(page) {
		_, _ = t.Memory().CopyIn(addr+user.Addr(n), page[n:])
	}
	page[len(page)-1] = 0
	for i, c := range page {
		if c == 0 {
			return string(page[:i]), nil
		}
	}
	return "", nil
}

// mountFlags are the flags that the mount is to have: a remount that says
// nothing of atime keeps what there is.
func (m *mounting) mountFlags() uint32 {
	const atime = unix.MS_NOATIME | unix.MS_NODIRATIME | unix.MS_RELATIME | unix.MS_STRICTATIME
	const plain = unix.MS_RDONLY | unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_NOSYMFOLLOW
	flags := uint32(m.flags) & (plain | unix.MS_NOATIME | unix.MS_NODIRATIME)
	switch {
	case m.flags&unix.MS_REMOUNT != 0 && m.flags&atime == 0:
		return flags | m.at.Mount.Flags()&(unix.MS_NOATIME|unix.MS_NODIRATIME|unix.MS_RELATIME)
	case m.flags&unix.MS_STRICTATIME != 0:
		flags &^= unix.MS_NOATIME
	case m.flags&unix.MS_NOATIME == 0:
		flags |= unix.MS_RELATIME
	}
	return flags
}

func (m *mounting) remount() error {
	options, set, clear, err := m.options(vfs.FindFS(m.at.Mount.FS.Name()))
	sb := (uint32(m.flags) | set) &^ clear
	check := func() error { return err }
	return vfs.Errno(m.ns.Remount(m.t, m.at, sb, m.mountFlags(), options, check))
}

// options cuts the data into what the type takes, and what all types take.
func (m *mounting) options(ty *vfs.FSType) (own []vfs.Option, set, clear uint32, err error) {
	if ty == nil {
		return nil, 0, 0, nil
	}
	for _, o := range vfs.ParseOptions(m.data) {
		if o.Key == "source" && m.source != nil {
			return nil, 0, 0, unix.EINVAL // a second one
		}
		s, c, mine, err := ty.CheckOption(m.t, o)
		if err != nil {
			return nil, 0, 0, err
		}
		set, clear = (set|s)&^c, (clear|c)&^s
		if mine {
			own = append(own, o)
		}
	}
	return own, set, clear, nil
}

// from finds the place that the source names.
func (m *mounting) from() (vfs.Path, error) {
	if m.source == nil || *m.source == "" {
		return vfs.Path{}, unix.EINVAL
	}
	return vfs.Lookup(m.t, m.t.FS().At(), *m.source, vfs.Follow)
}

func (m *mounting) bind() error {
	from, err := m.from()
	if err != nil {
		return err
	}
	return m.ns.Loopback(from, m.at, m.flags&unix.MS_REC != 0)
}

func (m *mounting) propagate() error {
	kind := m.flags &^ (unix.MS_REC | unix.MS_SILENT)
	if m.at.Mount.Root() != m.at.Dentry || kind&^propagations != 0 || bits.OnesCount64(kind) != 1 {
		return unix.EINVAL
	}
	return m.ns.Propagate(m.t, m.at, uint32(kind), m.flags&unix.MS_REC != 0)
}

func (m *mounting) move() error {
	from, err := m.from()
	if err != nil {
		return err
	}
	return m.ns.MoveTo(from, m.at)
}

// fresh is do_new_mount.
func (m *mounting) fresh(fstype *string) error {
	if fstype == nil {
		return unix.EINVAL
	}
	ty := vfs.FindFS(*fstype)
	if ty == nil {
		return unix.ENODEV
	}
	if err := ty.MayDescribe(m.t); err != nil {
		return err
	}
	options, set, clear, err := m.options(ty)
	if err != nil {
		return err
	}
	if err := ty.MayMount(m.t, ty.Owner(m.t)); err != nil {
		return err
	}
	fs, err := ty.New(m.t, options)
	if err != nil {
		return vfs.Errno(err)
	}
	source := ""
	if m.source != nil {
		source = *m.source
	}
	flags := m.mountFlags()
	if ty.Revealing && m.ns.Reveals(ty.Name, &flags, (uint32(m.flags)|set)&^clear) {
		return unix.EPERM
	}
	sb := (uint32(m.flags) | set) &^ clear
	if ty.Kept {
		sb = 0
	}
	return m.ns.Add(fs, sb, flags, source, ty.Owner(m.t), m.at)
}

//ditto:syscall umount2 full
func umount2(t *task.Task, path user.Path, flags int32) error {
	if flags&^(unix.MNT_FORCE|unix.MNT_DETACH|unix.MNT_EXPIRE|unix.UMOUNT_NOFOLLOW) != 0 {
		return unix.EINVAL
	}
	name, err := pathIn(t, path)
	if err != nil {
		return err
	}
	how := vfs.How(vfs.Follow)
	if flags&unix.UMOUNT_NOFOLLOW != 0 {
		how = 0
	}
	p, err := vfs.LookupQuiet(t, t.FS().At(), name, how)
	if err != nil {
		return err
	}
	err = t.Mounts().Unmount(t, p, uint32(flags), t.FS().Root(), usersOf(t))
	if err == nil {
		task.CollectNetworks() // "ip netns" keeps them by mounts
	}
	return err
}

// usersOf tells of the mounts that a task has its root or working directory in.
func usersOf(t *task.Task) vfs.Users {
	return func(m *vfs.Mount) bool {
		return len(t.Kernel().Tasks(func(o *task.Task) bool {
			_, _, fs := o.Resources()
			return fs != nil && fs.In(m)
		})) > 0
	}
}

//ditto:syscall pivot_root full
func pivotRoot(t *task.Task, newRoot, putOld user.Path) error {
	ns := t.Mounts()
	if err := ns.MayMount(t); err != nil {
		return err
	}
	nw, err := directoryAt(t, newRoot)
	if err != nil {
		return err
	}
	old, err := directoryAt(t, putOld)
	if err != nil {
		return err
	}
	if err := vfs.MountsFixed(t.Creds()); err != nil {
		return err
	}
	root := t.FS().Root()
	if err := ns.PivotRoot(nw, old, root); err != nil {
		return err
	}
	t.Kernel().Tasks(func(o *task.Task) bool {
		if _, _, fs := o.Resources(); fs != nil {
			fs.Replace(root, nw)
		}
		return false
	})
	return nil
}

// directoryAt finds a directory (LOOKUP_FOLLOW | LOOKUP_DIRECTORY).
func directoryAt(t *task.Task, path user.Path) (vfs.Path, error) {
	p, err := lookupAt(t, vfs.AtFDCWD, path, 0)
	if err == nil && !p.Dentry.IsDir() {
		err = unix.ENOTDIR
	}
	return p, err
}
