// SPDX-License-Identifier: Apache-2.0

// Command usage counts which syscalls the ELF files below some directories use: by the syscall instructions in their
// code whose number can be told, and by the C library's wrappers that they import. It prints what
// fixtures/syscalls/usage.tsv holds.
//
//	go run ./tools/usage /usr/bin /usr/sbin /usr/lib > fixtures/syscalls/usage.tsv
package main

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/ditto-kernel/ditto/tools/table"
)

func main() {
	if len(os.Args) < 2 || strings.HasPrefix(os.Args[1], "-") {
		fmt.Fprintln(os.Stderr, "usage: usage DIR...    (for example: usage /usr/bin /usr/lib)")
		os.Exit(2)
	}
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "usage:", err)
		os.Exit(1)
	}
}

// counts are how many files use each syscall, and at how many sites of their own.
type counts struct {
	files, sites map[string]int
	elfs         int
}

func run(dirs []string) error {
	root, err := table.Root()
	if err != nil {
		return err
	}
	facts, err := table.Load(root)
	if err != nil {
		return err
	}
	c := counts{map[string]int{}, map[string]int{}, 0}
	seen := map[string]bool{} // files, by what links to them resolve to
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return nil // what can't be read is not counted
			}
			real, err := filepath.EvalSymlinks(path)
			if err != nil || seen[real] {
				return nil
			}
			seen[real] = true
			c.add(facts, real)
			return nil
		})
		if err != nil {
			return err
		}
	}
	c.print(facts, dirs)
	return nil
}

func (c *counts) add(facts *table.Table, path string) {
	f, err := elf.Open(path)
	if err != nil {
		return
	}
	defer f.Close()
	if f.Machine != elf.EM_X86_64 || f.Type != elf.ET_EXEC && f.Type != elf.ET_DYN {
		return
	}
	c.elfs++
	used := map[string]bool{}
	imports, _ := f.ImportedSymbols() // none in a static program
	for _, sym := range imports {
		if name := wrapped(facts, sym.Name); name != "" {
			used[name] = true
		}
	}
	for _, s := range f.Sections {
		if s.Flags&elf.SHF_EXECINSTR == 0 || s.Type != elf.SHT_PROGBITS {
			continue
		}
		code, err := s.Data()
		if err != nil {
			continue
		}
		for _, nr := range sites(code) {
			if name := byNumber(facts, nr); name != "" {
				used[name] = true
				c.sites[name]++
			}
		}
	}
	for name := range used {
		c.files[name]++
	}
}

