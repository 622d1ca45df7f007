// SPDX-License-Identifier: Apache-2.0

// This file is the login that a task belongs to, as the audit subsystem keeps it: children inherit it, and what they become changes
// nothing.

package task

import (
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
)

// NoSession is the session of a task of no login.
const NoSession = 1<<32 - 1

// Login is a user's login.
type Login struct {
	UID     cred.UID // cred.NoUID: of nobody
	Session uint32
}

var noLogin = Login{cred.NoUID, NoSession}

var lastSession atomic.Uint32

// Login is the login that the task belongs to. Any goroutine.
func (t *Task) Login() Login {
	if l := t.login.Load(); l != nil {
		return *l
	}
	return noLogin
}

// SetLogin begins a login of a user, or with cred.NoUID ends one. EPERM: there is one, and the task lacks CAP_AUDIT_CONTROL. Only the task itself.
func (t *Task) SetLogin(uid cred.UID) error {
	if t.Login().UID != cred.NoUID && !t.Creds().Capable(unix.CAP_AUDIT_CONTROL) {
		return unix.EPERM
	}
	l := noLogin
	if uid != cred.NoUID {
		l = Login{uid, lastSession.Add(1)}
	}
	t.login.Store(&l)
	return nil
}
