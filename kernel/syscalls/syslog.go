// SPDX-License-Identifier: Apache-2.0

// This file is the kernel's messages (syslog(2), kernel/printk/printk.c): of those of the sandbox's own kernel, and never
// of the host's.

package syscalls

import (
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// What syslog(2) can be asked for (SYSLOG_ACTION_*).
const (
	logClose = iota
	logOpen
	logRead
	logReadAll
	logReadClear
	logClear
	logConsoleOff
	logConsoleOn
	logConsoleLevel
	logUnread
	logBufferSize

	logBytes = 1 << 17 // what logBufferSize says
)

// messages is the log: what is written at the start stays, since nothing else is.
type messages struct {
	once sync.Once
	more wait.Queue // never notified, as nothing is written later

	mu      sync.Mutex
	lines   []string
	read    int // lines that logRead took
	partly  int // bytes of the line after those
	cleared int // lines that logClear hides
}

var kernelLog messages

// start writes what a kernel writes first.
func (m *messages) start(t *task.Task) {
	m.once.Do(func() {
		u := t.Kernel().UTS().Names()
		m.lines = []string{
			fmt.Sprintf("<5>[    0.000000] %s version %s (ditto@ditto) (gc) %s\n", u.Sysname, u.Release, u.Version),
			"<6>[    0.000000] Command line: ditto\n",
		}
	})
}

// mayLog is check_syslog_permissions where kernel.dmesg_restrict is 1: EPERM.
func mayLog(t *task.Task) error {
	if !t.Creds().Capable(unix.CAP_SYSLOG) {
		return unix.EPERM
	}
	return nil
}

//ditto:syscall syslog full
func syslog(t *task.Task, action int32, buf user.Addr, size int32) (int, error) {
	if err := mayLog(t); err != nil {
		return 0, err
	}
	m := &kernelLog
	m.start(t)
	switch action {
	case logClose, logOpen, logConsoleOff, logConsoleOn:
		return 0, nil // there is no console that shows them
	case logRead, logReadAll, logReadClear:
		if buf == 0 || size < 0 {
			return 0, unix.EINVAL
		}
		if size == 0 {
			return 0, nil
		}
		if uint64(buf)+uint64(size) > user.TaskTop {
			return 0, unix.EFAULT
		}
		if action == logRead {
			return m.readUnread(t, buf, int(size))
		}
		return m.readAll(t, buf, int(size), action == logReadClear)
	case logClear:
		m.mu.Lock()
		defer m.mu.Unlock()
		m.cleared = len(m.lines)
		return 0, nil
	case logConsoleLevel:
		if size < 1 || size > 8 {
			return 0, unix.EINVAL
		}
		return 0, nil
	case logUnread:
		return m.unread(), nil
	case logBufferSize:
		return logBytes, nil
	}
	return 0, unix.EINVAL
}

func (m *messages) unread() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := -m.partly
	for _, line := range m.lines[m.read:] {
		n += len(line)
	}
	return n
}

// readUnread waits for a message that nobody took, and takes as much of them as there is room for.
func (m *messages) readUnread(t *task.Task, buf user.Addr, size int) (int, error) {
	if err := wait.Until(t, &m.more, wait.All, time.Time{}, func() bool { return m.unread() > 0 }); err != nil {
		return 0, err
	}
	m.mu.Lock()
	var text []byte
	for m.read < len(m.lines) && len(text) < size {
		rest := m.lines[m.read][m.partly:]
		n := min(len(rest), size-len(text))
		text = append(text, rest[:n]...)
		if m.partly += n; n == len(rest) {
			m.read, m.partly = m.read+1, 0
		}
	}
	m.mu.Unlock()
	return t.Memory().CopyOut(buf, text)
}

// readAll shows the last messages that there is room for as a whole.
func (m *messages) readAll(t *task.Task, buf user.Addr, size int, clear bool) (int, error) {
	m.mu.Lock()
	at, n := len(m.lines), 0
	for at > m.cleared && n+len(m.lines[at-1]) <= size {
		at--
		n += len(m.lines[at])
	}
	var text []byte
	for _, line := range m.lines[at:] {
		text = append(text, line...)
	}
	if clear {
		m.cleared = len(m.lines)
	}
	m.mu.Unlock()
	return t.Memory().CopyOut(buf, text)
}
