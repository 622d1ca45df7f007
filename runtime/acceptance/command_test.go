// SPDX-License-Identifier: Apache-2.0

// This file is about the command line: what `ditto do` says and returns when
// something is wrong, how signals pass, and what the flags do.

package acceptance

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
	is "gotest.tools/v3/assert/cmp"
)

// A program for another architecture: an ELF header is enough.
func foreign(t *testing.T) string {
	header := make([]byte, 64)
	copy(header, "\x7fELF\x02\x01\x01")
	header[16], header[18], header[20] = 2, 183, 1 // ET_EXEC, EM_AARCH64
	path := filepath.Join(t.TempDir(), "foreign")
	assert.NilError(t, os.WriteFile(path, header, 0o755))
	return path
}

func TestErrors(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	assert.NilError(t, os.WriteFile(plain, []byte("#!/bin/sh\n"), 0o644))
	for _, c := range []struct {
		name   string
		args   []string
		status int
		stderr string // the whole of it, a regular expression
	}{
		{"no such command", []string{"no-such"}, 127, `ditto: no-such: command not found\n`},
		{"no such path", []string{"/no/such"}, 127, `ditto: /no/such: (command not found|No such file or directory)\n`},
		{"not executable", []string{plain}, 126, `ditto: .*/plain: [Pp]ermission denied\n`},
		{"a directory", []string{"/usr"}, 126, `ditto: /usr: [Pp]ermission denied\n`},
		{"other architecture", []string{foreign(t)}, 126, `ditto: .*/foreign: exec format error: ELF for aarch64\n`},
		{"bad flag", []string{"--netwrok", "host", "true"}, 2, `ditto do: unknown flag: --netwrok; did you mean: --network NET .*\n`},
		{"bad flag far off", []string{"--zzzzzzzz", "true"}, 2, `ditto do: unknown flag: --zzzzzzzz \(see: ditto do --help\)\n`},
		{"bad network", []string{"--network", "moon", "true"}, 2, `ditto do: --network "moon": want none or host\n`},
		{"bad volume", []string{"--volume", "nowhere", "true"}, 2, `ditto do: --volume "nowhere": want SRC:DST or .*\n`},
		{"bad user", []string{"--user", "no-such-user", "true"}, 2, `ditto: --user "no-such-user": .*\n`},
		{"bad workdir", []string{"--workdir", "/no/such", "true"}, 2, `ditto: --workdir "/no/such": .*\n`},
		{"no command", nil, 2, `ditto do: which command\? .*\n`},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := run(t, do(c.args...))
			assert.Equal(t, o.Status, fmt.Sprintf("exit status %d", c.status), o.Stderr)
			assert.Assert(t, is.Regexp("^"+c.stderr+"$", o.Stderr))
			assert.Equal(t, o.Stdout, "")
		})
	}
}

func TestHelpHasAnExample(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"do", "--help"}} {
		o := run(t, exec.Command(ditto, args...))
		assert.Equal(t, o.Status, "exit status 0")
		assert.Assert(t, is.Contains(o.Stdout, "Example"))
	}
}

func TestExitStatus(t *testing.T) {
	for _, c := range []struct {
		script string
		status int
	}{
		{"exit 0", 0}, {"exit 7", 7}, {"exit 255", 255}, {"kill -TERM $$", 143}, {"kill -KILL $$", 137}, {"kill -SEGV $$", 139},
	} {
		o := run(t, do("sh", "-c", c.script))
		assert.Equal(t, o.Status, fmt.Sprintf("exit status %d", c.status), "%s: %s", c.script, o.Stderr)
	}
}

// The command's flags are its own, and so is what stands behind its name.
func TestFlagsAfterTheCommandAreItsOwn(t *testing.T) {
	o := run(t, do("echo", "--strace", "--", "-x"))
	assert.Equal(t, o.Stdout, "--strace -- -x\n")
}

