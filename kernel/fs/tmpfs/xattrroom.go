// SPDX-License-Identifier: Apache-2.0

// This file is the room for extended attributes: it is what nr_inodes leaves, at inodeRoom bytes an inode
// (shmem_xattr_handler_set of mm/shmem.c).

package tmpfs

const (
	inodeRoom = 1024 // BOGO_INODE_SIZE
	xattrHead = 48   // what an attribute takes beside its name and value
)

func xattrRoom(name string, size int) int64 { return int64(xattrHead + len(name) + size) }

// takeXattrRoom takes the room for an attribute, if there is enough.
func (n *node) takeXattrRoom(name string, size int) bool {
	if n.fs.maxNodes.Load() <= 0 || n.lower != nil {
		return true
	}
	n.fs.xattrBytes.Add(xattrRoom(name, size))
	if n.fs.inodeRoomLeft() < 0 {
		n.giveXattrRoom(name, size)
		return false
	}
	return true
}

// giveXattrRoom gives back what takeXattrRoom took.
func (n *node) giveXattrRoom(name string, size int) {
	if n.fs.maxNodes.Load() > 0 && n.lower == nil {
		n.fs.xattrBytes.Add(-xattrRoom(name, size))
	}
}

// giveAllXattrRoom is for a file that is gone.
func (n *node) giveAllXattrRoom() {
	n.mu.RLock()
	defer n.mu.RUnlock()
	for name, value := range n.xattrs {
		n.giveXattrRoom(name, len(value))
	}
}

// inodeRoomLeft is what of nr_inodes is left, in bytes; with a limit only.
func (fs *FS) inodeRoomLeft() int64 {
	return (fs.maxNodes.Load()-fs.nodes.Load())*inodeRoom - fs.xattrBytes.Load()
}
