// SPDX-License-Identifier: Apache-2.0

// This file is how scripts write access control lists: u:rw,u1000:r,g:r,m:rw,o: is one.

package vfstest

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

func aclName(kind string) string { return "system.posix_acl_" + kind }

var (
	aclTags    = map[byte]uint16{'u': 1, 'g': 4, 'm': 0x10, 'o': 0x20} // those with an id have the next bit
	aclLetters = map[uint16]string{1: "u", 2: "u", 4: "g", 8: "g", 0x10: "m", 0x20: "o"}
)

// aclValue is the attribute of what a script has.
func aclValue(text string) []byte {
	value := binary.LittleEndian.AppendUint32(nil, 2)
	for entry := range strings.SplitSeq(text, ",") {
		who, perms, _ := strings.Cut(entry, ":")
		id, err := strconv.ParseUint(who[1:], 10, 32)
		if err != nil {
			id = 1<<32 - 1
		}
		tag := aclTags[who[0]]
		if err == nil {
			tag <<= 1
		}
		perm := 0
		for i, p := range "xwr" {
			if strings.ContainsRune(perms, p) {
				perm |= 1 << i
			}
		}
		value = binary.LittleEndian.AppendUint16(value, tag)
		value = binary.LittleEndian.AppendUint16(value, uint16(perm))
		value = binary.LittleEndian.AppendUint32(value, uint32(id))
	}
	return value
}

// aclText is aclValue backwards.
func aclText(value []byte) string {
	var entries []string
	for ; len(value) >= 12; value = value[8:] {
		e := value[4:]
		tag, perm, id := binary.LittleEndian.Uint16(e), binary.LittleEndian.Uint16(e[2:]), binary.LittleEndian.Uint32(e[4:])
		s := aclLetters[tag]
		if tag == 2 || tag == 8 {
			s += fmt.Sprint(id)
		}
		s += ":"
		for i, p := range []string{"r", "w", "x"} {
			if perm&(4>>i) != 0 {
				s += p
			}
		}
		entries = append(entries, s)
	}
	return strings.Join(entries, ",")
}