// A sandbox that hangs says what it is doing.
func TestAbortShowsTheKernelsGoroutines(t *testing.T) {
	cmd := do("bash", "-c", "echo ready; exec sleep 1000")
	out, err := cmd.StdoutPipe()
	assert.NilError(t, err)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	assert.NilError(t, cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	assert.NilError(t, err)
	assert.Equal(t, line, "ready\n")
	assert.NilError(t, cmd.Process.Signal(unix.SIGABRT))
	assert.ErrorContains(t, cmd.Wait(), "exit status 125")
	assert.Assert(t, strings.Contains(stderr.String(), "boot.(*Sandbox).Wait"), stderr.String())
}

func TestSignalsAreForwarded(t *testing.T) {
	for _, s := range []syscall.Signal{unix.SIGTERM, unix.SIGINT, unix.SIGHUP, unix.SIGUSR1, unix.SIGUSR2, unix.SIGQUIT} {
		name := strings.TrimPrefix(unix.SignalName(s), "SIG")
		t.Run(name, func(t *testing.T) {
			cmd := do("bash", "-c", `trap "echo got `+name+`; exit 3" `+name+`; echo ready; while :; do sleep 0.05; done`)
			out, err := cmd.StdoutPipe()
			assert.NilError(t, err)
			cmd.Stderr = os.Stderr
			assert.NilError(t, cmd.Start())
			lines := bufio.NewReader(out)
			line, err := lines.ReadString('\n')
			assert.NilError(t, err)
			assert.Equal(t, line, "ready\n")
			assert.NilError(t, cmd.Process.Signal(s))
			line, _ = lines.ReadString('\n')
			assert.Equal(t, line, "got "+name+"\n")
			assert.ErrorContains(t, cmd.Wait(), "exit status 3")
		})
	}
}

func TestSignalThatKillsTheCommand(t *testing.T) {
	cmd := do("sh", "-c", "echo ready; exec sleep 1000")
	out, err := cmd.StdoutPipe()
	assert.NilError(t, err)
	assert.NilError(t, cmd.Start())
	_, err = bufio.NewReader(out).ReadString('\n')
	assert.NilError(t, err)
	assert.NilError(t, cmd.Process.Signal(unix.SIGTERM))
	assert.ErrorContains(t, cmd.Wait(), "exit status 143")
}

// When ditto is killed outright, nothing of the sandbox may be left: the pipe
// that its processes hold is at its end.
func TestNothingOutlivesDitto(t *testing.T) {
	cmd := do("sh", "-c", "echo ready; sleep 1000 & sleep 1000")
	r, w, err := os.Pipe()
	assert.NilError(t, err)
	defer r.Close()
	cmd.Stdout = w
	assert.NilError(t, cmd.Start())
	w.Close()
	out := bufio.NewReader(r)
	_, err = out.ReadString('\n')
	assert.NilError(t, err)
	assert.NilError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	_, err = out.ReadString('\n')
	assert.ErrorContains(t, err, "EOF")
}

func TestFlags(t *testing.T) {
	host := t.TempDir()
	assert.NilError(t, os.WriteFile(filepath.Join(host, "in"), []byte("from the host\n"), 0o644))
	for _, c := range []struct {
		name   string
		args   []string
		stdout string
	}{
		{"env", []string{"--env", "A=1", "--env", "B=x y", "sh", "-c", "echo $A $B"}, "1 x y\n"},
		{"workdir", []string{"--workdir", "/usr/bin", "pwd"}, "/usr/bin\n"},
		{"hostname", []string{"--hostname", "box", "uname", "-n"}, "box\n"},
		{"user", []string{"--user", "12:34", "sh", "-c", "id -u; id -g"}, "12\n34\n"},
		{"user by name", []string{"--user", "nobody", "id", "-un"}, "nobody\n"},
		{"volume", []string{"--volume", host + ":/mnt", "sh", "-c", "cat /mnt/in; echo back >/mnt/out; cat /mnt/out"}, "from the host\nback\n"},
		{"read-only volume", []string{"--volume", host + ":/mnt:ro", "sh", "-c", "cat /mnt/in; (echo x >/mnt/x) 2>/dev/null; echo $?"}, "from the host\n2\n"},
		{"pid", []string{"sh", "-c", "echo $$ $PPID"}, "2 1\n"},
		{"proc", []string{"sh", "-c", "readlink /proc/self/exe | xargs basename; cat /proc/self/cmdline | tr '\\0' ' '"}, "readlink\ncat /proc/self/cmdline "},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := run(t, do(c.args...))
			assert.Equal(t, o.Stdout, c.stdout, o.Stderr)
		})
	}
	back, err := os.ReadFile(filepath.Join(host, "out"))
	assert.NilError(t, err)
	assert.Equal(t, string(back), "back\n", "what was written to a volume is on the host")
	_, err = os.Stat(filepath.Join(host, "x"))
	assert.Assert(t, os.IsNotExist(err))
}

