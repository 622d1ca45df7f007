// SPDX-License-Identifier: Apache-2.0

// This file is mounts and mountinfo.

package proc

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// mountEscape writes blanks in names as fstab(5) has them.
var mountEscape = strings.NewReplacer(" ", `\040`, "\t", `\011`, "\n", `\012`, `\`, `\134`)

// mountOptions are the options of a mount, as against those of its file
// system.
func mountOptions(m *vfs.Mount) string {
	flags := m.Flags()
	b := "rw"
	if m.ReadOnly() {
		b = "ro"
	}
	for _, o := range []struct {
		flag uint32
		name string
	}{
		{unix.MS_NOSUID, ",nosuid"}, {unix.MS_NODEV, ",nodev"}, {unix.MS_NOEXEC, ",noexec"}, {unix.MS_NOATIME, ",noatime"},
		{unix.MS_NODIRATIME, ",nodiratime"},
	} {
		if flags&o.flag != 0 {
			b += o.name
		}
	}
	if flags&unix.MS_NOATIME == 0 {
		b += ",relatime"
	}
	return b
}

func superOptions(m *vfs.Mount) string {
	b := "rw"
	if m.FS.ReadOnly() {
		b = "ro"
	}
	if m.Options != "" {
		b += "," + m.Options
	}
	return b
}

// visible calls f for each mount that is below the task's root.
func visible(t *task.Task, f func(m *vfs.Mount, at string)) error {
	_, _, fs := t.Resources()
	if fs == nil {
		return unix.EINVAL
	}
	for _, m := range fs.Root().Mount.Namespace().Mounts() {
		if at, ok := vfs.PathName(fs.Root(), vfs.Path{Mount: m, Dentry: m.Root()}); ok {
			f(m, mountEscape.Replace(at))
		}
	}
	return nil
}

func mounts(_ vfs.Ctx, t *task.Task) ([]byte, error) {
	var b []byte
	err := visible(t, func(m *vfs.Mount, at string) {
		options := mountOptions(m)
		if m.Options != "" {
			options += "," + m.Options
		}
		b = fmt.Appendf(b, "%s %s %s %s 0 0\n", mountEscape.Replace(m.Source), at, m.FS.Name(), options)
	})
	return b, err
}

func mountinfo(_ vfs.Ctx, t *task.Task) ([]byte, error) {
	var b []byte
	err := visible(t, func(m *vfs.Mount, at string) {
		parent := m.ID
		if up := m.Point().Mount; up != nil {
			parent = up.ID
		}
		// What of its file system the mount shows: all of it, unless it is a
		// bind mount of a part.
		inside := m.Root().Name()
		if m.Root().Parent() == nil {
			inside = "/"
		}
		dev := m.FS.Dev()
		b = fmt.Appendf(b, "%d %d %d:%d %s %s %s - %s %s %s\n", m.ID, parent, unix.Major(dev), unix.Minor(dev), inside, at,
			mountOptions(m), m.FS.Name(), mountEscape.Replace(m.Source), superOptions(m))
	})
	return b, err
}
