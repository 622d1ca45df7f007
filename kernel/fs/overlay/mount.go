// SPDX-License-Identifier: Apache-2.0

// This file is overlays that an application mounts (Linux's Documentation/filesystems/overlayfs.rst): directories laid over
// each other, of which the uppermost takes all changes. What is in it is what Linux's overlay would have there, whiteouts
// and opaque directories included, so that a tool that looks into the layers (Docker's and podman's drivers do) finds what
// it expects. Layers are used by the vfs's own calls, as whoever mounted the overlay, so that their users see changes too.
//
// Lock order: the vfs's of the overlay, FS.change, the vfs's of the layers; FS.mu is a leaf.

package overlay

import (
	"strings"
	"sync"
	"sync/atomic"
	"weak"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const superMagic = 0x794c7630 // OVERLAYFS_SUPER_MAGIC

// maxLowers is how many lower layers there may be (OVL_MAX_STACK).
const maxLowers = 500

// Type is overlay as mount(2) finds it.
var Type = &vfs.FSType{Name: "overlay", User: true, Check: check, New: newMounted,
	FileParams: []string{"lowerdir+", "datadir+", "upperdir", "workdir"}}

// layers is what mount options say.
type layers struct {
	lowers, data []place
	added        bool // lowers came one by one
	upper, work  *place
	legacy       string // lowerdir as it was given
	userXattr    bool
	volatile     bool
}

// place is a directory by its name, or by a descriptor.
type place struct {
	name string
	at   *vfs.Path
}

func placeOf(o vfs.Option) place { return place{o.Value, o.Place} }

// switches are the options that have one of several values: those that we can honour.
var switches = map[string]string{
	"redirect_dir": "off nofollow", "index": "off", "nfs_export": "off", "metacopy": "off", "verity": "off", "xino": "off auto", "uuid": "auto off null",
}

// known are further values that Linux knows. Nothing here does what they ask for, so that they are refused.
var known = map[string]string{
	"redirect_dir": "on follow", "index": "on", "nfs_export": "on", "metacopy": "on", "verity": "on require", "xino": "on", "uuid": "on",
}

// check is ovl_parse_param.
func check(_ vfs.Ctx, o vfs.Option) error {
	switch o.Key {
	case "lowerdir", "lowerdir+", "datadir+", "upperdir", "workdir":
		if o.Flag || o.Value == "" && o.Place == nil {
			return unix.EINVAL
		}
		if o.Key == "lowerdir" {
			_, err := splitLowers(o.Value)
			return err
		}
		return nil
	case "userxattr", "volatile", "default_permissions":
		if !o.Flag {
			return vfs.FlagOnly
		}
		return nil
	}
	good, ok := switches[o.Key]
	switch {
	case !ok:
		return vfs.NoParam
	case o.Flag:
		return unix.EINVAL
	case has(good, o.Value):
		return nil
	case has(known[o.Key], o.Value):
		return &vfs.OptionError{Errno: unix.EINVAL, Text: "overlay: " + o.Key + "=" + o.Value + " is not supported"}
	}
	return unix.EINVAL
}

func has(list, value string) bool {
	for v := range strings.FieldsSeq(list) {
		if v == value {
			return true
		}
	}
	return false
}

// splitLowers cuts lowerdir at its colons: a backslash hides one, and two make what follows a layer of data only.
func splitLowers(s string) (l layers, err error) {
	var name strings.Builder
	data, ended := false, false
	end := func() bool {
		if name.Len() == 0 {
			return false
		}
		p := place{name: name.String()}
		if data {
			l.data = append(l.data, p)
		} else {
			l.lowers = append(l.lowers, p)
		}
		name.Reset()
		return true
	}
	for i := 0; i < len(s); i++ {
		ended = false
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			name.WriteByte(s[i])
		case s[i] != ':':
			name.WriteByte(s[i])
		case !end():
			return l, unix.EINVAL
		case i+1 < len(s) && s[i+1] == ':':
			data, ended = true, true
			i++
		case data:
			return l, unix.EINVAL // an ordinary layer below one of data
		default:
			ended = true
		}
	}
	if ended || !end() || len(l.lowers) == 0 || len(l.lowers)+len(l.data) > maxLowers {
		return l, unix.EINVAL
	}
	return l, nil
}

