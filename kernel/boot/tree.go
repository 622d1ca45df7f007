// SPDX-License-Identifier: Apache-2.0

// This file builds a container's tree: its own root, and the mounts, devices
// and hidden places that its description lists (runtime-spec, config.md).

package boot

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/fs/cgroupfs"
	"github.com/ditto-kernel/ditto/kernel/fs/dev"
	"github.com/ditto-kernel/ditto/kernel/fs/hostfs"
	"github.com/ditto-kernel/ditto/kernel/fs/mqueue"
	"github.com/ditto-kernel/ditto/kernel/fs/proc"
	"github.com/ditto-kernel/ditto/kernel/fs/tmpfs"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// mountContainer makes a container's namespace. Whatever a path goes through,
// it is our own walk, which no symbolic link leads out of the tree.
func (s *Sandbox) mountContainer(root int, volumes []int) (*vfs.Namespace, error) {
	ctx, c := bootCtx{}, s.d.Container
	s.makeGroup()
	s.group.Set(c.Limits)
	// The engine may change the root too (docker cp), so it is revalidated.
	fs, err := hostfs.New(root, hostfs.Options{Name: "rootfs"})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.d.Root, err)
	}
	ns := vfs.NewNamespace(fs, 0)
	for _, m := range c.Mounts {
		fs, err := s.fileSystem(&m, volumes)
		if err != nil {
			return nil, fmt.Errorf("mount %s on %s: %w", m.Type, m.Target, err)
		}
		if m.Type == "proc" || m.Type == "sysfs" {
			err = ordinary(ctx, ns, m.Target)
		}
		if m.CopyUp {
			err = copyUp(ctx, ns, m.Target, fs)
		}
		if err == nil {
			err = mountAt(ctx, ns, m.Target, fs, m.Flags, m.Source)
		}
		if err != nil {
			return nil, err
		}
	}
	if s.pts == nil {
		s.newPts(5, 0) // terminals without names
	}
	if err := s.devices(ctx, ns); err != nil {
		return nil, err
	}
	if err := s.sysctls(ctx, ns); err != nil {
		return nil, err
	}
	if err := hide(ctx, ns, c); err != nil {
		return nil, err
	}
	if c.ReadOnlyRoot {
		m := ns.Root().Mount
		m.SetFlags(m.Flags() | unix.MS_RDONLY)
	}
	return ns, nil
}

// makeGroup makes the container's control group.
func (s *Sandbox) makeGroup() { s.group = cgroupfs.New(s.kernel, s.tasks, s.facts.sys.Online) }

// ordinary is an error for a place that a link stands in: what hides parts of /proc and /sys goes by their names.
func ordinary(ctx vfs.Ctx, ns *vfs.Namespace, at string) error {
	p, err := vfs.Lookup(ctx, vfs.At{Root: ns.Root(), Dir: ns.Root()}, at, 0)
	if err == nil && p.Inode().Mode()&unix.S_IFMT == unix.S_IFLNK {
		return fmt.Errorf("mount on %s: a symbolic link in the root file system: must be a directory", at)
	}
	return nil // what else is wrong with it the mount tells
}

// fileSystem makes what a mount shows.
func (s *Sandbox) fileSystem(m *Mount, volumes []int) (vfs.FileSystem, error) {
	switch m.Type {
	case "bind":
		return hostfs.New(volumes[m.Volume], hostfs.Options{ReadOnly: s.d.Volumes[m.Volume].ReadOnly})
	case "mqueue":
		return mqueue.In(s.ipc), nil
	case "cgroup":
		return s.group.FS(), nil
	case "tmpfs":
		fs := tmpfs.New(tmpfs.Options{Size: m.Size, Mode: m.Mode})
		if m.UID != 0 || m.GID != 0 {
			owner := vfs.SetAttr{Valid: vfs.AttrUID | vfs.AttrGID, UID: cred.UID(m.UID), GID: cred.GID(m.GID)}
			if err := fs.Root().SetAttr(bootCtx{}, &owner); err != nil {
				return nil, err
			}
		}
		return fs, nil
	case "proc":
		if m.Proc != (proc.Options{}) {
			return proc.NewIn(s.kernel, s.facts.proc, s.pids, m.Proc), nil
		}
		return s.proc, nil
	case "sysfs":
		return s.sys, nil
	case "devpts":
		if s.pts == nil {
			s.newPts(cred.GID(m.GID), m.Mode)
		}
		return s.pts, nil
	}
	return nil, unix.ENODEV
}

