// SPDX-License-Identifier: Apache-2.0

package task

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/platform/fake"
	"github.com/ditto-kernel/ditto/kernel/user"
)

const threadFlags = unix.CLONE_VM | unix.CLONE_THREAD | unix.CLONE_SIGHAND | unix.CLONE_FILES | unix.CLONE_FS

func spin(a *fake.App) {
	for {
		a.Spin()
	}
}

func TestStopAndContinue(t *testing.T) {
	w := newWorld(t)
	status := w.run(func(a *fake.App) {
		pid := w.fork(a, 0, spin)
		w.kill(a, pid, abi.SIGSTOP)
		got, err := w.waitPid(a, pid, unix.WUNTRACED)
		assert.Check(t, err == 0 && got.Status == 0x137f && got.Code == abi.CLD_STOPPED && got.Value() == abi.SIGSTOP, "%+v", got)
		got, _ = w.waitPid(a, pid, unix.WUNTRACED|unix.WNOHANG)
		assert.Check(t, got.Pid == 0, "a stop is told once")
		w.kill(a, pid, abi.SIGCONT)
		got, err = w.waitPid(a, pid, unix.WCONTINUED)
		assert.Check(t, err == 0 && got.Status == 0xffff && got.Code == abi.CLD_CONTINUED && got.Value() == abi.SIGCONT, "%+v", got)
		w.kill(a, pid, abi.SIGSTOP)
		_, _ = w.waitPid(a, pid, unix.WUNTRACED)
		w.kill(a, pid, abi.SIGKILL)
		got, err = w.waitPid(a, pid, unix.WEXITED)
		assert.Check(t, err == 0 && got.Status == 9 && got.Code == abi.CLD_KILLED, "a stopped process can be killed: %+v", got)
	})
	assert.Equal(t, status, int32(0))
}

func TestStopOfThreads(t *testing.T) {
	w := newWorld(t)
	w.run(func(a *fake.App) {
		pid := w.fork(a, 0, func(c *fake.App) {
			for range 3 {
				w.fork(c, threadFlags, spin)
			}
			spin(c)
		})
		for range 5 {
			w.kill(a, pid, abi.SIGSTOP)
			got, err := w.waitPid(a, pid, unix.WUNTRACED)
			assert.Check(t, err == 0 && got.Code == abi.CLD_STOPPED)
			for _, th := range w.k.LookupGroup(pid).Threads() {
				th.group.sighand.mu.Lock()
				assert.Check(t, th.stopped)
				th.group.sighand.mu.Unlock()
			}
			w.kill(a, pid, abi.SIGCONT)
			_, err = w.waitPid(a, pid, unix.WCONTINUED)
			assert.Check(t, err == 0)
		}
		w.kill(a, pid, abi.SIGKILL)
		got, _ := w.waitPid(a, pid, unix.WEXITED)
		assert.Equal(t, got.Status, int32(9))
	})
}

func TestChildSignals(t *testing.T) {
	for _, c := range []struct {
		name     string
		act      SigAction
		child    func(w *world, a *fake.App)
		reaped   bool // by itself
		wantCode int32
	}{
		{"exit", SigAction{}, func(*world, *fake.App) {}, false, abi.CLD_EXITED},
		{"ignored SIGCHLD reaps", SigAction{Handler: SigIgn}, func(*world, *fake.App) {}, true, 0},
		{"SA_NOCLDWAIT reaps and tells", SigAction{Flags: SA_NOCLDWAIT}, func(*world, *fake.App) {}, true, abi.CLD_EXITED},
		{"killed", SigAction{}, func(w *world, a *fake.App) {
			w.do(a, func(t *Task) (uint64, error) { t.Raise(abi.SIGTERM); return 0, nil })
		}, false, abi.CLD_KILLED},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.run(func(a *fake.App) {
				w.do(a, func(t *Task) (uint64, error) {
					t.SetAction(abi.SIGCHLD, c.act)
					t.SetBlocked(SigBit(abi.SIGCHLD))
					return 0, nil
				})
				pid := w.fork(a, 0, func(a *fake.App) { c.child(w, a) })
				_, err := w.waitPid(a, pid, unix.WEXITED|unix.WNOWAIT)
				assert.Check(t, (err == unix.ECHILD) == c.reaped, "%v", err)
				var info abi.SigInfo
				got := false
				w.do(a, func(t *Task) (uint64, error) { got = t.DequeueSignal(SigBit(abi.SIGCHLD), &info); return 0, nil })
				assert.Check(t, got == (c.wantCode != 0))
				if got {
					assert.Check(t, info.Code == c.wantCode && info.Pid() == pid, "%+v", info)
				}
			})
			assert.Equal(t, w.k.TaskCount(), 1)
		})
	}
}

