// SPDX-License-Identifier: Apache-2.0

// Package setns tests setns from Go: a parent maps the ids of its child's user namespace, and another process joins it.
package setns

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("ids_mapped_by_the_parent", "root", mappedByTheParent)
	harness.Case("threads_apart", "root cap:21", threadsApart)
	harness.Child("setns.ids", func([]string) int {
		fmt.Println(os.Getuid(), os.Getgid(), os.Geteuid(), os.Getegid())
		for _, f := range []string{"uid_map", "gid_map", "setgroups"} {
			b, _ := os.ReadFile("/proc/self/" + f)
			fmt.Print(f, ": ", string(b))
		}
		var st unix.Stat_t
		if unix.Stat("/", &st) == nil {
			fmt.Println("/:", st.Uid, st.Gid)
		}
		name, _ := os.Hostname()
		fmt.Println(name)
		return 0
	})
	harness.Child("setns.stay", func([]string) int {
		if unix.Sethostname([]byte("inside")) != nil {
			return 1
		}
		fmt.Println("ready")
		_, _ = os.Stdin.Read(make([]byte, 1))
		return 0
	})
}

func mappedByTheParent(t *harness.T) {
	ids := func(triples ...int) (list []syscall.SysProcIDMap) {
		for i := 0; i < len(triples); i += 3 {
			list = append(list, syscall.SysProcIDMap{ContainerID: triples[i], HostID: triples[i+1], Size: triples[i+2]})
		}
		return list
	}
	for _, c := range []struct {
		name   string
		uids   []syscall.SysProcIDMap
		gids   []syscall.SysProcIDMap
		groups bool
	}{
		{"root as root", ids(0, 0, 1), ids(0, 0, 1), false},
		{"root as 5", ids(5, 0, 1), ids(6, 0, 1), false},
		{"many", ids(0, 0, 1000, 5000, 70000, 10), ids(0, 0, 1000), true},
		{"not the caller's own", ids(0, 1000, 1), ids(0, 1000, 1), true},
		{"overlapping", ids(0, 0, 2, 1, 5, 1), ids(0, 0, 1), false},
	} {
		cmd := harness.Command("setns.ids")
		var out bytes.Buffer
		cmd.Stdout = &out
		cmd.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWUTS, UidMappings: c.uids, GidMappings: c.gids, GidMappingsEnableSetgroups: c.groups,
		}
		err := cmd.Run()
		host, _ := os.Hostname()
		t.Observe(c.name, "%s %s", errno(err), strings.ReplaceAll(out.String(), host, "HOST"))
	}
}

// errno is why a command did not run.
func errno(err error) string {
	if e, ok := err.(*os.PathError); ok {
		return e.Err.Error()
	}
	if err != nil {
		return err.Error()
	}
	return "ok"
}

func threadsApart(t *harness.T) {
	stay := harness.Command("setns.stay")
	stay.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUTS}
	in, err := stay.StdinPipe()
	t.Must("pipe", err)
	out, err := stay.StdoutPipe()
	t.Must("pipe", err)
	t.Must("start", stay.Start())
	_, err = out.Read(make([]byte, 16))
	t.Must("ready", err)
	before, err := os.Hostname()
	t.Must("hostname", err)
	type seen struct {
		name string
		err  error
	}
	inside := make(chan seen)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with its goroutine
		fd, err := unix.Open(fmt.Sprintf("/proc/%d/ns/uts", stay.Process.Pid), unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err == nil {
			err = unix.Setns(fd, unix.CLONE_NEWUTS)
		}
		name, _ := os.Hostname()
		inside <- seen{name, err}
	}()
	s := <-inside
	t.Must("setns", s.err)
	t.Equal("host name in the namespace", s.name, "inside")
	after, err := os.Hostname()
	t.Must("hostname", err)
	t.Equal("host name outside", after, before)
	in.Close()
	t.Observe("child", "%s", end(stay))
}

func end(cmd *exec.Cmd) string { return errno(cmd.Wait()) }
