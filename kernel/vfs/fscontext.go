// SPDX-License-Identifier: Apache-2.0

// This file is what fsopen(2), fsconfig(2), fsmount(2) and fspick(2) work on: a file system that is being described
// (struct fs_context; fs/fsopen.c, fs/fs_context.c).

package vfs

import (
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// fsPhase is how far a context has come (enum fs_context_phase).
type fsPhase int

const (
	fsCreateParams fsPhase = iota // takes options for a new file system
	fsAwaitMount                  // it is made, and not mounted
	fsAwaitReconf                 // mounted; the next call makes it take options again
	fsReconfParams                // takes options for a file system that there is
	fsFailed
)

// logSize is how many messages a context keeps.
const logSize = 8

// FSContext is the operations of a file of fsopen(2) or fspick(2).
type FSContext struct {
	BaseFile
	NoWrites
	typ   *FSType // nil: of a file system that mount(2) can't make
	owner *cred.UserNS

	mu        sync.Mutex // guards the rest
	phase     fsPhase
	options   []Option
	set, mask uint32 // of the file system's flags: their values, and which were named
	source    string
	hasSource bool
	super     *Super // nil: not made yet
	log       []string
}

// NewFSContext is fsopen(2).
func NewFSContext(ctx Ctx, typ *FSType) (*FSContext, error) {
	return &FSContext{typ: typ, owner: typ.Owner(ctx)}, typ.MayDescribe(ctx)
}

// PickFS is fspick(2): a context to change the file system of the mount at p. EINVAL.
func PickFS(ctx Ctx, p Path) (*FSContext, error) {
	if !p.isRoot() {
		return nil, unix.EINVAL
	}
	return &FSContext{typ: FindFS(p.Mount.FS.Name()), owner: p.Mount.super.owner, super: p.Mount.super, phase: fsReconfParams}, nil
}

// Open is a file of the context.
func (c *FSContext) Open() *File { return NewAnonFile("anon_inode:[fscontext]", c, unix.O_RDWR) }

// Read implements FileOps: the oldest message of the log. ENODATA, EMSGSIZE.
func (c *FSContext) Read(_ Ctx, _ *File, dst *user.Buf, _ *int64) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.log) == 0 {
		return 0, unix.ENODATA
	}
	text := c.log[0]
	if len(text) > dst.Len() {
		return 0, unix.EMSGSIZE
	}
	c.log = c.log[1:]
	return dst.CopyOutLast([]byte(text))
}

// note keeps what an error says in the log, and returns its errno.
func (c *FSContext) note(err error) error {
	e, ok := err.(*OptionError)
	for n := 0; ok && n < 1+e.Again; n++ {
		if len(c.log) == logSize {
			c.log = c.log[1:]
		}
		level := "e "
		if e.Warning {
			level = "w "
		}
		c.log = append(c.log, level+e.Text+"\n")
	}
	return Errno(err)
}

// clean is finish_clean_context.
func (c *FSContext) clean() {
	if c.phase == fsAwaitReconf {
		c.phase = fsReconfParams
	}
}

// Set is fsconfig(2) with one of FSCONFIG_SET_*.
func (c *FSContext) Set(ctx Ctx, o Option) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clean()
	if c.phase != fsCreateParams && c.phase != fsReconfParams {
		return unix.EBUSY
	}
	return c.note(c.option(ctx, o))
}

// option is vfs_parse_fs_param.
func (c *FSContext) option(ctx Ctx, o Option) error {
	if s, ok := superOptions[o.Key]; ok {
		c.set, c.mask = c.set&^s.clear|s.set, c.mask|s.set|s.clear
		return nil
	}
	if c.typ == nil {
		return unix.EINVAL
	}
	own, err := c.typ.check(ctx, o)
	switch {
	case err != nil:
		return err
	case own:
		c.options = append(c.options, o)
		return nil
	case c.hasSource:
		return &OptionError{Errno: unix.EINVAL, Text: "Multiple sources"}
	}
	c.source, c.hasSource = o.Value, true
	return nil
}

// Create is FSCONFIG_CMD_CREATE, and with exclusive FSCONFIG_CMD_CREATE_EXCL, for which
// the file system must be a new one.
func (c *FSContext) Create(ctx Ctx, exclusive bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clean()
	if c.phase != fsCreateParams {
		return unix.EBUSY
	}
	if err := c.typ.MayMount(ctx, c.owner); err != nil {
		return err
	}
	c.phase = fsFailed
	fs, err := c.typ.New(ctx, c.options)
	if err != nil {
		return c.note(err)
	}
	s := superOf(fs, c.owner)
	if exclusive && s.mounts.Load() > 0 {
		return c.note(&OptionError{Errno: unix.EBUSY, Text: c.typ.Name + ": reusing existing filesystem not allowed", Warning: true})
	}
	if s.mounts.Load() == 0 && !c.typ.Kept {
		s.flags.Store(c.set & superFlags)
	}
	c.super, c.phase = s, fsAwaitMount
	return nil
}

// Reconfigure is FSCONFIG_CMD_RECONFIGURE.
func (c *FSContext) Reconfigure(ctx Ctx) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clean()
	if c.phase != fsReconfParams {
		return unix.EBUSY
	}
	c.phase = fsFailed
	flags := c.super.Flags()&^c.mask | c.set&c.mask
	if err := c.super.Reconfigure(ctx, flags, c.options); err != nil {
		return c.note(err)
	}
	c.used()
	return nil
}

// used is vfs_clean_context: the options are spent.
func (c *FSContext) used() {
	c.options, c.set, c.mask, c.source, c.hasSource = nil, 0, 0, "", false
	c.phase = fsAwaitReconf
}

// Mount is fsmount(2): a mount of the file system that a descriptor leads to only. flags
// are the mount's MS_*.
func (c *FSContext) Mount(ctx Ctx, ns *Namespace, flags uint32) (*File, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.super == nil {
		return nil, unix.EINVAL
	}
	if c.typ != nil && c.typ.Revealing && ns.Reveals(c.typ.Name, &flags, c.super.Flags()) {
		return nil, c.note(&OptionError{Errno: unix.EPERM, Text: "VFS: Mount too revealing"})
	}
	if c.phase != fsAwaitMount {
		return nil, unix.EBUSY
	}
	m := newMount(c.super, c.super.root, flags)
	m.Source = c.source
	c.used()
	mountMu.Lock()
	tree := newAnonymous(ns.owner, m)
	mountMu.Unlock()
	return tree.openRoot(ctx), nil
}
