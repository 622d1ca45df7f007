// SPDX-License-Identifier: Apache-2.0

// Package confine locks the kernel process in, before it reads anything that
// an application controls: an empty root, only the descriptors that it works with,
// only the capabilities that it needs, no way to get more.
package confine

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/boot"
	"github.com/ditto-kernel/ditto/kernel/cred"
)

// Files are descriptors of the host's that the kernel process keeps.
type Files struct {
	Root    int   // O_PATH, of a mount that is read-only as far as the host goes
	Volumes []int // O_PATH
	follow  []int // of the volumes: those that get what is mounted there later on
}

// Taken are the mounts that a description names: the root's, then the volumes'.
type Taken []int

// Take takes hold of what the description names, as mounts of their own that nobody
// else sees and whose rights are what the sandbox may do: what shall only be
// read is read-only for the host's kernel too.
func Take(d *boot.Description) (t Taken, err error) {
	readOnly := d.Container == nil || d.Container.ReadOnlyRoot && !needPlaces(d)
	defer func() {
		if err != nil {
			t.Close()
		}
	}()
	fd, err := detach(d.Root, readOnly, true, false)
	if err != nil {
		return t, fmt.Errorf("%s: %w", d.Root, err)
	}
	t = append(t, fd)
	for _, v := range d.Volumes {
		fd, err := detach(v.Source, v.ReadOnly, !v.Shallow, v.Follow)
		if err != nil {
			return t, fmt.Errorf("%s: %w", v.Source, err)
		}
		t = append(t, fd)
		if v.IDs == nil {
			continue
		}
		if err := mapIDs(fd, v.IDs); err != nil {
			return t, fmt.Errorf("%s: map its ids: %w", v.Source, err)
		}
	}
	return t, nil
}

// Files are the descriptors, to be sent, and closed afterwards: whoever gets them has copies.
func (t Taken) Files() (files []*os.File) {
	for _, fd := range t {
		files = append(files, os.NewFile(uintptr(fd), "mount"))
	}
	return files
}

// Close lets go of them.
func (t Taken) Close() {
	for _, fd := range t {
		unix.Close(fd)
	}
}

// Open takes hold of what the description names, or of what came with it. Where who is a user namespace that this process is not in,
// its root can have no more than that would open.
func Open(d *boot.Description, t Taken, who *boot.IDMap) (*Files, error) {
	if len(t) == 0 {
		var err error
		if t, err = Take(d); err != nil {
			return nil, err
		}
	}
	if len(t) != 1+len(d.Volumes) {
		return nil, fmt.Errorf("%d descriptors came with the container", len(t))
	}
	f := &Files{Root: t[0]}
	for i, v := range d.Volumes {
		fd, err := openFile(t[1+i], v.ReadOnly, who)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", v.Source, err)
		}
		f.Volumes = append(f.Volumes, fd)
		if v.Follow {
			f.follow = append(f.follow, fd)
		}
	}
	return f, nil
}

// needPlaces tells whether mount points may have to be made in a root that is
// read-only afterwards.
func needPlaces(d *boot.Description) bool { return len(d.Container.Mounts) > 0 }

// detach opens a copy of the mounts at path. With follow it gets what is mounted
// there later on.
func detach(path string, readOnly, recursive, follow bool) (int, error) {
	flags := uint(unix.AT_EMPTY_PATH)
	if recursive {
		flags |= unix.AT_RECURSIVE
	}
	fd, err := unix.OpenTree(unix.AT_FDCWD, path, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|flags&^unix.AT_EMPTY_PATH)
	if err != nil {
		return -1, os.NewSyscallError("open_tree", err)
	}
	attr := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV, Propagation: unix.MS_PRIVATE}
	if follow {
		attr.Propagation = unix.MS_SLAVE
	}
	if readOnly {
		attr.Attr_set |= unix.MOUNT_ATTR_RDONLY
	}
	if err := unix.MountSetattr(fd, "", flags, &attr); err != nil {
		unix.Close(fd)
		return -1, os.NewSyscallError("mount_setattr", err)
	}
	return fd, nil
}

