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
	// Place is the value if that is a file, which fsconfig(2) can give (FSCONFIG_SET_FD).
	Place *Path
	// Other: the value is a path or a blob, which no type takes.
	Other bool
}

// OptionError is an errno, and what the log of a file system context says of it.
type OptionError struct {
	Errno unix.Errno
	Text  string
	Again int // how often more it says so
	// Warning: it is no error by itself.
	Warning bool
}

func (e *OptionError) Error() string { return e.Text }

// Errno is an error as a system call answers it.
func Errno(err error) error {
	if e, ok := err.(*OptionError); ok {
		return e.Errno
	}
	return err
}

// What FSType.Check says of an option, besides EINVAL for a bad value.
const (
	NoParam  = unix.Errno(519) // ENOPARAM: there is no such option
	FlagOnly = unix.Errno(520) // it takes no value
	BadID    = unix.Errno(521) // the value is no user or group
	Ignored  = unix.Errno(522) // nobody knows it, and nobody minds
)

// FSType is a type of file system.
type FSType struct {
	Name string
	// User tells whether a user namespace's root may mount it (FS_USERNS_MOUNT).
	User bool
	// Check is NoParam for an option that the type doesn't know, and FlagOnly or EINVAL
	// for a value that it can't have.
	Check func(ctx Ctx, o Option) error
	// New makes a file system, or finds the one that there is.
	New func(ctx Ctx, options []Option) (FileSystem, error)
	// Revealing tells whether a new mount shows what its user namespace must be able to
	// see already (SB_I_USERNS_VISIBLE): proc and sysfs.
	Revealing bool
	// HasDevice: the source is a block device, of which there are none.
	HasDevice bool
	// May is EPERM for who may not even describe such a file system; nil: all who may mount.
	May func(ctx Ctx) error
	// OwnerOf is the user namespace that the file system belongs to; nil: the caller's.
	OwnerOf func(ctx Ctx) *cred.UserNS
	// Kept: the file system is mounted by the kernel itself, so that no mount decides on its flags.
	Kept bool
	// FileParams are the options whose value may be a file.
	FileParams []string
}

// MayDescribe is what fs_context_for_mount answers.
func (t *FSType) MayDescribe(ctx Ctx) error {
	if t.May == nil {
		return nil
	}
	return t.May(ctx)
}

// Owner is the user namespace that a file system of the type is going to belong to.
func (t *FSType) Owner(ctx Ctx) *cred.UserNS {
	if t.OwnerOf == nil {
		return ctx.Creds().NS()
	}
	return t.OwnerOf(ctx)
}

// MayMount is mount_capable: EPERM for who may not mount the type, in a user namespace.
func (t *FSType) MayMount(ctx Ctx, owner *cred.UserNS) error {
	if c := ctx.Creds(); c.Capable(unix.CAP_SYS_ADMIN) || t.User && c.CapableIn(owner, unix.CAP_SYS_ADMIN) {
		return nil
	}
	return unix.EPERM
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

// FSNames are the names of the types that can be mounted, and of two that can't, in the order of their numbers for sysfs(2).
func FSNames() []string {
	var names []string
	for _, t := range FSTypes() {
		names = append(names, t.Name)
	}
	return append(names, "sockfs", "pipefs")
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
		list = append(list, Option{Key: k, Value: v, Flag: !has})
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
	if s, ok := superOptions[o.Key]; ok {
		return s.set, s.clear, false, nil
	}
	own, err = t.check(ctx, o)
	return 0, 0, own, Errno(err)
}

// check is CheckOption for what is no flag of any file system: own tells whether the type
// takes it, else it is the source.
func (t *FSType) check(ctx Ctx, o Option) (own bool, err error) {
	err = t.checkKind(ctx, o)
	if err == NoParam && o.Key == "source" {
		if o.Flag || o.Other || o.Place != nil {
			return false, &OptionError{Errno: unix.EINVAL, Text: "Non-string source"}
		}
		return false, nil
	}
	e := &OptionError{Errno: unix.EINVAL}
	text := ""
	switch err {
	case nil, Ignored:
		return true, nil
	case NoParam:
		text = "Unknown parameter"
	case FlagOnly:
		text = "Unexpected value for"
	case unix.EINVAL:
		text = "Bad value for"
	case BadID:
		text, e.Again = "Bad value for", 1 // it is no number, and no id
	default:
		return false, err
	}
	e.Text = t.Name + ": " + text + " '" + o.Key + "'"
	return false, e
}

// checkKind is Check for a value of any kind.
func (t *FSType) checkKind(ctx Ctx, o Option) error {
	if !o.Other && (o.Place == nil || slices.Contains(t.FileParams, o.Key)) {
		return t.Check(ctx, o)
	}
	err := t.Check(ctx, Option{Key: o.Key, Flag: true})
	if err == nil {
		err = FlagOnly
	}
	return err
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
		return 0, BadID
	}
	id := ctx.Creds().NS().ToUID(n)
	if id == cred.NoUID {
		return 0, BadID
	}
	return id, nil
}

// GID is UID for groups.
func (o Option) GID(ctx Ctx) (cred.GID, error) {
	n, err := o.Uint(0)
	if err != nil {
		return 0, BadID
	}
	id := ctx.Creds().NS().ToGID(n)
	if id == cred.NoGID {
		return 0, BadID
	}
	return id, nil
}
