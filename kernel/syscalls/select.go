// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/poll"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// What counts as ready in each of the three sets of select(2): POLLIN_SET,
// POLLOUT_SET and POLLEX_SET.
var selectMasks = [3]wait.Mask{
	wait.RdNorm | wait.RdBand | wait.In | wait.Hup | wait.Err | wait.Nval,
	wait.WrBand | wait.WrNorm | wait.Out | wait.Err | wait.Nval,
	wait.Pri | wait.Nval,
}

// fdSets are the three sets, in words of 64 descriptors; nil for a null pointer.
type fdSets [3][]uint64

func (s *fdSets) has(set, fd int) bool {
	return s[set] != nil && s[set][fd/64]>>(fd%64)&1 != 0
}

// get reads the sets for n descriptors.
func (s *fdSets) get(t *task.Task, addrs [3]user.Addr, n int) error {
	words := (n + 63) / 64
	for i, a := range addrs {
		if a == 0 {
			continue
		}
		raw := make([]byte, words*8)
		if _, err := t.Memory().CopyIn(a, raw); err != nil {
			return err
		}
		s[i] = make([]uint64, words)
		for w := range s[i] {
			s[i][w] = binary.LittleEndian.Uint64(raw[w*8:])
		}
	}
	return nil
}

func (s *fdSets) put(t *task.Task, addrs [3]user.Addr) error {
	for i, a := range addrs {
		if a == 0 {
			continue
		}
		var raw []byte
		for _, w := range s[i] {
			raw = binary.LittleEndian.AppendUint64(raw, w)
		}
		if _, err := t.Memory().CopyOut(a, raw); err != nil {
			return err
		}
	}
	return nil
}

// items are the files that the sets name, and their descriptors: EBADF. One of
// O_PATH can't be polled and is ready for everything (EPOLLNVAL).
func (s *fdSets) items(t *task.Task, n int) (items []poll.Item, fds []int, err error) {
	for w := range (n + 63) / 64 {
		any := uint64(0)
		for i := range s {
			if s[i] != nil {
				any |= s[i][w]
			}
		}
		if rest := n - w*64; rest < 64 {
			any &= 1<<rest - 1
		}
		for ; any != 0; any &= any - 1 {
			fd := w*64 + bits.TrailingZeros64(any)
			it := poll.Item{Exact: true}
			f, err := t.Files().Get(vfs.FD(fd))
			if err == nil {
				it.File = f
			} else if f, err = t.Files().GetPath(vfs.FD(fd)); err == nil {
				f.DecRef()
				it.Got = wait.Nval
			} else {
				return items, fds, err
			}
			for i := range s {
				if s.has(i, fd) {
					it.Want |= selectMasks[i]
				}
			}
			items, fds = append(items, it), append(fds, fd)
		}
	}
	return items, fds, nil
}

// doSelect is select(2) but for timeouts and masks.
func doSelect(t *task.Task, n int32, addrs [3]user.Addr, o timeout) (int, error) {
	if n < 0 {
		return 0, unix.EINVAL
	}
	size := min(int(n), t.Files().Size())
	var in fdSets
	if err := in.get(t, addrs, size); err != nil {
		return 0, err
	}
	items, fds, err := in.items(t, size)
	defer dropItems(items)
	if err != nil {
		return 0, err
	}
	unpolled := slices.ContainsFunc(items, func(it poll.Item) bool { return it.File == nil })
	_, err = poll.Wait(t, items, o.deadline, !o.poll && !unpolled)
	var out fdSets
	for i := range in {
		out[i] = make([]uint64, len(in[i]))
	}
	ready := 0
	for k := range items {
		for i := range in {
			if in.has(i, fds[k]) && items[k].Got&selectMasks[i] != 0 {
				out[i][fds[k]/64] |= 1 << (fds[k] % 64)
				ready++
			}
		}
	}
	if ready == 0 && err != nil {
		return 0, err
	}
	return ready, out.put(t, addrs)
}

//ditto:syscall select full
func select_(t *task.Task, n int32, inp, outp, exp, tvp user.Addr) (int, error) {
	o := forever
	if tvp != 0 {
		var tv unix.Timeval
		if err := get(t, tvp, &tv); err != nil {
			return 0, err
		}
		ts := unix.Timespec{Sec: tv.Sec + tv.Usec/1e6, Nsec: tv.Usec % 1e6 * 1000}
		if !validTimespec(ts) {
			return 0, unix.EINVAL
		}
		o = after(duration(ts))
	}
	k, err := doSelect(t, n, [3]user.Addr{inp, outp, exp}, o)
	return finishTimed(t, k, err, o, func(d time.Duration) error {
		return put(t, tvp, unix.NsecToTimeval(int64(d)))
	})
}

//ditto:syscall pselect6 full
func pselect6(t *task.Task, n int32, inp, outp, exp, tsp, sig user.Addr) (int, error) {
	var mask struct{ Addr, Size uint64 }
	if sig != 0 {
		if err := get(t, sig, &mask); err != nil {
			return 0, err
		}
	}
	o, err := getTimeout(t, tsp)
	if err != nil {
		return 0, err
	}
	if err := swapMask(t, user.Addr(mask.Addr), mask.Size); err != nil {
		return 0, err
	}
	k, err := doSelect(t, n, [3]user.Addr{inp, outp, exp}, o)
	return finishTimed(t, k, err, o, func(d time.Duration) error {
		return putTimespec(t, tsp, d)
	})
}
