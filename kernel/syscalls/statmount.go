// SPDX-License-Identifier: Apache-2.0

// This file is the calls that tell of mounts by their unique ids (fs/namespace.c).

package syscalls

import (
	"encoding/binary"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// mountRequest is struct mnt_id_req.
type mountRequest struct {
	Size, NamespaceFD uint32
	ID, Param, NS     uint64
}

const (
	mountRequestSize0 = 24 // MNT_ID_REQ_SIZE_VER0
	mountListMax      = 1000000
	listReverse       = 1 // LISTMOUNT_REVERSE
)

// in copies the request in (copy_mnt_id_req).
func (r *mountRequest) in(t *task.Task, addr user.Addr) error {
	var size [4]byte
	if _, err := t.Memory().CopyIn(addr, size[:]); err != nil {
		return err
	}
	n := binary.LittleEndian.Uint32(size[:])
	switch {
	case n > abi.PageSize:
		return unix.E2BIG
	case n < mountRequestSize0:
		return unix.EINVAL
	}
	if err := getStruct(t, addr, uint64(n), r); err != nil {
		return err
	}
	if r.NamespaceFD != 0 && r.NS != 0 || r.ID <= vfs.FirstUniqueMount {
		return unix.EINVAL
	}
	return nil
}

// namespace is the one that is asked about: ENOENT, EPERM, EBADF, EINVAL.
func (r *mountRequest) namespace(t *task.Task) (*vfs.Namespace, error) {
	own := t.Mounts()
	ns := own
	switch {
	case r.NS != 0:
		ns = vfs.FindNamespace(r.NS)
	case r.NamespaceFD != 0:
		f, err := t.Files().Get(vfs.FD(r.NamespaceFD))
		if err != nil {
			return nil, err
		}
		defer f.DecRef()
		m, ok := task.NamespaceOf(f).(*task.MntNS)
		if !ok {
			return nil, unix.EINVAL
		}
		ns = m.Namespace
	}
	switch {
	case ns == nil:
		return nil, unix.ENOENT
	case r.NS != 0 && ns != own && !t.Creds().CapableIn(ns.Owner(), unix.CAP_SYS_ADMIN):
		return nil, unix.EPERM
	}
	return ns, nil
}

//ditto:syscall listmount full
func listmount(t *task.Task, req, ids user.Addr, n uint64, flags uint32) (int, error) {
	switch {
	case flags&^listReverse != 0:
		return 0, unix.EINVAL
	case n > mountListMax:
		return 0, unix.EOVERFLOW
	case uint64(ids)+8*n > user.TaskTop || uint64(ids) > user.TaskTop:
		return 0, unix.EFAULT
	}
	var r mountRequest
	if err := r.in(t, req); err != nil {
		return 0, err
	}
	if r.Param != 0 && r.Param <= vfs.FirstUniqueMount {
		return 0, unix.EINVAL
	}
	ns, err := r.namespace(t)
	if err == unix.EPERM {
		err = unix.ENOENT
	}
	if err != nil {
		return 0, err
	}
	list, err := ns.ListMounts(t, r.ID, r.Param, int(n), flags&listReverse != 0, t.Mounts(), t.FS().Root())
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return len(list), put(t, ids, list)
}

// What statmount(2) can be asked for (STATMOUNT_*).
const (
	smSuper = 1 << iota
	smMount
	smFrom
	smRoot
	smPoint
	smType
	smNamespace
	smOptions
	smSubtype
	smSource
	smOptionArray
	smSecurityArray
	smSupported
	smUIDMap
	smGIDMap

	smStrings = smRoot | smPoint | smType | smOptions | smSubtype | smSource | smOptionArray | smSecurityArray | smUIDMap | smGIDMap
	smAll     = smGIDMap<<1 - 1
)

// mountStatus is struct statmount, up to its reserve.
type mountStatus struct {
	Size, Options            uint32
	Mask                     uint64
	Major, Minor             uint32
	Magic                    uint64
	SuperFlags, Type         uint32
	ID, Parent               uint64
	OldID, OldParent         uint32
	Attr, Propagation        uint64
	PeerGroup, Master, From  uint64
	Root, Point              uint32
	Namespace                uint64
	Subtype, Source          uint32
	OptionNum, OptionArray   uint32
	SecurityNum, SecurityArr uint32
	Supported                uint64
	UIDNum, UIDMap           uint32
	GIDNum, GIDMap           uint32
	_                        [43]uint64
}

const mountStatusSize = 512

//ditto:syscall statmount full
func statmount(t *task.Task, req, buf user.Addr, size uint64, flags uint32) error {
	if flags != 0 {
		return unix.EINVAL
	}
	var r mountRequest
	if err := r.in(t, req); err != nil {
		return err
	}
	ns, err := r.namespace(t)
	if err != nil {
		return err
	}
	switch {
	case uint64(buf)+size > user.TaskTop || size > user.TaskTop:
		return unix.EFAULT
	case r.Param&smStrings != 0 && size == mountStatusSize:
		return unix.EOVERFLOW
	}
	i, err := ns.Info(t, r.ID, t.Mounts(), t.FS().Root())
	if err != nil {
		return err
	}
	a := mountAnswer{mask: r.Param, room: size}
	if err := a.fill(t, i); err != nil {
		return err
	}
	return a.out(t, buf)
}

// mountAnswer is a struct statmount in the making, with its strings.
type mountAnswer struct {
	mask, room uint64
	s          mountStatus
	text       []byte
}

func (a *mountAnswer) wants(what uint64) bool {
	if a.mask&what != 0 {
		a.s.Mask |= what
	}
	return a.mask&what != 0
}

func (a *mountAnswer) fill(t *task.Task, i *vfs.MountInfo) error {
	if a.wants(smSuper) {
		st, err := i.Mount.FS.Statfs(t)
		if err != nil {
			return err
		}
		a.s.Major, a.s.Minor = unix.Major(i.SuperDev), unix.Minor(i.SuperDev)
		a.s.Magic = uint64(st.Type)
		a.s.SuperFlags = i.SuperFlags & (unix.MS_RDONLY | unix.MS_SYNCHRONOUS | unix.MS_DIRSYNC | unix.MS_LAZYTIME)
	}
	if a.wants(smMount) {
		a.s.ID, a.s.Parent, a.s.OldID, a.s.OldParent = i.ID, i.Parent, uint32(i.OldID), uint32(i.OldParent)
		a.s.Attr, a.s.Propagation = mountAttrOf(i.Mount.Flags()), i.Propagation
		a.s.PeerGroup, a.s.Master = uint64(i.PeerGroup), uint64(i.Master)
	}
	if a.wants(smFrom) {
		a.s.From = uint64(i.From)
	}
	if a.wants(smNamespace) {
		a.s.Namespace = i.Namespace
	}
	if a.wants(smSupported) {
		a.s.Supported = smAll
	}
	return a.strings(i)
}

// mountAttrOf are the MOUNT_ATTR_* of a mount's MS_* flags.
func mountAttrOf(flags uint32) (attr uint64) {
	for _, f := range mountAttrFlags {
		if flags&f.ms != 0 {
			attr |= f.attr
		}
	}
	switch {
	case flags&unix.MS_NOATIME != 0:
		attr |= unix.MOUNT_ATTR_NOATIME
	case flags&unix.MS_RELATIME == 0:
		attr |= unix.MOUNT_ATTR_STRICTATIME
	}
	return attr
}

func (a *mountAnswer) strings(i *vfs.MountInfo) error {
	point := i.Point
	if !i.HasPoint {
		point = ""
	}
	for _, s := range []struct {
		what uint64
		at   *uint32
		text string
	}{
		{smType, &a.s.Type, i.Type}, {smRoot, &a.s.Root, i.Root}, {smPoint, &a.s.Point, point}, {smOptions, &a.s.Options, i.Options},
		{smOptionArray, &a.s.OptionArray, strings.ReplaceAll(i.Options, ",", "\x00")}, {smSource, &a.s.Source, i.Source},
	} {
		if a.mask&s.what == 0 {
			continue
		}
		if len(a.text) == 0 {
			a.text = append(a.text, 0) // what is empty is here
		}
		if s.text == "" {
			continue
		}
		if s.what == smOptionArray {
			a.s.OptionNum = uint32(strings.Count(i.Options, ",") + 1)
		}
		*s.at = uint32(len(a.text))
		a.text = append(append(a.text, s.text...), 0)
		a.s.Mask |= s.what
		if uint64(len(a.text))+mountStatusSize > a.room {
			return unix.EOVERFLOW
		}
	}
	return nil
}

// out copies as much of the fixed part as there is room for, then the strings.
func (a *mountAnswer) out(t *task.Task, buf user.Addr) error {
	fixed := min(a.room, mountStatusSize)
	if len(a.text) > 0 {
		if a.room < mountStatusSize || uint64(len(a.text)) > a.room-mountStatusSize {
			return unix.EOVERFLOW
		}
		if _, err := t.Memory().CopyOut(buf+mountStatusSize, a.text); err != nil {
			return err
		}
	}
	a.s.Size = uint32(fixed) + uint32(len(a.text))
	b, err := binary.Append(nil, binary.LittleEndian, &a.s)
	if err != nil {
		panic(err)
	}
	_, err = t.Memory().CopyOut(buf, b[:fixed])
	return err
}