func TestRootfs(t *testing.T) {
	root := t.TempDir()
	hello := filepath.Join(root, "hello")
	src := filepath.Join(t.TempDir(), "main.go")
	assert.NilError(t, os.WriteFile(src, []byte("package main\n\nfunc main() { println(\"hello\") }\n"), 0o644))
	build := exec.Command("go", "build", "-o", hello, src)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	o := run(t, build)
	assert.Equal(t, o.Status, "exit status 0", o.Stderr)
	o = run(t, do("--rootfs", root, "/hello"))
	assert.Equal(t, o.Stderr, "hello\n")
	assert.Equal(t, o.Status, "exit status 0")
}

func TestStrace(t *testing.T) {
	o := run(t, do("--strace", "ls", "/"))
	assert.Equal(t, o.Status, "exit status 0")
	for _, want := range []string{
		`(?m)execve\("/[^"]*/ls", \["ls", "/"\], .*\) += 0$`,
		`(?m)openat\(AT_FDCWD, "/etc/ld.so.cache", O_RDONLY\|O_CLOEXEC\) += 3$`,
		`(?m)access\("/etc/ld.so.preload", R_OK\) += -1 ENOENT \(No such file or directory\)$`,
		`(?m)mmap\(NULL, \d+, PROT_READ, MAP_PRIVATE, 3, 0\) += 0x[0-9a-f]+$`,
		`(?m)write\(1, "[^"]*\\n[^"]*"(\.\.\.)?, \d+\) += \d+$`,
	} {
		assert.Assert(t, regexp.MustCompile(want).MatchString(o.Stderr), "%s\nis not in:\n%s", want, o.Stderr)
	}
	log := filepath.Join(t.TempDir(), "log")
	o = run(t, do("--strace", "--log", log, "ls", "/"))
	assert.Equal(t, o.Stderr, "")
	b, err := os.ReadFile(log)
	assert.NilError(t, err)
	assert.Assert(t, is.Contains(string(b), "openat("))
}

// The kernel process is set apart: the sandbox's processes see none but their
// own, and its network has the loopback only.
func TestIsolation(t *testing.T) {
	o := run(t, do("sh", "-c", "set -- /proc/[0-9]*; echo $#"))
	assert.Equal(t, o.Stdout, "2\n", "init and sh")
}

// Rootless: as a user who has nothing but the right to make a user namespace.
func TestRootless(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("these tests run rootless already")
	}
	as := &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	probe := exec.Command("unshare", "-U", "true")
	probe.SysProcAttr = as
	if err := probe.Run(); err != nil {
		t.Skip("this machine gives ordinary users no user namespaces: ", err)
	}
	cmd := do("sh", "-c", "id -u; id -g; echo x >/tmp/ditto-rootless; cat /tmp/ditto-rootless; ls / >/dev/null; cat /etc/shadow 2>/dev/null; echo $?; exit 5")
	cmd.SysProcAttr = as
	cmd.Dir = "/"
	o := run(t, cmd)
	assert.Equal(t, o.Stdout, "65534\n65534\nx\n1\n", o.Stderr)
	assert.Equal(t, o.Status, "exit status 5")
	_, err := os.Stat("/tmp/ditto-rootless")
	assert.Assert(t, os.IsNotExist(err))
}
