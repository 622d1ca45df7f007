// SPDX-License-Identifier: Apache-2.0

// This file is mounts, mountinfo and mountstats (proc_pid_mountinfo(5),
// fs/proc_namespace.c).

package proc

import (
	"fmt"
	"strings"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/kernfs"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// mountEscape writes blanks in names as fstab(5) has them.
var mountEscape = strings.NewReplacer(" ", `\040`, "\t", `\011`, "\n", `\012`, `\`, `\134`, "#", `\043`)

// placeEscape is that for places, where a # may stand.
var placeEscape = strings.NewReplacer(" ", `\040`, "\t", `\011`, "\n", `\012`, `\`, `\134`)

type flagName struct {
	flag uint32
	name string
}

func namesOf(flags uint32, names []flagName) (s string) {
	for _, o := range names {
		if flags&o.flag != 0 {
			s += o.name
		}
	}
	return s
}

// mountOptions are the options of a mount, as against those of its file
// system (show_mnt_opts).
func mountOptions(m *vfs.Mount) string {
	return namesOf(m.Flags(), []flagName{
		{unix.MS_NOSUID, ",nosuid"}, {unix.MS_NODEV, ",nodev"}, {unix.MS_NOEXEC, ",noexec"}, {unix.MS_NOATIME, ",noatime"},
		{unix.MS_NODIRATIME, ",nodiratime"}, {unix.MS_RELATIME, ",relatime"}, {unix.MS_NOSYMFOLLOW, ",nosymfollow"},
	})
}

// superOptions are the options of the file system but ro and rw.
func superOptions(m *vfs.Mount) string {
	s := namesOf(m.Super().Flags(), []flagName{
		{unix.MS_SYNCHRONOUS, ",sync"}, {unix.MS_DIRSYNC, ",dirsync"}, {unix.MS_MANDLOCK, ",mand"}, {unix.MS_LAZYTIME, ",lazytime"},
	})
	return s
}

func ownOptions(m *vfs.Mount) string {
	if o := m.Options(); o != "" {
		return "," + o
	}
	return ""
}

func roOrRw(ro bool) string {
	if ro {
		return "ro"
	}
	return "rw"
}

// mountTable is a table of mounts as it is seen from a root, for who has it open.
type mountTable struct {
	ns   *task.MntNS
	root vfs.Path
}

// Release implements kernfs.Released.
func (t mountTable) Release() { t.ns.Drop() }

// watchedTable is one whose changes can be waited for: a poll tells of each change once.
type watchedTable struct {
	mountTable
	seen atomic.Uint64
}

// Poll implements kernfs.Watched (mounts_poll).
func (t *watchedTable) Poll() wait.Mask {
	if now := t.ns.Event(); t.seen.Swap(now) != now {
		return wait.Readable | wait.Err | wait.Pri
	}
	return wait.Readable
}

// Changes implements kernfs.Watched.
func (t *watchedTable) Changes() *wait.Queue { return t.ns.Changes() }

func tableOf(t *task.Task) (mountTable, error) {
	_, _, fs := t.Resources()
	ns := t.Namespaces()
	if fs == nil || ns == nil {
		return mountTable{}, unix.EINVAL
	}
	ns.Mnt.Hold()
	return mountTable{ns.Mnt, fs.Root()}, nil
}

// ofMounts is a file about the mounts that a task has when the file is opened.
func ofMounts(name string, mode uint32, text func(t mountTable) []byte) *kernfs.Entry {
	return &kernfs.Entry{Name: name, Mode: unix.S_IFREG | mode,
		Bind: func(_ vfs.Ctx, of any) (any, error) { return tableOf(of.(subject).task) },
		Text: func(_ vfs.Ctx, of any) ([]byte, error) { return text(of.(mountTable)), nil },
	}
}

// ofWatchedMounts is ofMounts for a file that can be polled.
func ofWatchedMounts(name string, text func(t mountTable) []byte) *kernfs.Entry {
	return &kernfs.Entry{Name: name, Mode: unix.S_IFREG | 0o444,
		Bind: func(_ vfs.Ctx, of any) (any, error) {
			t, err := tableOf(of.(subject).task)
			if err != nil {
				return nil, err
			}
			w := &watchedTable{mountTable: t}
			w.seen.Store(t.ns.Event())
			return w, nil
		},
		Text: func(_ vfs.Ctx, of any) ([]byte, error) { return text(of.(*watchedTable).mountTable), nil },
	}
}

// each calls f for each mount that is below the root.
func (t mountTable) each(f func(m *vfs.Mount, at string)) {
	for _, m := range t.ns.Mounts() {
		if at, ok := m.PlaceName(t.root); ok {
			f(m, placeEscape.Replace(at))
		}
	}
}

// source is the mount's source as a column.
func source(m *vfs.Mount) string {
	if m.Source == "" {
		return "none"
	}
	return mountEscape.Replace(m.Source)
}

func mounts(t mountTable) (b []byte) {
	t.each(func(m *vfs.Mount, at string) {
		b = fmt.Appendf(b, "%s %s %s %s%s%s%s 0 0\n", source(m), at, m.FS.Name(), roOrRw(m.ReadOnly()), superOptions(m), mountOptions(m), ownOptions(m))
	})
	return b
}

func mountinfo(t mountTable) (b []byte) {
	t.each(func(m *vfs.Mount, at string) {
		parent := m.ID
		if up := m.Point().Mount; up != nil {
			parent = up.ID
		}
		dev := m.FS.Dev()
		b = fmt.Appendf(b, "%d %d %d:%d %s %s %s%s%s - %s %s %s%s%s\n", m.ID, parent, unix.Major(dev), unix.Minor(dev),
			placeEscape.Replace(m.RootName()), at, roOrRw(m.Flags()&unix.MS_RDONLY != 0), mountOptions(m), m.Propagation(t.root),
			m.FS.Name(), source(m), roOrRw(m.Super().ReadOnly() || m.FS.ReadOnly()), superOptions(m), ownOptions(m))
	})
	return b
}

func mountstats(t mountTable) (b []byte) {
	t.each(func(m *vfs.Mount, at string) {
		if m.Source == "" {
			b = append(b, "no device"...)
		} else {
			b = fmt.Appendf(b, "device %s", mountEscape.Replace(m.Source))
		}
		b = fmt.Appendf(b, " mounted on %s with fstype %s\n", at, m.FS.Name())
	})
	return b
}
