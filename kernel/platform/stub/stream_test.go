// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/platform"
)

// streamRoom is memory for what the tests write; behind it is none.
const streamRoom = 0x40000

// launchStream is a thread in a call, with streamRoom bytes at the address.
func launchStream(t testing.TB) (platform.Thread, uint64) {
	th := launch(t, newPlatform(t), loop(cat(call(39), b(0x48, 0x89, 0xc7))))
	const at = 0x30_0000
	mapAt(t, th, at, streamRoom, unix.PROT_READ|unix.PROT_WRITE)
	next(t, th, platform.EventSyscall)
	return th, at
}

// source fills pieces with bytes that say where they are, up to its length, and then ends with an error or without.
type source struct {
	at, length int
	err        error
}

func (s *source) fill(p []byte) (int, error) {
	n := min(len(p), s.length-s.at)
	if n == 0 {
		return 0, s.err
	}
	copy(p, pattern(s.at, n))
	s.at += n
	return n, nil
}

func pattern(from, n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte((from + i) * 31 >> 3)
	}
	return p
}

func TestWriteMemoryFrom(t *testing.T) {
	th, at := launchStream(t)
	for _, tt := range []struct {
		name            string
		skip, n, length int
		err             error
		want            int
		wantErr         error
	}{
		{"nothing", 0, 100, 0, nil, 0, nil},
		{"a byte", 0, 1, 1, nil, 1, nil},
		{"what goes with the reply", 0, InlineSize, 100, nil, InlineSize, nil},
		{"a byte more", 0, InlineSize + 1, 100, nil, InlineSize + 1, nil},
		{"a page", 5, 4096, 5000, nil, 4096, nil},
		{"one piece", 0, pieceSize, 100_000, nil, pieceSize, nil},
		{"two pieces", 0, pieceSize + 1, 100_000, nil, pieceSize + 1, nil},
		{"many pieces", 3, streamRoom - 3, streamRoom, nil, streamRoom - 3, nil},
		{"the source ends in the first", 0, 200_000, 10_000, nil, 10_000, nil},
		{"the source ends in the third", 0, 200_000, 2*pieceSize + 7, nil, 2*pieceSize + 7, nil},
		{"the source ends between two", 0, 200_000, 3 * pieceSize, nil, 3 * pieceSize, nil},
		{"the source fails at once", 0, 200_000, 0, unix.EIO, 0, unix.EIO},
		{"the source fails later", 0, 200_000, 3 * pieceSize, unix.EIO, 3 * pieceSize, nil},
		{"the memory ends in the second", streamRoom - pieceSize - 9, 200_000, 200_000, nil, pieceSize + 9, nil},
		{"the memory ends between two", streamRoom - 2*pieceSize, 200_000, 200_000, nil, 2 * pieceSize, nil},
		{"there is no memory", streamRoom, 200_000, 200_000, nil, 0, unix.EFAULT},
		{"the stub's memory", RegionBase - 0x30_0000, 200_000, 200_000, nil, 0, unix.EFAULT},
	} {
		for _, asleep := range []bool{false, true} { // so that the host moves what it can
			for asleep && atomic.LoadUint32(&th.(*thread).slot.StubSleeps) == 0 {
				runtime.Gosched()
			}
			n, err := th.WriteMemoryFrom(at+uint64(tt.skip), tt.n, false, (&source{length: tt.length, err: tt.err}).fill)
			assert.Equal(t, n, tt.want, tt.name)
			assert.Equal(t, err, tt.wantErr, tt.name)
			checkMemory(t, th, at+uint64(tt.skip), tt.want)
		}
	}
	th.Exit()
}

// checkMemory looks for what a source has filled in, and takes it away.
func checkMemory(t *testing.T, th platform.Thread, addr uint64, n int) {
	t.Helper()
	got := make([]byte, n)
	_, err := th.ReadMemory(addr, got)
	assert.NilError(t, err)
	assert.Assert(t, string(got) == string(pattern(0, n)))
	_, err = th.WriteMemory(addr, make([]byte, n))
	assert.NilError(t, err)
}

// The last piece is written when the thread goes on, or when somebody looks before.
func TestWriteMemoryFromLast(t *testing.T) {
	th, at := launchStream(t)
	for _, n := range []int{1, InlineSize, 100, 4096, pieceSize, 50_000, streamRoom} {
		for _, goesOn := range []bool{false, true} {
			got, err := th.WriteMemoryFrom(at, n, true, (&source{length: n}).fill)
			assert.NilError(t, err)
			assert.Equal(t, got, n)
			if goesOn {
				next(t, th, platform.EventSyscall)
			}
			checkMemory(t, th, at, n)
		}
	}
	// A fault that comes that late makes a short count of the result, or EFAULT if nothing got there.
	for _, tt := range []struct {
		room, want uint64
	}{{100, 100}, {0, uint64(0xffff_ffff_ffff_fff2)}} {
		_, err := th.WriteMemoryFrom(at+streamRoom-tt.room, 5000, true, (&source{length: 5000}).fill)
		assert.NilError(t, err)
		th.SetResult(5000)
		next(t, th, platform.EventSyscall)
		assert.Equal(t, th.Regs().Rdi, tt.want)
	}
	th.Exit()
}

