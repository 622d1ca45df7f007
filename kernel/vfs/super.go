// SPDX-License-Identifier: Apache-2.0

package vfs

import (
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"weak"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
)

// Super is a file system as it is mounted (struct super_block): all mounts of
// it share its root dentry and its flags.
type Super struct {
	fs    FileSystem
	root  *Dentry
	flags atomic.Uint32 // MS_RDONLY, MS_SYNCHRONOUS, MS_DIRSYNC, MS_LAZYTIME, MS_MANDLOCK
	// writers are the regular files open for writing, through any mount.
	writers atomic.Int64
	mounts  atomic.Int64 // in any namespace
	handles handleTable

	// renameMu makes renames between directories come one at a time, so that which directory is above which does not
	// change under one.
	renameMu sync.Mutex

	uuidOnce sync.Once
	uuid     [16]byte
	fsid     atomic.Pointer[[2]int32]
	owner    *cred.UserNS // of who mounted it first; devices and set-ID bits count only if that is the first
}

// superFlags are the flags of mount(2) that are a file system's own.
const superFlags = unix.MS_RDONLY | unix.MS_SYNCHRONOUS | unix.MS_MANDLOCK | unix.MS_DIRSYNC | unix.MS_LAZYTIME

// supers finds the Super of a file system while something leads to it.
var supers struct {
	sync.Mutex
	of map[FileSystem]weak.Pointer[Super]
}

// superOf is the Super of fs; owner counts if there is none yet.
func superOf(fs FileSystem, owner *cred.UserNS) *Super {
	supers.Lock()
	defer supers.Unlock()
	if s := supers.of[fs].Value(); s != nil {
		return s
	}
	s := &Super{fs: fs, owner: owner}
	if root := fs.Root(); root != nil {
		s.root = newDentry(nil, "/", root)
	}
	if supers.of == nil {
		supers.of = map[FileSystem]weak.Pointer[Super]{}
	}
	w := weak.Make(s)
	supers.of[fs] = w
	runtime.AddCleanup(s, func(w weak.Pointer[Super]) { forgetSuper(w) }, w)
	return s
}

// forgetSuper drops the entry of a Super that is gone.
func forgetSuper(w weak.Pointer[Super]) {
	supers.Lock()
	defer supers.Unlock()
	for fs, o := range supers.of {
		if o == w {
			delete(supers.of, fs)
		}
	}
}

// ReadOnly tells whether nothing of the file system may be changed.
func (s *Super) ReadOnly() bool { return s.flags.Load()&unix.MS_RDONLY != 0 }

// Flags are the file system's MS_* flags.
func (s *Super) Flags() uint32 { return s.flags.Load() }

// Owner is the user namespace that the file system belongs to.
func (s *Super) Owner() *cred.UserNS { return s.owner }

// FS is the file system.
func (s *Super) FS() FileSystem { return s.fs }

// NoDevices tells whether device nodes of the mount can't be opened.
func (m *Mount) NoDevices() bool {
	return m.Flags()&unix.MS_NODEV != 0 || m.super.owner != cred.InitialNS
}

// MaySuid tells whether set-ID bits and capabilities of files of the mount
// count for creds (mnt_may_suid).
func (m *Mount) MaySuid(creds *cred.Creds) bool {
	return m.Flags()&unix.MS_NOSUID == 0 && creds.NS().Within(m.super.owner)
}

// OptionShower is a file system that has options to show in /proc/PID/mounts:
// "size=4k,mode=755".
type OptionShower interface{ ShowOptions() string }

// Options are the file system's options as /proc/PID/mounts shows them.
func (m *Mount) Options() string {
	if o, ok := m.FS.(OptionShower); ok {
		return o.ShowOptions()
	}
	return ""
}

// UUID is the file system's (FS_IOC_GETFSUUID): those have one whose files have handles.
func (s *Super) UUID() (id [16]byte, ok bool) {
	if formOf(s.fs) == NoHandles {
		return id, false
	}
	s.uuidOnce.Do(func() {
		binary.LittleEndian.PutUint64(s.uuid[:], rand.Uint64())
		binary.LittleEndian.PutUint64(s.uuid[8:], rand.Uint64())
		s.uuid[6], s.uuid[8] = s.uuid[6]&0x0f|0x40, s.uuid[8]&0x3f|0x80
	})
	return s.uuid, true
}

// Fsid is what statfs(2) says that it is, asked for once.
func (s *Super) Fsid(ctx Ctx) [2]int32 {
	if id := s.fsid.Load(); id != nil {
		return *id
	}
	st, err := s.fs.Statfs(ctx)
	if err == nil {
		s.fsid.Store(&st.Fsid)
	}
	return st.Fsid
}

// Syncer is a file system with data that are on no disk yet.
type Syncer interface{ SyncFS() error }

// SyncFS is syncfs(2).
func SyncFS(fs FileSystem) error {
	if s, ok := fs.(Syncer); ok && !fs.ReadOnly() {
		return s.SyncFS()
	}
	return nil
}

// SyncAll is sync(2).
func SyncAll() {
	supers.Lock()
	var list []FileSystem
	for fs, w := range supers.of {
		if s := w.Value(); s != nil && s.mounts.Load() > 0 {
			list = append(list, fs)
		}
	}
	supers.Unlock()
	for _, fs := range list {
		_ = SyncFS(fs)
	}
}
