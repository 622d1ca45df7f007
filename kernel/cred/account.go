// SPDX-License-Identifier: Apache-2.0

// This file is how many of some things the users of a user namespace may have, and have (Linux's ucounts, /proc/sys/user).

package cred

import (
	"math"
	"sync"
)

// Count is a kind of things that are counted.
type Count int

// The kinds (enum ucount_type).
const (
	InotifyInstances Count = iota
	InotifyWatches
	FanotifyGroups
	FanotifyMarks
	counts
)

// Limits of the first namespace; those of another are unbounded, until its root bounds them.
const (
	MaxInotifyInstances = 128
	MaxInotifyWatches   = 65536
	MaxFanotifyGroups   = 128
	MaxFanotifyMarks    = 65536
)

// Account is what a user of a namespace is charged to.
type Account struct {
	ns  *UserNS
	uid UID
}

// accounts guards the limits and the accounts of all namespaces, since one charge counts in several. It is a leaf.
var accounts sync.Mutex

// limits are a namespace's.
type limits struct {
	max  [counts]int
	used map[UID]*[counts]int
}

func unbounded() limits {
	return limits{max: [counts]int{math.MaxInt32, math.MaxInt32, math.MaxInt32, math.MaxInt32}}
}

// Account is that of who c is.
func (c *Creds) Account() Account { return Account{c.NS(), c.EUID} }

// Charge counts one more, in the namespace and, on the accounts of who made each, in those around it: false where that is too many
// (inc_ucount).
func (a Account) Charge(k Count) bool {
	accounts.Lock()
	defer accounts.Unlock()
	for at := a; at.ns != nil; at = at.around() {
		if u := at.ns.limits.used[at.uid]; at.ns.limits.max[k] <= 0 || u != nil && u[k] >= at.ns.limits.max[k] {
			return false
		}
	}
	a.add(k, 1)
	return true
}

// Uncharge gives back.
func (a Account) Uncharge(k Count, n int) {
	accounts.Lock()
	defer accounts.Unlock()
	a.add(k, -n)
}

// around is the account in the namespace around.
func (a Account) around() Account { return Account{a.ns.parent, a.ns.owner} }

func (a Account) add(k Count, n int) {
	for ; a.ns != nil; a = a.around() {
		l := &a.ns.limits
		if l.used == nil {
			l.used = map[UID]*[counts]int{}
		}
		u := l.used[a.uid]
		if u == nil {
			u = new([counts]int)
			l.used[a.uid] = u
		}
		if u[k] += n; *u == [counts]int{} {
			delete(l.used, a.uid)
		}
	}
}

// Limit is how many of a kind a user of the namespace may have.
func (ns *UserNS) Limit(k Count) int {
	accounts.Lock()
	defer accounts.Unlock()
	return ns.limits.max[k]
}

// SetLimit sets it. What users have already stays.
func (ns *UserNS) SetLimit(k Count, n int) {
	accounts.Lock()
	defer accounts.Unlock()
	ns.limits.max[k] = n
}
