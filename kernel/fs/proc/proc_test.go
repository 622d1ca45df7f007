// SPDX-License-Identifier: Apache-2.0

package proc

import (
	"fmt"
	"os"
	"regexp"
	"sort"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/platform/fake"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// sandbox is a /proc as root of a tree, with a task that looks at it.
type sandbox struct {
	t    *testing.T
	k    *task.Kernel
	ns   *vfs.Namespace
	task *task.Task
}

func newSandbox(t *testing.T) *sandbox {
	p := fake.New()
	t.Cleanup(func() { _ = p.Close() })
	s := &sandbox{t: t, k: task.New(p)}
	s.ns = vfs.NewNamespace(New(s.k, Host{}), 0)
	s.k.NewInit(task.First{Creds: cred.Root(), FS: vfs.NewFS(s.ns.Root()), Comm: "init"}, true)
	s.task = s.process(cred.Root())
	return s
}

// process is a task with an address space.
func (s *sandbox) process(c *cred.Creds) *task.Task {
	s.t.Helper()
	tk, err := s.k.NewProcess(task.First{Creds: c, FS: vfs.NewFS(s.ns.Root()), Files: vfs.NewFDTable()})
	assert.NilError(s.t, err)
	as, thread, err := s.k.Platform.NewAddressSpace()
	assert.NilError(s.t, err)
	assert.NilError(s.t, tk.CommitExec(&task.Image{MM: mm.New(as, s.k.Platform.Layout()), Thread: thread, Comm: "a (b) c"}))
	return tk
}

func (s *sandbox) at() vfs.At { return vfs.At{Root: s.ns.Root(), Dir: s.ns.Root()} }

func (s *sandbox) read(ctx vfs.Ctx, path string) (string, error) {
	f, err := vfs.Open(ctx, s.at(), path, vfs.OpenHow{Flags: unix.O_RDONLY})
	if err != nil {
		return "", err
	}
	defer f.DecRef()
	var all strings.Builder
	piece := make([]byte, 100)
	for {
		b := user.KernelBuf(piece)
		n, err := f.Read(ctx, &b)
		if n == 0 || err != nil {
			return all.String(), err
		}
		all.Write(piece[:n])
	}
}

func (s *sandbox) mustRead(path string) string {
	s.t.Helper()
	content, err := s.read(s.task, path)
	assert.NilError(s.t, err, path)
	return content
}

func native(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	assert.NilError(t, err)
	return string(b)
}

var digits = regexp.MustCompile(`[0-9]+`)

// names is what stands before the colon of each line.
func names(content string) (list []string) {
	for line := range strings.Lines(content) {
		name, _, _ := strings.Cut(line, ":")
		list = append(list, name)
	}
	return list
}

// Each file has the fields of the host's, in the same order.
func TestFilesHaveTheHostsShape(t *testing.T) {
	s := newSandbox(t)
	for _, c := range []struct {
		file  string
		shape func(string) any
	}{
		{"self/status", func(c string) any {
			list := names(c)
			for i, n := range list {
				if n == "x86_Thread_features" { // of a kernel with shadow stacks
					return append(list[:i:i], list[i+2:]...)
				}
			}
			return list
		}},
		{"self/stat", func(c string) any { return len(strings.Fields(c[strings.LastIndex(c, ")"):])) }},
		{"self/statm", func(c string) any { return len(strings.Fields(c)) }},
		{"self/limits", func(c string) any {
			return digits.ReplaceAllStringFunc(strings.ReplaceAll(c, "unlimited", "0        "), func(n string) string {
				return strings.Repeat("0", 1) + strings.Repeat(" ", len(n)-1)
			})
		}},
		{"self/io", func(c string) any { return names(c) }},
		{"self/uid_map", func(c string) any { return len(strings.Fields(c)) }},
		{"self/schedstat", func(c string) any { return len(strings.Fields(c)) }},
		{"uptime", func(c string) any { return regexp.MustCompile(`^\d+\.\d\d \d+\.\d\d\n$`).MatchString(c) }},
		{"loadavg", func(c string) any { return regexp.MustCompile(`^(\d+\.\d\d ){3}\d+/\d+ \d+\n$`).MatchString(c) }},
		{"swaps", func(c string) any { return strings.SplitAfter(c, "\n")[0] }},
		{"sys/kernel/random/boot_id", func(c string) any { return len(c) }},
		{"sys/kernel/random/uuid", func(c string) any { return len(c) }},
		{"sys/kernel/cap_last_cap", func(c string) any { return c }},
		{"sys/kernel/ngroups_max", func(c string) any { return c }},
		{"sys/kernel/overflowuid", func(c string) any { return c }},
		{"sys/kernel/ostype", func(c string) any { return c }},
		{"sys/vm/mmap_min_addr", func(c string) any { return digits.MatchString(c) }},
	} {
		assert.DeepEqual(t, c.shape(s.mustRead(c.file)), c.shape(native(t, "/proc/"+c.file)))
	}
}

func TestOwnNameAndPlace(t *testing.T) {
	s := newSandbox(t)
	stat := s.mustRead("self/stat")
	assert.Assert(t, strings.HasPrefix(stat, fmt.Sprintf("%d (a (b) c) R 1 ", s.task.Pid())), stat)
	assert.Equal(t, s.mustRead("self/comm"), "a (b) c\n")
	assert.Equal(t, s.mustRead("1/comm"), "init\n")
	assert.Equal(t, s.mustRead("1/cmdline"), "")
	for link, want := range map[string]string{
		"self": "2", "thread-self": "2/task/2", "mounts": "self/mounts", "2/cwd": "/", "2/root": "/",
		"2/ns/pid": "pid:[4026531836]",
	} {
		p, err := vfs.Lookup(s.task, s.at(), link, 0)
		assert.NilError(t, err, link)
		got, err := p.Inode().Readlink(s.task)
		assert.NilError(t, err, link)
		assert.Equal(t, got, want, link)
	}
}

func (s *sandbox) list(ctx vfs.Ctx, path string) (list []string) {
	s.t.Helper()
	f, err := vfs.Open(ctx, s.at(), path, vfs.OpenHow{Flags: unix.O_RDONLY | unix.O_DIRECTORY})
	assert.NilError(s.t, err)
	defer f.DecRef()
	// Three at a time: what did not fit comes again.
	for {
		n := 0
		assert.NilError(s.t, f.Iterate(ctx, func(e vfs.DirEntry) bool {
			if n == 3 {
				return false
			}
			n++
			list = append(list, e.Name)
			return true
		}))
		if n == 0 {
			return list
		}
	}
}

// What readdir tells can be looked up, and is told once.
func TestDirectoriesTellWhatIsThere(t *testing.T) {
	s := newSandbox(t)
	for _, dir := range []string{"/", "self", "self/task", "self/ns", "sys", "sys/kernel", "sys/kernel/random"} {
		seen := s.list(s.task, dir)
		sorted := append([]string{}, seen...)
		sort.Strings(sorted)
		for i, name := range sorted {
			assert.Assert(t, i == 0 || sorted[i-1] != name, "%s is told twice in %s", name, dir)
			_, err := vfs.Lookup(s.task, s.at(), dir+"/"+name, 0)
			assert.NilError(t, err, "%s/%s", dir, name)
		}
	}
	assert.DeepEqual(t, s.list(s.task, "self/task"), []string{".", "..", "2"})
}

// Whoever may not trace a task doesn't see its memory, places and descriptors.
func TestOthersSeeLittle(t *testing.T) {
	s := newSandbox(t)
	other := s.process(cred.User(1000, 1000, nil))
	for _, file := range []string{"2/maps", "2/environ", "2/auxv", "2/smaps"} {
		_, err := s.read(other, file)
		assert.Equal(t, err, unix.EACCES, file)
	}
	for _, file := range []string{"2/status", "2/stat", "2/cmdline", "2/limits"} {
		_, err := s.read(other, file)
		assert.NilError(t, err, file)
	}
	for _, link := range []string{"2/exe", "2/cwd", "2/root"} {
		p, err := vfs.Lookup(other, s.at(), link, 0)
		assert.NilError(t, err)
		_, err = p.Inode().Readlink(other)
		assert.Equal(t, err, unix.EACCES, link)
	}
	_, err := vfs.Lookup(other, s.at(), "2/fd/0", 0)
	assert.Equal(t, err, unix.EACCES)
}

func TestCommCanBeWritten(t *testing.T) {
	s := newSandbox(t)
	f, err := vfs.Open(s.task, s.at(), "self/comm", vfs.OpenHow{Flags: unix.O_WRONLY | unix.O_TRUNC})
	assert.NilError(t, err)
	defer f.DecRef()
	b := user.KernelBuf([]byte("a name that is too long\n"))
	n, err := f.Write(s.task, &b)
	assert.NilError(t, err)
	assert.Equal(t, n, 24)
	assert.Equal(t, s.mustRead("self/comm"), "a name that is \n")
}

func TestCPUList(t *testing.T) {
	for want, list := range map[string][]int{"": {}, "0": {0}, "0-1": {0, 1}, "0-2,4,6-7": {0, 1, 2, 4, 6, 7}} {
		assert.Equal(t, cpuList(list), want)
	}
}
