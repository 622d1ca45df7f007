// SPDX-License-Identifier: Apache-2.0

// This file is the files that every control group has, and the directories of those that applications make
// (kernel/cgroup/cgroup.c). They have no controllers: what bounds the container is set from outside.

package cgroupfs

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/fs/kernfs"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// group is a control group as its files are about it.
type group struct {
	of *Group
	cg *task.Cgroup

	maxDepth, maxDescendants atomic.Int64

	events  atomic.Uint64 // how often populated has changed
	changes wait.Queue

	mu    sync.Mutex
	files map[*kernfs.Entry]owner // those that are not root's with the modes of the table
}

// owner is whose a file is, and its permissions.
type owner struct {
	uid          cred.UID
	gid          cred.GID
	perm         uint32
	atime, mtime vfs.Timestamp
}

func newGroup(g *Group, cg *task.Cgroup) *group {
	n := &group{of: g, cg: cg, files: map[*kernfs.Entry]owner{}}
	n.maxDepth.Store(math.MaxInt32)
	n.maxDescendants.Store(math.MaxInt32)
	return n
}

// Number implements kernfs.Subject.
func (n *group) Number() uint64 { return uint64(n.cg.Serial()) }

// Owner implements kernfs.Subject; it is Attr that knows.
func (n *group) Owner(uint32) (cred.UID, cred.GID) { return 0, 0 }

// Mode implements kernfs.Changeable.
func (n *group) Mode(e *kernfs.Entry) uint32 {
	n.mu.Lock()
	defer n.mu.Unlock()
	if o, ok := n.files[e]; ok {
		return e.Mode&unix.S_IFMT | o.perm
	}
	return e.Mode
}

// Attr implements kernfs.Changeable.
func (n *group) Attr(e *kernfs.Entry, a *vfs.Attr) {
	if e.Mode&unix.S_IFMT == unix.S_IFDIR {
		a.Nlink = 2 + uint32(len(n.cg.Children(n.of.kernel)))
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	o, ok := n.files[e]
	if !ok {
		return
	}
	a.Mode, a.UID, a.GID = e.Mode&unix.S_IFMT|o.perm, o.uid, o.gid
	if o.atime != (vfs.Timestamp{}) {
		a.Atime, a.Mtime = o.atime, o.mtime
	}
}

// SetAttr implements kernfs.Changeable.
func (n *group) SetAttr(e *kernfs.Entry, s *vfs.SetAttr) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	o, ok := n.files[e]
	if !ok {
		o.perm = e.Mode & 0o7777
	}
	if s.Valid&vfs.AttrMode != 0 {
		o.perm = s.Mode & 0o7777
	}
	if s.Valid&vfs.AttrUID != 0 {
		o.uid = s.UID
	}
	if s.Valid&vfs.AttrGID != 0 {
		o.gid = s.GID
	}
	if s.Valid&vfs.AttrAtime != 0 {
		o.atime = s.Atime
	}
	if s.Valid&vfs.AttrMtime != 0 {
		o.mtime = s.Mtime
	}
	n.files[e] = o
	return nil
}

// Populated implements task.CgroupFiles.
func (n *group) Populated() {
	n.events.Add(1)
	n.changes.Notify(wait.All)
	dir := n.of.child
	for _, fs := range n.of.views() {
		fs.Modified(dir, n.of.eventsFile, n)
	}
}

// opened is cgroup.events as an open file, which can be waited for.
type opened struct {
	*group
	seen atomic.Uint64
}

// Poll implements kernfs.Watched.
func (o *opened) Poll() wait.Mask {
	m := wait.Readable | wait.Writable
	if o.seen.Load() != o.events.Load() {
		m |= wait.Err | wait.Pri
	}
	return m
}

// Changes implements kernfs.Watched.
func (o *opened) Changes() *wait.Queue { return &o.changes }

