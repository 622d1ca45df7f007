// SPDX-License-Identifier: Apache-2.0

package anon

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/ktime"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

func readWord(f *vfs.File, size int) (uint64, error) {
	p := make([]byte, max(size, 8))
	b := user.KernelBuf(p[:size])
	_, err := f.Read(vfstest.Root(), &b)
	return binary.LittleEndian.Uint64(p), err
}

func writeWord(f *vfs.File, v uint64, size int) (int, error) {
	p := binary.LittleEndian.AppendUint64(nil, v)
	b := user.KernelBuf(p[:size])
	return f.Write(vfstest.Root(), &b)
}

func TestEventfdAnswersAsTheHosts(t *testing.T) {
	values := []uint64{0, 1, 2, 1<<64 - 3, 1<<64 - 2, 1<<64 - 1}
	for _, flags := range []int{0, unix.EFD_SEMAPHORE} {
		for seed := range uint64(50) {
			rng := rand.New(rand.NewPCG(seed, 1))
			ours := NewEventfd(2, uint32(flags)|unix.EFD_NONBLOCK)
			fd, err := unix.Eventfd(2, flags|unix.EFD_NONBLOCK)
			assert.NilError(t, err)
			for range 30 {
				size := []int{8, 8, 8, 7}[rng.IntN(4)]
				if rng.IntN(2) == 0 {
					v := values[rng.IntN(len(values))]
					n, err := writeWord(ours, v, size)
					m, herr := unix.Write(fd, binary.LittleEndian.AppendUint64(nil, v)[:size])
					assert.Equal(t, fmt.Sprint(n, err), fmt.Sprint(max(m, 0), herr))
				} else {
					p := make([]byte, 8)
					v, err := readWord(ours, size)
					_, herr := unix.Read(fd, p[:size])
					assert.Equal(t, fmt.Sprint(err), fmt.Sprint(herr))
					if err == nil {
						assert.Equal(t, v, binary.LittleEndian.Uint64(p))
					}
				}
				pfd := []unix.PollFd{{Fd: int32(fd), Events: 0x7ff}}
				_, err := unix.Poll(pfd, 0)
				assert.NilError(t, err)
				assert.Equal(t, ours.Ops.Poll(ours), wait.Mask(uint16(pfd[0].Revents)))
			}
			unix.Close(fd)
		}
	}
}

func TestTimerfdGoesOff(t *testing.T) {
	f := NewTimerfd(unix.CLOCK_MONOTONIC, 0)
	defer f.DecRef()
	tfd := f.Ops.(*Timerfd)
	tfd.Set(0, 1, 0)
	n, err := readWord(f, 8)
	assert.NilError(t, err)
	assert.Equal(t, n, uint64(1))
	assert.Equal(t, f.Ops.Poll(f), wait.Mask(0))
	left, _ := tfd.Get()
	assert.Equal(t, left, int64(0))
	_, err = readWord(f, 7)
	assert.Equal(t, err, error(unix.EINVAL))
}

func TestTimerfdWithAnAbsoluteTimeInThePast(t *testing.T) {
	f := NewTimerfd(unix.CLOCK_REALTIME, unix.TFD_NONBLOCK)
	defer f.DecRef()
	tfd := f.Ops.(*Timerfd)
	const hour = 3600e9
	now := ktime.Host(unix.CLOCK_REALTIME).Now()
	tfd.Set(unix.TFD_TIMER_ABSTIME|unix.TFD_TIMER_CANCEL_ON_SET, now-2*hour-1, hour)
	assert.Equal(t, f.Ops.Poll(f), wait.In)
	n, err := readWord(f, 8)
	assert.NilError(t, err)
	assert.Equal(t, n, uint64(3))
	_, err = readWord(f, 8)
	assert.Equal(t, err, error(unix.EAGAIN))
}
