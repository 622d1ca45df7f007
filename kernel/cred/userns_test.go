// SPDX-License-Identifier: Apache-2.0

package cred

import (
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

// within is a user's credentials in a namespace that it made.
func within(t *testing.T, maker *Creds) (*Creds, *UserNS) {
	t.Helper()
	c := maker.Copy()
	assert.NilError(t, NewUserNS(c))
	return c, c.NS()
}

func TestMapSyntax(t *testing.T) {
	for _, c := range []struct {
		text string
		err  error
	}{
		{"0 0 1", nil},
		{"0 0 1\n", nil},
		{"  0\t0   1  \n", nil},
		{"0 0 1\n1 1 1\n", nil},
		{"0 0 4294967295", nil},
		{"", unix.EINVAL},
		{"\n", unix.EINVAL},
		{"0 0", unix.EINVAL},
		{"0 0 0", unix.EINVAL},
		{"0 0 1 1", unix.EINVAL},
		{"a 0 1", unix.EINVAL},
		{"-1 0 1", unix.EINVAL},
		{"4294967295 0 1", unix.EINVAL},
		{"0 4294967295 1", unix.EINVAL},
		{"1 0 4294967295", unix.EINVAL},
		{"0 0 2\n1 5 1", unix.EINVAL},
		{"0 0 2\n5 1 1", unix.EINVAL},
		{"0 0 1\n\n1 1 1", unix.EINVAL},
		{strings.Repeat(" ", 4090) + "0 0 1", nil},
		{strings.Repeat(" ", 4091) + "0 0 1", unix.EINVAL},
	} {
		_, ns := within(t, Root())
		err := ns.WriteMap(UIDMap, []byte(c.text), Root(), Root())
		assert.Equal(t, err == nil, c.err == nil, "%.40q: %v", c.text, err)
		if c.err != nil {
			assert.ErrorIs(t, err, c.err, "%.40q", c.text)
		}
	}
}

// TestWhoMayMap is user_namespaces(7), "Defining user and group ID mappings".
func TestWhoMayMap(t *testing.T) {
	user, root := User(1000, 100, nil), Root()
	for _, c := range []struct {
		name          string
		maker, opener *Creds // opener nil: from inside
		which         int
		text          string
		denied        bool
		err           error
	}{
		{"own id from inside", user, nil, UIDMap, "0 1000 1", false, nil},
		{"own id from outside", user, user, UIDMap, "0 1000 1", false, nil},
		{"two ids", user, nil, UIDMap, "0 1000 2", false, unix.EPERM},
		{"another's id", user, nil, UIDMap, "0 1001 1", false, unix.EPERM},
		{"by another user", user, User(7, 7, nil), UIDMap, "0 7 1", false, unix.EPERM},
		{"own group", user, nil, GIDMap, "0 100 1", false, unix.EPERM},
		{"own group without setgroups", user, nil, GIDMap, "0 100 1", true, nil},
		{"many by root outside", user, root, UIDMap, "0 5 7", false, nil},
		{"groups by root outside", user, root, GIDMap, "0 5 7", false, nil},
		{"many by root inside", root, nil, UIDMap, "0 5 7", false, unix.EPERM},
		{"projects by anyone", user, nil, ProjectMap, "0 5 7", false, nil},
	} {
		inside, ns := within(t, c.maker)
		if c.denied {
			assert.NilError(t, ns.WriteSetgroups([]byte("deny")))
		}
		opener := c.opener
		if opener == nil {
			opener = inside
		}
		err := ns.WriteMap(c.which, []byte(c.text), opener, opener)
		if c.err == nil {
			assert.NilError(t, err, c.name)
			assert.ErrorIs(t, ns.WriteMap(c.which, []byte(c.text), opener, opener), unix.EPERM, "%s, again", c.name)
		} else {
			assert.ErrorIs(t, err, c.err, c.name)
		}
	}
}

func TestTranslation(t *testing.T) {
	inside, outer := within(t, Root())
	assert.NilError(t, outer.WriteMap(UIDMap, []byte("0 1000 10\n100 0 1"), Root(), Root()))
	assert.Equal(t, outer.ToUID(3), UID(1003))
	assert.Equal(t, outer.ToUID(10), NoUID)
	assert.Equal(t, outer.ShowUID(1009), uint32(9))
	assert.Equal(t, outer.ShowUID(1010), uint32(OverflowUID))
	assert.Equal(t, string(outer.Map(UIDMap, InitialNS)), "         0       1000         10\n       100          0          1\n")

	// One level deeper, ids go through both maps.
	assert.NilError(t, outer.WriteMap(GIDMap, []byte("0 0 10"), Root(), Root()))
	inside.EUID = 1000
	deeper, ns := within(t, inside)
	assert.NilError(t, ns.WriteMap(UIDMap, []byte("5 2 3"), inside, inside))
	assert.Equal(t, ns.ToUID(5), UID(1002))
	assert.Equal(t, string(ns.Map(UIDMap, ns)), "         5          2          3\n")
	assert.Equal(t, string(ns.Map(UIDMap, InitialNS)), "         5       1002          3\n")

	// Capabilities reach down, never up or sideways.
	assert.Equal(t, inside.CapableIn(ns, unix.CAP_KILL), true)
	assert.Equal(t, deeper.CapableIn(outer, unix.CAP_KILL), false)
	assert.Equal(t, deeper.Capable(unix.CAP_KILL), false)
	assert.Equal(t, Root().CapableIn(ns, unix.CAP_KILL), true)
	assert.Equal(t, User(5, 5, nil).CapableIn(ns, unix.CAP_KILL), false)
}
