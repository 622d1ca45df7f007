// SPDX-License-Identifier: Apache-2.0

package vfs

import (
	"strconv"
	"strings"
)

func utoa(n uint64) string { return strconv.FormatUint(n, 10) }

// PathName is the path that leads to p from root, as getcwd(2) and /proc show
// it: with " (deleted)" behind a name that was removed. reachable is false if
// p is not below root; the name is then the one from the top of p's own tree.
func PathName(root, p Path) (name string, reachable bool) {
	d := p.Dentry
	if d == nil {
		return "", false
	}
	if d.Parent() == nil && p.Mount.root == nil {
		return d.Name(), true // anonymous
	}
	name, reachable = placeName(root, p)
	if d.IsUnlinked() {
		name += " (deleted)"
	}
	return name, reachable
}

// PlaceName is where a mount is attached, as PathName has it.
func (m *Mount) PlaceName(root Path) (name string, reachable bool) {
	return placeName(root, Path{m, m.root})
}

func placeName(root, p Path) (name string, reachable bool) {
	var names []string
	for {
		if p == root {
			reachable = true
			break
		}
		if p.Dentry == p.Mount.root {
			at := p.Mount.point.Load()
			if at == nil {
				break
			}
			p = *at
			continue
		}
		at := p.Dentry.at.Load()
		if at.parent == nil {
			break
		}
		names = append(names, at.name)
		p.Dentry = at.parent
	}
	var b strings.Builder
	for i := len(names) - 1; i >= 0; i-- {
		b.WriteByte('/')
		b.WriteString(names[i])
	}
	if len(names) == 0 {
		b.WriteByte('/')
	}
	return b.String(), reachable
}

// DentryPath is PathName with "(unreachable)" in front of a path that is not
// below root.
func DentryPath(root, p Path) string {
	name, reachable := PathName(root, p)
	if !reachable {
		return "(unreachable)" + name
	}
	return name
}

// RootName is which part of its file system a mount shows: "/" if all of it.
func (m *Mount) RootName() string {
	d, name := m.root, ""
	if at := d.at.Load(); at.parent == nil && d != m.super.root {
		return at.name
	}
	for d != m.super.root {
		at := d.at.Load()
		if at.parent == nil {
			break
		}
		name, d = "/"+at.name+name, at.parent
	}
	switch {
	case name == "":
		return "/"
	case m.root.IsUnlinked():
		return name + "//deleted"
	}
	return name
}
