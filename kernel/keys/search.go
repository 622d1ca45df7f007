// SPDX-License-Identifier: Apache-2.0

// This file searches keyrings: which key of the trees that a caller has is meant?

package keys

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
)

// wanted is what a search is for.
type wanted struct {
	kind        *kind
	description string
	exactly     *Key // this one and no other of the name, whatever its state
	skipExpired bool // request_key: one that expired is not there
}

// search is keyring_search_rcu: EAGAIN if there is none.
func (w wanted) search(c *cred.Creds, in ref) (ref, error) {
	if in.kind != keyring {
		return ref{}, unix.ENOTDIR
	}
	if err := in.may(c, Search); err != nil {
		return ref{}, err
	}
	// The keyring itself may be what is sought; if it is and can't be had, that ends the search.
	if in.is(w.kind, w.description) {
		if ok, err := w.accept(c, in); ok || err != nil {
			return in, err
		}
	}
	found, err := w.descend(c, in, 1)
	if found.Key != nil {
		return found, nil
	}
	if err == nil {
		err = unix.EAGAIN
	}
	return ref{}, err
}

// descend looks at the keys of a keyring before it looks into those that it has. What it says of one that can't be had
// stands unless a better one is found.
func (w wanted) descend(c *cred.Creds, in ref, depth int) (found ref, last error) {
	if in.invalidated || in.revoked {
		return ref{}, nil
	}
	if k := in.ring.find(w.kind, w.description); k != nil {
		r := ref{k, in.possessed}
		ok, err := w.accept(c, r)
		if ok {
			return r, nil
		}
		last = err
	}
	if depth > maxDepth {
		return ref{}, last
	}
	for _, k := range in.ring.keys {
		r := ref{k, in.possessed}
		if k.kind != keyring || r.may(c, Search) != nil {
			continue
		}
		found, err := w.descend(c, r, depth+1)
		if found.Key != nil {
			return found, nil
		}
		if err != nil {
			last = err
		}
	}
	return ref{}, last
}

// accept is keyring_search_iterator, for a key of the name.
func (w wanted) accept(c *cred.Creds, r ref) (bool, error) {
	if w.exactly != nil {
		return r.Key == w.exactly && r.may(c, Search) == nil, nil
	}
	switch {
	case r.invalidated || r.revoked:
		return false, unix.EKEYREVOKED
	case r.expired() && w.skipExpired:
		return false, nil
	case r.expired():
		return false, unix.EKEYEXPIRED
	}
	if err := r.may(c, Search); err != nil {
		return false, err
	}
	if r.negative != 0 {
		return false, r.negative
	}
	return true, nil
}

// searchMine is search_process_keyrings_rcu: the thread's keyring, the process's, the session's.
func (c *Caller) searchMine(w wanted) (ref, error) {
	var mild, grave error = nil, unix.EAGAIN
	session := c.set.session
	if session == nil {
		if u := c.reg.users[userID{c.creds.NS(), c.creds.RUID}]; u != nil {
			session = u.session
		}
	}
	for _, k := range []*Key{c.set.thread, c.set.process, session} {
		if k == nil {
			continue
		}
		found, err := w.search(c.creds, ref{k, true})
		switch {
		case err == nil:
			return found, nil
		case err == unix.EAGAIN && mild != nil: // what is known of it stays
		case err == unix.EAGAIN, err == unix.ENOKEY:
			mild = err
		default:
			grave = err
		}
	}
	if mild != nil {
		return ref{}, mild
	}
	return ref{}, grave
}
