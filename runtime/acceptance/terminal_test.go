// SPDX-License-Identifier: Apache-2.0

// This file is about an interactive shell on a terminal.

package acceptance

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

// console is the far side of a pseudo-terminal, and what a program wrote to it.
type console struct {
	t       *testing.T
	master  *os.File
	slave   *os.File
	changed chan struct{}

	mu   sync.Mutex
	seen strings.Builder
	from int // what expect has not matched yet
}

func openConsole(t *testing.T) *console {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	assert.NilError(t, err)
	t.Cleanup(func() { master.Close() })
	var number uint32
	assert.NilError(t, control(master, func(fd int) error {
		if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
			return err
		}
		number, err = unix.IoctlGetUint32(fd, unix.TIOCGPTN)
		return err
	}))
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	assert.NilError(t, err)
	t.Cleanup(func() { slave.Close() })
	c := &console{t: t, master: master, slave: slave, changed: make(chan struct{}, 1)}
	c.resize(24, 80)
	go c.listen()
	return c
}

// control calls f with the descriptor, leaving the file as it is.
func control(f *os.File, call func(fd int) error) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = call(int(fd)) }); err != nil {
		return err
	}
	return inner
}

func (c *console) listen() {
	b := make([]byte, 4096)
	for {
		n, err := c.master.Read(b)
		if err != nil {
			return
		}
		c.mu.Lock()
		c.seen.Write(b[:n])
		c.mu.Unlock()
		select {
		case c.changed <- struct{}{}:
		default:
		}
	}
}

// start runs a command on the terminal, as leader of a session of its own.
func (c *console) start(cmd *exec.Cmd) {
	c.t.Helper()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.slave, c.slave, c.slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	cmd.Env = append(without(os.Environ(), "PROMPT_COMMAND", "BASH_ENV"), "PS1=ready> ", "TERM=dumb", "LC_ALL=C")
	assert.NilError(c.t, cmd.Start())
	c.t.Cleanup(func() { _ = cmd.Process.Kill() })
}

func (c *console) send(keys string) {
	c.t.Helper()
	_, err := c.master.WriteString(keys)
	assert.NilError(c.t, err)
}

// expect waits until the program has written what matches, behind what was
// matched before.
func (c *console) expect(pattern string) {
	c.t.Helper()
	re := regexp.MustCompile(pattern)
	late := time.After(time.Minute)
	for {
		c.mu.Lock()
		all := c.seen.String()
		m := re.FindStringIndex(all[c.from:])
		if m != nil {
			c.from += m[1]
		}
		c.mu.Unlock()
		if m != nil {
			return
		}
		select {
		case <-c.changed:
		case <-late:
			c.t.Fatalf("waited for %q; the terminal has:\n%s", pattern, all)
		}
	}
}

func (c *console) resize(rows, cols uint16) {
	c.t.Helper()
	assert.NilError(c.t, control(c.master, func(fd int) error {
		return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: cols})
	}))
}

func (c *console) mode() unix.Termios {
	c.t.Helper()
	var mode *unix.Termios
	assert.NilError(c.t, control(c.slave, func(fd int) (err error) {
		mode, err = unix.IoctlGetTermios(fd, unix.TCGETS)
		return err
	}))
	return *mode
}

func TestInteractiveShell(t *testing.T) {
	shell := []string{"bash", "--norc", "--noprofile", "-i"}
	for _, side := range []struct {
		name string
		cmd  *exec.Cmd
	}{
		{"natively", exec.Command(shell[0], shell[1:]...)},
		{"sandbox", do(shell...)},
	} {
		t.Run(side.name, func(t *testing.T) { session(openConsole(t), side.cmd) })
	}
}

// session is a user at a shell: every quoted word is broken up, so that the
// echo of what is typed is not taken for the answer.
func session(c *console, cmd *exec.Cmd) {
	before := c.mode()
	c.start(cmd)
	c.expect(`ready> $`)

	c.send("echo sum $((40 + 2))\r")
	c.expect(`\nsum 42\r\n`)
	c.expect(`ready> $`)

	c.send("tty >/dev/null && echo termi''nal\r")
	c.expect(`\nterminal\r\n`)
	c.expect(`ready> $`)

	c.send("sh -c 'echo star''ted; exec sleep 1000'\r")
	c.expect(`\nstarted\r\n`)
	c.send("\x03")
	c.expect(`ready> $`)
	c.send("echo sta''tus $?\r")
	c.expect(`\nstatus 130\r\n`)

	// The loop starts no program: a vfork child that stops before its exec
	// leaves its parent asleep in vfork, where no stop reaches it, and the
	// shell would never see the job stop.
	c.send("sh -c 'trap \"echo resu''med\" CONT; echo beg''un; while :; do :; done'\r")
	c.expect(`\nbegun\r\n`)
	c.send("\x1a")
	c.expect(`Stopped`)
	c.expect(`ready> $`)
	c.send("jobs\r")
	c.expect(`\[1\]\+ +Stopped +sh -c`)
	c.expect(`ready> $`)
	c.send("fg\r")
	c.expect(`\nresumed\r\n`) // before that the shell would take the key
	c.send("\x03")
	c.expect(`ready> $`)
	c.send("echo sta''tus $?\r")
	c.expect(`\nstatus 130\r\n`)

	// The size changes while a command runs: before its prompt readline reads
	// the size and sets it again, so that a resize between the two is lost.
	c.expect(`ready> $`)
	c.send("echo wait''ing; until [ \"$(stty size)\" = '33 101' ]; do :; done; echo resi''zed\r")
	c.expect(`\nwaiting\r\n`)
	c.resize(33, 101)
	c.expect(`resized\r\n`)
	c.expect(`ready> $`)

	c.send("echo run''ning; cat | tr a-z A-Z\r")
	c.expect(`\nrunning\r\n`)
	c.send("typed\r\x04")
	c.expect(`\nTYPED\r\n`)
	c.expect(`ready> $`)

	c.send("exit 5\r")
	assert.ErrorContains(c.t, cmd.Wait(), "exit status 5")
	assert.DeepEqual(c.t, c.mode(), before)
}
