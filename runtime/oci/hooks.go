// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	specs "github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/runtime/control"
)

// runHooks runs hooks in the runtime's namespaces, one after the other, with
// the container's state on standard input, until one fails. They end with this process: what one does for the engine after
// that has cleaned up stays for ever. Docker's, for one, has the daemon mount the container's network namespace.
func (c *Container) runHooks(kind string, hooks []specs.Hook) error {
	runtime.LockOSThread() // it is the thread's end that the host takes for this process's
	defer runtime.UnlockOSThread()
	return c.eachHook(kind, hooks, func(h *specs.Hook, state []byte) error { return runHook(h, state, c.Bundle, unix.SIGKILL) })
}

// runHooksBeside is runHooks for those that are programs of the host, in the
// namespaces that the container's process has there. Their mounts stay in them, and they end with the kernel
// process, whose pid namespace is one of them, and that with this process.
func (c *Container) runHooksBeside(kind string, hooks []specs.Hook) error {
	if len(hooks) == 0 {
		return nil
	}
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		err := enterNamespaces(c.Pid)
		if err == nil {
			err = c.eachHook(kind, hooks, func(h *specs.Hook, state []byte) error { return runHook(h, state, c.Bundle, 0) })
		}
		done <- err
	}()
	return <-done
}

// enterNamespaces moves the calling thread into the namespaces of a process.
func enterNamespaces(pid int) error {
	pidfd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return os.NewSyscallError("pidfd_open", err)
	}
	defer unix.Close(pidfd)
	// A thread that shares its root and working directory can't enter a mount namespace.
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return os.NewSyscallError("unshare", err)
	}
	kinds := unix.CLONE_NEWNS | unix.CLONE_NEWNET | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS | unix.CLONE_NEWPID
	if err := unix.Setns(pidfd, kinds); err != nil {
		return os.NewSyscallError("setns", err)
	}
	return os.NewSyscallError("mount slave", unix.Mount("", "/", "", unix.MS_REC|unix.MS_SLAVE, ""))
}

// runHooksInside is runHooks for those that are programs of the container, as
// processes like its own.
func (c *Container) runHooksInside(kind string, hooks []specs.Hook) error {
	return c.eachHook(kind, hooks, c.runHookInside)
}

func (c *Container) eachHook(kind string, hooks []specs.Hook, run func(h *specs.Hook, state []byte) error) error {
	if len(hooks) == 0 {
		return nil
	}
	state, err := json.Marshal(c.State())
	if err != nil {
		return err
	}
	for i, h := range hooks {
		if err := run(&h, state); err != nil {
			return fmt.Errorf("hooks.%s[%d] (%s): %w", kind, i, h.Path, err)
		}
	}
	return nil
}

// runHookInside runs one in the container. Its standard input is a file: a
// hook that does not read it shall not keep anyone from writing.
func (c *Container) runHookInside(h *specs.Hook, state []byte) error {
	p, _, err := NewProcess(c.Process)
	if err != nil {
		return err
	}
	p.Path, p.Args, p.Env, p.Terminal = h.Path, h.Args, h.Env, false
	if len(p.Args) == 0 {
		p.Args = []string{h.Path}
	}
	var stdio [3]*os.File
	if stdio[0], err = memory(state); err != nil {
		return err
	}
	defer stdio[0].Close()
	output, end, err := os.Pipe()
	if err != nil {
		return err
	}
	defer output.Close()
	stdio[1], stdio[2] = end, end
	conn, err := Exec(c.place(), p, stdio)
	end.Close()
	if err != nil {
		return err
	}
	defer conn.Close() // it dies with that
	var late atomic.Bool
	if h.Timeout != nil {
		timer := time.AfterFunc(time.Duration(*h.Timeout)*time.Second, func() { late.Store(true); conn.Close() })
		defer timer.Stop()
	}
	said := make(chan string, 1)
	go func() {
		b, _ := io.ReadAll(io.LimitReader(output, 64<<10))
		said <- strings.TrimSpace(string(b))
	}()
	var report control.Report
	err = conn.Receive(&report)
	switch status := syscall.WaitStatus(report.Status); {
	case late.Load():
		return fmt.Errorf("still running after %d s", *h.Timeout)
	case err != nil:
		return fmt.Errorf("kernel process: %w", err)
	case status.Signaled():
		err = fmt.Errorf("signal: %v", status.Signal())
	case status.ExitStatus() != 0:
		err = fmt.Errorf("exit status %d", status.ExitStatus())
	default:
		return nil
	}
	select {
	case text := <-said:
		if text != "" {
			err = fmt.Errorf("%w: %s", err, text)
		}
	case <-time.After(time.Second): // something that it left has its output open
	}
	return err
}

// memory is a file in memory, to be read from its beginning.
func memory(content []byte) (*os.File, error) {
	fd, err := unix.MemfdCreate("ditto-state", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	f := os.NewFile(uintptr(fd), "state")
	if _, err = f.Write(content); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// runHook runs one, which gets a signal, if there is one, when this thread ends.
func runHook(h *specs.Hook, state []byte, dir string, parentDeath syscall.Signal) error {
	ctx := context.Background()
	if h.Timeout != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(*h.Timeout)*time.Second)
		defer cancel()
	}
	cmd := exec.CommandContext(ctx, h.Path)
	if len(h.Args) > 0 {
		cmd.Args = h.Args
	}
	cmd.Env = append([]string{}, h.Env...)
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: parentDeath}
	cmd.Stdin = bytes.NewReader(state)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	err := cmd.Run()
	if ctx.Err() != nil {
		return fmt.Errorf("still running after %d s", *h.Timeout)
	}
	if text := strings.TrimSpace(output.String()); err != nil && text != "" {
		return fmt.Errorf("%w: %s", err, text)
	}
	return err
}
