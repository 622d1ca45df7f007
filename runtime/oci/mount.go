// SPDX-License-Identifier: Apache-2.0

// This file reads mounts.

package oci

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/ditto-kernel/ditto/kernel/boot"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// mountFlags are the options that set or clear a flag of every mount (mount(8)).
var mountFlags = map[string]struct {
	set, clear uint32
}{
	"defaults":      {},
	"ro":            {set: unix.MS_RDONLY},
	"rw":            {clear: unix.MS_RDONLY},
	"suid":          {clear: unix.MS_NOSUID},
	"nosuid":        {set: unix.MS_NOSUID},
	"dev":           {clear: unix.MS_NODEV},
	"nodev":         {set: unix.MS_NODEV},
	"exec":          {clear: unix.MS_NOEXEC},
	"noexec":        {set: unix.MS_NOEXEC},
	"atime":         {clear: unix.MS_NOATIME},
	"noatime":       {set: unix.MS_NOATIME},
	"diratime":      {clear: unix.MS_NODIRATIME},
	"nodiratime":    {set: unix.MS_NODIRATIME},
	"relatime":      {set: unix.MS_RELATIME},
	"norelatime":    {clear: unix.MS_RELATIME},
	"strictatime":   {set: unix.MS_STRICTATIME},
	"nostrictatime": {clear: unix.MS_STRICTATIME},
	"symfollow":     {clear: unix.MS_NOSYMFOLLOW},
	"nosymfollow":   {set: unix.MS_NOSYMFOLLOW},
	"sync":          {set: unix.MS_SYNCHRONOUS},
	"async":         {clear: unix.MS_SYNCHRONOUS},
	"dirsync":       {set: unix.MS_DIRSYNC},
}

// propagations are options about mounts that come later on the other side. What the
// host mounts is seen inside; what is mounted inside is never seen outside.
var propagations = []string{"private", "rprivate", "slave", "rslave", "unbindable", "runbindable", "shared", "rshared"}

// hints are options that nothing would come of in a kernel whose file systems are these.
var hints = []string{"iversion", "noiversion", "lazytime", "nolazytime", "mand", "nomand", "silent", "loud"}

// options are a mount's as they were read.
type options struct {
	boot.Mount
	bind, recursive bool
	propagation     string // empty: none was asked for
	// idmap: ids of its files are mapped; idmapBelow: in what is mounted below, too.
	idmap, idmapBelow bool
}

// recursive are the options that have a form for what is mounted below, too: rro,
// rnoexec, ... Inside a bind mount is one mount, with all that is below it.
var recursive = strings.Fields(`ro rw suid nosuid dev nodev exec noexec atime noatime diratime nodiratime relatime norelatime
	strictatime nostrictatime symfollow nosymfollow`)

func init() {
	for _, option := range recursive {
		mountFlags["r"+option] = mountFlags[option]
	}
}

func readOptions(m *specs.Mount) (*options, error) {
	o := &options{}
	for _, option := range m.Options {
		if f, ok := mountFlags[option]; ok {
			o.Flags = o.Flags&^f.clear | f.set
			continue
		}
		switch {
		case option == "bind" || option == "rbind":
			o.bind, o.recursive = true, option == "rbind"
			continue
		case option == "idmap" || option == "ridmap":
			o.idmap, o.idmapBelow = true, option == "ridmap"
			continue
		case slices.Contains(propagations, option):
			o.propagation = strings.TrimPrefix(option, "r")
			continue
		case slices.Contains(hints, option):
			continue
		case option == "tmpcopyup" && m.Type == "tmpfs":
			o.CopyUp = true
			continue
		}
		name, value, _ := strings.Cut(option, "=")
		if err := o.data(m.Type, name, value); err != nil {
			return nil, fmt.Errorf("option %q: %w", option, err)
		}
	}
	return o, nil
}

var errOption = errors.New("not supported by Ditto")

