// SPDX-License-Identifier: Apache-2.0

// Package keys has the kernel's keys (keyrings(7), keyctl(2)): small secrets with a type, a description, an owner and
// permissions, held by keyrings that threads, processes, sessions and users have.
//
// Linux frees a key when nothing refers to it. Here one is gone as soon as no keyring links to it, unless it is or was
// itself the keyring of a task or a user: those go when the garbage collector finds that no credentials have them.
//
// Locks: Registry.mu guards all keys of the registry. Nothing is waited for under it.
package keys

import (
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
)

// Permissions, as one of the four bytes of a key's mask has them (keyrings(7)).
const (
	View = 1 << iota
	Read
	Write
	Search
	Link
	SetAttr

	all = View | Read | Write | Search | Link | SetAttr

	possessor = 24 // the shift of each byte
	owner     = 16
	group     = 8

	allPermissions = all<<possessor | all<<owner | all<<group | all
)

// kind is a type of keys.
type kind struct {
	name        string
	most        int // bytes of payload; at least one is needed unless none may be given
	read        bool
	update      bool
	description func(string) error
}

var (
	keyring = &kind{name: "keyring", read: true}
	kinds   = []*kind{
		keyring,
		{name: "user", most: 32767, read: true, update: true},
		{name: "logon", most: 32767, update: true, description: hasPrefix},
	}
)

// hasPrefix wants the name of a service before a colon.
func hasPrefix(text string) error {
	if strings.IndexByte(text, ':') < 1 {
		return unix.EINVAL
	}
	return nil
}

func kindOf(name string) *kind {
	for _, k := range kinds {
		if k.name == name {
			return k
		}
	}
	return nil
}

func (k *kind) takes(payload []byte) error {
	if len(payload) > k.most || len(payload) == 0 && k.most > 0 {
		return unix.EINVAL
	}
	return nil
}

// Key is one key, or keyring. All but what never changes is guarded by its registry's lock.
type Key struct {
	serial      int32
	kind        *kind
	description string

	uid     cred.UID
	gid     cred.GID
	perm    uint32
	payload []byte
	expiry  int64 // in seconds of real time; 0: never

	revoked     bool
	invalidated bool
	negative    unix.Errno // what is said of a key that could not be had

	links      int  // from keyrings
	rooted     bool // it is or was the keyring of credentials or of a user
	ofUser     bool // a user's own keyring
	restricted bool // takes no more links

	ring *ring // of a keyring
	cost *cost
}

// ring is what a keyring links to, in the order of its coming. It is apart from its key so that it can outlive it.
type ring struct{ keys []*Key }

// cost is what a key counts for its owner.
type cost struct {
	account *account
	bytes   int
}

// ref is a key as a caller got to it: whoever possesses one has the possessor's permissions too.
type ref struct {
	*Key
	possessed bool
}

// may is key_task_permission.
func (r ref) may(c *cred.Creds, need uint32) error {
	perm := r.perm
	switch {
	case r.uid == c.FSUID:
		perm >>= owner
	case r.gid != noGroup && r.perm>>group&all != 0 && c.InGroup(r.gid):
		perm >>= group
	}
	if r.possessed {
		perm |= r.perm >> possessor
	}
	if perm&need != need {
		return unix.EACCES
	}
	return nil
}

// noGroup is the group of a key that has none.
const noGroup = ^cred.GID(0)

// valid says why a key can't be used any more.
func (k *Key) valid() error {
	switch {
	case k.invalidated:
		return unix.ENOKEY
	case k.revoked:
		return unix.EKEYREVOKED
	case k.expired():
		return unix.EKEYEXPIRED
	}
	return nil
}

func (k *Key) expired() bool { return k.expiry != 0 && time.Now().Unix() >= k.expiry }

// expireIn sets its time to live; 0 is for ever.
func (k *Key) expireIn(seconds uint32) {
	k.expiry = 0
	if seconds != 0 {
		k.expiry = time.Now().Unix() + int64(seconds)
	}
}

// usable is valid, for one that there must be a value of.
func (k *Key) usable() error {
	if k.negative != 0 {
		return k.negative
	}
	return k.valid()
}

func (k *Key) is(kind *kind, description string) bool {
	return k.kind == kind && k.description == description
}

// find is the key of a keyring with a name.
func (r *ring) find(kind *kind, description string) *Key {
	i := slices.IndexFunc(r.keys, func(k *Key) bool { return k.is(kind, description) })
	if i < 0 {
		return nil
	}
	return r.keys[i]
}
