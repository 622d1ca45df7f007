// SPDX-License-Identifier: Apache-2.0

package pipe

import (
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/cred"
)

func TestDrainKeepsWhatWasNotTaken(t *testing.T) {
	r, w := New(cred.Root(), 0)
	task := newTask()
	_, err := write(task, w, []byte("hello world"))
	assert.NilError(t, err)
	n, err := Of(r).Drain(task, 100, false, func(p []byte) (int, error) { return 5, nil })
	assert.NilError(t, err)
	assert.Equal(t, n, 5)
	n, err = Of(r).Drain(task, 100, false, func(p []byte) (int, error) { return 0, unix.EIO })
	assert.Equal(t, err, error(unix.EIO))
	assert.Equal(t, n, 0)
	s, err := read(task, r, 100)
	assert.NilError(t, err)
	assert.Equal(t, s, " world")
}

func TestDrainOfAnEmptyPipe(t *testing.T) {
	r, w := New(cred.Root(), 0)
	none := func([]byte) (int, error) { t.Error("called"); return 0, nil }
	_, err := Of(r).Drain(newTask(), 1, true, none)
	assert.Equal(t, err, error(unix.EAGAIN))
	w.DecRef()
	n, err := Of(r).Drain(newTask(), 1, false, none)
	assert.NilError(t, err)
	assert.Equal(t, n, 0)
}

func TestAReaderWaitsForADrain(t *testing.T) {
	r, w := New(cred.Root(), 0)
	task, other := newTask(), newTask()
	other.slept = make(chan struct{}, 9)
	_, err := write(task, w, []byte("abcdef"))
	assert.NilError(t, err)
	got := make(chan string)
	_, err = Of(r).Drain(task, 100, false, func(p []byte) (int, error) {
		go func() {
			s, _ := read(other, r, 100)
			got <- s
		}()
		<-other.slept
		return 3, nil
	})
	assert.NilError(t, err)
	assert.Equal(t, <-got, "def")
}

func TestTeeLeavesTheBytes(t *testing.T) {
	r, w := New(cred.Root(), 0)
	r2, w2 := New(cred.Root(), 0)
	task := newTask()
	data := make([]byte, 10000)
	for i := range data {
		data[i] = byte(i * 7)
	}
	_, err := write(task, w, data)
	assert.NilError(t, err)
	n, err := Tee(task, Of(r), Of(w2), 9000, false)
	assert.NilError(t, err)
	assert.Equal(t, n, 9000)
	s, err := read(task, r2, 20000)
	assert.NilError(t, err)
	assert.Equal(t, s, string(data[:9000]))
	s, err = read(task, r, 20000)
	assert.NilError(t, err)
	assert.Equal(t, s, string(data))
}

func TestSpaceWithoutReaders(t *testing.T) {
	r, w := New(cred.Root(), 0)
	task := newTask()
	n, err := Of(w).Space(task, true)
	assert.NilError(t, err)
	assert.Equal(t, n, 65536)
	_, err = write(task, w, make([]byte, 65536))
	assert.NilError(t, err)
	_, err = Of(w).Space(task, true)
	assert.Equal(t, err, error(unix.EAGAIN))
	r.DecRef()
	_, err = Of(w).Space(task, true)
	assert.Equal(t, err, error(unix.EPIPE))
	assert.DeepEqual(t, task.raised, []int{int(unix.SIGPIPE)})
}
