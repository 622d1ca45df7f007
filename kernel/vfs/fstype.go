// SPDX-License-Identifier: Apache-2.0

// This file is the types of file systems that can be mounted
// (/proc/filesystems), and the options that they take.

package vfs

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
)

// Option is one of a mount's options, as "size=4k" or "noswap".
type Option struct {
	Key   string
	Value string
	Flag  bool // has no value
}

// FSType is a type of file system.
type FSType struct {
	Name string
	// User tells whether a user namespace's root may mount it (FS_USERNS_MOUNT).
	User bool
	// Check is EINVAL for an option that the type doesn't know, or a value
	// that it can't have; nil: options are ignored.
	Check func(ctx Ctx, o Option) error
	// New makes a file system, or finds the one that there is.
	New func(ctx Ctx, options []Option) (FileSystem, error)
	// Revealing tells whether a new mount shows what its user namespace must be able to
	// see already (SB_I_USERNS_VISIBLE): proc and sysfs.
	Revealing bool
	// HasDevice: the source is a block device, of which there are none.
	HasDevice bool
}

var fsTypes = struct {
	sync.RWMutex
	list []*FSType
}{}

// RegisterFS makes a type known, instead of one of its name.
func RegisterFS(t *FSType) {
	fsTypes.Lock()
	defer fsTypes.Unlock()
	if i := slices.IndexFunc(fsTypes.list, func(o *FSType) bool { return o.Name == t.Name }); i >= 0 {
		fsTypes.list[i] = t
		return
	}
	fsTypes.list = append(fsTypes.list, t)
}

// FSTypes are all types, in the order that they were registered.
func FSTypes() []*FSType {
	fsTypes.RLock()
	defer fsTypes.RUnlock()
	return slices.Clone(fsTypes.list)
}

// FindFS is the type with a name, or nil.
func FindFS(name string) *FSType {
	for _, t := range FSTypes() {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// ParseOptions cuts the data of mount(2) at its commas (generic_parse_monolithic).
func ParseOptions(data string) (list []Option) {
	for _, s := range strings.Split(data, ",") {
		if s == "" {
			continue
		}
		k, v, has := strings.Cut(s, "=")
		if k == "" {
			continue
		}
		list = append(list, Option{k, v, !has})
	}
	return list
}

// superOptions are the options that are flags of any file system (fs_context's
// common_set_sb_flag and common_clear_sb_flag).
var superOptions = map[string]struct{ set, clear uint32 }{
	"ro": {unix.MS_RDONLY, 0}, "rw": {0, unix.MS_RDONLY},
	"sync": {unix.MS_SYNCHRONOUS, 0}, "async": {0, unix.MS_SYNCHRONOUS},
	"dirsync": {unix.MS_DIRSYNC, 0}, "mand": {unix.MS_MANDLOCK, 0}, "nomand": {0, unix.MS_MANDLOCK},
	"lazytime": {unix.MS_LAZYTIME, 0}, "nolazytime": {0, unix.MS_LAZYTIME},
}

// CheckOption is vfs_parse_fs_param: EINVAL for what the type doesn't know. It
// returns what an option of all types does to the flags.
func (t *FSType) CheckOption(ctx Ctx, o Option) (set, clear uint32, own bool, err error) {
	if s, ok := superOptions[o.Key]; ok && o.Flag {
		return s.set, s.clear, false, nil
	}
	if o.Key == "source" && !o.Flag {
		return 0, 0, false, nil
	}
	if t.Check == nil {
		return 0, 0, true, nil
	}
	return 0, 0, true, t.Check(ctx, o)
}

// Uint is the option's value as a number (fs_param_is_u32).
func (o Option) Uint(base int) (uint32, error) {
	n, err := strconv.ParseUint(o.Value, base, 32)
	if err != nil || o.Flag {
		return 0, unix.EINVAL
	}
	return uint32(n), nil
}

// UID is the option's value as a user of the caller's namespace.
func (o Option) UID(ctx Ctx) (cred.UID, error) {
	n, err := o.Uint(0)
	if err != nil {
		return 0, err
	}
	id := ctx.Creds().NS().ToUID(n)
	if id == cred.NoUID {
		return 0, unix.EINVAL
	}
	return id, nil
}

// GID is UID for groups.
func (o Option) GID(ctx Ctx) (cred.GID, error) {
	n, err := o.Uint(0)
	if err != nil {
		return 0, err
	}
	id := ctx.Creds().NS().ToGID(n)
	if id == cred.NoGID {
		return 0, unix.EINVAL
	}
	return id, nil
}