func TestWaitOptions(t *testing.T) {
	w := newWorld(t)
	w.run(func(a *fake.App) {
		_, err := w.waitPid(a, -1, unix.WEXITED|unix.WNOHANG)
		assert.Check(t, err == unix.ECHILD)
		pid := w.fork(a, 0, spin)
		got, err := w.waitPid(a, -1, unix.WEXITED|unix.WNOHANG)
		assert.Check(t, err == 0 && got.Pid == 0)
		_, err = w.waitPid(a, pid, unix.WEXITED|unix.WCLONE)
		assert.Check(t, err == unix.ECHILD, "it sends SIGCHLD")
		_, err = w.waitPid(a, pid+1, unix.WEXITED)
		assert.Check(t, err == unix.ECHILD)
		w.kill(a, pid, abi.SIGKILL)
		got, _ = w.waitPid(a, -1, unix.WEXITED|unix.WNOWAIT)
		assert.Equal(t, got.Pid, pid)
		_, err = w.waitPid(a, -1, unix.WUNTRACED)
		assert.Check(t, err == unix.ECHILD, "a zombie will not stop")
		got, _ = w.waitPid(a, -1, unix.WEXITED|unix.WALL)
		assert.Equal(t, got.Pid, pid)
	})
}

// TestOrphans: a process whose parent dies goes to the nearest subreaper, or
// to pid 1, which reaps it here by itself.
func TestOrphans(t *testing.T) {
	for _, subreaper := range []bool{false, true} {
		w := newWorld(t)
		w.run(func(a *fake.App) {
			w.do(a, func(t *Task) (uint64, error) { t.group.SetSubreaper(subreaper); return 0, nil })
			grandchild := make(chan int32, 1)
			pid := w.fork(a, 0, func(c *fake.App) {
				grandchild <- w.fork(c, 0, spin)
			})
			gc := <-grandchild
			_, err := w.waitPid(a, pid, unix.WEXITED)
			assert.Check(t, err == 0)
			want := int32(1)
			if subreaper {
				want = 2
			}
			assert.Equal(t, w.k.LookupGroup(gc).ParentID(), want)
			w.kill(a, gc, abi.SIGKILL)
			if subreaper {
				got, err := w.waitPid(a, gc, unix.WEXITED)
				assert.Check(t, err == 0 && got.Status == 9)
			}
			for w.k.TaskCount() > 2 {
				runtime.Gosched()
			}
		})
	}
}

func TestParentDeathSignal(t *testing.T) {
	w := newWorld(t)
	w.run(func(a *fake.App) {
		w.do(a, func(t *Task) (uint64, error) { t.group.SetSubreaper(true); return 0, nil })
		grandchild, ready := make(chan int32, 1), make(chan bool)
		pid := w.fork(a, 0, func(c *fake.App) {
			grandchild <- w.fork(c, 0, func(g *fake.App) {
				w.do(g, func(t *Task) (uint64, error) { t.SetParentDeathSignal(abi.SIGUSR2); return 0, nil })
				ready <- true
				spin(g)
			})
			<-ready
		})
		_, _ = w.waitPid(a, pid, unix.WEXITED)
		got, err := w.waitPid(a, <-grandchild, unix.WEXITED)
		assert.Check(t, err == 0 && got.Status == abi.SIGUSR2, "%+v", got)
	})
}

