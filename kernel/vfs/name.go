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
	deleted := d.IsUnlinked()
	var names []string
	for {
		if p == root {
			reachable = true
			break
		}
		if p.Dentry == p.Mount.root {
			if p.Mount.at.Dentry == nil {
				break
			}
			p = p.Mount.at
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
	if deleted {
		b.WriteString(" (deleted)")
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
