// SPDX-License-Identifier: Apache-2.0

// This file reads directories of the host's /proc that show what is the sandbox's own, as the network is.

package hostio

import (
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// Tree is a directory of the host's and what is below it, and nothing else: it is the root of a mount of its own, so that no
// path leads out.
type Tree struct{ fd int }

// OpenTree takes hold of a directory; nil if the host doesn't let us.
func OpenTree(path string) *Tree {
	fd, err := unix.OpenTree(unix.AT_FDCWD, path, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		return nil
	}
	return &Tree{fd}
}

// TreeAt is the directory behind a descriptor that OpenTree's kind of call made.
func TreeAt(fd int) *Tree { return &Tree{fd} }

func (t *Tree) open(name string, flags uint64) (int, error) {
	if t == nil {
		return -1, unix.ENOENT
	}
	return unix.Openat2(t.fd, name, &unix.OpenHow{Flags: flags | unix.O_CLOEXEC, Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS})
}

// Read is the whole of a file as it is now.
func (t *Tree) Read(name string) ([]byte, error) {
	fd, err := t.open(name, unix.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	return ReadAll(fd)
}

// ReadAll is what a descriptor has to read up to its end.
func ReadAll(fd int) ([]byte, error) {
	content := make([]byte, 0, 8<<10)
	for {
		content = slices.Grow(content, 4<<10)
		n, err := unix.Read(fd, content[len(content):cap(content)])
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return content, nil
		}
		content = content[:len(content)+n]
	}
}

// Write is one write to a file.
func (t *Tree) Write(name string, data []byte) error {
	fd, err := t.open(name, unix.O_WRONLY)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	_, err = unix.Write(fd, data)
	return err
}

// Mode is the type and permissions of a name.
func (t *Tree) Mode(name string) (uint32, error) {
	if t == nil {
		return 0, unix.ENOENT
	}
	var st unix.Stat_t
	err := unix.Fstatat(t.fd, name, &st, unix.AT_SYMLINK_NOFOLLOW)
	return st.Mode, err
}

// Names are the names in a directory, sorted.
func (t *Tree) Names(name string) ([]string, error) {
	fd, err := t.open(name, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return nil, err
	}
	dir := os.NewFile(uintptr(fd), name)
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	slices.Sort(names)
	return names, err
}
