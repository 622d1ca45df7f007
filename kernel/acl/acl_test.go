// SPDX-License-Identifier: Apache-2.0

package acl

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/cred"
)

// plain are ids that are called what they are.
type plain struct{}

func (plain) ToUID(n uint32) cred.UID            { return cred.UID(n) }
func (plain) ToGID(n uint32) cred.GID            { return cred.GID(n) }
func (plain) FromUID(id cred.UID) (uint32, bool) { return uint32(id), true }
func (plain) FromGID(id cred.GID) (uint32, bool) { return uint32(id), true }

func (e Entry) String() string { return fmt.Sprintf("%#x:%o:%d", e.Tag, e.Perm, int32(e.ID)) }

var (
	owner = Entry{UserObj, 6, noID}
	group = Entry{GroupObj, 4, noID}
	mask  = Entry{Mask, 5, noID}
	other = Entry{Other, 1, noID}
)

func user(id uint32, perm uint16) Entry    { return Entry{User, perm, id} }
func ofGroup(id uint32, perm uint16) Entry { return Entry{Group, perm, id} }

func TestModeOfAList(t *testing.T) {
	for _, c := range []struct {
		list List
		mode uint32
		all  bool
	}{
		{List{owner, group, other}, 0o104641, true},
		{List{owner, group, mask, other}, 0o104651, false},
		{List{owner, user(7, 7), group, mask, other}, 0o104651, false},
		{List{owner, group, ofGroup(7, 7), mask, other}, 0o104651, false},
		{FromMode(0o641), 0o104641, true},
	} {
		assert.NilError(t, c.list.Check())
		mode, all := c.list.Mode(0o104777)
		assert.Equal(t, mode, c.mode, "%v", c.list)
		assert.Equal(t, all, c.all, "%v", c.list)
	}
}

func TestChmodGoesToTheMask(t *testing.T) {
	with := List{owner, user(7, 7), group, mask, other}
	assert.DeepEqual(t, with.Chmod(0o750), List{{UserObj, 7, noID}, user(7, 7), group, {Mask, 5, noID}, {Other, 0, noID}})
	assert.DeepEqual(t, with, List{owner, user(7, 7), group, mask, other}) // as it was
	assert.DeepEqual(t, FromMode(0o777).Chmod(0o421), FromMode(0o421))
	assert.Assert(t, List(nil).Chmod(0o777) == nil)
}

func TestNewFileGetsWhatBothGive(t *testing.T) {
	list, mode := List{owner, user(7, 7), group, mask, other}.Create(0o102466)
	assert.Equal(t, mode, uint32(0o102440))
	assert.DeepEqual(t, list, List{{UserObj, 4, noID}, user(7, 7), group, {Mask, 4, noID}, {Other, 0, noID}})
	list, mode = FromMode(0o750).Create(0o40777)
	assert.Equal(t, mode, uint32(0o40750))
	assert.Assert(t, list == nil)
}

func TestPermits(t *testing.T) {
	const uid, gid = 100, 200
	list := List{{UserObj, 4, noID}, user(7, 7), user(8, 0), {GroupObj, 1, noID}, ofGroup(20, 6), {Mask, 6, noID}, {Other, 7, noID}}
	for _, c := range []struct {
		creds *cred.Creds
		want  []uint32 // what is permitted
	}{
		{cred.User(uid, 1, nil), []uint32{0, 4}},
		{cred.User(7, gid, nil), []uint32{0, 2, 4, 6}},
		{cred.User(8, 20, nil), []uint32{0}},
		{cred.User(9, gid, nil), []uint32{0}},
		{cred.User(9, 20, nil), []uint32{0, 2, 4, 6}},
		{cred.User(9, 1, []cred.GID{gid, 20}), []uint32{0, 2, 4, 6}},
		{cred.User(9, 1, nil), []uint32{0, 1, 2, 3, 4, 5, 6, 7}},
	} {
		var got []uint32
		for want := range uint32(8) {
			if list.Permits(c.creds, uid, gid, want) {
				got = append(got, want)
			}
		}
		assert.DeepEqual(t, got, c.want)
	}
}

func TestKindOf(t *testing.T) {
	for kind := range Kinds {
		got, ok := KindOf(kind.Name())
		assert.Assert(t, ok && got == kind)
	}
	_, ok := KindOf("system.posix_acl_")
	assert.Assert(t, !ok)
}

// TestSoundAsOnTheHost gives a file of the host lists made up of all there is, and compares what it takes and what the mode becomes.
func TestSoundAsOnTheHost(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	assert.NilError(t, os.WriteFile(name, nil, 0o600))
	if err := unix.Setxattr(name, Access.Name(), FromMode(0o600).Format(plain{}), 0); err == unix.EOPNOTSUPP {
		t.Skip("the file system has no lists")
	}
	r := rand.New(rand.NewPCG(1, 2))
	sound := 0
	for range 20000 {
		list := randomList(r)
		err := list.Check()
		if got := unix.Setxattr(name, Access.Name(), list.Format(plain{}), 0); (got == nil) != (err == nil) {
			t.Fatalf("%v: %v, on the host %v", list, err, got)
		}
		if err != nil {
			continue
		}
		sound++
		var st unix.Stat_t
		assert.NilError(t, unix.Stat(name, &st))
		mode, all := list.Mode(st.Mode)
		assert.Equal(t, mode, st.Mode, "%v", list)
		value := make([]byte, 1000)
		n, err := unix.Getxattr(name, Access.Name(), value)
		assert.Equal(t, err == unix.ENODATA, all, "%v", list)
		if !all {
			got, err := Parse(value[:n], plain{})
			assert.NilError(t, err)
			assert.DeepEqual(t, got, list)
		}
	}
	assert.Assert(t, sound > 1000)
}

// randomList is sound as often as not.
func randomList(r *rand.Rand) List {
	list := List{}
	for _, tag := range []uint16{UserObj, User, GroupObj, Group, Mask, Other} {
		for many := tag == User || tag == Group; r.IntN(8) != 0; {
			e := Entry{Tag: tag, Perm: uint16(r.IntN(8)), ID: noID}
			if many {
				e.ID = r.Uint32N(1000)
			}
			list = append(list, e)
			if !many && r.IntN(20) != 0 || r.IntN(2) == 0 {
				break
			}
		}
	}
	if len(list) > 1 && r.IntN(10) == 0 {
		i, j := r.IntN(len(list)), r.IntN(len(list))
		list[i], list[j] = list[j], list[i]
	}
	if len(list) == 0 {
		return List{owner}
	}
	return list
}

// FuzzParse: what is read comes out again as it was, but for ids that mean nothing, and nothing of it is out of bounds.
func FuzzParse(f *testing.F) {
	f.Add(FromMode(0o644).Format(plain{}))
	f.Add(List{owner, user(7, 7), group, ofGroup(8, 1), mask, other}.Format(plain{}))
	f.Add([]byte{2, 0, 0, 0})
	f.Add([]byte{1, 0, 0, 0, 9})
	f.Fuzz(func(t *testing.T, value []byte) {
		list, err := Parse(value, plain{})
		if err != nil || list == nil {
			return
		}
		again, err := Parse(list.Format(plain{}), plain{})
		assert.NilError(t, err)
		assert.DeepEqual(t, again, list)
		if list.Check() != nil {
			return
		}
		mode, _ := list.Mode(0)
		changed, _ := list.Chmod(0o640).Mode(0)
		assert.Assert(t, mode&^0o777 == 0 && changed == 0o640)
		_, made := list.Create(0o777)
		assert.Equal(t, made, mode)
	})
}
