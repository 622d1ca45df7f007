// SPDX-License-Identifier: Apache-2.0

package anon

import (
	"math"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/hostpoll"
	"github.com/ditto-kernel/ditto/kernel/ktime"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

const both = unix.TFD_TIMER_ABSTIME | unix.TFD_TIMER_CANCEL_ON_SET

// Who asked for it is told that the clock was set, once, and sooner than the timer goes off.
func TestTheClockWasSet(t *testing.T) {
	p, err := hostpoll.New()
	assert.NilError(t, err)
	defer p.Close()
	Start(p)
	defer Start(nil)
	f := NewTimerfd(ktime.Host(unix.CLOCK_REALTIME), unix.TFD_NONBLOCK)
	tfd := f.Ops.(*Timerfd)
	_, _, err = tfd.Set(both, math.MaxInt64/2, 0)
	assert.NilError(t, err)
	assert.Assert(t, clockSet.reg != nil)
	told := 0
	e := wait.Entry{Func: func(wait.Mask) { told++ }, Mask: wait.In}
	tfd.Queue(f).Add(&e)
	_, err = readWord(f, 8)
	assert.Equal(t, err, unix.EAGAIN)

	clockSet.tell()
	assert.Equal(t, told, 1)
	assert.Equal(t, tfd.Poll(f), wait.In)
	_, err = readWord(f, 8)
	assert.Equal(t, err, unix.ECANCELED)
	assert.Equal(t, tfd.Poll(f), wait.Mask(0))
	_, err = readWord(f, 8)
	assert.Equal(t, err, unix.EAGAIN)

	clockSet.tell()
	_, _, err = tfd.Set(both, math.MaxInt64/2, 0)
	assert.Equal(t, err, unix.ECANCELED)
	clockSet.tell()
	_, _, err = tfd.Set(unix.TFD_TIMER_ABSTIME, math.MaxInt64/2, 0) // not asked for any more
	assert.NilError(t, err)
	assert.Assert(t, clockSet.reg == nil)
	clockSet.tell()
	assert.Equal(t, told, 3)
	tfd.Queue(f).Remove(&e)
	f.DecRef()
}
