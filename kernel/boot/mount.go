// SPDX-License-Identifier: Apache-2.0

// This file builds the tree that the sandbox sees.

package boot

import (
	"errors"
	"fmt"
	"path"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/fs/dev"
	"github.com/ditto-kernel/ditto/kernel/fs/devpts"
	"github.com/ditto-kernel/ditto/kernel/fs/hostfs"
	"github.com/ditto-kernel/ditto/kernel/fs/overlay"
	_ "github.com/ditto-kernel/ditto/kernel/fs/pipe" // FIFOs of every file system
	"github.com/ditto-kernel/ditto/kernel/fs/tmpfs"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// mount makes the namespace: the host's directory under an overlay, and over it
// what every system has, and the volumes.
func (s *Sandbox) mount(root int, volumes []int) (*vfs.Namespace, error) {
	ctx := bootCtx{}
	s.makeGroup()
	lower, err := hostfs.New(root, hostfs.Options{ReadOnly: true, Cached: true})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.d.Root, err)
	}
	upper, err := overlay.New(ctx, lower, overlay.Options{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.d.Root, err)
	}
	ns := vfs.NewNamespace(upper, 0)
	pts := s.newPts(5, 0)
	devs, err := dev.New(ctx, s.tty != nil)
	if err != nil {
		return nil, fmt.Errorf("/dev: %w", err)
	}
	const safe = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	for _, m := range []struct {
		at    string
		fs    vfs.FileSystem
		flags uint32
	}{
		{"/proc", s.proc, safe},
		{"/sys", s.sys, safe | unix.MS_RDONLY},
		{"/dev", devs, unix.MS_NOSUID},
		{"/dev/pts", pts, unix.MS_NOSUID | unix.MS_NOEXEC},
		{"/dev/shm", tmpfs.New(tmpfs.Options{}), unix.MS_NOSUID | unix.MS_NODEV},
	} {
		if err := mountAt(ctx, ns, m.at, m.fs, m.flags, ""); err != nil {
			return nil, err
		}
	}
	for i, v := range s.d.Volumes {
		fs, err := hostfs.New(volumes[i], hostfs.Options{ReadOnly: v.ReadOnly})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", v.Source, err)
		}
		if err := mountAt(ctx, ns, v.Target, fs, unix.MS_NOSUID|unix.MS_NODEV, ""); err != nil {
			return nil, err
		}
	}
	return ns, nil
}

// newPts is the container's one devpts, with its terminal. Device nodes in other
// file systems are those of the sandbox's first container.
func (s *Sandbox) newPts(gid cred.GID, mode uint32) *devpts.FS {
	s.pts = devpts.New(devpts.Options{GID: gid, Mode: mode})
	if !s.joined {
		dev.Register(s.pts, s.tty)
	}
	if s.tty != nil {
		s.pts.AddHost(s.tty, 0)
	}
	return s.pts
}

// mountAt mounts fs, and makes the place if it isn't there. source is what /proc/mounts tells;
// empty: the type's name.
func mountAt(ctx vfs.Ctx, ns *vfs.Namespace, at string, fs vfs.FileSystem, flags uint32, source string) error {
	m, err := ns.Mount(ctx, at, fs, flags)
	if errors.Is(err, unix.ENOENT) {
		if err = makePlace(ctx, ns, at, fs.Root().Mode()&unix.S_IFMT == unix.S_IFDIR); err == nil {
			m, err = ns.Mount(ctx, at, fs, flags)
		}
	}
	if err != nil {
		return fmt.Errorf("mount on %s: %w", at, err)
	}
	if source != "" {
		m.Source = source
	}
	return nil
}

// makePlace makes a mount point with the directories that lead to it.
func makePlace(ctx vfs.Ctx, ns *vfs.Namespace, at string, isDir bool) error {
	return makePlaceBy(ctx, ns, at, isDir, 0)
}

// maxLinks is how many dangling symbolic links may lead to a mount point.
const maxLinks = 40

func makePlaceBy(ctx vfs.Ctx, ns *vfs.Namespace, at string, isDir bool, links int) error {
	where := vfs.At{Root: ns.Root(), Dir: ns.Root()}
	if up := path.Dir(at); up != "/" {
		if err := makePlaceBy(ctx, ns, up, true, links); err != nil {
			return err
		}
	}
	var err error
	if isDir {
		err = vfs.Mkdir(ctx, where, at, 0o755, 0)
	} else {
		err = vfs.Mknod(ctx, where, at, unix.S_IFREG|0o644, 0, 0)
	}
	if err != unix.EEXIST {
		return err
	}
	if _, err := vfs.Lookup(ctx, where, at, vfs.Follow); err != unix.ENOENT {
		return err
	}
	// A link to what isn't there, as seen from inside: that is made instead.
	p, err := vfs.Lookup(ctx, where, at, 0)
	if err != nil {
		return err
	}
	target, err := p.Inode().Readlink(ctx)
	if err != nil {
		return err
	}
	if links++; links > maxLinks {
		return unix.ELOOP
	}
	if !path.IsAbs(target) {
		target = path.Join(path.Dir(at), target)
	}
	return makePlaceBy(ctx, ns, path.Join("/", target), isDir, links)
}

// bootCtx is the kernel itself as the user of files, before there is a task.
type bootCtx struct{}

func (bootCtx) Creds() *cred.Creds    { return cred.Kernel() }
func (bootCtx) Memory() user.Memory   { return nil }
func (bootCtx) RLimit(int) uint64     { return ^uint64(0) }
func (bootCtx) RLimitMax(int) uint64  { return ^uint64(0) }
func (bootCtx) Raise(int)             {}
func (bootCtx) Wake()                 {}
func (bootCtx) Sleep(time.Time) error { return unix.EAGAIN }
