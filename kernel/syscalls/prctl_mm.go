// SPDX-License-Identifier: Apache-2.0

// This file is prctl(PR_SET_MM): where a program's parts are, as /proc and brk(2)
// know of it. PR_SET_MM_MAP sets all of it at once, and is for everybody.

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/loader"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const (
	setMMMapSize  = 104   // sizeof(struct prctl_mm_map)
	savedAuxvSize = 448   // sizeof(mm_struct.saved_auxv) on x86_64
	lowestAddress = 65536 // vm.mmap_min_addr
	noExeFD       = ^uint32(0)
)

// mmMap is struct prctl_mm_map.
type mmMap struct {
	Places   [11]uint64 // in the order of mmPlaces
	Auxv     uint64
	AuxvSize uint32
	ExeFD    uint32
}

// mmPlaces are the members of Info that mmMap's places stand for.
func mmPlaces(i *mm.Info) [11]*uint64 {
	return [11]*uint64{&i.StartCode, &i.EndCode, &i.StartData, &i.EndData, &i.StartBrk, &i.Brk, &i.StartStack,
		&i.ArgStart, &i.ArgEnd, &i.EnvStart, &i.EnvEnd}
}

// mmPlaceOf is where an option's place stands in mmMap.
var mmPlaceOf = map[uint64]int{
	unix.PR_SET_MM_START_CODE: 0, unix.PR_SET_MM_END_CODE: 1, unix.PR_SET_MM_START_DATA: 2, unix.PR_SET_MM_END_DATA: 3,
	unix.PR_SET_MM_START_BRK: 4, unix.PR_SET_MM_BRK: 5, unix.PR_SET_MM_START_STACK: 6, unix.PR_SET_MM_ARG_START: 7,
	unix.PR_SET_MM_ARG_END: 8, unix.PR_SET_MM_ENV_START: 9, unix.PR_SET_MM_ENV_END: 10,
}

func setMM(t *task.Task, a *prctlArgs) (uint64, error) {
	option, addr := a[0], a[1]
	switch option {
	case unix.PR_SET_MM_MAP, unix.PR_SET_MM_MAP_SIZE, unix.PR_SET_MM_AUXV:
	default:
		if a[2] != 0 {
			return 0, unix.EINVAL
		}
	}
	switch {
	case a[3] != 0:
		return 0, unix.EINVAL
	case option == unix.PR_SET_MM_MAP_SIZE:
		return 0, put32(t, user.Addr(addr), setMMMapSize)
	case option == unix.PR_SET_MM_MAP:
		return 0, setMMMap(t, user.Addr(addr), a[2])
	case !t.Creds().Capable(unix.CAP_SYS_RESOURCE):
		return 0, unix.EPERM
	case option == unix.PR_SET_MM_EXE_FILE:
		return 0, setExeFile(t, vfs.FD(addr))
	case option == unix.PR_SET_MM_AUXV:
		auxv, err := getAuxvArg(t, user.Addr(addr), a[2])
		if err == nil {
			t.MM().SetInfo(func(i *mm.Info) { i.Auxv = auxv })
		}
		return 0, err
	}
	return 0, setMMPlace(t, option, addr)
}

// setMMPlace sets one of the places. EINVAL, EFAULT.
func setMMPlace(t *task.Task, option, addr uint64) error {
	n, ok := mmPlaceOf[option]
	if addr >= user.TaskTop || addr < lowestAddress || !ok {
		return unix.EINVAL
	}
	m := mmMap{}
	info := t.MM().Info()
	for i, p := range mmPlaces(&info) {
		m.Places[i] = *p
	}
	m.Places[n] = addr
	if err := m.check(t); err != nil {
		return err
	}
	if n >= mmPlaceOf[unix.PR_SET_MM_START_STACK] && !anyMapping(t.MM(), func(v *mm.VMA) bool { return v.End > addr }) {
		return unix.EFAULT
	}
	t.MM().SetInfo(func(i *mm.Info) { *mmPlaces(i)[n] = addr })
	return nil
}

