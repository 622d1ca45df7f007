// SPDX-License-Identifier: Apache-2.0

// This file is what /proc/PID tells of namespaces: the links of ns, and the
// maps of the user namespace (namespaces(7), user_namespaces(7)).

package proc

import (
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/kernfs"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// namespaces is /proc/PID/ns, in the order that Linux lists.
func namespaces() []*kernfs.Entry {
	proxied := func(name string, of func(*task.Namespaces) task.Namespace) *kernfs.Entry {
		return nsLink(name, func(t *task.Task) task.Namespace {
			if n := t.Namespaces(); n != nil {
				return of(n)
			}
			return nil
		})
	}
	return []*kernfs.Entry{
		proxied("net", func(n *task.Namespaces) task.Namespace { return n.Net }),
		proxied("uts", func(n *task.Namespaces) task.Namespace { return n.UTS }),
		proxied("ipc", func(n *task.Namespaces) task.Namespace { return n.IPC }),
		nsLink("pid", func(t *task.Task) task.Namespace { return t.PidNS() }),
		nsLink("pid_for_children", func(t *task.Task) task.Namespace {
			if n := t.Namespaces(); n != nil && n.PidForChildren.HasInit(t.Kernel()) {
				return n.PidForChildren
			}
			return nil
		}),
		nsLink("user", func(t *task.Task) task.Namespace { return t.Creds().NS() }),
		proxied("mnt", func(n *task.Namespaces) task.Namespace { return n.Mnt }),
		proxied("cgroup", func(n *task.Namespaces) task.Namespace { return n.Cgroup }),
		proxied("time", func(n *task.Namespaces) task.Namespace { return n.Time }),
		proxied("time_for_children", func(n *task.Namespaces) task.Namespace { return n.TimeForChildren }),
	}
}

// nsLink is the link to one of a task's namespaces.
func nsLink(name string, of func(*task.Task) task.Namespace) *kernfs.Entry {
	find := func(ctx vfs.Ctx, s any) (task.Namespace, error) {
		t := s.(subject).task
		if err := alive(t); err != nil {
			return nil, unix.EACCES
		}
		if err := mayAccess(ctx, t); err != nil {
			return nil, err
		}
		if ns := of(t); ns != nil {
			return ns, nil
		}
		return nil, unix.ENOENT
	}
	e := link(name, func(ctx vfs.Ctx, s any) (string, error) {
		ns, err := find(ctx, s)
		if err != nil {
			return "", err
		}
		return task.NamespaceText(ns), nil
	})
	e.Follow = func(ctx vfs.Ctx, s any) (vfs.Path, error) {
		ns, err := find(ctx, s)
		if err != nil {
			return vfs.Path{}, err
		}
		return task.NamespacePath(ns), nil
	}
	return e
}

// idMap is uid_map, gid_map or projid_map.
func idMap(name string, which int) *kernfs.Entry {
	return &kernfs.Entry{Name: name, Mode: unix.S_IFREG | 0o644, Open: func(ctx vfs.Ctx, of any, _ uint32) (vfs.FileOps, error) {
		t := of.(subject).task
		ns, opener := t.Creds().NS(), ctx.Creds()
		return &nsText{
			read: func() []byte { return ns.Map(which, opener.NS()) },
			write: func(ctx vfs.Ctx, text []byte) error {
				return ns.WriteMap(which, text, opener, ctx.Creds())
			},
		}, alive(t)
	}}
}

// setgroups says whether setgroups(2) is allowed in the user namespace.
func setgroups() *kernfs.Entry {
	return &kernfs.Entry{Name: "setgroups", Mode: unix.S_IFREG | 0o644, Open: func(ctx vfs.Ctx, of any, flags uint32) (vfs.FileOps, error) {
		t := of.(subject).task
		ns := t.Creds().NS()
		if flags&unix.O_ACCMODE != unix.O_RDONLY && !ctx.Creds().CapableIn(ns, unix.CAP_SYS_ADMIN) {
			return nil, unix.EACCES
		}
		return &nsText{
			read:  ns.Setgroups,
			write: func(_ vfs.Ctx, text []byte) error { return ns.WriteSetgroups(text) },
		}, alive(t)
	}}
}

// nsText is an open file about a user namespace: the one that the task had
// when it was opened. A write is taken as a whole, at the start of the file.
type nsText struct {
	vfs.BaseFile
	vfs.PlainReads
	vfs.PlainWrites
	read  func() []byte
	write func(ctx vfs.Ctx, text []byte) error

	mu      sync.Mutex
	content []byte // as of the last read from the start
}

// Seekable implements vfs.FileOps.
func (f *nsText) Seekable() bool { return true }

// Seek implements vfs.FileOps: seq_lseek knows no end.
func (f *nsText) Seek(_ vfs.Ctx, _ *vfs.File, off int64, whence int, cur int64) (int64, error) {
	if whence == unix.SEEK_CUR {
		off += cur
	} else if whence != unix.SEEK_SET {
		return 0, unix.EINVAL
	}
	if off < 0 {
		return 0, unix.EINVAL
	}
	return off, nil
}

// Read implements vfs.FileOps.
func (f *nsText) Read(_ vfs.Ctx, _ *vfs.File, dst *user.Buf, pos *int64) (int, error) {
	f.mu.Lock()
	if *pos == 0 || f.content == nil {
		f.content = f.read()
	}
	content := f.content
	f.mu.Unlock()
	if *pos >= int64(len(content)) {
		return 0, nil
	}
	n, err := dst.CopyOutLast(content[*pos:])
	*pos += int64(n)
	if n > 0 {
		return n, nil
	}
	return 0, err
}

// Write implements vfs.FileOps.
func (f *nsText) Write(ctx vfs.Ctx, _ *vfs.File, src *user.Buf, pos *int64) (int, error) {
	const most = 4096
	n := src.Len()
	if *pos != 0 || n >= most {
		return 0, unix.EINVAL
	}
	text := make([]byte, n)
	if n, err := src.CopyIn(text); n < len(text) {
		return 0, err
	}
	if err := f.write(ctx, text); err != nil {
		return 0, err
	}
	*pos = int64(n)
	return n, nil
}
