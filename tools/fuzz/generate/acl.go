// SPDX-License-Identifier: Apache-2.0

// This file makes calls on access control lists (acl(5)).

package generate

import "encoding/binary"

// acl sets, reads or takes away a list of a file.
func (b *builder) acl() {
	name := b.text("system.posix_acl_" + pick(b, "access", "access", "default"))
	prefix, target := pick(b, "", "", "l"), b.path()
	if b.chance(25) {
		prefix, target = "f", b.fd()
	}
	switch b.r.IntN(8) {
	case 0:
		b.call(prefix+"removexattr", target, name)
	case 1:
		b.call(prefix+"getxattr", target, name, out(), value(pick(b, 0, 20, 1000)))
	default:
		list := b.aclValue()
		b.call(prefix+"setxattr", target, name, b.blob(list), value(len(list)), value(pick(b, 0, 0, 1, 2)))
	}
}

// aclValue is a list as an attribute has it, mostly a sound one.
func (b *builder) aclValue() []byte {
	list := binary.LittleEndian.AppendUint32(nil, 2)
	entry := func(tag uint16, id uint32) {
		list = binary.LittleEndian.AppendUint16(list, tag)
		list = binary.LittleEndian.AppendUint16(list, uint16(pick(b, 7, 7, 6, 5, 4, 4, 0, b.r.IntN(8))))
		list = binary.LittleEndian.AppendUint32(list, id)
	}
	named := func(tag uint16) {
		for b.chance(40) {
			entry(tag, uint32(pick(b, 0, 1000, 1000, 2000, 65534)))
		}
	}
	const none = 1<<32 - 1
	entry(1, none) // the owner
	named(2)
	entry(4, none) // the group
	named(8)
	if len(list) > 20 || b.chance(20) {
		entry(0x10, none) // the mask
	}
	if b.chance(97) {
		entry(0x20, none) // others
	}
	return list
}
