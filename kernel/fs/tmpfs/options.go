// SPDX-License-Identifier: Apache-2.0

// This file is the options of mount -t tmpfs and ramfs (tmpfs(5),
// mm/shmem.c).

package tmpfs

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const ramfsMagic = 0x858458f6 // RAMFS_MAGIC

// Type is tmpfs as mount(2) finds it.
var Type = &vfs.FSType{Name: "tmpfs", User: true, Check: check, New: func(ctx vfs.Ctx, options []vfs.Option) (vfs.FileSystem, error) {
	o := Options{Size: defaultPages() * pageSize, Inodes: defaultPages(), UID: ctx.Creds().FSUID, GID: ctx.Creds().FSGID}
	if err := o.parse(ctx, options); err != nil {
		return nil, err
	}
	fs := New(o)
	fs.shows = true
	return fs, nil
}}

// RamfsType is ramfs: a tmpfs without limits. It ignores what it doesn't know.
var RamfsType = &vfs.FSType{Name: "ramfs", User: true, Check: checkRamfs, New: func(ctx vfs.Ctx, options []vfs.Option) (vfs.FileSystem, error) {
	o := Options{Name: "ramfs", Mode: 0o755, UID: ctx.Creds().FSUID, GID: ctx.Creds().FSGID}
	for _, opt := range options {
		if opt.Key != "mode" {
			continue
		}
		mode, err := opt.Uint(8)
		if err != nil {
			return nil, err
		}
		o.Mode = mode & 0o7777
	}
	fs := New(o)
	fs.shows = true
	return fs, nil
}}

func checkRamfs(_ vfs.Ctx, o vfs.Option) error {
	switch o.Key {
	case "mode":
		_, err := o.Uint(8)
		return err
	case "source":
		return vfs.NoParam
	}
	return vfs.Ignored
}

// defaultPages is half the memory of the machine, which is how much a tmpfs holds
// that no size was asked for, in pages and in files.
var defaultPages = sync.OnceValue(func() int64 {
	var si unix.Sysinfo_t
	if err := unix.Sysinfo(&si); err != nil {
		return 1 << 20
	}
	return int64(si.Totalram) * int64(si.Unit) / pageSize / 2
})

// check is shmem_parse_one.
func check(ctx vfs.Ctx, o vfs.Option) error {
	var scratch Options
	return scratch.parse(ctx, []vfs.Option{o})
}

// parse puts mount options into o.
func (o *Options) parse(ctx vfs.Ctx, options []vfs.Option) (err error) {
	for _, opt := range options {
		if err == nil {
			err = o.option(ctx, opt)
		}
	}
	return err
}

func (o *Options) option(ctx vfs.Ctx, opt vfs.Option) error {
	switch opt.Key {
	case "inode32", "inode64", "noswap":
		if !opt.Flag {
			return vfs.FlagOnly
		}
		if opt.Key == "noswap" && !ctx.Creds().Capable(unix.CAP_SYS_ADMIN) {
			return &vfs.OptionError{Errno: unix.EINVAL, Text: "tmpfs: Turning off swap in unprivileged tmpfs mounts unsupported"}
		}
		if opt.Key != "noswap" {
			o.inode64 = opt.Key == "inode64"
		}
		return nil
	case "size", "nr_blocks", "nr_inodes", "mode", "uid", "gid", "huge", "mpol":
	default:
		return vfs.NoParam
	}
	if opt.Flag {
		return unix.EINVAL
	}
	switch opt.Key {
	case "size":
		return o.size(opt.Value)
	case "nr_blocks":
		n, ok := memparse(opt.Value)
		if !ok || n > math.MaxInt64/pageSize {
			return unix.EINVAL
		}
		o.Size = int64(n) * pageSize
	case "nr_inodes":
		n, ok := memparse(opt.Value)
		if !ok || n > math.MaxInt64 {
			return unix.EINVAL
		}
		o.Inodes = int64(n)
	case "mode":
		mode, err := opt.Uint(8)
		o.Mode, o.hasMode = mode&0o7777, true
		return err
	case "uid":
		id, err := opt.UID(ctx)
		o.UID = id
		return err
	case "gid":
		id, err := opt.GID(ctx)
		o.GID = id
		return err
	case "huge":
		// Huge pages are the host's matter: taken, and not shown.
		if !slices.Contains([]string{"never", "always", "within_size", "advise"}, opt.Value) {
			return unix.EINVAL
		}
	case "mpol":
		policy, _, _ := strings.Cut(opt.Value, ":")
		if !slices.Contains([]string{"default", "prefer", "bind", "interleave", "local"}, policy) {
			return unix.EINVAL
		}
	}
	return nil
}

