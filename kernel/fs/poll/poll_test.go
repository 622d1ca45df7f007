// SPDX-License-Identifier: Apache-2.0

package poll

import (
	"testing"
	"time"

	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/fs/pipe"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// sleeper tells when its caller sleeps.
type sleeper struct {
	*vfstest.Ctx
	slept chan struct{}
}

func (s sleeper) Sleep(deadline time.Time) error {
	s.slept <- struct{}{}
	return s.Ctx.Sleep(deadline)
}

func write(t *testing.T, f *vfs.File) {
	t.Helper()
	b := user.KernelBuf([]byte("x"))
	_, err := f.Write(vfstest.Root(), &b)
	assert.NilError(t, err)
}

func TestReadyAtOnce(t *testing.T) {
	r, w := pipe.New(cred.Root(), 0)
	items := []Item{{File: r, Want: wait.In}, {}, {File: w, Want: wait.Out}}
	n, err := Wait(vfstest.Root(), items, time.Time{}, true)
	assert.NilError(t, err)
	assert.Equal(t, n, 1)
	assert.Equal(t, items[0].Got, wait.Mask(0))
	assert.Equal(t, items[2].Got, wait.Out)
}

func TestWokenByAnyOfTheFiles(t *testing.T) {
	r1, _ := pipe.New(cred.Root(), 0)
	r2, w2 := pipe.New(cred.Root(), 0)
	s := sleeper{vfstest.Root(), make(chan struct{}, 9)}
	go func() {
		<-s.slept
		write(t, w2)
	}()
	items := []Item{{File: r1, Want: wait.In}, {File: r2, Want: wait.In}}
	n, err := Wait(s, items, time.Time{}, true)
	assert.NilError(t, err)
	assert.Equal(t, n, 1)
	assert.Equal(t, items[1].Got, wait.In)
	assert.Assert(t, r1.Ops.Queue(r1).Empty() && r2.Ops.Queue(r2).Empty())
}

func TestAHangUpIsReadyUnlessExact(t *testing.T) {
	r, w := pipe.New(cred.Root(), 0)
	w.DecRef()
	n, _ := Wait(vfstest.Root(), []Item{{File: r, Want: wait.Pri}}, time.Time{}, false)
	assert.Equal(t, n, 1)
	n, _ = Wait(vfstest.Root(), []Item{{File: r, Want: wait.Pri, Exact: true}}, time.Time{}, false)
	assert.Equal(t, n, 0)
}

func TestTheDeadlineAndSignalsEndIt(t *testing.T) {
	r, _ := pipe.New(cred.Root(), 0)
	ctx := vfstest.Root()
	n, err := Wait(ctx, []Item{{File: r, Want: wait.In}}, time.Now(), true)
	assert.NilError(t, err)
	assert.Equal(t, n, 0)
	ctx.Interrupt()
	_, err = Wait(ctx, []Item{{File: r, Want: wait.In}}, time.Time{}, true)
	assert.Equal(t, err, error(abi.ERESTARTSYS))
}
