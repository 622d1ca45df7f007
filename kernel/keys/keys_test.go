// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"fmt"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/cred"
)

// caller is a task of a registry: its credentials change as it goes.
func caller(r *Registry, c *cred.Creds) *Caller {
	return r.NewCaller(c, func(s *Set) { c.Keyrings = s })
}

const session = unix.KEY_SPEC_SESSION_KEYRING

func mustAdd(t *testing.T, c *Caller, kind, name, payload string, ring int32) int32 {
	t.Helper()
	id, err := c.Add(kind, name, []byte(payload), ring)
	assert.NilError(t, err)
	return id
}

func TestAddAndRead(t *testing.T) {
	c := caller(NewRegistry(), cred.Root())
	id := mustAdd(t, c, "user", "name", "first", session)
	data, err := c.Read(id, 0)
	assert.NilError(t, err)
	assert.Equal(t, string(data), "first")
	assert.Equal(t, mustAdd(t, c, "user", "name", "second", session), id, "the same name is the same key")
	text, err := c.Describe(id)
	assert.NilError(t, err)
	assert.Equal(t, text, "user;0;0;3f010000;name")
}

// Whom does a key let do what, by the byte of its mask that is meant for them?
func TestPermissions(t *testing.T) {
	r := NewRegistry()
	k, err := r.add(kinds[1], "k", 10, 20, 0, []byte("x"), false)
	assert.NilError(t, err)
	for _, c := range []struct {
		who       string
		creds     *cred.Creds
		possessed bool
		shift     int
	}{
		{"the owner", cred.User(10, 1, nil), false, owner},
		{"one of the group", cred.User(1, 20, nil), false, group},
		{"one with the group besides", cred.User(1, 1, []cred.GID{20}), false, group},
		{"another", cred.User(1, 1, nil), false, 0},
		{"the possessor", cred.User(1, 1, nil), true, possessor},
		{"root, who is another too", cred.Root(), false, 0},
	} {
		for bit := uint32(View); bit <= SetAttr; bit <<= 1 {
			k.perm = bit << c.shift
			if c.shift == 0 {
				k.perm |= View << owner // what others may is not for the owner
			}
			assert.NilError(t, ref{k, c.possessed}.may(c.creds, bit), "%s, %#x", c.who, bit)
			k.perm = allPermissions &^ (bit << c.shift)
			if c.possessed {
				k.perm &^= bit // the possessor is another, too
			}
			assert.ErrorIs(t, ref{k, c.possessed}.may(c.creds, bit), unix.EACCES, "%s, %#x", c.who, bit)
		}
	}
}

// A key is gone with the last link to it, whatever its number was.
func TestGoneWithTheLastLink(t *testing.T) {
	r := NewRegistry()
	c := caller(r, cred.Root())
	ring := mustAdd(t, c, "keyring", "ring", "", session)
	id := mustAdd(t, c, "user", "name", "x", ring)
	assert.NilError(t, c.Link(id, session))
	assert.NilError(t, c.Unlink(ring, session))
	_, err := c.Describe(ring)
	assert.ErrorIs(t, err, unix.ENOKEY)
	_, err = c.Read(id, 0)
	assert.NilError(t, err, "the session has it still")
	assert.NilError(t, c.Unlink(id, session))
	_, err = c.Read(id, 0)
	assert.ErrorIs(t, err, unix.ENOKEY)
	assert.Equal(t, r.account(0).keys, 1, "the session's keyring alone is left")
	assert.Equal(t, r.account(0).bytes, len("_ses")+1)
}

// What only credentials held goes with them, and all that it held; and its cost is paid back.
func TestGoneWithTheSession(t *testing.T) {
	r := NewRegistry()
	func() {
		c := caller(r, cred.Root())
		mustAdd(t, c, "user", "name", "x", mustAdd(t, c, "keyring", "ring", "", session))
	}()
	left := func() int {
		r.mu.Lock()
		defer r.mu.Unlock()
		return len(r.keys)
	}
	for left() > 0 { // cleanups run at some time after a collection
		runtime.GC()
		runtime.Gosched()
	}
	assert.Equal(t, *r.account(0), account{0, 0, 1000000, 25000000})
}

func TestQuota(t *testing.T) {
	r := NewRegistry()
	c := caller(r, cred.User(5, 5, nil))
	var err error
	n := 0
	for ; err == nil; n++ {
		_, err = c.Add("user", fmt.Sprint(n), []byte("x"), session)
	}
	assert.ErrorIs(t, err, unix.EDQUOT)
	assert.Equal(t, n, 200) // the session's keyring is one of them
	assert.NilError(t, c.Clear(session))
	_, err = c.Add("user", "big", make([]byte, 20000), session)
	assert.ErrorIs(t, err, unix.EDQUOT)
	mustAdd(t, c, "user", "small", "x", session)
}

func TestForkAndExec(t *testing.T) {
	r := NewRegistry()
	creds := cred.Root()
	c := caller(r, creds)
	for _, ring := range []int32{unix.KEY_SPEC_THREAD_KEYRING, unix.KEY_SPEC_PROCESS_KEYRING, session} {
		mustAdd(t, c, "user", "name", "x", ring)
	}
	has := func(creds *cred.Creds) (s string) {
		c := caller(r, creds)
		for _, ring := range []int32{unix.KEY_SPEC_THREAD_KEYRING, unix.KEY_SPEC_PROCESS_KEYRING, session} {
			_, err := c.Search(ring, "user", "name", 0)
			s += fmt.Sprintf("%v ", err == nil)
		}
		return s
	}
	assert.Equal(t, has(creds), "true true true ")
	assert.Equal(t, has(creds.Forked(false)), "false false true ")
	assert.Equal(t, has(creds.Forked(true)), "false true true ")
	assert.Equal(t, has(creds.Executed()), "false false true ")
}

// A key that could not be had is remembered, and does not keep another from being put there.
func TestRequestRemembersThatThereIsNone(t *testing.T) {
	c := caller(NewRegistry(), cred.Root())
	mustAdd(t, c, "user", "other", "x", session)
	_, err := c.Request("user", "name", true, 0)
	assert.ErrorIs(t, err, unix.ENOKEY)
	data, err := c.Read(session, 0)
	assert.NilError(t, err)
	assert.Equal(t, len(data), 8)
	_, err = c.Request("user", "name", false, 0)
	assert.ErrorIs(t, err, unix.ENOKEY)
	id := mustAdd(t, c, "user", "name", "x", session)
	found, err := c.Request("user", "name", false, 0)
	assert.NilError(t, err)
	assert.Equal(t, found, id)
}