func parse(options []vfs.Option) (l layers, err error) {
	for _, o := range options {
		switch o.Key {
		case "lowerdir":
			if l.lowers != nil {
				return l, unix.EINVAL
			}
			s, err := splitLowers(o.Value)
			if err != nil {
				return l, err
			}
			l.lowers, l.data, l.legacy = s.lowers, s.data, o.Value
		case "lowerdir+", "datadir+":
			if l.legacy != "" || o.Key == "lowerdir+" && l.data != nil || o.Key == "datadir+" && l.lowers == nil {
				return l, unix.EINVAL
			}
			if l.added = true; o.Key == "datadir+" {
				l.data = append(l.data, placeOf(o))
			} else {
				l.lowers = append(l.lowers, placeOf(o))
			}
		case "upperdir":
			p := placeOf(o)
			l.upper = &p
		case "workdir":
			p := placeOf(o)
			l.work = &p
		case "userxattr":
			l.userXattr = true
		case "volatile":
			l.volatile = true
		}
	}
	return l, nil
}

// FS is an overlay that an application mounted.
type FS struct {
	dev         uint64
	creds       *cred.Creds // of who mounted it
	upper, work vfs.Path    // the zero Path: nothing can be changed
	lowers      []vfs.Path
	root        *node
	shown       string
	private     string // how the names of its own attributes start
	volatile    bool

	change sync.Mutex // one copy at a time
	temp   atomic.Uint64

	mu      sync.Mutex
	nodes   map[vfs.Inode]weak.Pointer[node] // by the file in the upper layer
	sweep   int
	origins map[uint64]uint64 // numbers of files of the upper layer: those that they had below
}

// newMounted is ovl_fill_super.
func newMounted(ctx vfs.Ctx, options []vfs.Option) (vfs.FileSystem, error) {
	fail := func(text string) error { return &vfs.OptionError{Errno: unix.EINVAL, Text: "overlay: " + text} }
	l, err := parse(options)
	switch {
	case err != nil:
		return nil, err
	case len(l.lowers) == 0:
		return nil, fail("missing 'lowerdir'")
	case l.upper != nil && l.work == nil:
		return nil, fail("missing 'workdir'")
	}
	fs := &FS{
		dev: vfs.AllocDev(), creds: ctx.Creds(), private: "trusted.overlay.", volatile: l.volatile,
		nodes: map[vfs.Inode]weak.Pointer[node]{}, sweep: 1024, origins: map[uint64]uint64{},
	}
	if l.userXattr {
		fs.private = "user.overlay."
	}
	for _, p := range append(l.lowers, l.data...) {
		at, err := p.find(ctx)
		if err != nil {
			return nil, err
		}
		for _, o := range fs.lowers {
			if o.Above(at) || at.Above(o) {
				return nil, &vfs.OptionError{Errno: unix.ELOOP, Text: "overlay: overlapping lowerdir path"}
			}
		}
		fs.lowers = append(fs.lowers, vfs.PrivateMount(at))
	}
	if l.upper == nil && len(fs.lowers) == 1 {
		return nil, fail("at least 2 lowerdir are needed while upperdir nonexistent")
	}
	fs.lowers = fs.lowers[:len(l.lowers)] // without redirects nothing leads to layers of data
	if l.upper != nil {
		if err := fs.takeUpper(ctx, &l, fail); err != nil {
			return nil, err
		}
	}
	fs.shown = l.show()
	fs.root = &node{fs: fs, lowers: fs.lowers}
	if fs.upper.Dentry != nil {
		fs.root.upper.Store(&fs.upper)
	}
	return fs, fs.root.number(ctx)
}