// glibc names the wrappers whose syscall has another name.
var glibc = map[string]string{
	"open": "openat", "open64": "openat", "openat64": "openat", "creat64": "creat", "fopen": "openat", "fopen64": "openat",
	"opendir": "openat", "readdir": "getdents64", "readdir64": "getdents64", "stat": "newfstatat", "stat64": "newfstatat",
	"lstat": "newfstatat", "lstat64": "newfstatat", "fstat64": "newfstatat", "fstatat": "newfstatat", "fstatat64": "newfstatat",
	"__xstat": "stat", "__lxstat": "lstat", "__fxstat": "fstat", "lseek64": "lseek", "mmap64": "mmap", "pread": "pread64",
	"pwrite": "pwrite64", "sendfile64": "sendfile", "ftruncate64": "ftruncate", "truncate64": "truncate", "fork": "clone",
	"posix_spawn": "clone3", "posix_spawnp": "clone3", "pthread_create": "clone3", "waitpid": "wait4", "wait": "wait4",
	"wait3": "wait4", "sigaction": "rt_sigaction", "signal": "rt_sigaction", "sigprocmask": "rt_sigprocmask",
	"pthread_sigmask": "rt_sigprocmask", "sigsuspend": "rt_sigsuspend", "sigwait": "rt_sigtimedwait", "sigtimedwait": "rt_sigtimedwait",
	"sigwaitinfo": "rt_sigtimedwait", "sigpending": "rt_sigpending", "raise": "tgkill", "abort": "tgkill", "_exit": "exit_group",
	"exit": "exit_group", "send": "sendto", "recv": "recvfrom", "eventfd": "eventfd2", "signalfd": "signalfd4",
	"pselect": "pselect6", "getrlimit": "prlimit64", "getrlimit64": "prlimit64", "setrlimit": "prlimit64",
	"setrlimit64": "prlimit64", "prlimit": "prlimit64", "posix_fadvise": "fadvise64", "posix_fadvise64": "fadvise64",
	"posix_fallocate": "fallocate", "fallocate64": "fallocate", "umount": "umount2", "nice": "setpriority", "uname": "uname",
	"gethostname": "uname", "sleep": "clock_nanosleep", "usleep": "clock_nanosleep", "nanosleep": "clock_nanosleep",
	"sysconf": "sched_getaffinity", "isatty": "ioctl", "tcgetattr": "ioctl", "tcsetattr": "ioctl", "statvfs": "statfs",
	"statvfs64": "statfs", "statfs64": "statfs", "fstatvfs": "fstatfs", "fstatvfs64": "fstatfs", "futimens": "utimensat",
	"utimes": "utimensat", "utime": "utimensat", "mkfifo": "mknodat", "mknod": "mknodat", "malloc": "brk",
	"epoll_create": "epoll_create1", "inotify_init": "inotify_init1", "timer_create": "timer_create", "sem_wait": "futex",
	"pthread_cond_wait": "futex", "pthread_mutex_lock": "futex", "fcntl64": "fcntl", "arc4random": "getrandom",
}

// wrapped is the syscall behind a function of the C library, as far as the name tells; "" for all others.
func wrapped(facts *table.Table, symbol string) string {
	if name := glibc[symbol]; name != "" {
		return name
	}
	if s := facts.ByName(symbol); s != nil && !s.Absent() {
		return symbol
	}
	return ""
}

func byNumber(facts *table.Table, nr int) string {
	i := sort.Search(len(facts.Syscalls), func(i int) bool { return facts.Syscalls[i].Number >= nr })
	if i < len(facts.Syscalls) && facts.Syscalls[i].Number == nr {
		return facts.Syscalls[i].Name
	}
	return ""
}

// window is how far before a syscall instruction its number is looked for.
const window = 24

// sites finds the syscall instructions in code whose number is put into eax shortly before: mov $nr,%eax, or xor
// %eax,%eax for number 0. It does not decode instructions, so a few sites are misread and some not found.
func sites(code []byte) []int {
	var found []int
	for at := 0; ; at += 2 {
		i := bytes.Index(code[at:], []byte{0x0f, 0x05})
		if i < 0 {
			return found
		}
		at += i
		for back := 2; back <= window && back <= at; back++ {
			p := code[at-back : at]
			if p[0] == 0xb8 && back >= 5 {
				if nr := binary.LittleEndian.Uint32(p[1:]); nr < 1024 {
					found = append(found, int(nr))
					break
				}
			}
			if p[0] == 0x31 && p[1] == 0xc0 {
				found = append(found, 0)
				break
			}
		}
	}
}

func (c *counts) print(facts *table.Table, dirs []string) {
	fmt.Printf("# How many of the %d x86_64 ELF files below %s use each syscall: through the C library or\n", c.elfs, strings.Join(dirs, " "))
	fmt.Println("# at sites of their own, and at how many of those. Counted by tools/usage.")
	fmt.Println("name\tfiles\tsites")
	names := make([]string, 0, len(c.files))
	for name := range c.files {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		a, b := names[i], names[j]
		if c.files[a] != c.files[b] {
			return c.files[a] > c.files[b]
		}
		return a < b
	})
	for _, name := range names {
		fmt.Printf("%s\t%d\t%d\n", name, c.files[name], c.sites[name])
	}
}