// data takes an option of one kind of file system.
func (o *options) data(kind, name, value string) (err error) {
	number := func(base, bits int) uint64 {
		var n uint64
		n, err = strconv.ParseUint(value, base, bits)
		return n
	}
	switch kind + " " + name {
	case "tmpfs size":
		o.Size, err = parseSize(value)
	case "tmpfs mode", "devpts mode":
		o.Mode = uint32(number(8, 12))
	case "tmpfs uid":
		o.UID = uint32(number(10, 32))
	case "tmpfs gid", "devpts gid":
		o.GID = uint32(number(10, 32))
	case "proc gid":
		o.Proc.GID = cred.GID(number(10, 32))
	case "proc hidepid", "proc subset":
		if o.Proc.Parse(nil, []vfs.Option{{Key: name, Value: value}}) != nil {
			err = errors.New("unknown value")
		}
	case "devpts newinstance":
	case "devpts ptmxmode":
		if value != "0666" && value != "666" {
			err = errOption
		}
	case "tmpfs nr_inodes", "tmpfs huge", "tmpfs inode64":
		// Hints for a kernel whose inodes are dear.
	default:
		err = errOption
	}
	return err
}

// parseSize reads bytes with a suffix k, m or g, or a share of the memory.
func parseSize(s string) (int64, error) {
	if share, ok := strings.CutSuffix(s, "%"); ok {
		n, err := strconv.ParseInt(share, 10, 8)
		var info unix.Sysinfo_t
		if err == nil {
			err = unix.Sysinfo(&info)
		}
		return int64(info.Totalram) * int64(info.Unit) / 100 * n, err
	}
	shift := 0
	if s != "" {
		if i := strings.IndexByte("kmg", s[len(s)-1]|0x20); i >= 0 {
			shift, s = 10*(i+1), s[:len(s)-1]
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err == nil && (n < 0 || n<<shift>>shift != n) {
		err = errors.New("out of range")
	}
	return n << shift, err
}

// mounts converts the mounts, and adds the volumes that they need.
func (c *conversion) mounts() error {
	for i := range c.spec.Mounts {
		m := &c.spec.Mounts[i]
		if err := c.mount(m); err != nil {
			return fmt.Errorf("mounts[%d] (%s): %w", i, m.Destination, err)
		}
	}
	return nil
}

func (c *conversion) mount(m *specs.Mount) error {
	o, err := readOptions(m)
	if err != nil {
		return err
	}
	ids, err := c.mountIDs(m, o)
	if err != nil {
		return err
	}
	// A relative destination is allowed for compatibility, and means the same.
	o.Target = filepath.Join("/", m.Destination)
	o.Type = m.Type
	switch {
	case o.Target == "/":
		return errors.New("destination: something over the root is not supported by Ditto")
	case o.bind || m.Type == "bind":
		return c.bind(m, o, ids)
	case ids != nil:
		return errors.New("uidMappings: only a bind mount can have them")
	}
	switch m.Type {
	case "tmpfs", "proc", "sysfs", "devpts", "mqueue":
	case "cgroup", "cgroup2":
		o.Type = "cgroup"
		o.Flags |= unix.MS_RDONLY // it is for reading
	default:
		return fmt.Errorf("type %q: Ditto has no such file system", m.Type)
	}
	o.Source = m.Source
	c.d.Container.Mounts = append(c.d.Container.Mounts, o.Mount)
	return nil
}

func (c *conversion) bind(m *specs.Mount, o *options, ids *boot.IDMap) error {
	if m.Source == "" {
		return errors.New("source is missing")
	}
	source := m.Source
	if !filepath.IsAbs(source) {
		source = filepath.Join(c.bundle, source)
	}
	o.Type, o.Volume = "bind", len(c.d.Volumes)
	c.d.Volumes = append(c.d.Volumes, boot.Volume{
		Source: source, Target: o.Target, ReadOnly: o.Flags&unix.MS_RDONLY != 0, Shallow: !o.recursive,
		Follow: o.propagation == "slave" || o.propagation == "shared", IDs: ids,
	})
	if o.propagation == "shared" {
		c.note("mount %s: shared: what is mounted in the container is not seen outside", o.Target)
	}
	c.d.Container.Mounts = append(c.d.Container.Mounts, o.Mount)
	return nil
}
