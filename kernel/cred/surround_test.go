// SPDX-License-Identifier: Apache-2.0

package cred

import (
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

// Once the first namespace has another around it, its ids are few, it shows what they are outside, and nobody in it rules the system.
func TestSurround(t *testing.T) {
	old := system
	defer func() {
		first := newInitialNS()
		InitialNS.parent, InitialNS.denied, system = nil, false, old
		InitialNS.uids.Store(first.uids.Load())
		InitialNS.gids.Store(first.gids.Load())
	}()
	root, kernel := Root(), Kernel()
	assert.Assert(t, root.Capable(unix.CAP_SYS_TIME))
	Surround(IDMap{{0, 1, 1000}, {1000, 0, 1}}, IDMap{{0, 700, 50}}, true)
	assert.Equal(t, string(InitialNS.Map(UIDMap, InitialNS)), "         0          1       1000\n      1000          0          1\n")
	assert.Equal(t, string(InitialNS.Map(GIDMap, InitialNS)), "         0        700         50\n")
	assert.Equal(t, string(InitialNS.Setgroups()), "deny\n")
	assert.Equal(t, InitialNS.ToUID(1000), UID(1000))
	assert.Equal(t, InitialNS.ToUID(1001), NoUID)
	assert.Equal(t, InitialNS.ToGID(49), GID(49))
	assert.Equal(t, InitialNS.ToGID(50), NoGID)
	assert.Assert(t, !root.Capable(unix.CAP_SYS_TIME))
	assert.Assert(t, root.CapableIn(InitialNS, unix.CAP_SYS_ADMIN))
	assert.Assert(t, root.CapableFor(1000, 49, unix.CAP_CHOWN))
	assert.Assert(t, !root.CapableFor(1001, 49, unix.CAP_CHOWN))
	assert.Assert(t, kernel.Capable(unix.CAP_MKNOD))
	assert.Assert(t, kernel.CapableFor(4000, 4000, unix.CAP_CHOWN))
	assert.ErrorIs(t, InitialNS.WriteMap(UIDMap, []byte("0 0 1"), root, root), unix.EPERM)

	inner := Root()
	assert.NilError(t, NewUserNS(inner))
	assert.NilError(t, inner.NS().WriteMap(UIDMap, []byte("5 7 2"), root, root))
	assert.Equal(t, string(inner.NS().Map(UIDMap, inner.NS())), "         5          7          2\n")
	assert.Assert(t, root.CapableIn(inner.NS(), unix.CAP_SYS_ADMIN))
	assert.Assert(t, !inner.CapableIn(InitialNS, unix.CAP_SYS_ADMIN))
}
