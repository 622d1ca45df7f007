// SPDX-License-Identifier: Apache-2.0

// This file has all keys by number, what they cost their owners, and the keyrings of users.

package keys

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"weak"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
)

// Registry has all keys of a kernel.
type Registry struct {
	mu       sync.Mutex
	keys     map[int32]weak.Pointer[Key]
	users    map[userID]*userRings
	accounts map[cred.UID]*account
}

// userID is a user of a user namespace.
type userID struct {
	ns  *cred.UserNS
	uid cred.UID
}

// userRings are the keyrings that a user has as long as the namespace is there.
type userRings struct{ own, session, persistent *Key }

// account counts a user's keys (/proc/sys/kernel/keys has the limits' names).
type account struct {
	keys, bytes       int
	maxKeys, maxBytes int
}

// System is the kernel's registry.
var System = NewRegistry()

// NewRegistry is one without keys.
func NewRegistry() *Registry {
	return &Registry{keys: map[int32]weak.Pointer[Key]{}, users: map[userID]*userRings{}, accounts: map[cred.UID]*account{}}
}

func (r *Registry) account(uid cred.UID) *account {
	a := r.accounts[uid]
	if a == nil {
		a = &account{maxKeys: 200, maxBytes: 20000}
		if uid == 0 {
			a.maxKeys, a.maxBytes = 1000000, 25000000
		}
		r.accounts[uid] = a
	}
	return a
}

// charge takes n bytes more, or less, from a key's owner.
func (c *cost) charge(n int) error {
	if n > 0 && c.account.bytes+n > c.account.maxBytes {
		return unix.EDQUOT
	}
	c.account.bytes += n
	c.bytes += n
	return nil
}

// linkBytes is what a link costs the keyring's owner.
const linkBytes = 4

// add makes a key. Its owner must be able to pay for it, unless it overruns.
func (r *Registry) add(kind *kind, description string, uid cred.UID, gid cred.GID, perm uint32, payload []byte, overrun bool) (*Key, error) {
	if description == "" {
		return nil, unix.EINVAL
	}
	if kind.description != nil {
		if err := kind.description(description); err != nil {
			return nil, err
		}
	}
	a, bytes := r.account(uid), len(description)+1+len(payload)
	if !overrun && (a.keys+1 > a.maxKeys || a.bytes+bytes > a.maxBytes) {
		return nil, unix.EDQUOT
	}
	a.keys++
	a.bytes += bytes
	k := &Key{kind: kind, description: description, uid: uid, gid: gid, perm: perm, payload: payload, cost: &cost{a, bytes}}
	if kind == keyring {
		k.ring = &ring{}
	}
	// Serial numbers tell nothing of each other.
	for k.serial < 3 || r.keys[k.serial] != (weak.Pointer[Key]{}) {
		k.serial = rand.Int32()
	}
	r.keys[k.serial] = weak.Make(k)
	runtime.AddCleanup(k, func(l left) { l.clean(r) }, left{k.serial, k.cost, k.ring})
	return k, nil
}

// left is what a key leaves that only the garbage collector found to be gone.
type left struct {
	serial int32
	cost   *cost
	ring   *ring
}

func (l left) clean(r *Registry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.free(l.serial, l.cost, l.ring)
}

// free takes a key out of the registry, once, and what it links to if nothing else does.
func (r *Registry) free(serial int32, c *cost, content *ring) {
	if c.account == nil {
		return
	}
	c.account.keys--
	c.account.bytes -= c.bytes
	c.account = nil
	delete(r.keys, serial)
	if content != nil {
		for _, k := range content.keys {
			r.unlinked(k)
		}
		content.keys = nil
	}
}

// unlinked is told when a link to a key is gone.
func (r *Registry) unlinked(k *Key) {
	if k.links--; k.links == 0 && !k.rooted {
		r.free(k.serial, k.cost, k.ring)
	}
}

// bySerial is a key by its number.
func (r *Registry) bySerial(id int32) *Key { return r.keys[id].Value() }