// common are the files that every group has.
func (g *Group) common() []*kernfs.Entry {
	k := g.kernel
	g.eventsFile = file("cgroup.events", 0o444, func(n *group) string {
		return fmt.Sprintf("populated %d\nfrozen 0\n", bit(n.cg.Populated(k)))
	}, nil)
	text := g.eventsFile.Text
	g.eventsFile.Bind = func(_ vfs.Ctx, of any) (any, error) {
		o := &opened{group: of.(*group)}
		o.seen.Store(o.events.Load())
		return o, nil
	}
	g.eventsFile.Text = func(ctx vfs.Ctx, of any) ([]byte, error) {
		o := of.(*opened)
		o.seen.Store(o.events.Load())
		return text(ctx, o.group)
	}
	g.procsFile = list("cgroup.procs", processes, moveProcess)
	return []*kernfs.Entry{
		file("cgroup.controllers", 0o444, controllers, nil),
		g.eventsFile,
		file("cgroup.kill", 0o200, nil, kill),
		number("cgroup.max.depth", func(n *group) *atomic.Int64 { return &n.maxDepth }),
		number("cgroup.max.descendants", func(n *group) *atomic.Int64 { return &n.maxDescendants }),
		g.procsFile,
		file("cgroup.stat", 0o444, func(n *group) string {
			return fmt.Sprintf("nr_descendants %d\nnr_dying_descendants 0\n", n.cg.CountDescendants(k))
		}, nil),
		file("cgroup.subtree_control", 0o644, func(*group) string { return "" }, control),
		list("cgroup.threads", threads, moveThread),
		file("cgroup.type", 0o644, func(*group) string { return "domain\n" }, setType),
	}
}

// directory makes the entry of a control group's directory.
func (g *Group) directory(name string, files []*kernfs.Entry) *kernfs.Entry {
	return &kernfs.Entry{Name: name, Mode: unix.S_IFDIR | 0o755, Children: files, Find: g.find, List: g.list, Mkdir: g.mkdir, Rmdir: g.rmdir}
}

func (g *Group) find(_ vfs.Ctx, of any, name string) (*kernfs.Entry, any, error) {
	if c := of.(*group).cg.Child(g.kernel, name); c != nil {
		return g.child, c.Files, nil
	}
	return nil, nil, unix.ENOENT
}

func (g *Group) list(_ vfs.Ctx, of any, emit func(kernfs.Child) bool) error {
	for _, c := range of.(*group).cg.Children(g.kernel) {
		if !emit(kernfs.Child{Name: c.Name(), Key: c.Serial(), Entry: g.child, Of: c.Files}) {
			break
		}
	}
	return nil
}

// mkdir is cgroup_mkdir: EINVAL, ENODEV, EEXIST, EAGAIN beyond what a group around it allows.
func (g *Group) mkdir(ctx vfs.Ctx, of any, name string, mode uint32) (*kernfs.Entry, any, error) {
	if strings.Contains(name, "\n") {
		return nil, nil, unix.EINVAL
	}
	parent := of.(*group)
	if slices.ContainsFunc(g.child.Children, func(e *kernfs.Entry) bool { return e.Name == name }) {
		return nil, nil, unix.EEXIST
	}
	files := func(cg *task.Cgroup) task.CgroupFiles {
		n := newGroup(g, cg)
		if c := ctx.Creds(); c.FSUID != 0 || c.FSGID != 0 {
			for _, e := range append(slices.Clone(g.child.Children), g.child) {
				n.files[e] = owner{uid: c.FSUID, gid: c.FSGID, perm: e.Mode & 0o7777}
			}
		}
		if mode &= 0o7777; mode != g.child.Mode&0o7777 {
			o := n.files[g.child]
			o.perm = mode
			n.files[g.child] = o
		}
		return n
	}
	c, err := parent.cg.Make(g.kernel, name, files, parent.mayHaveMore)
	if err != nil {
		return nil, nil, err
	}
	return g.child, c.Files, nil
}