func TestReadMemoryTo(t *testing.T) {
	th, at := launchStream(t)
	_, err := th.WriteMemory(at, pattern(0, streamRoom))
	assert.NilError(t, err)
	for _, tt := range []struct {
		name          string
		skip, n, room int // room is what the drain takes, before it ends with err
		err           error
		want          int
		wantErr       error
	}{
		{"a byte", 3, 1, streamRoom, nil, 1, nil},
		{"one piece", 1, pieceSize, streamRoom, nil, pieceSize, nil},
		{"two pieces", 1, pieceSize + 1, streamRoom, nil, pieceSize + 1, nil},
		{"all there is", 0, streamRoom, streamRoom, nil, streamRoom, nil},
		{"the drain takes nothing", 0, streamRoom, 0, unix.ENOSPC, 0, unix.ENOSPC},
		{"the drain takes some", 0, streamRoom, 100, unix.ENOSPC, 100, nil},
		{"the drain takes a piece", 0, streamRoom, pieceSize, unix.ENOSPC, pieceSize, nil},
		{"the drain takes less in the second", 0, streamRoom, pieceSize + 1, nil, pieceSize + 1, nil},
		{"the memory ends in the first", streamRoom - 9, 200_000, streamRoom, nil, 9, nil},
		{"the memory ends in the second", streamRoom - pieceSize - 9, 200_000, streamRoom, nil, pieceSize + 9, nil},
		{"the memory ends between two", streamRoom - 2*pieceSize, 200_000, streamRoom, nil, 2 * pieceSize, nil},
		{"there is no memory", streamRoom, 200_000, streamRoom, nil, 0, unix.EFAULT},
		{"the stub's memory", RegionBase - 0x30_0000, 200_000, streamRoom, nil, 0, unix.EFAULT},
	} {
		for _, asleep := range []bool{false, true} { // so that the host moves what it can
			for asleep && atomic.LoadUint32(&th.(*thread).slot.StubSleeps) == 0 {
				runtime.Gosched()
			}
			var got []byte
			n, err := th.ReadMemoryTo(at+uint64(tt.skip), tt.n, func(p []byte) (int, error) {
				took := min(len(p), tt.room-len(got))
				if got = append(got, p[:took]...); took < len(p) {
					return took, tt.err
				}
				return took, nil
			})
			assert.Equal(t, n, tt.want, tt.name)
			assert.Equal(t, err, tt.wantErr, tt.name)
			assert.Assert(t, string(got) == string(pattern(tt.skip, tt.want)), tt.name)
		}
	}
	th.Exit()
}

// What came with the call is given away as it is.
func TestReadMemoryToOfWhatWasCaptured(t *testing.T) {
	th := launch(t, newPlatform(t), loop(call(unix.SYS_WRITE)))
	_, err := th.WriteMemory(dataAt, pattern(0, 0x4000))
	assert.NilError(t, err)
	r := th.Regs()
	r.Rsi, r.Rdx = dataAt, 0x3000
	th.RegsChanged()
	next(t, th, platform.EventSyscall)
	assert.Equal(t, th.Captured(dataAt, make([]byte, 0x4000)), 0x3000)
	for _, n := range []int{0x3000, 0x4000} { // and of more, all is fetched
		var got []byte
		_, err := th.ReadMemoryTo(dataAt, n, func(p []byte) (int, error) {
			got = append(got, p...)
			return len(p), nil
		})
		assert.NilError(t, err)
		assert.Assert(t, string(got) == string(pattern(0, n)))
	}
	th.Exit()
}

// A process that dies while data are on their way to it is a fault like another.
func TestWriteMemoryFromToTheDead(t *testing.T) {
	th, at := launchStream(t)
	s := &source{length: streamRoom}
	n, err := th.WriteMemoryFrom(at, streamRoom, false, func(p []byte) (int, error) {
		th.AddressSpace().Kill()
		return s.fill(p)
	})
	assert.Equal(t, err, unix.EFAULT)
	assert.Equal(t, n, 0)
	th.Exit()
}

func BenchmarkWriteMemoryFrom(b *testing.B) {
	for _, n := range []int{1, 4096, streamRoom} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			th, at := launchStream(b)
			fill := func(p []byte) (int, error) { return len(p), nil }
			b.ReportAllocs()
			b.SetBytes(int64(n))
			var ev platform.Event
			for b.Loop() {
				th.WriteMemoryFrom(at, n, true, fill)
				th.SetResult(uint64(n))
				th.Run(&ev, never)
			}
			th.Exit()
		})
	}
}
