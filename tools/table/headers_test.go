// SPDX-License-Identifier: Apache-2.0

// This file checks the fixtures against what others say: the system's C headers, by a program that prints what they
// make of each name, and the constants of golang.org/x/sys/unix, which know newer kernels.

package table

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gotest.tools/v3/assert"
)

// headerGroups are headers that can be included together. The kernel's own come first: libc disagrees with them about
// O_LARGEFILE, for one, and it is the kernel that we speak for.
var headerGroups = [][]string{
	strings.Fields(`linux/types.h linux/fcntl.h linux/openat2.h linux/stat.h linux/memfd.h linux/falloc.h
		linux/close_range.h linux/eventpoll.h linux/fs.h linux/xattr.h linux/time.h linux/mman.h linux/futex.h
		linux/mempolicy.h linux/prctl.h asm/prctl.h linux/seccomp.h linux/ptrace.h linux/membarrier.h linux/rseq.h
		linux/random.h linux/io_uring.h linux/kexec.h linux/keyctl.h linux/kcmp.h linux/module.h linux/bpf.h
		linux/userfaultfd.h linux/landlock.h linux/perf_event.h linux/fanotify.h linux/inotify.h linux/reboot.h
		linux/sched.h linux/sched/types.h linux/ioprio.h linux/pidfd.h linux/resource.h linux/aio_abi.h
		linux/capability.h linux/utsname.h linux/times.h linux/timex.h linux/utime.h linux/mqueue.h linux/ioctl.h
		linux/sockios.h linux/nsfs.h linux/fiemap.h linux/if_tun.h linux/personality.h linux/quota.h linux/signalfd.h
		linux/timerfd.h linux/eventfd.h linux/uio.h linux/wait.h linux/mount.h linux/poll.h asm/ioctls.h
		linux/socket.h asm/socket.h linux/signal.h linux/lsm.h asm/mman.h`),
	strings.Fields(`sys/types.h sys/stat.h sys/statfs.h fcntl.h unistd.h signal.h sys/mman.h sys/socket.h netinet/in.h
		netinet/tcp.h sys/un.h sys/epoll.h sys/eventfd.h sys/timerfd.h sys/signalfd.h sys/inotify.h sys/fanotify.h
		sys/ioctl.h sys/ipc.h sys/shm.h sys/sem.h sys/msg.h sys/wait.h sys/resource.h sys/time.h time.h sys/times.h
		sys/timex.h sys/sysinfo.h sys/utsname.h sys/uio.h sys/prctl.h sys/ptrace.h sys/personality.h sys/xattr.h
		sys/file.h sys/random.h sched.h poll.h mqueue.h utime.h sys/swap.h sys/select.h stdio.h sys/syscall.h`),
	{"sys/mount.h"},
}

// compiler finds the C compiler, or skips the test.
func compiler(t *testing.T) string {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("needs a C compiler: apt-get install gcc libc6-dev")
	}
	return cc
}

var errorLine = regexp.MustCompile(`(?m)^expr:(\d+):\d+: error`)

// evaluate asks the headers of one group for the value of each C expression. Expressions that do not compile are left
// out of the answer.
func evaluate(t *testing.T, cc string, headers, exprs []string) map[string]int64 {
	t.Helper()
	dir := t.TempDir()
	var head strings.Builder
	head.WriteString("#define _GNU_SOURCE\n")
	for _, h := range headers {
		fmt.Fprintf(&head, "#if __has_include(<%s>)\n#include <%s>\n#endif\n", h, h)
	}
	head.WriteString("int printf(const char *, ...);\nint main(void)\n{\n")
	for {
		src := strings.Builder{}
		src.WriteString(head.String())
		for i, e := range exprs {
			fmt.Fprintf(&src, "#line %d \"expr\"\nprintf(\"%%d %%lld\\n\", %d, (long long)(%s));\n", i+1, i, e)
		}
		src.WriteString("}\n")
		cmd := exec.Command(cc, "-w", "-fmax-errors=0", "-fno-diagnostics-show-caret", "-O0", "-x", "c", "-", "-o", filepath.Join(dir, "a.out"))
		cmd.Stdin = strings.NewReader(src.String())
		out, err := cmd.CombinedOutput()
		if err == nil {
			break
		}
		bad := map[int]bool{}
		for _, m := range errorLine.FindAllStringSubmatch(string(out), -1) {
			n, _ := strconv.Atoi(m[1])
			bad[n-1] = true
		}
		assert.Assert(t, len(bad) > 0, "the headers themselves do not compile: %s", out)
		var rest []string
		for i, e := range exprs {
			if !bad[i] {
				rest = append(rest, e)
			}
		}
		exprs = rest
	}
	out, err := exec.Command(filepath.Join(dir, "a.out")).Output()
	assert.NilError(t, err)
	values := map[string]int64{}
	for line := range strings.Lines(string(out)) {
		var i int
		var v int64
		_, err := fmt.Sscan(line, &i, &v)
		assert.NilError(t, err)
		values[exprs[i]] = v
	}
	return values
}

// headers caches what the headers say: compiling takes longer than everything else here.
var headers map[string]int64

