// SPDX-License-Identifier: Apache-2.0

package vfs

import "sync"

// FS is a task's view of the tree (struct fs_struct): root, working directory
// and umask. Tasks cloned with CLONE_FS share one.
type FS struct {
	mu    sync.RWMutex
	root  Path
	cwd   Path
	umask uint32
}

// NewFS is a view with its root and working directory at root.
func NewFS(root Path) *FS { return &FS{root: root, cwd: root, umask: 0o022} }

// Root is where absolute paths start.
func (f *FS) Root() Path {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.root
}

// Cwd is where relative paths start.
func (f *FS) Cwd() Path {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.cwd
}

// Umask is the bits that new files don't get.
func (f *FS) Umask() uint32 {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.umask
}

// SetUmask sets the umask and returns the one before.
func (f *FS) SetUmask(mask uint32) uint32 {
	f.mu.Lock()
	defer f.mu.Unlock()
	old := f.umask
	f.umask = mask & 0o777
	return old
}

// At is where the view's paths start: the working directory.
func (f *FS) At() At {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return At{Root: f.root, Dir: f.cwd}
}

// SetCwd changes the working directory.
func (f *FS) SetCwd(p Path) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cwd = p
}

// SetRoot changes the root.
func (f *FS) SetRoot(p Path) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.root = p
}

// Copy is a view of its own that starts the same (fork).
func (f *FS) Copy() *FS {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return &FS{root: f.root, cwd: f.cwd, umask: f.umask}
}

// Replace changes the places that are from to to (chroot_fs_refs).
func (f *FS) Replace(from, to Path) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range []*Path{&f.root, &f.cwd} {
		if *p == from {
			*p = to
		}
	}
}

// In tells whether the root or the working directory is in a mount.
func (f *FS) In(m *Mount) bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.root.Mount == m || f.cwd.Mount == m
}
