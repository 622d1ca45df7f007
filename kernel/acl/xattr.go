// SPDX-License-Identifier: Apache-2.0

// This file is the form that lists have as extended attributes (linux/posix_acl_xattr.h): a version, and eight bytes an entry.

package acl

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
)

const (
	version   = 2 // POSIX_ACL_XATTR_VERSION
	headSize  = 4
	entrySize = 8
	noID      = ^uint32(0) // ACL_UNDEFINED_ID
)

// IDs are whose names for users and groups a value has; *cred.UserNS is one.
type IDs interface {
	ToUID(n uint32) cred.UID
	ToGID(n uint32) cred.GID
	FromUID(id cred.UID) (n uint32, ok bool)
	FromGID(id cred.GID) (n uint32, ok bool)
}

// Parse reads a value (posix_acl_from_xattr); whether the list is a sound one is Check's matter. Nothing at all and a version alone
// are no list.
func Parse(value []byte, ids IDs) (List, error) {
	switch {
	case len(value) == 0:
		return nil, nil
	case len(value) < headSize:
		return nil, unix.EINVAL
	case binary.LittleEndian.Uint32(value) != version:
		return nil, unix.EOPNOTSUPP
	case (len(value)-headSize)%entrySize != 0:
		return nil, unix.EINVAL
	}
	var list List
	for b := value[headSize:]; len(b) > 0; b = b[entrySize:] {
		e := Entry{Tag: binary.LittleEndian.Uint16(b), Perm: binary.LittleEndian.Uint16(b[2:]), ID: noID}
		n := binary.LittleEndian.Uint32(b[4:])
		switch e.Tag {
		case UserObj, GroupObj, Mask, Other:
		case User:
			e.ID = uint32(ids.ToUID(n))
		case Group:
			e.ID = uint32(ids.ToGID(n))
		default:
			return nil, unix.EINVAL
		}
		list = append(list, e)
	}
	return list, nil
}

// Format is the list as a value (posix_acl_to_xattr). Who has no name is all ones.
func (l List) Format(ids IDs) []byte {
	value := make([]byte, headSize, headSize+len(l)*entrySize)
	binary.LittleEndian.PutUint32(value, version)
	for _, e := range l {
		n := noID
		switch e.Tag {
		case User:
			n, _ = ids.FromUID(cred.UID(e.ID))
		case Group:
			n, _ = ids.FromGID(cred.GID(e.ID))
		}
		value = binary.LittleEndian.AppendUint16(value, e.Tag)
		value = binary.LittleEndian.AppendUint16(value, e.Perm)
		value = binary.LittleEndian.AppendUint32(value, n)
	}
	return value
}
