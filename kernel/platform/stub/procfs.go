// SPDX-License-Identifier: Apache-2.0

// This file asks the host's /proc about stub processes. It is an instance of
// its own, of the kernel process's pid namespace: nothing but the kernel
// process and its stubs is in it.

package stub

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/platform"
)

// procDir opens such an instance; -1 on a host that allows none.
func procDir() int {
	fs, err := unix.Fsopen("proc", unix.FSOPEN_CLOEXEC)
	if err != nil {
		return -1
	}
	defer unix.Close(fs)
	if unix.FsconfigSetString(fs, "subset", "pid") != nil || unix.FsconfigCreate(fs) != nil {
		return -1
	}
	const attr = unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV | unix.MOUNT_ATTR_NOEXEC
	dir, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, attr)
	if err != nil {
		return -1
	}
	return dir
}

// procFile opens a file about the process: see procOpen.
func (sp *space) procFile(file string) (fd int, err error) {
	return sp.procOpen(strconv.Itoa(sp.pid) + "/" + file)
}

// procOpen opens a file of /proc: ESRCH if the process is gone, ENOENT if the host has no /proc for us.
func (sp *space) procOpen(path string) (fd int, err error) {
	if sp.p.proc < 0 {
		return -1, unix.ENOENT
	}
	if sp.dead.Load() {
		return -1, unix.ESRCH
	}
	fd, err = unix.Openat(sp.p.proc, path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, unix.ESRCH
	}
	return fd, nil
}

// ask reads a file about the process: see procFile.
func (sp *space) ask(file string) ([]byte, error) {
	fd, err := sp.procFile(file)
	if err != nil {
		return nil, err
	}
	return readAll(fd)
}

// ask reads a file about the thread. It goes by /proc/TID, which no listing has, and not by /proc/PID: names that were looked up
// there go one by one when threads end, and the last wakes whoever waits for the process, who then spins until that
// thread, which may be waiting for the processor, has taken its own away.
func (t *thread) ask(file string) ([]byte, error) {
	tid := strconv.Itoa(t.tid)
	fd, err := t.sp.procOpen(tid + "/task/" + tid + "/" + file)
	if err != nil {
		return nil, err
	}
	return readAll(fd)
}

// readAll reads a file of /proc, and closes it.
func readAll(fd int) ([]byte, error) {
	defer unix.Close(fd)
	content := make([]byte, 0, 4096)
	for {
		if len(content) == cap(content) {
			content = append(content, make([]byte, len(content))...)[:len(content)]
		}
		n, err := unix.Read(fd, content[len(content):cap(content)])
		if err != nil {
			return nil, unix.ESRCH
		}
		if n == 0 {
			return content, nil
		}
		content = content[:len(content)+n]
	}
}

// shmemDev is the device of the files behind shared memory.
func (sp *space) shmemDev() uint64 {
	var st unix.Stat_t
	if unix.Fstat(sp.pool.fd, &st) != nil {
		return ^uint64(0)
	}
	return st.Dev
}

// Smaps implements platform.HostMemory.
func (sp *space) Smaps() ([]platform.Mapped, error) {
	b, err := sp.ask("smaps")
	if err != nil {
		return nil, err
	}
	var list []platform.Mapped
	shmem := sp.shmemDev()
	next := 0 // the field that is expected
	for line := range bytes.Lines(b) {
		if line[0] < 'A' || line[0] > 'Z' {
			m, ok := parseMapping(line, shmem)
			if !ok {
				return nil, unix.ENOENT
			}
			list, next = append(list, m), 0
			continue
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok || len(list) == 0 {
			continue
		}
		for i := next; i < len(platform.SmapsFields); i++ {
			if string(name) == platform.SmapsFields[i] {
				list[len(list)-1].KB[i], next = kilobytes(value), i+1
				break
			}
		}
	}
	return list, nil
}

// parseMapping reads the first line of a mapping.
func parseMapping(line []byte, shmem uint64) (m platform.Mapped, ok bool) {
	var perms string
	var off, major, minor uint64
	n, _ := fmt.Sscanf(string(line), "%x-%x %s %x %x:%x", &m.Start, &m.End, &perms, &off, &major, &minor)
	m.Shmem = unix.Mkdev(uint32(major), uint32(minor)) == shmem
	return m, n == 6
}

// kilobytes is a size as /proc writes it: "     12 kB".
func kilobytes(b []byte) uint64 {
	n, _ := strconv.ParseUint(string(bytes.TrimSuffix(bytes.TrimSpace(b), []byte(" kB"))), 10, 64)
	return n
}

// Account implements platform.HostMemory.
func (sp *space) Account() (a platform.Account, err error) {
	b, err := sp.ask("status")
	if err != nil {
		return a, err
	}
	fields := map[string]*uint64{"VmHWM": &a.Peak, "RssAnon": &a.Anon, "RssFile": &a.File, "RssShmem": &a.Shmem, "VmSwap": &a.Swap}
	for line := range bytes.Lines(b) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		if field := fields[string(name)]; field != nil {
			*field = kilobytes(value)
		}
	}
	return a, nil
}

// Pages implements platform.HostMemory.
func (sp *space) Pages(start uint64, words []uint64) error {
	fd, err := sp.procFile("pagemap")
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	b := make([]byte, 8*len(words))
	n, err := unix.Pread(fd, b, int64(start/4096*8))
	if err != nil {
		return unix.ESRCH
	}
	for i := range words {
		words[i] = 0
		if 8*i+8 <= n {
			words[i] = binary.LittleEndian.Uint64(b[8*i:])
		}
	}
	return nil
}

// Faults implements platform.HostMemory.
func (sp *space) Faults() (minor, major uint64, err error) {
	b, err := sp.ask("stat")
	if err != nil {
		return 0, 0, err
	}
	f := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(f) < 10 {
		return 0, 0, unix.ENOENT
	}
	minor, _ = strconv.ParseUint(string(f[7]), 10, 64)
	major, _ = strconv.ParseUint(string(f[9]), 10, 64)
	return minor, major, nil
}

// Times is the host's account of this thread alone. Any goroutine. ok is false
// if the host does not tell, or the thread is gone.
func (t *thread) Times() (user, system time.Duration, ok bool) {
	sched, err := t.ask("schedstat")
	if err != nil {
		return 0, 0, false
	}
	first, _, _ := bytes.Cut(sched, []byte(" "))
	total, err := strconv.ParseInt(string(first), 10, 64)
	if err != nil {
		return 0, 0, false
	}
	if b, err := t.ask("stat"); err == nil {
		// In ticks, which say only how the total is made up.
		if f := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:]); len(f) > 12 {
			u, _ := strconv.ParseInt(string(f[11]), 10, 64)
			s, _ := strconv.ParseInt(string(f[12]), 10, 64)
			if u+s > 0 {
				system = time.Duration(float64(total) * float64(s) / float64(u+s))
			}
		}
	}
	return time.Duration(total) - system, system, true
}
