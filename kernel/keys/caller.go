// SPDX-License-Identifier: Apache-2.0

// This file has what credentials have of keys, and how a caller gets from a number to a key.

package keys

import (
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
)

// Set is the keyrings of credentials. Immutable, as those are.
type Set struct {
	reg                      *Registry
	thread, process, session *Key
	requested                int32 // where keys go that request_key makes: KEY_REQKEY_DEFL_*
}

var _ cred.Keyrings = (*Set)(nil)

// Forked is what a child of clone has: the session's, and a thread the process's.
func (s *Set) Forked(c *cred.Creds, thread bool) cred.Keyrings {
	child := *s
	child.thread = nil
	if !thread {
		child.process = nil
	} else if s.thread != nil {
		s.reg.mu.Lock()
		defer s.reg.mu.Unlock()
		child.thread, _ = s.reg.root("_tid", c.RUID, c.RGID, taskPerm, true)
	}
	return &child
}

// OfThread tells whether the thread has one of its own.
func (s *Set) OfThread() bool { return s.thread != nil }

// Executed is what a new program has.
func (s *Set) Executed() cred.Keyrings {
	after := *s
	after.thread, after.process = nil, nil
	return &after
}

// Caller is a task that makes a call.
type Caller struct {
	reg    *Registry
	creds  *cred.Creds
	set    Set
	commit func(*Set)
}

// NewCaller is the caller of a task with credentials; commit puts others of its keyrings into force.
func (r *Registry) NewCaller(c *cred.Creds, commit func(*Set)) *Caller {
	caller := &Caller{reg: r, creds: c, set: Set{reg: r}, commit: commit}
	if s, ok := c.Keyrings.(*Set); ok {
		caller.set = *s
	}
	return caller
}

// install changes the caller's keyrings.
func (c *Caller) install(change func(*Set)) {
	change(&c.set)
	s := c.set
	c.commit(&s)
}

func uintText(n uint32) string { return strconv.FormatUint(uint64(n), 10) }

// How lookup treats what isn't there, or is not right.
const (
	create   = 1 << iota // make a keyring of the caller's that it has not
	partial              // a key without a value will do
	anyState             // for unlink: neither state nor permission matter
	deferred             // the caller of lookup looks at both
)

// lookup is lookup_user_key: a key by its number, or by that of one of the caller's keyrings.
func (c *Caller) lookup(id int32, flags int, need uint32) (ref, error) {
	r, err := c.find(id, flags)
	if err != nil || flags&anyState != 0 {
		return r, err
	}
	if flags&deferred != 0 {
		return r, nil
	}
	if flags&partial != 0 {
		err = r.valid()
	} else {
		err = r.usable()
	}
	if err != nil {
		return ref{}, err
	}
	return r, r.may(c.creds, need)
}

func (c *Caller) find(id int32, flags int) (ref, error) {
	switch id {
	case unix.KEY_SPEC_THREAD_KEYRING:
		return c.own(&c.set.thread, "_tid", flags)
	case unix.KEY_SPEC_PROCESS_KEYRING:
		return c.own(&c.set.process, "_pid", flags)
	case unix.KEY_SPEC_SESSION_KEYRING:
		return c.session(flags)
	case unix.KEY_SPEC_USER_KEYRING, unix.KEY_SPEC_USER_SESSION_KEYRING:
		u, err := c.reg.ofUser(c.creds)
		if err != nil {
			return ref{}, err
		}
		if id == unix.KEY_SPEC_USER_KEYRING {
			return ref{u.own, true}, nil
		}
		return ref{u.session, true}, nil
	case unix.KEY_SPEC_REQKEY_AUTH_KEY, unix.KEY_SPEC_REQUESTOR_KEYRING:
		return ref{}, unix.ENOKEY // nobody is asked to instantiate a key
	}
	if id < 1 {
		return ref{}, unix.EINVAL
	}
	k := c.reg.bySerial(id)
	if k == nil {
		return ref{}, unix.ENOKEY
	}
	_, err := c.searchMine(wanted{kind: k.kind, description: k.description, exactly: k})
	return ref{k, err == nil}, nil
}

// own is the thread's or the process's keyring.
func (c *Caller) own(at **Key, name string, flags int) (ref, error) {
	if *at == nil {
		if flags&create == 0 {
			return ref{}, unix.ENOKEY
		}
		k, err := c.reg.root(name, c.creds.RUID, c.creds.RGID, taskPerm, true)
		if err != nil {
			return ref{}, err
		}
		c.install(func(*Set) { *at = k })
	}
	return ref{*at, true}, nil
}

// session is the session's keyring. Who has none gets the user's, and one of its own as soon as something shall go into it.
func (c *Caller) session(flags int) (ref, error) {
	if c.set.session == nil || c.set.session.ofUser && flags&create != 0 {
		if flags&create != 0 {
			if err := c.newSession(); err != nil {
				return ref{}, err
			}
		} else {
			u, err := c.reg.ofUser(c.creds)
			if err != nil {
				return ref{}, err
			}
			c.install(func(s *Set) { s.session = u.session })
		}
	}
	return ref{c.set.session, true}, nil
}

func (c *Caller) newSession() error {
	k, err := c.reg.root("_ses", c.creds.RUID, c.creds.RGID, sessionPerm, c.set.session == nil)
	if err == nil {
		c.install(func(s *Set) { s.session = k })
	}
	return err
}
