// SPDX-License-Identifier: Apache-2.0

// This file is mounts, mountinfo and mountstats (proc_pid_mountinfo(5),
// fs/proc_namespace.c).

package proc

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
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

// visible calls f for each mount that is below the task's root.
func visible(t *task.Task, f func(m *vfs.Mount, at string)) error {
	_, _, fs := t.Resources()
	if fs == nil || t.Namespaces() == nil {
		return unix.EINVAL
	}
	root := fs.Root()
	for _, m := range t.Mounts().Mounts() {
		if at, ok := m.PlaceName(root); ok {
			f(m, placeEscape.Replace(at))
		}
	}
	return nil
}

// source is the mount's source as a column.
func source(m *vfs.Mount) string {
	if m.Source == "" {
		return "none"
	}
	return mountEscape.Replace(m.Source)
}

func mounts(_ vfs.Ctx, t *task.Task) ([]byte, error) {
	var b []byte
	err := visible(t, func(m *vfs.Mount, at string) {
		b = fmt.Appendf(b, "%s %s %s %s%s%s%s 0 0\n", source(m), at, m.FS.Name(), roOrRw(m.ReadOnly()), superOptions(m), mountOptions(m), ownOptions(m))
	})
	return b, err
}

func mountinfo(_ vfs.Ctx, t *task.Task) ([]byte, error) {
	_, _, fs := t.Resources()
	var b []byte
	err := visible(t, func(m *vfs.Mount, at string) {
		parent := m.ID
		if up := m.Point().Mount; up != nil {
			parent = up.ID
		}
		dev := m.FS.Dev()
		b = fmt.Appendf(b, "%d %d %d:%d %s %s %s%s%s - %s %s %s%s%s\n", m.ID, parent, unix.Major(dev), unix.Minor(dev),
			placeEscape.Replace(m.RootName()), at, roOrRw(m.Flags()&unix.MS_RDONLY != 0), mountOptions(m), m.Propagation(fs.Root()),
			m.FS.Name(), source(m), roOrRw(m.Super().ReadOnly() || m.FS.ReadOnly()), superOptions(m), ownOptions(m))
	})
	return b, err
}

func mountstats(_ vfs.Ctx, t *task.Task) ([]byte, error) {
	var b []byte
	err := visible(t, func(m *vfs.Mount, at string) {
		if m.Source == "" {
			b = append(b, "no device"...)
		} else {
			b = fmt.Appendf(b, "device %s", mountEscape.Replace(m.Source))
		}
		b = fmt.Appendf(b, " mounted on %s with fstype %s\n", at, m.FS.Name())
	})
	return b, err
}