func TestExecEndsThreads(t *testing.T) {
	for _, leader := range []bool{true, false} {
		w := newWorld(t)
		var ids [2]int32
		status := w.run(func(a *fake.App) {
			exec := func(a *fake.App) {
				r := w.do(a, func(tk *Task) (uint64, error) {
					tk.SetAction(abi.SIGUSR1, SigAction{Handler: 0x123})
					tk.SetAction(abi.SIGUSR2, SigAction{Handler: SigIgn})
					return 0, tk.CommitExec(w.image(func(a *fake.App) {
						w.do(a, func(tk *Task) (uint64, error) {
							ids = [2]int32{tk.Pid(), tk.Group().ID()}
							assert.Check(t, len(tk.Group().Threads()) == 1)
							assert.Check(t, tk.Action(abi.SIGUSR1).Handler == SigDfl)
							assert.Check(t, tk.Action(abi.SIGUSR2).Handler == SigIgn)
							assert.Check(t, tk.IsLeader())
							return 0, nil
						})
						a.Syscall(unix.SYS_EXIT_GROUP, 3)
					}))
				})
				t.Errorf("exec returned %d", r)
			}
			for range 3 {
				w.fork(a, threadFlags, spin)
			}
			w.fork(a, threadFlags, func(c *fake.App) {
				w.do(c, func(t *Task) (uint64, error) { return 0, t.Pause() })
			})
			if leader {
				exec(a)
			}
			w.fork(a, threadFlags, exec)
			spin(a)
		})
		assert.Equal(t, status, int32(0x300))
		assert.Equal(t, ids, [2]int32{2, 2}, "the pid is the leader's")
		for w.p.Spaces() > 0 {
			runtime.Gosched() // the last thread ends behind its parent's back
		}
		assert.Equal(t, w.k.TaskCount(), 1)
	}
}

func TestLeaderExitsFirst(t *testing.T) {
	w := newWorld(t)
	status := w.run(func(a *fake.App) {
		release := make(chan bool)
		pid := w.fork(a, 0, func(c *fake.App) {
			w.fork(c, threadFlags, func(c *fake.App) {
				<-release
				c.Syscall(unix.SYS_EXIT, 4)
			})
			c.Syscall(unix.SYS_EXIT, 3)
		})
		for leader := w.k.Lookup(pid); !func() bool {
			w.k.mu.RLock()
			defer w.k.mu.RUnlock()
			return leader.dead
		}(); {
			runtime.Gosched()
		}
		got, err := w.waitPid(a, pid, unix.WEXITED|unix.WNOHANG)
		assert.Check(t, err == 0 && got.Pid == 0)
		close(release)
		got, err = w.waitPid(a, pid, unix.WEXITED)
		assert.Check(t, err == 0 && got.Status == 0x400, "the last thread's code: %+v", got)
	})
	assert.Equal(t, status, int32(0))
	assert.Equal(t, w.k.TaskCount(), 1)
}

func TestVfork(t *testing.T) {
	for _, exec := range []bool{false, true} {
		w := newWorld(t)
		w.run(func(a *fake.App) {
			order := make(chan string, 4)
			pid := w.fork(a, unix.CLONE_VM|unix.CLONE_VFORK, func(c *fake.App) {
				order <- "child"
				if exec {
					w.do(c, func(t *Task) (uint64, error) {
						return 0, t.CommitExec(w.image(spin))
					})
				}
			})
			order <- "parent"
			assert.Equal(t, <-order, "child")
			if exec {
				w.kill(a, pid, abi.SIGKILL)
			}
			_, err := w.waitPid(a, pid, unix.WEXITED)
			assert.Check(t, err == 0)
		})
	}
}

