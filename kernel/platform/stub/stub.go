// SPDX-License-Identifier: Apache-2.0

// Package stub runs application code in host processes: the platform of
// production. Each address space is a host process forked from one zygote; a
// small blob in it (blob/) hands system calls and faults to this package
// through slots of shared memory, and performs host system calls on its order.
//
// Nothing that a stub process writes is trusted: a slot's fields are read once
// and checked here.
//
// Lock order (outermost first):
//  1. space.fdMu: one message of descriptors and the operations that receive it
//  2. space.mu: slots and regions of one address space
//  3. thread.kickMu
//  4. Platform.mu: the table of processes
package stub

import (
	"fmt"
	"os"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/platform"
)

// KickSignal is the host signal that brings a stub thread in.
const KickSignal = 63

// Options of a platform. The zero Options are good.
type Options struct {
	// NoPatch leaves every system call site to its trap.
	NoPatch bool
	// Warm is how many address spaces are kept ready for exec; 0 means 2.
	Warm int
}

// Platform implements platform.Platform.
type Platform struct {
	opts   Options
	layout platform.Layout
	zygote *space
	zt     *thread // the zygote's only thread; zmu
	zmu    sync.Mutex
	tuning tuning

	waiters waiters

	warm  chan *warmSpace
	quit  chan struct{}
	wg    sync.WaitGroup
	epfd  int
	alive int // event descriptor that ends the watcher
	proc  int // the /proc of our own processes; -1: none

	mu     sync.Mutex
	spaces map[int]*space // by host pid, until reaped
	buried sync.Cond      // one was reaped; L is &mu
	closed bool
}

type warmSpace struct {
	sp *space
	th *thread
}

var _ platform.Platform = (*Platform)(nil)

// New starts the zygote. It must be called before the process loses /proc.
func New(opts Options) (*Platform, error) {
	if opts.Warm == 0 {
		opts.Warm = 2
	}
	p := &Platform{opts: opts, quit: make(chan struct{}), spaces: map[int]*space{},
		warm: make(chan *warmSpace, opts.Warm), proc: procDir()}
	p.buried.L = &p.mu
	p.tuning.init(runtime.NumCPU())
	allowNiceBack()
	if err := p.startWatcher(); err != nil {
		return nil, err
	}
	if err := p.startZygote(); err != nil {
		p.Close()
		return nil, fmt.Errorf("starting the stub zygote: %w", err)
	}
	p.wg.Add(1)
	go p.keepWarm()
	return p, nil
}

// Layout implements platform.Platform.
func (p *Platform) Layout() platform.Layout { return p.layout }

// keepWarm has address spaces ready before they are asked for: exec finds its
// new process waiting.
func (p *Platform) keepWarm() {
	defer p.wg.Done()
	for {
		sp, th, err := p.fromZygote()
		if err != nil {
			// NewAddressSpace meets the error itself, and reports it.
			select {
			case <-p.quit:
				return
			case p.warm <- nil:
				continue
			}
		}
		select {
		case <-p.quit:
			sp.Kill()
			th.Exit()
			return
		case p.warm <- &warmSpace{sp, th}:
		}
	}
}

// NewAddressSpace implements platform.Platform.
func (p *Platform) NewAddressSpace() (platform.AddressSpace, platform.Thread, error) {
	select {
	case w := <-p.warm:
		if w != nil && !w.sp.dead.Load() {
			return w.sp, w.th, nil
		}
	case <-p.quit:
		return nil, nil, unix.ESRCH
	}
	sp, th, err := p.fromZygote()
	if err != nil {
		return nil, nil, err
	}
	return sp, th, nil
}

// fromZygote forks the zygote, with a pool of its own.
func (p *Platform) fromZygote() (*space, *thread, error) {
	pool, err := newPool()
	if err != nil {
		return nil, nil, err
	}
	p.zmu.Lock()
	defer p.zmu.Unlock()
	sp, th, err := p.zt.fork(pool)
	if err != nil {
		pool.unref()
	}
	return sp, th, err
}

// Close implements platform.Platform.
func (p *Platform) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	p.closed = true
	spaces := make([]*space, 0, len(p.spaces))
	for _, sp := range p.spaces {
		spaces = append(spaces, sp)
	}
	p.mu.Unlock()
	close(p.quit)
	for _, sp := range spaces {
		sp.Kill()
	}
	select {
	case w := <-p.warm: // lets keepWarm see the end
		if w != nil {
			w.sp.Kill()
		}
	default:
	}
	p.stopWatcher()
	p.wg.Wait()
	if p.proc >= 0 {
		unix.Close(p.proc)
	}
	return nil
}

// startZygote executes the blob with its socket, region and pool, and waits
// for its hello.
func (p *Platform) startZygote() error {
	sp, err := newSpace(p)
	if err != nil {
		return err
	}
	if sp.pool, err = newPool(); err != nil {
		return err
	}
	reg, childSock, err := sp.equip(0)
	if err != nil {
		return err
	}
	defer unix.Close(childSock)
	filter := filterProgram()
	window := reg.slot(0).window()
	*(*uint16)(ptr(&window[0])) = uint16(len(filter))
	for i, ins := range filter {
		*(*unix.SockFilter)(ptr(&window[16+8*i])) = ins
	}
	th := sp.newThread(0)
	th.slot.State = StateRun
	pid, err := p.execBlob(childSock, reg.fd, sp.pool.fd)
	if err != nil {
		return err
	}
	if err := p.adopt(sp, pid); err != nil {
		return err
	}
	th.tid = pid
	th.hello = true
	p.zygote, p.zt = sp, th
	if err := th.ready(); err != nil {
		return fmt.Errorf("no hello: %w", err)
	}
	return p.tidyZygote(pid)
}

// execBlob starts the blob in a goroutine that keeps its thread: the death
// signal of the stub processes is that of their parent's thread.
func (p *Platform) execBlob(fds ...int) (int, error) {
	exe, err := unix.MemfdCreate("ditto-stub", unix.MFD_CLOEXEC)
	if err != nil {
		return 0, err
	}
	defer unix.Close(exe)
	if _, err := unix.Write(exe, blob); err != nil {
		return 0, err
	}
	type result struct {
		pid int
		err error
	}
	started := make(chan result)
	p.wg.Add(1)
	go func() {
		defer p.wg.Done()
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		old, _, _ := unix.Syscall(unix.SYS_PERSONALITY, 0xffffffff, 0, 0)
		const addrNoRandomize = 0x0040000
		unix.Syscall(unix.SYS_PERSONALITY, old|addrNoRandomize, 0, 0)
		files := []uintptr{devNull(), devNull(), devNull()}
		for _, fd := range fds {
			files = append(files, uintptr(fd))
		}
		pid, err := forkExec(fmt.Sprintf("/proc/self/fd/%d", exe), files)
		unix.Syscall(unix.SYS_PERSONALITY, old, 0, 0)
		for _, fd := range files[:3] {
			unix.Close(int(fd))
		}
		started <- result{pid, err}
		<-p.quit
	}()
	r := <-started
	return r.pid, r.err
}

func devNull() uintptr {
	fd, err := unix.Open(os.DevNull, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		panic(err)
	}
	return uintptr(fd)
}