// find is the directory: EINVAL if it is something else.
func (p place) find(ctx vfs.Ctx) (vfs.Path, error) {
	at := p.at
	if at == nil {
		t, ok := ctx.(interface{ FS() *vfs.FS })
		if !ok {
			return vfs.Path{}, unix.EINVAL
		}
		found, err := vfs.Lookup(ctx, t.FS().At(), strings.ReplaceAll(p.name, `\,`, ","), vfs.Follow)
		if err != nil {
			return found, err
		}
		at = &found
	}
	if !at.Dentry.IsDir() {
		return *at, &vfs.OptionError{Errno: unix.EINVAL, Text: "overlay: '" + p.name + "' not a directory"}
	}
	return *at, nil
}

// takeUpper checks the upper layer, and makes the directory in which changes are prepared.
func (fs *FS) takeUpper(ctx vfs.Ctx, l *layers, fail func(string) error) error {
	upper, err := l.upper.find(ctx)
	if err != nil {
		return err
	}
	work, err := l.work.find(ctx)
	if err != nil {
		return err
	}
	switch {
	case upper.Mount.ReadOnly():
		return fail("upper fs is r/o, try multi-lower layers mount")
	case upper.Mount != work.Mount:
		return fail("workdir and upperdir must reside under the same mount")
	case upper.Above(work) || work.Above(upper):
		return fail("workdir and upperdir must be separate subtrees")
	}
	for _, o := range fs.lowers {
		if o.Above(upper) || upper.Above(o) || o.Above(work) || work.Above(o) {
			return &vfs.OptionError{Errno: unix.ELOOP, Text: "overlay: overlapping lowerdir path"}
		}
	}
	fs.upper = vfs.PrivateMount(upper)
	base := fs.upper.Beside(work)
	fs.work, err = fs.find(ctx, base, "work")
	if err == unix.ENOENT {
		if err = vfs.Mkdir(fs.as(ctx), at(base), "work", 0, 0); err == nil {
			fs.work, err = fs.find(ctx, base, "work")
		}
		if err == nil {
			err = fs.unlisted(ctx, fs.work.Inode())
		}
	}
	return err
}

// show is how /proc/PID/mounts shows the options.
func (l *layers) show() string {
	comma := strings.NewReplacer(`,`, `\,`)
	var s []string
	if l.legacy != "" {
		s = append(s, "lowerdir="+comma.Replace(l.legacy))
	} else {
		for _, p := range l.lowers {
			s = append(s, "lowerdir+="+comma.Replace(p.name))
		}
		for _, p := range l.data {
			s = append(s, "datadir+="+comma.Replace(p.name))
		}
	}
	if l.upper != nil {
		s = append(s, "upperdir="+comma.Replace(l.upper.name), "workdir="+comma.Replace(l.work.name))
	}
	if l.volatile {
		s = append(s, "fsync=volatile")
	}
	if l.userXattr {
		s = append(s, "userxattr")
	}
	return strings.Join(s, ",")
}

// Name implements vfs.FileSystem.
func (fs *FS) Name() string { return "overlay" }

// Dev implements vfs.FileSystem.
func (fs *FS) Dev() uint64 { return fs.dev }

// Root implements vfs.FileSystem.
func (fs *FS) Root() vfs.Inode { return fs.root }

// CacheDentries implements vfs.FileSystem: who changes the layers beside the overlay gets what Linux calls undefined.
func (fs *FS) CacheDentries() bool { return true }

// ReadOnly implements vfs.FileSystem.
func (fs *FS) ReadOnly() bool { return fs.upper.Dentry == nil }

// FixedReadOnly implements vfs.FixedReadOnly: without an upper layer it is for good.
func (fs *FS) FixedReadOnly() bool { return fs.ReadOnly() }

// ShowOptions implements vfs.OptionShower.
func (fs *FS) ShowOptions() string { return fs.shown }

// Statfs implements vfs.FileSystem: what the uppermost layer has.
func (fs *FS) Statfs(ctx vfs.Ctx) (vfs.Statfs, error) {
	st, err := fs.root.real().Mount.FS.Statfs(ctx)
	st.Type, st.Fsid = superMagic, [2]int32{int32(fs.dev), 0}
	return st, err
}

// SyncFS implements vfs.Syncer.
func (fs *FS) SyncFS() error {
	if fs.volatile {
		return nil
	}
	return vfs.SyncFS(fs.upper.Mount.FS)
}
