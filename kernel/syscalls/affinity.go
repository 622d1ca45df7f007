// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"cmp"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/arch"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// possible is one more than the highest processor that could ever be plugged
// in. It is read before the process can be shut off from /sys.
var possible = possibleCPUs()

func possibleCPUs() int {
	if b, err := os.ReadFile("/sys/devices/system/cpu/possible"); err == nil {
		list := strings.TrimSpace(string(b)) // "0-255"
		if n, err := strconv.Atoi(list[strings.LastIndexAny(list, "-,")+1:]); err == nil {
			return n + 1
		}
	}
	return runtime.NumCPU()
}

//ditto:syscall sched_getaffinity full
func schedGetaffinity(t *task.Task, pid int32, n uint32, mask user.Addr) (int, error) {
	if int(n)*8 < possible || n&7 != 0 {
		return 0, unix.EINVAL
	}
	o, err := taskOf(t, pid)
	if err != nil {
		return 0, err
	}
	words := o.SchedParams().Affinity
	if words == nil {
		words = arch.HostCPUs()
	}
	size := min(int(n), 8*len(words))
	return size, put(t, mask, words[:size/8])
}

//ditto:syscall sched_setaffinity full
func schedSetaffinity(t *task.Task, pid int32, n uint32, mask user.Addr) error {
	host := arch.HostCPUs()
	b := make([]byte, min(int(n), 8*len(host)))
	if _, err := t.Memory().CopyIn(mask, b); err != nil {
		return err
	}
	o, err := taskOf(t, pid)
	if err != nil {
		return err
	}
	c, oc := t.Creds(), o.Creds()
	if c.EUID != oc.EUID && c.EUID != oc.RUID && !c.CapableIn(oc.NS(), unix.CAP_SYS_NICE) || !mayReschedule(t, o) {
		return unix.EPERM
	}
	words := make([]uint64, len(host))
	for i, v := range b {
		words[i/8] |= uint64(v) << (i % 8 * 8)
	}
	if !SetAffinity(o, words) {
		return unix.EINVAL
	}
	return nil
}

// SetAffinity binds a task to those of the processors that there are; false: none of them is. Any goroutine.
func SetAffinity(t *task.Task, mask []uint64) bool {
	host := arch.HostCPUs()
	words, some := make([]uint64, len(host)), uint64(0)
	for i, have := range host {
		if i < len(mask) {
			words[i] = mask[i] & have
		}
		some |= words[i]
	}
	if some == 0 {
		return false
	}
	s := *t.SchedParams()
	s.Affinity = words
	t.SetSchedParams(&s)
	t.Pin()
	return true
}

//ditto:syscall getcpu full
func getcpu(t *task.Task, cpu, node, _ user.Addr) error {
	c, n, err := t.Thread().Processor()
	if err != nil {
		return err
	}
	var first, second error
	if cpu != 0 {
		first = put32(t, cpu, c)
	}
	if node != 0 {
		second = put32(t, node, n) // also behind a bad cpu
	}
	return cmp.Or(first, second)
}
