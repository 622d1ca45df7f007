// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

//ditto:syscall getrandom full
func getrandom(t *task.Task, ubuf user.Bytes, flags uint32) (int, error) {
	const known = unix.GRND_NONBLOCK | unix.GRND_RANDOM | unix.GRND_INSECURE
	if flags&^known != 0 || flags&(unix.GRND_RANDOM|unix.GRND_INSECURE) == unix.GRND_RANDOM|unix.GRND_INSECURE {
		return 0, unix.EINVAL
	}
	ubuf.Len = min(ubuf.Len, user.MaxRW) // of any length, as Linux takes it
	dst, err := user.NewBuf(t.Memory(), ubuf)
	if err != nil {
		return 0, err
	}
	var chunk [256]byte
	total := 0
	for dst.Len() > 0 {
		if total > 0 && total%abi.PageSize == 0 && t.SignalPending() {
			break
		}
		p := chunk[:min(len(chunk), dst.Len())]
		if _, err := unix.Getrandom(p, int(flags)&unix.GRND_NONBLOCK); err != nil {
			return total, err
		}
		n, err := dst.CopyOut(p)
		total += n
		if err != nil && total == 0 {
			return 0, err
		}
		if err != nil {
			break
		}
	}
	return total, nil
}
