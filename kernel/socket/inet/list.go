// SPDX-License-Identifier: Apache-2.0

package inet

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/socket"
)

var live socket.Set[*Socket]

// Owner is what /proc/net shows of a socket that the host does not know: whose it is, and its inode's number.
type Owner struct {
	UID cred.UID
	Ino uint64
}

// Owners tells of the sandbox's sockets, by the number that the host knows them by.
func Owners() map[uint64]Owner {
	m := map[uint64]Owner{}
	for _, s := range live.List() {
		var st unix.Stat_t
		if unix.Fstat(s.fd, &st) == nil {
			m[st.Ino] = Owner{s.owner.FSUID, s.ino.Number()}
		}
	}
	return m
}
