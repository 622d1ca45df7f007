// SPDX-License-Identifier: Apache-2.0

// This file decides what a domain lets be done with places: a layer grants a right if a rule of it does, for the place or for one above it.

package landlock

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// missing is which rights each layer has not granted, of those that it handles. In a domain that handles rights of files at all the
// right to refer is one that each layer handles, also if it does not say so.
type missing [maxLayers]vfs.Rights

func (d *Domain) missing(want vfs.Rights) (m missing) {
	for i, layer := range d.layers {
		m[i] = want & (layer.handled.Files | vfs.RightRefer)
	}
	return m
}

// grant takes off what the rules of a file give.
func (m *missing) grant(d *Domain, file *vfs.Dentry) (left vfs.Rights) {
	for i, layer := range d.layers {
		if m[i] != 0 {
			m[i] &^= layer.files[file.Inode()].rights
			left |= m[i]
		}
	}
	return left
}

func (m *missing) all() (left vfs.Rights) {
	for _, rights := range m {
		left |= rights
	}
	return left
}

func (d *Domain) handles() (all vfs.Rights) {
	for _, layer := range d.layers {
		all |= layer.handled.Files
	}
	return all
}

// Allowed implements vfs.Restriction.
func (d *Domain) Allowed(p vfs.Path, want vfs.Rights) vfs.Rights {
	if want &= vfs.RightsAll; want&d.handles() == 0 || p.InternalPlace() {
		return want
	}
	m := d.missing(want)
	p.Ascend(func(at *vfs.Dentry) (stop bool) { return m.grant(d, at) == 0 })
	return want &^ m.all()
}

// FixesMounts implements vfs.Restriction.
func (d *Domain) FixesMounts() bool { return d.handles() != 0 }

// MayMove implements vfs.Restriction. Within a directory it takes the rights to remove and to make. Another directory takes the right to
// refer in both, and must not give the file a right that it did not have where it was: so rules can't be evaded by moving files to where more is allowed.
func (d *Domain) MayMove(m *vfs.Move) error {
	if d.handles() == 0 {
		return nil
	}
	var inFrom, inTo vfs.Rights
	if m.Exchange {
		inFrom = m.New.RightToMake()
	}
	inTo = m.Old.RightToMake()
	if m.Removes {
		inFrom |= m.Old.RightToRemove()
		inTo |= m.New.RightToRemove()
	}
	to := vfs.Path{Mount: m.Mount, Dentry: m.To}
	if m.From == m.To {
		if want := inFrom | inTo; d.Allowed(to, want) != want {
			return unix.EACCES
		}
		return nil
	}
	from := to
	if from.Dentry = m.From; from.Dentry == nil || m.Old == m.Mount.Root() {
		from.Dentry = m.Old
	}
	lackFrom, lackTo := d.at(from), d.at(to)
	switch {
	case lackFrom.all()&inFrom|lackTo.all()&inTo != 0:
		return unix.EACCES
	case (lackFrom.all()|lackTo.all())&vfs.RightRefer != 0,
		d.gains(m.Old, &lackFrom, &lackTo), m.Exchange && d.gains(m.New, &lackTo, &lackFrom):
		return unix.EXDEV
	}
	return nil
}

// at is what is missing of everything at a place.
func (d *Domain) at(p vfs.Path) missing {
	m := d.missing(vfs.RightsAll)
	p.Ascend(func(at *vfs.Dentry) (stop bool) { return m.grant(d, at) == 0 })
	return m
}

// gains tells whether a file gets a right by going from a directory where some are missing to another.
func (d *Domain) gains(file *vfs.Dentry, from, to *missing) bool {
	here := *from
	here.grant(d, file)
	rights := vfs.RightsAll
	if !file.IsDir() {
		rights = vfs.RightsOfFiles
	}
	for i := range here {
		if here[i]&rights&^to[i] != 0 {
			return true
		}
	}
	return false
}
