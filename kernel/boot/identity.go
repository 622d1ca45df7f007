// SPDX-License-Identifier: Apache-2.0

// This file finds out who the command runs as.

package boot

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// identity is a command's credentials: those that its description has, or what
// --user says, by the sandbox's own /etc/passwd and /etc/group.
func identity(ns *vfs.Namespace, p *Process) (*cred.Creds, error) {
	if p.User == "" {
		var groups []cred.GID
		for _, g := range p.Groups {
			groups = append(groups, cred.GID(g))
		}
		slices.Sort(groups) // as setgroups(2) does
		c := creds(cred.UID(p.UID), cred.GID(p.GID), groups)
		c.NoNewPrivs = p.NoNewPrivs
		if p.Caps != nil {
			setCaps(c, p.Caps)
		}
		return c, nil
	}
	name, group, hasGroup := strings.Cut(p.User, ":")
	uid, gid, groups, err := lookUser(ns, name)
	if err != nil {
		return nil, &Error{2, fmt.Sprintf("--user %q: %v", p.User, err)}
	}
	if hasGroup {
		n, err := strconv.ParseUint(group, 10, 31)
		if err != nil {
			return nil, &Error{2, fmt.Sprintf("--user %q: the group must be a number", p.User)}
		}
		gid, groups = cred.GID(n), nil
	}
	return creds(uid, gid, groups), nil
}

// named is an error for ids that the container's user namespace has no name for.
func named(c *cred.Creds) error {
	ns := cred.InitialNS
	if _, ok := ns.FromUID(c.RUID); !ok {
		return &Error{126, fmt.Sprintf("process.user.uid: %d is not in linux.uidMappings", c.RUID)}
	}
	for _, gid := range append([]cred.GID{c.RGID}, c.Groups...) {
		if _, ok := ns.FromGID(gid); !ok {
			return &Error{126, fmt.Sprintf("process.user: the group %d is not in linux.gidMappings", gid)}
		}
	}
	return nil
}

func setCaps(c *cred.Creds, caps *Caps) {
	c.Bounding, c.Permitted, c.Effective = cred.Caps(caps.Bounding), cred.Caps(caps.Permitted), cred.Caps(caps.Effective)
	c.Inheritable, c.Ambient = cred.Caps(caps.Inheritable), cred.Caps(caps.Ambient)
}

func creds(uid cred.UID, gid cred.GID, groups []cred.GID) *cred.Creds {
	c := cred.User(uid, gid, groups)
	if uid == 0 {
		c.Permitted, c.Effective = cred.AllCaps, cred.AllCaps
	}
	return c
}

// withHome adds HOME to an environment that has none: the user's, by the
// sandbox's /etc/passwd, as the other runtimes do.
func withHome(env []string, ns *vfs.Namespace, who *cred.Creds) []string {
	if slices.ContainsFunc(env, func(e string) bool { return strings.HasPrefix(e, "HOME=") }) {
		return env
	}
	home := "/"
	for _, f := range records(ns, "/etc/passwd") {
		if len(f) > 5 && f[2] == fmt.Sprint(who.RUID) && f[5] != "" {
			home = f[5]
			break
		}
	}
	return append(slices.Clone(env), "HOME="+home)
}

// lookUser finds a user by name or number. A number need not be known.
func lookUser(ns *vfs.Namespace, name string) (uid cred.UID, gid cred.GID, groups []cred.GID, err error) {
	number, notNumber := strconv.ParseUint(name, 10, 31)
	for _, f := range records(ns, "/etc/passwd") {
		if len(f) < 4 || f[0] != name && (notNumber != nil || f[2] != name) {
			continue
		}
		u, err1 := strconv.ParseUint(f[2], 10, 31)
		g, err2 := strconv.ParseUint(f[3], 10, 31)
		if err1 == nil && err2 == nil {
			return cred.UID(u), cred.GID(g), groupsOf(ns, f[0]), nil
		}
	}
	if notNumber == nil {
		return cred.UID(number), 0, nil, nil
	}
	return 0, 0, nil, fmt.Errorf("no such user in the sandbox's /etc/passwd")
}

// groupsOf are the groups that list a user as a member.
func groupsOf(ns *vfs.Namespace, name string) (groups []cred.GID) {
	for _, f := range records(ns, "/etc/group") {
		if len(f) < 4 || !slices.Contains(strings.Split(f[3], ","), name) {
			continue
		}
		if g, err := strconv.ParseUint(f[2], 10, 31); err == nil {
			groups = append(groups, cred.GID(g))
		}
	}
	return groups
}

// records are the lines of a file of the sandbox, cut at colons; none if it
// can't be read.
func records(ns *vfs.Namespace, path string) (list [][]string) {
	content, err := readFile(ns, path)
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(content)) {
		list = append(list, strings.Split(strings.TrimSuffix(line, "\n"), ":"))
	}
	return list
}

// readFile is the content of a file of the sandbox, as far as it can be read.
func readFile(ns *vfs.Namespace, path string) (content []byte, err error) {
	at := vfs.At{Root: ns.Root(), Dir: ns.Root()}
	f, err := vfs.Open(bootCtx{}, at, path, vfs.OpenHow{Flags: unix.O_RDONLY})
	if err != nil {
		return nil, err
	}
	defer f.DecRef()
	piece := make([]byte, 16<<10)
	for {
		b := user.KernelBuf(piece)
		n, err := f.Read(bootCtx{}, &b)
		if n <= 0 || err != nil {
			return content, nil
		}
		content = append(content, piece[:n]...)
	}
}