// fromHeaders asks about every name of the fixtures at once, each group about what those before it lack.
func fromHeaders(t *testing.T) map[string]int64 {
	t.Helper()
	cc := compiler(t)
	if headers != nil {
		return headers
	}
	facts := load(t)
	var exprs []string
	for _, set := range facts.Sets {
		for _, m := range set.Members {
			exprs = append(exprs, m.C)
		}
	}
	for _, s := range facts.Structs {
		if s.C != "" {
			exprs = append(exprs, "sizeof("+s.C+")")
		}
	}
	for _, s := range facts.Syscalls {
		exprs = append(exprs, "__NR_"+s.Name)
	}
	slices.Sort(exprs)
	exprs = slices.Compact(exprs)
	values := map[string]int64{}
	for _, group := range headerGroups {
		maps.Copy(values, evaluate(t, cc, group, exprs))
		exprs = slices.DeleteFunc(exprs, func(e string) bool { _, known := values[e]; return known })
	}
	headers = values
	return values
}

// fromGo reads the integer constants of golang.org/x/sys/unix from its source.
func fromGo(t *testing.T) map[string]int64 {
	t.Helper()
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "golang.org/x/sys/unix").Output()
	assert.NilError(t, err)
	values := map[string]int64{}
	for _, name := range []string{"zerrors_linux", "zerrors_linux_amd64", "ztypes_linux", "ztypes_linux_amd64", "zsysnum_linux_amd64"} {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(dir)), name+".go"), nil, 0)
		assert.NilError(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != len(spec.Names) {
				return true
			}
			for i, v := range spec.Values {
				if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.INT {
					if n, err := strconv.ParseInt(lit.Value, 0, 64); err == nil {
						values[spec.Names[i].Name] = n
					}
				}
			}
			return true
		})
	}
	return values
}

func load(t *testing.T) *Table {
	t.Helper()
	root, err := Root()
	assert.NilError(t, err)
	facts, err := Load(root)
	assert.NilError(t, err)
	return facts
}

// low compares in 32 bits what C has as an int and we as unsigned; only clone3's flags go beyond.
func low(v int64) uint64 {
	if v > 0xffffffff {
		return uint64(v)
	}
	return uint64(uint32(v))
}

func TestSetsMatchHeaders(t *testing.T) {
	facts := load(t)
	values := fromHeaders(t)
	var lacking []string
	checked := 0
	for _, set := range facts.Sets {
		for _, m := range set.Members {
			v, ok := values[m.C]
			if !ok {
				lacking = append(lacking, m.Name)
				continue
			}
			checked++
			if low(v) != low(int64(m.Value)) {
				t.Errorf("%s in %s is %#x, and %#x in the system headers", m.Name, set.Name, m.Value, v)
			}
		}
	}
	slices.Sort(lacking)
	t.Logf("checked %d values; these headers lack %d: %s", checked, len(lacking), strings.Join(lacking, " "))
	assert.Assert(t, checked > 1000, "only %d values could be checked", checked)
}

func TestSetsMatchGo(t *testing.T) {
	// x/sys has libc's view of these, which differs from the kernel's on purpose.
	libc := map[string]bool{"O_LARGEFILE": true}
	values := fromGo(t)
	checked := 0
	for _, set := range load(t).Sets {
		for _, m := range set.Members {
			v, ok := values[m.Name]
			if !ok || m.C != m.Name || libc[m.Name] {
				continue
			}
			checked++
			if low(v) != low(int64(m.Value)) {
				t.Errorf("%s in %s is %#x, and %#x in x/sys/unix", m.Name, set.Name, m.Value, v)
			}
		}
	}
	assert.Assert(t, checked > 900, "only %d values could be checked", checked)
}

func TestStructsMatchHeaders(t *testing.T) {
	facts := load(t)
	values := fromHeaders(t)
	for _, s := range facts.Structs {
		size, ok := values["sizeof("+s.C+")"]
		switch {
		case !ok && s.C != "":
			t.Logf("these headers lack %s", s.C)
		case !ok || int(size) == s.Size:
		case s.Growth == "extensible" && int(size) < s.Size:
			t.Logf("%s has grown from %d to %d bytes since these headers", s.C, size, s.Size)
		default:
			t.Errorf("%s is %d bytes, and %s has %d in the system headers", s.Name, s.Size, s.C, size)
		}
	}
}

func TestNumbersMatchHeaders(t *testing.T) {
	facts := load(t)
	values, goValues := fromHeaders(t), fromGo(t)
	checked := 0
	for _, s := range facts.Syscalls {
		if v, ok := values["__NR_"+s.Name]; ok {
			checked++
			assert.Equal(t, int(v), s.Number, "%s in the system headers", s.Name)
		}
		if v, ok := goValues["SYS_"+strings.ToUpper(s.Name)]; ok {
			assert.Equal(t, int(v), s.Number, "%s in x/sys/unix", s.Name)
		}
	}
	assert.Assert(t, checked > 340, "only %d numbers could be checked", checked)
}

func TestMain(m *testing.M) {
	// The C library's messages are parsed above.
	os.Setenv("LC_ALL", "C")
	os.Exit(m.Run())
}
