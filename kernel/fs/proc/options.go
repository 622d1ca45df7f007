// SPDX-License-Identifier: Apache-2.0

// This file is the options of mount -t proc (proc(5), "Mount options").

package proc

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// How much hidepid hides of processes that the caller may not trace.
const (
	hideOff         = 0
	hideNoAccess    = 1 // what is in their directories
	hideInvisible   = 2 // and that they are there
	hideUntraceable = 4 // the same, of those whom gid allows to look as well
)

// Options are how a proc is mounted.
type Options struct {
	Hide     int
	GID      cred.GID // hides nothing from its members
	OnlyPids bool     // there are the directories of processes only
}

var hideNames = map[string]int{
	"0": hideOff, "1": hideNoAccess, "2": hideInvisible, "4": hideUntraceable,
	"off": hideOff, "noaccess": hideNoAccess, "invisible": hideInvisible, "ptraceable": hideUntraceable,
}

// CheckOption is vfs.FSType.Check.
func CheckOption(ctx vfs.Ctx, o vfs.Option) error {
	var scratch Options
	return scratch.set(ctx, o)
}

// Parse makes Options of mount options that were checked.
func (o *Options) Parse(ctx vfs.Ctx, list []vfs.Option) error {
	for _, opt := range list {
		if err := o.set(ctx, opt); err != nil {
			return err
		}
	}
	return nil
}

func (o *Options) set(ctx vfs.Ctx, opt vfs.Option) error {
	refused := func(what string) error {
		return &vfs.OptionError{Errno: unix.EINVAL, Text: "proc: " + what + " - " + opt.Value + "\n"}
	}
	switch opt.Key {
	case "gid", "hidepid", "subset":
	default:
		return vfs.NoParam
	}
	if opt.Flag {
		return unix.EINVAL
	}
	switch opt.Key {
	case "gid":
		id, err := opt.GID(ctx)
		if err != nil {
			return unix.EINVAL
		}
		o.GID = id
	case "hidepid":
		how, ok := hideNames[opt.Value]
		if !ok {
			return refused("unknown value of hidepid")
		}
		o.Hide = how
	case "subset":
		for _, part := range strings.Split(opt.Value, ",") {
			if part != "pid" {
				return refused("unsupported subset option")
			}
		}
		o.OnlyPids = true
	}
	return nil
}

func (s *system) showOptions() string {
	o := s.options.Load()
	var list []string
	if o.GID != 0 {
		list = append(list, fmt.Sprintf("gid=%d", o.GID))
	}
	if name := map[int]string{hideNoAccess: "noaccess", hideInvisible: "invisible", hideUntraceable: "ptraceable"}[o.Hide]; name != "" {
		list = append(list, "hidepid="+name)
	}
	if o.OnlyPids {
		list = append(list, "subset=pid")
	}
	return strings.Join(list, ",")
}

// change is a remount: what is in the root stays as it is.
func (s *system) change(ctx vfs.Ctx, list []vfs.Option) error {
	o := *s.options.Load()
	if err := o.Parse(ctx, list); err != nil {
		return err
	}
	s.options.Store(&o)
	return nil
}

// hides tells how much of a task is hidden from the caller (has_pid_permissions).
func (s *system) hides(ctx vfs.Ctx, t *task.Task) int {
	o := s.options.Load()
	switch {
	case o.Hide == hideOff, o.Hide != hideUntraceable && ctx.Creds().InGroup(o.GID), mayAccess(ctx, t) == nil:
		return hideOff
	}
	return o.Hide
}