// size is the option of that name: bytes, or a part of the memory.
func (o *Options) size(v string) error {
	if p, ok := strings.CutSuffix(v, "%"); ok {
		n, err := strconv.ParseUint(p, 0, 32)
		if err != nil {
			return unix.EINVAL
		}
		o.Size = int64(n) * 2 * defaultPages() / 100 * pageSize
		return nil
	}
	n, ok := memparse(v)
	if !ok {
		return unix.EINVAL
	}
	o.Size = int64(min((n+pageSize-1)/pageSize, math.MaxInt64/pageSize)) * pageSize
	return nil
}

// memparse is a number with a unit behind it, as 4k.
func memparse(s string) (n uint64, ok bool) {
	shift := 0
	if len(s) > 0 {
		if i := strings.IndexByte("kmgtpe", s[len(s)-1]|0x20); i >= 0 && !strings.HasPrefix(s, "0x") {
			shift, s = 10*(i+1), s[:len(s)-1]
		}
	}
	n, err := strconv.ParseUint(s, 0, 64)
	return n << shift, err == nil
}

// Reconfigure implements vfs.Reconfigurer (shmem_reconfigure): EINVAL for less
// than there is already, or for a limit where none was.
func (fs *FS) Reconfigure(ctx vfs.Ctx, options []vfs.Option) error {
	if fs.lower != nil || fs.name == "ramfs" {
		return nil
	}
	o := Options{Size: fs.limit.Load() * pageSize, Inodes: fs.maxNodes.Load()}
	size, inodes := o.Size, o.Inodes
	if err := o.parse(ctx, options); err != nil {
		return err
	}
	pages, text := o.Size/pageSize, ""
	switch {
	case o.Size != size && size == 0 && pages != 0:
		text = "Cannot retroactively limit size"
	case o.Size != size && pages != 0 && pages < fs.used.Load():
		text = "Too small a size for current use"
	case o.Inodes != inodes && inodes == 0 && o.Inodes != 0:
		text = "Cannot retroactively limit inodes"
	case o.Inodes != inodes && o.Inodes != 0 && o.Inodes*inodeRoom < fs.nodes.Load()*inodeRoom+fs.xattrBytes.Load():
		text = "Too few inodes for current use"
	}
	if text != "" {
		return &vfs.OptionError{Errno: unix.EINVAL, Text: "tmpfs: " + text}
	}
	fs.limit.Store(pages)
	fs.maxNodes.Store(o.Inodes)
	return nil
}

// ShowOptions implements vfs.OptionShower (shmem_show_options).
func (fs *FS) ShowOptions() string {
	var list []string
	add := func(format string, v any) { list = append(list, fmt.Sprintf(format, v)) }
	if fs.name == "tmpfs" && fs.shows {
		if pages := fs.limit.Load(); pages != defaultPages() {
			add("size=%dk", pages*(pageSize/1024))
		}
		if n := fs.maxNodes.Load(); n != defaultPages() {
			add("nr_inodes=%d", n)
		}
	}
	if fs.shows && (fs.name == "ramfs" && fs.options.Mode != 0o755 || fs.name != "ramfs" && fs.options.Mode != 0o1777) {
		add("mode=%03o", fs.options.Mode)
	}
	if fs.name == "ramfs" {
		return strings.Join(list, ",")
	}
	if fs.options.UID != 0 {
		add("uid=%d", fs.options.UID)
	}
	if fs.options.GID != 0 {
		add("gid=%d", fs.options.GID)
	}
	if fs.options.inode64 {
		list = append(list, "inode64")
	}
	return strings.Join(list, ",")
}
