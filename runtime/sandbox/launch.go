// SPDX-License-Identifier: Apache-2.0

package sandbox

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/boot"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/runtime/confine"
	"github.com/ditto-kernel/ditto/runtime/control"
)

// Container is how the kernel process of a container is started. Unlike that of
// "ditto do" it outlives whoever starts it.
type Container struct {
	Socket      *os.File // listening, in the state directory
	Log         *os.File // nil: none
	JSONLog     bool
	Stdio       [3]*os.File
	Extra       []*os.File // what the container's process gets behind them
	Terminal    bool       // Stdio[0] becomes the controlling terminal
	HostNetwork bool       // stay in the caller's network namespace
	Network     string     // path of the network namespace to join; empty: a fresh one
	IDs         *IDs       // of a fresh user namespace; nil: the caller's
}

// IDs are who is who in a user namespace.
type IDs struct{ UIDs, GIDs []cred.Extent }

// Denied tells whether setgroups(2) must not work there: the caller could give up groups that keep it from something.
func (*IDs) Denied() bool { return !capable(unix.CAP_SETGID) }

// Kernel is a kernel process that was started, and not told yet what to run.
type Kernel struct {
	cmd    *exec.Cmd
	conn   *control.Conn
	ids    *IDs // it is in a user namespace of its own
	fresh  bool // its network namespace
	joined bool // it is one that the configuration names
}

// Launch starts the kernel process.
func (c *Container) Launch() (*Kernel, error) {
	conn, theirs, err := control.Pair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = []string{"ditto", "boot", "socket"}
	cmd.Env = boot.Environment()
	cmd.Dir = "/"
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Stdio[0], c.Stdio[1], c.Stdio[2]
	cmd.ExtraFiles = []*os.File{theirs, c.Socket}
	if c.Log != nil {
		name := "log"
		if c.JSONLog {
			name = "jsonlog"
		}
		cmd.Args = append(cmd.Args, name)
		cmd.ExtraFiles = append(cmd.ExtraFiles, c.Log)
	}
	for _, f := range c.Extra {
		cmd.Args = append(cmd.Args, "extra")
		cmd.ExtraFiles = append(cmd.ExtraFiles, f)
	}
	attr := namespaces(c.HostNetwork || c.Network != "")
	if c.IDs != nil {
		c.IDs.apply(attr)
	}
	attr.Pdeathsig = 0
	attr.Setsid, attr.Setctty = true, c.Terminal
	cmd.SysProcAttr = attr
	// Asked before: the thread that goes there may be the first, whose namespaces are what /proc/self has.
	joined := c.Network != "" && !SameFile(c.Network, "/proc/self/ns/net")
	if err := c.inNetwork(cmd.Start); err != nil {
		conn.Close()
		return nil, explain(err, attr)
	}
	return &Kernel{cmd: cmd, conn: conn, ids: c.IDs, fresh: !c.HostNetwork && c.Network == "", joined: joined}, nil
}

// apply has a process started in a user namespace, as its root.
func (ids *IDs) apply(attr *syscall.SysProcAttr) {
	attr.Cloneflags |= unix.CLONE_NEWUSER
	attr.UidMappings, attr.GidMappings = confine.Mappings(ids.UIDs), confine.Mappings(ids.GIDs)
	attr.GidMappingsEnableSetgroups = !ids.Denied()
	attr.Credential = &syscall.Credential{NoSetGroups: ids.Denied()}
	attr.AmbientCaps = nil
}

// inNetwork calls start in the network namespace that the kernel process is to
// have. The thread is given up afterwards.
func (c *Container) inNetwork(start func() error) error {
	if c.Network == "" {
		return start()
	}
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		done <- func() error {
			fd, err := unix.Open(c.Network, unix.O_RDONLY|unix.O_CLOEXEC, 0)
			if err == nil {
				err = unix.Setns(fd, unix.CLONE_NEWNET)
				unix.Close(fd)
			}
			if err != nil {
				return fmt.Errorf("network namespace %s: %w", c.Network, err)
			}
			return start()
		}()
	}()
	return <-done
}

// SameFile tells whether two names lead to one file.
func SameFile(a, b string) bool {
	fa, err := os.Stat(a)
	if err != nil {
		return false
	}
	fb, err := os.Stat(b)
	return err == nil && os.SameFile(fa, fb)
}

// Pid is the kernel process's id on the host.
func (k *Kernel) Pid() int { return k.cmd.Process.Pid }

// Create tells the kernel process what to run, and returns when the container
// waits to be started.
func (k *Kernel) Create(d *boot.Description) error {
	d.FreshNetwork, d.JoinedNetwork = k.fresh, k.joined
	if k.ids == nil && !mapsIDs(d) || !capable(unix.CAP_SYS_ADMIN) {
		return k.tell(d)
	}
	// What the kernel process's root may not reach, or whose ids it may not map, its creator opens for it.
	taken, err := confine.Take(d)
	if err != nil {
		return err
	}
	files := taken.Files()
	defer func() {
		for _, f := range files {
			f.Close()
		}
	}()
	return k.tell(d, files...)
}

func mapsIDs(d *boot.Description) bool {
	return slices.ContainsFunc(d.Volumes, func(v boot.Volume) bool { return v.IDs != nil })
}

func (k *Kernel) tell(what any, files ...*os.File) error {
	if err := k.conn.Send(what, files...); err != nil {
		return fmt.Errorf("kernel process: %w", err)
	}
	var r control.Report
	if err := k.conn.Receive(&r); err != nil {
		return fmt.Errorf("the kernel process ended before the container was created (%w)", err)
	}
	if r.Error != "" {
		return &boot.Error{Status: int(r.Status), Text: r.Error}
	}
	return nil
}

// Kill ends the kernel process, and all that runs on it.
func (k *Kernel) Kill() {
	_ = k.cmd.Process.Kill()
	_ = k.cmd.Wait()
	k.conn.Close()
}

// Wait waits for the kernel process's end, and returns its exit status.
func (k *Kernel) Wait() int {
	_ = k.cmd.Wait()
	if w, ok := k.cmd.ProcessState.Sys().(syscall.WaitStatus); ok {
		return ExitStatus(uint32(w))
	}
	return StatusFailed
}
