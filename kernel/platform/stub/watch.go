// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The death watch: one goroutine waits for the end of every stub process,
// reaps it, and tells the threads that wait for it.

func (p *Platform) startWatcher() (err error) {
	if p.epfd, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return err
	}
	if p.alive, err = unix.Eventfd(0, unix.EFD_CLOEXEC); err != nil {
		return err
	}
	ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: -1}
	if err := unix.EpollCtl(p.epfd, unix.EPOLL_CTL_ADD, p.alive, &ev); err != nil {
		return err
	}
	p.wg.Add(1)
	go p.watch()
	return nil
}

func (p *Platform) stopWatcher() {
	unix.Write(p.alive, []byte{1, 0, 0, 0, 0, 0, 0, 0})
}

// adopt takes the process pid, which a stub or the kernel says is a new child,
// for sp. A pid that is no child of ours is a lie of the stub's: ESRCH.
func (p *Platform) adopt(sp *space, pid int) error {
	pidfd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return unix.ESRCH
	}
	err = unix.Waitid(unix.P_PIDFD, pidfd, nil, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT|unix.WALL, nil)
	if err != nil {
		unix.Close(pidfd)
		return unix.ESRCH
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.spaces[pid] != nil {
		unix.Close(pidfd)
		return unix.ESRCH
	}
	sp.pid, sp.pidfd = pid, pidfd
	p.spaces[pid] = sp
	ev := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(pid)}
	return unix.EpollCtl(p.epfd, unix.EPOLL_CTL_ADD, pidfd, &ev)
}

func (p *Platform) watch() {
	defer p.wg.Done()
	events := make([]unix.EpollEvent, 16)
	stopping := false
	for {
		n, err := unix.EpollWait(p.epfd, events, -1)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			panic(fmt.Sprintf("stub: the death watch can't wait: %v", err))
		}
		for _, ev := range events[:n] {
			if ev.Fd < 0 {
				stopping = true
				unix.EpollCtl(p.epfd, unix.EPOLL_CTL_DEL, p.alive, nil)
				continue
			}
			p.bury(int(ev.Fd))
		}
		if stopping && p.nobodyLeft() {
			unix.Close(p.epfd)
			unix.Close(p.alive)
			return
		}
	}
}

func (p *Platform) nobodyLeft() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.spaces) == 0
}

// bury reaps a process that ended.
func (p *Platform) bury(pid int) {
	p.mu.Lock()
	sp := p.spaces[pid]
	delete(p.spaces, pid)
	p.buried.Broadcast()
	p.mu.Unlock()
	if sp == nil {
		return
	}
	sp.crashed.Store(crashed(sp.pidfd))
	sp.dead.Store(true)
	sp.wakeAll()
	sp.mu.Lock()
	defer sp.mu.Unlock()
	unix.Waitid(unix.P_PIDFD, sp.pidfd, nil, unix.WEXITED|unix.WALL, nil)
	unix.Close(sp.pidfd)
	sp.pidfd = -1
}

// crashed tells whether a process ended by a fault in the stub itself. The
// application brought it about, by an area of rseq(2) that the host can't make sense
// of: the host kills, or the stub's handler exits with a status for that (stub.c, on_fault).
func crashed(pidfd int) bool {
	const offset, faulted = 24, 139 // of si_status
	var info unix.Siginfo
	if unix.Waitid(unix.P_PIDFD, pidfd, &info, unix.WEXITED|unix.WNOWAIT|unix.WALL, nil) != nil {
		return false
	}
	status := *(*int32)(unsafe.Add(unsafe.Pointer(&info), offset))
	return status == int32(unix.SIGSEGV) || status == faulted
}

// dying tells whether the process is dead, or sure to be killed.
func (sp *space) dying() bool { return sp.dead.Load() || sp.leaving.Load() }

// Settle implements platform.Platform. A process whose death the host tells
// has given its memory back.
func (p *Platform) Settle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	var dying []int
	for pid, sp := range p.spaces {
		if sp.dying() {
			dying = append(dying, pid)
		}
	}
	for _, pid := range dying {
		for sp := p.spaces[pid]; sp != nil && sp.dying(); sp = p.spaces[pid] {
			p.buried.Wait()
		}
	}
}