// check is validate_prctl_map_addr: EINVAL.
func (m *mmMap) check(t *task.Task) error {
	p := &m.Places
	for _, addr := range p {
		if addr >= user.TaskTop || addr < lowestAddress {
			return unix.EINVAL
		}
	}
	limit := t.RLimit(unix.RLIMIT_DATA)
	switch {
	case p[0] >= p[1], p[2] > p[3], p[4] > p[5], p[7] > p[8], p[9] > p[10],
		limit != task.Infinity && p[5]-p[4]+p[3]-p[2] > limit:
		return unix.EINVAL
	}
	return nil
}

// setMMMap is PR_SET_MM_MAP.
func setMMMap(t *task.Task, addr user.Addr, size uint64) error {
	if size != setMMMapSize {
		return unix.EINVAL
	}
	var m mmMap
	if err := get(t, addr, &m); err != nil {
		return err
	}
	if err := m.check(t); err != nil {
		return err
	}
	var auxv []byte
	if m.AuxvSize != 0 {
		if m.Auxv == 0 {
			return unix.EINVAL
		}
		var err error
		if auxv, err = getAuxvArg(t, user.Addr(m.Auxv), uint64(m.AuxvSize)); err != nil {
			return err
		}
	}
	if m.ExeFD != noExeFD {
		if c := t.Creds(); !c.CapableHere(unix.CAP_CHECKPOINT_RESTORE) && !c.CapableHere(unix.CAP_SYS_ADMIN) {
			return unix.EPERM
		}
		if err := setExeFile(t, vfs.FD(m.ExeFD)); err != nil {
			return err
		}
	}
	t.MM().SetInfo(func(i *mm.Info) {
		for n, p := range mmPlaces(i) {
			*p = m.Places[n]
		}
		if m.AuxvSize != 0 {
			i.Auxv = auxv
		}
	})
	return nil
}

// getAuxvArg copies in an auxiliary vector, up to its end. EINVAL, EFAULT.
func getAuxvArg(t *task.Task, addr user.Addr, size uint64) ([]byte, error) {
	const entry = 16
	if size > savedAuxvSize {
		return nil, unix.EINVAL
	}
	var b [savedAuxvSize]byte
	if _, err := t.Memory().CopyIn(addr, b[:size]); err != nil {
		return nil, err
	}
	clear(b[savedAuxvSize-entry:])
	end := 0
	for le.Uint64(b[end:]) != 0 { // AT_NULL
		end += entry
	}
	return b[:end+entry], nil
}

// getAuxv is PR_GET_AUXV: it answers the whole size whatever it copies.
func getAuxv(t *task.Task, a *prctlArgs) (uint64, error) {
	if !a.zero(4) {
		return 0, unix.EINVAL
	}
	var b [savedAuxvSize]byte
	copy(b[:], t.MM().Info().Auxv)
	if _, err := t.Memory().CopyOut(user.Addr(a[0]), b[:min(a[1], savedAuxvSize)]); err != nil {
		return 0, err
	}
	return savedAuxvSize, nil
}

// setExeFile is prctl_set_mm_exe_file: /proc/PID/exe is another file, once the
// old one is mapped no more.
func setExeFile(t *task.Task, fd vfs.FD) error {
	f, err := t.Files().GetPath(fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	if f.Inode.Mode()&unix.S_IFMT != unix.S_IFREG || f.Path.Mount.Flags()&unix.MS_NOEXEC != 0 {
		return unix.EACCES
	}
	if err := vfs.Permission(t, f.Inode, vfs.MayExec); err != nil {
		return err
	}
	old := t.MM().Info().Exe
	if old != nil && anyMapping(t.MM(), func(v *mm.VMA) bool { return v.File != nil && v.File.Key() == old.Key() }) {
		return unix.EBUSY
	}
	exe, err := loader.OpenExecPath(t, f.Path)
	if err != nil {
		return err
	}
	t.MM().SetInfo(func(i *mm.Info) { i.Exe = loader.MappedFile{File: exe} })
	t.Group().SetExe(exe)
	return nil
}

// anyMapping tells whether there is a mapping like that.
func anyMapping(m *mm.MM, like func(*mm.VMA) bool) (found bool) {
	m.Maps(func(v *mm.VMA) bool {
		found = like(v)
		return !found
	})
	return found
}