func TestVforkParentCanBeKilled(t *testing.T) {
	w := newWorld(t)
	started := make(chan bool)
	task, done := w.start(func(a *fake.App) {
		w.fork(a, unix.CLONE_VM|unix.CLONE_VFORK, func(c *fake.App) {
			started <- true
			spin(c)
		})
	})
	<-started
	parked(task)
	term := KernelInfo(abi.SIGCHLD)
	assert.NilError(t, task.Group().SendSignal(&term))
	kill := KernelInfo(abi.SIGKILL)
	assert.NilError(t, task.Group().SendSignal(&kill))
	assert.Equal(t, w.wait(done), int32(9))
}

func TestCloneFailures(t *testing.T) {
	w := newWorld(t)
	w.run(func(a *fake.App) {
		a.Child(spin)
		for _, c := range []struct {
			flags uint64
			want  unix.Errno
		}{
			{unix.CLONE_THREAD, unix.EINVAL},
			{unix.CLONE_SIGHAND, unix.EINVAL},
			{unix.CLONE_NEWNS | unix.CLONE_FS, unix.EINVAL},
			{unix.CLONE_NEWNS, unix.EINVAL},
		} {
			r := w.do(a, func(t *Task) (uint64, error) {
				pid, err := t.Clone(&CloneArgs{Flags: c.flags})
				return uint64(pid), err
			})
			assert.Check(t, fake.Errno(r) == c.want, "flags %#x: %v", c.flags, fake.Errno(r))
		}
		for _, flags := range []uint64{0, threadFlags} {
			r := w.do(a, func(t *Task) (uint64, error) {
				t.thread.(*fake.Thread).FailFork = unix.EAGAIN
				_, err := t.Clone(&CloneArgs{Flags: flags})
				return 0, err
			})
			assert.Check(t, fake.Errno(r) == unix.EAGAIN)
		}
		r := w.do(a, func(t *Task) (uint64, error) {
			t.SetCreds(cred.User(7, 7, nil))
			_ = t.group.ChangeLimit(unix.RLIMIT_NPROC, func(Limit) error { return nil }, Limit{1, 1})
			_, err := t.Clone(&CloneArgs{})
			return 0, err
		})
		assert.Check(t, fake.Errno(r) == unix.EAGAIN, "RLIMIT_NPROC")
	})
	assert.Equal(t, w.k.TaskCount(), 1)
}

func TestThreadIDs(t *testing.T) {
	w := newWorld(t)
	w.run(func(a *fake.App) {
		tids := a.Alloc(16)
		started := make(chan bool)
		a.Child(func(c *fake.App) {
			assert.Equal(t, uint64(c.Get32(tids+8)), uint64(3), "set before the child runs")
			started <- true
			c.Syscall(unix.SYS_EXIT, 0)
		})
		pid := w.do(a, func(t *Task) (uint64, error) {
			pid, err := t.Clone(&CloneArgs{
				Flags:     threadFlags | unix.CLONE_PARENT_SETTID | unix.CLONE_CHILD_SETTID | unix.CLONE_CHILD_CLEARTID,
				ParentTID: user.Addr(tids), ChildTID: user.Addr(tids + 8),
			})
			return uint64(pid), err
		})
		assert.Equal(t, uint64(a.Get32(tids)), pid)
		<-started
		for a.Get32(tids+8) != 0 {
			runtime.Gosched() // until it is cleared
		}
	})
}

func TestInitIsNotKilled(t *testing.T) {
	p := fake.New()
	w := &world{t: t, p: p, k: New(p)}
	w.k.Syscall = w.syscall
	done := make(chan int32, 1)
	w.k.InitExit = func(s int32) { done <- s }
	init := w.k.NewInit(First{Creds: cred.Root()}, false)
	assert.NilError(t, init.CommitExec(w.image(func(a *fake.App) {
		w.do(a, func(t *Task) (uint64, error) { t.Raise(abi.SIGTERM); return 0, nil })
		w.kill(a, 1, abi.SIGKILL)
		w.fork(a, 0, spin) // dies with init
		a.Syscall(unix.SYS_EXIT_GROUP, 6)
	})))
	init.Start()
	assert.Equal(t, w.wait(done), int32(0x600))
	for w.k.TaskCount() > 0 {
		runtime.Gosched()
	}
}