// openFile opens a regular file for good: later there is no name to open it by.
func openFile(fd int, readOnly bool, who *boot.IDMap) (int, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil || st.Mode&unix.S_IFMT != unix.S_IFREG {
		return fd, err
	}
	defer unix.Close(fd)
	read, write := mayRoot(&st, who)
	if !read {
		return -1, unix.EACCES
	}
	readOnly = readOnly || !write
	flags := unix.O_RDWR
	if readOnly {
		flags = unix.O_RDONLY
	}
	name := fmt.Sprintf("/proc/self/fd/%d", fd)
	file, err := unix.Open(name, flags|unix.O_CLOEXEC, 0)
	if err == unix.EACCES || err == unix.EROFS || err == unix.ETXTBSY {
		file, err = unix.Open(name, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	}
	return file, err
}

// mayRoot tells what the root of a user namespace may do with a file: everything if it is of the namespace's own, else what others may.
func mayRoot(st *unix.Stat_t, who *boot.IDMap) (read, write bool) {
	if who == nil || within(who.UIDs, st.Uid) && within(who.GIDs, st.Gid) {
		return true, true
	}
	return st.Mode&0o004 != 0, st.Mode&0o002 != 0
}

func within(list []cred.Extent, id uint32) bool {
	return slices.ContainsFunc(list, func(e cred.Extent) bool { return id >= e.Lower && id-e.Lower < e.Count })
}

// EmptyRoot makes a directory the root of this process's mount namespace, and lets go of
// everything else in it. It is empty but for the volumes that get what is mounted there later on: only
// mounts in a namespace do.
func (f *Files) EmptyRoot() error {
	switch err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err {
	case nil:
	case unix.EINVAL:
		return errors.New("/ is not a mount point here (a chroot?), so that no other can take its place: bind-mount the directory on itself before the chroot")
	default:
		return os.NewSyscallError("mount private", err)
	}
	// Any directory will do to hold the new root for a moment.
	limits := fmt.Sprintf("size=0,nr_inodes=%d,mode=555", 2+len(f.follow))
	if err := unix.Mount("ditto", "/proc", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, limits); err != nil {
		return os.NewSyscallError("mount tmpfs", err)
	}
	if err := unix.Chdir("/proc"); err != nil {
		return os.NewSyscallError("chdir", err)
	}
	// The old root is stacked on the new one, and then taken off (pivot_root(2)).
	if err := unix.PivotRoot(".", "."); err != nil {
		return os.NewSyscallError("pivot_root", err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return os.NewSyscallError("umount", err)
	}
	for i, fd := range f.follow {
		place := fmt.Sprintf("/%d", i)
		if err := unix.Mkdir(place, 0o555); err != nil {
			return os.NewSyscallError("mkdir", err)
		}
		if err := unix.MoveMount(fd, "", unix.AT_FDCWD, place, unix.MOVE_MOUNT_F_EMPTY_PATH); err != nil {
			return os.NewSyscallError("move_mount", err)
		}
	}
	if err := unix.Mount("", "/", "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return os.NewSyscallError("remount read-only", err)
	}
	return os.NewSyscallError("chdir", unix.Chdir("/"))
}

// Keep are the capabilities that the kernel process of a sandbox keeps, of those
// that it has: to read as the caller could, and to change writable volumes, or a
// container's root, as the caller could. Device nodes and file capabilities it makes for
// containers that may do so themselves; on its own mounts they have no effect. Over its network it needs no capability where the maker's
// user namespace owns that (owned); in a container's it has those that the container may have, and of the host's the low ports.
func Keep(d *boot.Description, owned bool) []uint {
	keep := append([]uint{unix.CAP_DAC_READ_SEARCH}, keepNetwork(d, owned)...)
	if !writes(d) {
		return keep
	}
	keep = append(keep, unix.CAP_DAC_OVERRIDE, unix.CAP_CHOWN, unix.CAP_FOWNER, unix.CAP_FSETID)
	if d.Container != nil && d.Caps != nil {
		for _, c := range []uint{unix.CAP_MKNOD, unix.CAP_SETFCAP} {
			if d.Caps.Bounding>>c&1 != 0 {
				keep = append(keep, c)
			}
		}
	}
	return keep
}

func keepNetwork(d *boot.Description, owned bool) (keep []uint) {
	switch {
	case !d.FreshNetwork && !d.JoinedNetwork: // the host's: its low ports
		if d.Container == nil || d.Caps != nil && d.Caps.Bounding>>unix.CAP_NET_BIND_SERVICE&1 != 0 {
			return []uint{unix.CAP_NET_BIND_SERVICE}
		}
	case d.Container == nil:
		if d.FreshNetwork && !owned {
			return []uint{unix.CAP_NET_RAW, unix.CAP_NET_ADMIN}
		}
	case d.Caps != nil && (d.FreshNetwork || d.JoinedNetwork):
		for _, c := range []uint{unix.CAP_NET_RAW, unix.CAP_NET_ADMIN} {
			if d.Caps.Bounding>>c&1 != 0 {
				keep = append(keep, c)
			}
		}
	}
	return keep
}

// writes tells whether the sandbox may change anything on the host.
func writes(d *boot.Description) bool {
	return d.Container != nil || slices.ContainsFunc(d.Volumes, func(v boot.Volume) bool { return !v.ReadOnly })
}

// Secure bits: being uid 0 means nothing any more, and that is for good.
const (
	secbitNoRoot       = 1 << 0
	secbitNoRootLocked = 1 << 1
	secbitNoAmbient    = 1 << 6
	secbitNoAmbientLck = 1 << 7
)

// DropCapabilities leaves every thread with the capabilities in keep, in no_new_privs mode, and without
// a way for a program that it executes to have any.
func DropCapabilities(keep []uint) error {
	if err := everywhere(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1); err != nil {
		return fmt.Errorf("no_new_privs: %w", err)
	}
	if err := everywhere(unix.SYS_PRCTL, unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL); err != nil {
		return fmt.Errorf("ambient capabilities: %w", err)
	}
	bits := uintptr(secbitNoRoot | secbitNoRootLocked | secbitNoAmbient | secbitNoAmbientLck)
	if err := everywhere(unix.SYS_PRCTL, unix.PR_SET_SECUREBITS, bits); err != nil {
		return fmt.Errorf("securebits: %w", err)
	}
	hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&hdr, &data[0]); err != nil {
		return os.NewSyscallError("capget", err)
	}
	var mask [2]uint32
	for _, c := range keep {
		mask[c/32] |= 1 << (c % 32)
	}
	for i := range data {
		data[i].Permitted &= mask[i]
		data[i].Effective = data[i].Permitted
		data[i].Inheritable = 0
	}
	hdr.Pid = 0 // of each thread that makes the call
	err := everywhere(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&hdr)), uintptr(unsafe.Pointer(&data[0])))
	return os.NewSyscallError("capset", err)
}

// everywhere makes a system call in every thread of this process. What its
// arguments point to stays where it is meanwhile.
//
//go:uintptrescapes
func everywhere(nr uintptr, args ...uintptr) error {
	var a [5]uintptr
	copy(a[:], args)
	_, _, errno := syscall.AllThreadsSyscall6(nr, a[0], a[1], a[2], a[3], a[4], 0)
	switch errno {
	case 0:
		return nil
	case unix.ENOTSUP:
		return errors.New("this ditto was built with cgo: build it with CGO_ENABLED=0 (make build does)")
	}
	return errno
}
