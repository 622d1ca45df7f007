// SPDX-License-Identifier: Apache-2.0

// This file has the calls that make and find keys: add_key, request_key, and the searches of keyctl.

package keys

import (
	"golang.org/x/sys/unix"
)

// Add is add_key: a key of a name in a keyring, or another payload for the one that is there.
func (c *Caller) Add(kindName, description string, payload []byte, into int32) (int32, error) {
	c.reg.mu.Lock()
	defer c.reg.mu.Unlock()
	to, err := c.lookup(into, create, Write)
	if err != nil {
		return 0, err
	}
	kind := kindOf(kindName)
	switch {
	case kind == nil:
		return 0, unix.ENODEV
	case to.kind != keyring:
		return 0, unix.ENOTDIR
	case description == "":
		return 0, unix.EINVAL
	}
	if err := kind.takes(payload); err != nil {
		return 0, err
	}
	if to.restricted {
		return 0, unix.EPERM
	}
	if k := to.ring.find(kind, description); k != nil && kind.update && !k.revoked && !k.invalidated {
		return k.serial, c.update(ref{k, to.possessed}, payload)
	}
	perm := uint32(View|Search|Link|SetAttr)<<possessor | View<<owner
	if kind.read {
		perm |= Read << possessor
	}
	if kind == keyring || kind.update {
		perm |= Write << possessor
	}
	k, err := c.reg.add(kind, description, c.creds.FSUID, c.creds.FSGID, perm, payload, false)
	if err != nil {
		return 0, err
	}
	return k.serial, c.reg.linkNew(to.Key, k)
}

// linkNew links a key that nothing has yet, or lets it go.
func (r *Registry) linkNew(to, k *Key) error {
	err := r.link(to, k)
	if err != nil && k.links == 0 {
		r.free(k.serial, k.cost, k.ring)
	}
	return err
}

// update gives a key another payload, and lets it live on.
func (c *Caller) update(r ref, payload []byte) error {
	if err := r.may(c.creds, Write); err != nil {
		return err
	}
	if !r.kind.update {
		return unix.EOPNOTSUPP
	}
	if err := r.kind.takes(payload); err != nil {
		return err
	}
	if err := r.cost.charge(len(payload) - len(r.payload)); err != nil {
		return err
	}
	r.payload, r.negative, r.expiry = payload, 0, 0
	return nil
}

// Update is KEYCTL_UPDATE.
func (c *Caller) Update(id int32, payload []byte) error {
	c.reg.mu.Lock()
	defer c.reg.mu.Unlock()
	k, err := c.lookup(id, 0, Write)
	if err != nil {
		return err
	}
	return c.update(k, payload)
}

// Search is KEYCTL_SEARCH: a key of a keyring's tree, linked to another if one is given.
func (c *Caller) Search(in int32, kindName, description string, into int32) (int32, error) {
	c.reg.mu.Lock()
	defer c.reg.mu.Unlock()
	from, err := c.lookup(in, 0, Search)
	if err != nil {
		return 0, err
	}
	to, err := c.destination(into)
	if err != nil {
		return 0, err
	}
	kind := kindOf(kindName)
	if kind == nil {
		return 0, unix.ENOKEY
	}
	k, err := wanted{kind: kind, description: description}.search(c.creds, from)
	if err == unix.EAGAIN {
		err = unix.ENOKEY
	}
	if err != nil {
		return 0, err
	}
	return k.serial, c.linkInto(to, k)
}

// destination is a keyring that a key is to be linked into; 0 is none.
func (c *Caller) destination(id int32) (ref, error) {
	if id == 0 {
		return ref{}, nil
	}
	return c.lookup(id, create, Write)
}

func (c *Caller) linkInto(to, k ref) error {
	if to.Key == nil {
		return nil
	}
	if err := k.may(c.creds, Link); err != nil {
		return err
	}
	return c.reg.link(to.Key, k.Key)
}

// negativeSeconds is how long it is remembered that there is no key (KEY_NEGATIVE_TIMEOUT).
const negativeSeconds = 60

// Request is request_key: a key of the caller's keyrings. If there is none and ask says that someone may be asked for it,
// it comes to what Linux does where /sbin/request-key knows no answer: for a minute there is no such key.
func (c *Caller) Request(kindName, description string, ask bool, into int32) (int32, error) {
	c.reg.mu.Lock()
	defer c.reg.mu.Unlock()
	to, err := c.destination(into)
	if err != nil {
		return 0, err
	}
	kind := kindOf(kindName)
	if kind == nil {
		return 0, unix.ENOKEY
	}
	k, err := c.searchMine(wanted{kind: kind, description: description, skipExpired: true})
	switch {
	case err == nil:
		if err := c.linkInto(to, k); err != nil {
			return 0, err
		}
		return k.serial, k.usable()
	case err != unix.EAGAIN:
		return 0, err
	case !ask:
		return 0, unix.ENOKEY
	case kind == keyring:
		return 0, unix.EPERM
	}
	return 0, c.notFound(kind, description, to)
}

// notFound leaves word that a key could not be had.
func (c *Caller) notFound(kind *kind, description string, to ref) error {
	if to.Key == nil {
		var err error
		if to, err = c.requestedInto(); err != nil {
			return err
		}
	}
	perm := uint32(View|Search|Link|SetAttr)<<possessor | View<<owner
	if kind.read {
		perm |= Read << possessor
	}
	if kind.update {
		perm |= Write << possessor
	}
	k, err := c.reg.add(kind, description, c.creds.FSUID, c.creds.FSGID, perm, nil, false)
	if err != nil {
		return err
	}
	k.negative = unix.ENOKEY
	k.expireIn(negativeSeconds)
	if err := c.reg.linkNew(to.Key, k); err != nil {
		return err
	}
	return unix.ENOKEY
}

// requestedInto is the keyring that a requested key goes to by itself: construct_get_dest_keyring.
func (c *Caller) requestedInto() (ref, error) {
	switch c.set.requested {
	case unix.KEY_REQKEY_DEFL_DEFAULT, unix.KEY_REQKEY_DEFL_REQUESTOR_KEYRING, unix.KEY_REQKEY_DEFL_THREAD_KEYRING:
		if c.set.thread != nil {
			return ref{c.set.thread, true}, nil
		}
		fallthrough
	case unix.KEY_REQKEY_DEFL_PROCESS_KEYRING:
		if c.set.process != nil {
			return ref{c.set.process, true}, nil
		}
		fallthrough
	case unix.KEY_REQKEY_DEFL_SESSION_KEYRING:
		if c.set.session != nil {
			return ref{c.set.session, true}, nil
		}
	}
	u, err := c.reg.ofUser(c.creds)
	if err != nil {
		return ref{}, err
	}
	if c.set.requested == unix.KEY_REQKEY_DEFL_USER_KEYRING {
		return ref{u.own, true}, nil
	}
	return ref{u.session, true}, nil
}