// mayHaveMore is cgroup_check_hierarchy_limits. Caller holds Kernel.mu.
func (n *group) mayHaveMore() error {
	level := int64(1)
	for c := n.cg; c != nil; c = c.Parent() {
		at := c.Files.(*group)
		if int64(c.Descendants()) >= at.maxDescendants.Load() || level > at.maxDepth.Load() {
			return unix.EAGAIN
		}
		level++
	}
	return nil
}

func (g *Group) rmdir(_ vfs.Ctx, of any, name string) error {
	c := of.(*group).cg.Child(g.kernel, name)
	if c == nil {
		return unix.ENOENT
	}
	return c.Remove()
}

// Gone implements kernfs.Changeable.
func (n *group) Gone() bool { return n.cg.Removed(n.of.kernel) }

// alive is ENODEV for a group that is gone.
func (n *group) alive() error {
	if n.Gone() {
		return unix.ENODEV
	}
	return nil
}

// file is a file of text; nil: it can't be read, or not be written.
func file(name string, mode uint32, text func(*group) string, store func(ctx vfs.Ctx, n *group, value string) error) *kernfs.Entry {
	e := &kernfs.Entry{Name: name, Mode: unix.S_IFREG | mode}
	if text != nil {
		e.Text = func(_ vfs.Ctx, of any) ([]byte, error) {
			n := of.(*group)
			if err := n.alive(); err != nil {
				return nil, err
			}
			return []byte(text(n)), nil
		}
	}
	if store != nil {
		e.Store = func(ctx vfs.Ctx, of any, data []byte) error {
			n := of.(*group)
			if err := n.alive(); err != nil {
				return err
			}
			if i := bytes.IndexByte(data, 0); i >= 0 {
				data = data[:i]
			}
			return store(ctx, n, strings.TrimSpace(string(data)))
		}
	}
	return e
}

// number is a file of a limit of groups.
func number(name string, of func(*group) *atomic.Int64) *kernfs.Entry {
	show := func(n *group) string {
		if v := of(n).Load(); v != math.MaxInt32 {
			return strconv.FormatInt(v, 10) + "\n"
		}
		return none + "\n"
	}
	return file(name, 0o644, show, func(_ vfs.Ctx, n *group, value string) error {
		v := int64(math.MaxInt32)
		if value != none {
			var err error
			if v, err = integer(value); err != nil {
				return err
			}
			if v < 0 {
				return unix.ERANGE
			}
		}
		of(n).Store(v)
		return nil
	})
}

// integer is kstrtoint: EINVAL, ERANGE.
func integer(s string) (int64, error) {
	v, err := strconv.ParseInt(s, 0, 32)
	switch {
	case err == nil:
		return v, nil
	case err.(*strconv.NumError).Err == strconv.ErrRange:
		return 0, unix.ERANGE
	}
	return 0, unix.EINVAL
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// controllers are those that the container is bounded by; what is in it has none.
func controllers(n *group) string {
	if n.cg.Parent() == nil {
		return "cpuset cpu memory pids\n"
	}
	return ""
}

// control is cgroup_subtree_control_write, where nothing is to be had.
func control(_ vfs.Ctx, n *group, value string) error {
	known := []string{"cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma", "misc", "dmem", "perf_event"}
	enable := false
	for _, word := range strings.Fields(value) {
		if len(word) < 2 || word[0] != '+' && word[0] != '-' || !slices.Contains(known, word[1:]) {
			return unix.EINVAL
		}
		enable = enable || word[0] == '+'
	}
	if enable {
		return unix.ENOENT
	}
	return nil
}

// setType is cgroup_type_write, for a group that can't be of threads.
func setType(_ vfs.Ctx, n *group, value string) error {
	if value != "threaded" {
		return unix.EINVAL
	}
	return unix.EOPNOTSUPP
}

// kill is cgroup_kill_write.
func kill(_ vfs.Ctx, n *group, value string) error {
	v, err := integer(value)
	if err != nil {
		return err
	}
	if v != 1 {
		return unix.ERANGE
	}
	n.of.kernel.KillCgroup(n.of.tasks, n.cg)
	return nil
}
