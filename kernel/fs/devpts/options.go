// SPDX-License-Identifier: Apache-2.0

// This file is the options of mount -t devpts.

package devpts

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Type is devpts as mount(2) finds it: each mount has terminals of its own.
var Type = &vfs.FSType{Name: "devpts", User: true, Check: check, New: func(ctx vfs.Ctx, options []vfs.Option) (vfs.FileSystem, error) {
	o := Options{Mode: 0o600, noPtmx: true}
	for _, opt := range options {
		if err := o.set(ctx, opt); err != nil {
			return nil, err
		}
	}
	return New(o), nil
}}

func check(ctx vfs.Ctx, o vfs.Option) error {
	var scratch Options
	return scratch.set(ctx, o)
}

func (o *Options) set(ctx vfs.Ctx, opt vfs.Option) (err error) {
	switch opt.Key {
	case "newinstance":
		if !opt.Flag {
			return vfs.FlagOnly
		}
		return nil
	case "uid", "gid", "mode", "ptmxmode", "max":
	default:
		return vfs.NoParam
	}
	if opt.Flag {
		return unix.EINVAL
	}
	switch opt.Key {
	case "uid":
		o.UID, err = opt.UID(ctx)
		o.hasUID = true
	case "gid":
		o.GID, err = opt.GID(ctx)
		o.hasGID = true
	case "mode":
		o.Mode, err = opt.Uint(8)
		o.Mode &= 0o777
	case "ptmxmode":
		o.PtmxMode, err = opt.Uint(8)
		o.PtmxMode &= 0o777
	case "max":
		_, err = opt.Uint(10)
	}
	return err
}

// ShowOptions implements vfs.OptionShower.
func (fs *FS) ShowOptions() string {
	s := ""
	if fs.opts.hasUID {
		s += fmt.Sprintf("uid=%d,", fs.opts.UID)
	}
	if fs.opts.hasGID || fs.opts.GID != 0 {
		s += fmt.Sprintf("gid=%d,", fs.opts.GID)
	}
	return s + fmt.Sprintf("mode=%03o,ptmxmode=%03o", fs.opts.Mode, fs.opts.PtmxMode)
}
