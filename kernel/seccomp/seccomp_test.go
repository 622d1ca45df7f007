// SPDX-License-Identifier: Apache-2.0

package seccomp

import (
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/bpf"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// answers is a filter that always says the same.
func answers(t *testing.T, a Action, o Options) *Filter {
	t.Helper()
	p, err := bpf.NewSeccomp([]bpf.Insn{{Code: unix.BPF_RET | unix.BPF_K, K: uint32(a)}})
	assert.NilError(t, err)
	return NewFilter(p, o)
}

func chain(t *testing.T, actions ...Action) *Filter {
	t.Helper()
	var top *Filter
	for _, a := range actions {
		f := answers(t, a, Options{})
		f.Attach(top)
		top = f
	}
	return top
}

func TestTheWeightiestAnswerCounts(t *testing.T) {
	for _, c := range []struct {
		name    string
		actions []Action // the oldest first
		want    Action
	}{
		{"errno over allow", []Action{Errno | 1, Allow}, Errno | 1},
		{"the newest of equals", []Action{Errno | 1, Errno | 2}, Errno | 2},
		{"process over thread", []Action{KillThread, KillProcess}, KillProcess},
		{"trap over errno", []Action{Trap, Errno}, Trap},
		{"notification over trace", []Action{Trace, UserNotif}, UserNotif},
		{"log over allow", []Action{Log, Allow}, Log},
		{"unknown ones count", []Action{Allow, 0x10000}, 0x10000},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, f := chain(t, c.actions...).Run(&Data{})
			assert.Equal(t, got, c.want)
			assert.Assert(t, f != nil)
		})
	}
	got, f := chain(t, Allow, Allow).Run(&Data{})
	assert.Equal(t, got, Allow)
	assert.Assert(t, f == nil)
}

func TestExtends(t *testing.T) {
	old := chain(t, Allow, Log)
	young := answers(t, Allow, Options{})
	young.Attach(old)
	assert.Assert(t, young.Extends(nil) && young.Extends(old) && young.Extends(young))
	assert.Assert(t, !old.Extends(young) && !young.Extends(chain(t, Allow)))
	assert.Equal(t, young.Count(), 3)
}

type sleeper struct{ woken int }

func (s *sleeper) Wake() { s.woken++ }

func TestNotification(t *testing.T) {
	f := answers(t, UserNotif, Options{Listener: true, WaitKillable: true})
	f.Attach(nil)
	l, who := f.Listener(), &sleeper{}
	assert.Assert(t, l.Receive() == nil)
	n := l.Post(&Data{Nr: 7}, who)
	assert.Equal(t, l.Poll(false), wait.Readable)
	assert.Equal(t, l.Send(n.ID, Reply{}), unix.EINPROGRESS)
	assert.Assert(t, !l.Killable(n) && !l.Valid(n.ID))

	assert.Assert(t, l.Receive() == n)
	assert.Equal(t, l.Poll(false), wait.Writable)
	assert.Assert(t, l.Killable(n) && l.Valid(n.ID))
	assert.Equal(t, l.Send(n.ID+1, Reply{}), unix.ENOENT)
	assert.NilError(t, l.Send(n.ID, Reply{Val: 9}))
	assert.Equal(t, l.Send(n.ID, Reply{}), unix.EINPROGRESS)
	_, reply, done := l.Next(n)
	assert.Assert(t, done && reply.Val == 9 && who.woken > 0)
	l.Remove(n)
	assert.Equal(t, l.Poll(false), wait.Mask(0))
}

func TestAddFDs(t *testing.T) {
	f := answers(t, UserNotif, Options{Listener: true})
	f.Attach(nil)
	l, who, asker := f.Listener(), &sleeper{}, &sleeper{}
	n := l.Post(&Data{}, who)
	a, b := &AddFD{}, &AddFD{Send: true}
	assert.Equal(t, l.Add(n.ID, a, asker), unix.EINPROGRESS)
	l.Receive()
	assert.NilError(t, l.Add(n.ID, a, asker))
	assert.Equal(t, l.Add(n.ID, b, asker), unix.EBUSY)
	fd, _, _ := l.Next(n)
	assert.Assert(t, fd == a)
	l.Finish(n, a, 5, nil)
	ret, done, err := l.Added(a)
	assert.Assert(t, done && ret == 5 && err == nil && asker.woken == 1)

	assert.NilError(t, l.Add(n.ID, b, asker))
	fd, _, _ = l.Next(n)
	l.Finish(n, fd, 0, unix.EMFILE) // the call goes on waiting
	_, _, done = l.Next(n)
	assert.Assert(t, !done && l.Valid(n.ID))

	late := &AddFD{}
	assert.NilError(t, l.Add(n.ID, late, asker))
	l.Remove(n)
	_, done, err = l.Added(late)
	assert.Assert(t, done)
	assert.Equal(t, err, unix.ESRCH)
}

func TestTheEndOfEitherSide(t *testing.T) {
	f := answers(t, UserNotif, Options{Listener: true})
	f.Attach(nil)
	l := f.Listener()
	on := answers(t, Allow, Options{})
	on.Attach(f)
	f.Use() // a task that stays with f
	on.Drop()
	assert.Assert(t, !f.Orphaned())
	f.Drop()
	assert.Assert(t, f.Orphaned())
	assert.Equal(t, l.Poll(true), wait.Hup)

	n := l.Post(&Data{}, &sleeper{})
	assert.Assert(t, f.HasListener())
	l.Close()
	_, reply, done := l.Next(n)
	assert.Assert(t, done && reply.Error == -int32(unix.ENOSYS))
	assert.Assert(t, !f.HasListener() && l.Post(&Data{}, &sleeper{}) == nil)
}
