// SPDX-License-Identifier: Apache-2.0

package vfs

import "golang.org/x/sys/unix"

// At is where a path starts.
type At struct {
	Root Path       // of absolute paths
	Dir  Path       // of others
	NS   *Namespace // whose mounts are crossed
}

// How a walk treats the end of the path.
const (
	Follow = 1 << iota // a symbolic link at the end is followed
)

// Lookup finds what is at a path.
func Lookup(ctx Ctx, at At, path string, how uint32) (Path, error) {
	return Path{}, unix.ENOSYS
}
