// SPDX-License-Identifier: Apache-2.0

// This file has the settings that keep users from each other's traps in shared directories.

package vfs

import "sync/atomic"

// Protection is fs.protected_regular and its kin (proc_sys_fs(5)). They are the host's, as in any container: 0 is off.
type Protection struct{ Regular, FIFOs, Symlinks, Hardlinks int }

var protected atomic.Pointer[Protection]

// Protect puts settings into force; it is called before anything else uses this package.
func Protect(p Protection) { protected.Store(&p) }

// protection is what was set last; before that, all of it is on.
func protection() Protection {
	if p := protected.Load(); p != nil {
		return *p
	}
	return Protection{1, 1, 1, 1}
}

// Protected is what is in force, for /proc/sys/fs.
func Protected() Protection { return protection() }