// named is the keyring of a name that a caller may join: find_keyring_by_name.
func (r *Registry) named(c *cred.Creds, name string) *Key {
	for _, w := range r.keys {
		k := w.Value()
		if k == nil || k.kind != keyring || k.revoked || k.description != name || name[0] == '.' {
			continue
		}
		if (ref{Key: k}).may(c, Search) == nil {
			return k
		}
	}
	return nil
}

// Permissions of the keyrings that come by themselves.
const (
	userPerm       = (all&^SetAttr)<<possessor | all<<owner
	sessionPerm    = all<<possessor | (View|Read)<<owner
	joinedPerm     = all<<possessor | (View|Read|Link)<<owner
	taskPerm       = all<<possessor | View<<owner
	persistentPerm = (all&^SetAttr)<<possessor | (View|Read)<<owner
)

// ofUser are a user's own keyrings, made when they are asked for first.
func (r *Registry) ofUser(c *cred.Creds) (*userRings, error) {
	id := userID{c.NS(), c.RUID}
	u := r.users[id]
	if u == nil {
		u = &userRings{}
		r.users[id] = u
	}
	if u.own != nil {
		return u, nil
	}
	number := uintText(c.NS().ShowUID(c.RUID))
	own, err := r.root("_uid."+number, c.RUID, noGroup, userPerm, true)
	if err != nil {
		return nil, err
	}
	session, err := r.root("_uid_ses."+number, c.RUID, noGroup, userPerm, true)
	if err != nil {
		return nil, err
	}
	own.ofUser, session.ofUser = true, true
	u.own, u.session = own, session
	return u, r.link(session, own)
}

// root makes a keyring that is held by something else than a link.
func (r *Registry) root(description string, uid cred.UID, gid cred.GID, perm uint32, overrun bool) (*Key, error) {
	k, err := r.add(keyring, description, uid, gid, perm, nil, overrun)
	if err == nil {
		k.rooted = true
	}
	return k, err
}

// link puts a key into a keyring, in the place of one of the same name.
func (r *Registry) link(to, k *Key) error {
	switch {
	case to.kind != keyring:
		return unix.ENOTDIR
	case to.revoked:
		return unix.EKEYREVOKED
	case to.restricted:
		return unix.EPERM
	}
	if k.kind == keyring {
		if err := to.reachableFrom(k, 1); err != nil {
			return err
		}
	}
	k.links++
	if old := to.ring.find(k.kind, k.description); old != nil {
		to.ring.keys[slices.Index(to.ring.keys, old)] = k
		r.unlinked(old)
		return nil
	}
	if err := to.cost.charge(linkBytes); err != nil {
		r.unlinked(k)
		return err
	}
	to.ring.keys = append(to.ring.keys, k)
	return nil
}

// maxDepth is how deep keyrings nest for a search.
const maxDepth = 6

// reachableFrom says why a link from k to from would make a circle, or a tree too deep: keyring_detect_cycle.
func (k *Key) reachableFrom(from *Key, depth int) error {
	if k == from {
		return unix.EDEADLK
	}
	for _, sub := range from.ring.keys {
		if sub.kind != keyring {
			continue
		}
		if depth > maxDepth {
			return unix.ELOOP
		}
		if err := k.reachableFrom(sub, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// unlink takes a key out of a keyring.
func (r *Registry) unlink(from, k *Key) error {
	if from.kind != keyring {
		return unix.ENOTDIR
	}
	i := slices.Index(from.ring.keys, k)
	if i < 0 {
		return unix.ENOENT
	}
	from.ring.keys = slices.Delete(from.ring.keys, i, i+1)
	_ = from.cost.charge(-linkBytes)
	r.unlinked(k)
	return nil
}

// clear takes all keys out of a keyring.
func (r *Registry) clear(k *Key) {
	old := k.ring.keys
	k.ring.keys = nil
	_ = k.cost.charge(-linkBytes * len(old))
	for _, o := range old {
		r.unlinked(o)
	}
}

// invalidate takes a key out of all keyrings, as Linux's collector does at once.
func (r *Registry) invalidate(k *Key) {
	k.invalidated = true
	for _, w := range r.keys {
		if o := w.Value(); o != nil && o.kind == keyring && slices.Contains(o.ring.keys, k) {
			_ = r.unlink(o, k)
		}
	}
}