// devices makes the nodes and links that every container has (config-linux.md,
// "Default Devices"), and those of the description. Where nothing is mounted
// on /dev, it gets a file system of its own: the root's may be on the host.
func (s *Sandbox) devices(ctx vfs.Ctx, ns *vfs.Namespace) error {
	at := vfs.At{Root: ns.Root(), Dir: ns.Root()}
	devs, err := dev.New(ctx, s.tty != nil && !s.joined)
	if err != nil {
		return err
	}
	p, err := vfs.Lookup(ctx, at, "/dev", vfs.Follow)
	if err != nil || p.Mount == ns.Root().Mount {
		if err := mountAt(ctx, ns, "/dev", devs, unix.MS_NOSUID, ""); err != nil {
			return err
		}
	} else if err := fill(ctx, at, "/dev", devs); err != nil {
		return err
	}
	for _, d := range s.d.Container.Devices {
		if err := makeDevice(ctx, ns, at, &d); err != nil {
			return fmt.Errorf("device %s: %w", d.Path, err)
		}
	}
	return nil
}

// fill makes what a fresh /dev has, where it isn't there.
func fill(ctx vfs.Ctx, at vfs.At, dir string, devs vfs.FileSystem) error {
	return dev.Each(ctx, devs, func(name string, a *vfs.Attr, target string) error {
		place := path.Join(dir, name)
		var err error
		switch a.Mode & unix.S_IFMT {
		case unix.S_IFLNK:
			err = vfs.Symlink(ctx, target, at, place)
		case unix.S_IFDIR:
			return nil
		default:
			err = vfs.Mknod(ctx, at, place, a.Mode, 0, a.Rdev)
		}
		if errors.Is(err, unix.EEXIST) || errors.Is(err, unix.EROFS) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", place, err)
		}
		return nil
	})
}

func makeDevice(ctx vfs.Ctx, ns *vfs.Namespace, at vfs.At, d *Device) error {
	if err := makePlace(ctx, ns, path.Dir(d.Path), true); err != nil {
		return err
	}
	p, err := vfs.MknodAt(ctx, at, d.Path, d.Mode, 0, unix.Mkdev(d.Major, d.Minor))
	if err == unix.EEXIST {
		p, err = vfs.Lookup(ctx, at, d.Path, 0)
		if err == nil {
			var a vfs.Attr
			if a, err = vfs.Stat(ctx, p); err == nil && (a.Mode&unix.S_IFMT != d.Mode&unix.S_IFMT || a.Rdev != unix.Mkdev(d.Major, d.Minor)) {
				return unix.EEXIST
			}
			if err == nil {
				err = vfs.Chmod(ctx, p, d.Mode&0o7777)
			}
		}
	}
	if err != nil {
		return err
	}
	return vfs.Chown(ctx, p, d.UID, d.GID)
}

// hide covers the masked and the read-only paths. Those that aren't there need
// no cover.
func hide(ctx vfs.Ctx, ns *vfs.Namespace, c *Container) error {
	at := vfs.At{Root: ns.Root(), Dir: ns.Root()}
	for _, name := range c.ReadOnly {
		p, err := vfs.Lookup(ctx, at, name, vfs.Follow)
		if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) {
			continue
		}
		if err == nil {
			_, err = ns.MountAt(p, p.Mount.Super(), p.Dentry, p.Mount.Flags()|unix.MS_RDONLY)
		}
		if err != nil {
			return fmt.Errorf("read-only path %s: %w", name, err)
		}
	}
	null, err := nullDevice(ctx)
	if err != nil {
		return err
	}
	for _, name := range c.Masked {
		p, err := vfs.Lookup(ctx, at, name, vfs.Follow)
		if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) {
			continue
		}
		switch {
		case err != nil:
		case p.Dentry.IsDir():
			fs := tmpfs.New(tmpfs.Options{Mode: 0o755})
			_, err = ns.Mount(ctx, name, fs, unix.MS_RDONLY)
		default:
			_, err = ns.MountAt(p, null.Mount.Super(), null.Dentry, 0)
		}
		if err != nil {
			return fmt.Errorf("masked path %s: %w", name, err)
		}
	}
	return nil
}

// nullDevice is a /dev/null of nobody's.
func nullDevice(ctx vfs.Ctx) (vfs.Path, error) {
	devs, err := dev.New(ctx, false)
	if err != nil {
		return vfs.Path{}, err
	}
	root := vfs.NewNamespace(devs, unix.MS_NOSUID).Root()
	return vfs.Lookup(ctx, vfs.At{Root: root, Dir: root}, "/null", 0)
}

// sysctls writes the container's sysctls.
func (s *Sandbox) sysctls(ctx vfs.Ctx, ns *vfs.Namespace) error {
	at := vfs.At{Root: ns.Root(), Dir: ns.Root()}
	for key, value := range s.d.Container.Sysctl {
		name := "/proc/sys/" + strings.ReplaceAll(key, ".", "/")
		f, err := vfs.Open(ctx, at, name, vfs.OpenHow{Flags: unix.O_WRONLY})
		if err == nil {
			b := user.KernelBuf([]byte(value))
			_, err = f.Write(ctx, &b)
			f.DecRef()
		}
		if err != nil {
			return fmt.Errorf("sysctl %s: Ditto can't set it: %w", key, err)
		}
	}
	return nil
}
