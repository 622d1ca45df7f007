// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// prctlArgs are the arguments behind the option.
type prctlArgs [4]uint64

// zero tells whether the arguments from the n-th on (2 to 5) are all zero.
func (a *prctlArgs) zero(n int) bool {
	for _, v := range a[n-2:] {
		if v != 0 {
			return false
		}
	}
	return true
}

// prctls has a function an option. An option that isn't there is EINVAL, as
// for a kernel built without it.
var prctls = map[int32]func(t *task.Task, a *prctlArgs) (uint64, error){
	unix.PR_SET_PDEATHSIG: setPdeathsig,
	unix.PR_GET_PDEATHSIG: getPdeathsig,
	unix.PR_GET_DUMPABLE:  func(t *task.Task, _ *prctlArgs) (uint64, error) { return uint64(t.Group().Dumpable()), nil },
	unix.PR_SET_DUMPABLE:  setDumpable,
	unix.PR_GET_KEEPCAPS:  getKeepCaps,
	unix.PR_SET_KEEPCAPS:  setKeepCaps,
	unix.PR_GET_TIMING:    func(*task.Task, *prctlArgs) (uint64, error) { return unix.PR_TIMING_STATISTICAL, nil },
	unix.PR_SET_TIMING:    setTiming,
	unix.PR_SET_NAME:      setName,
	unix.PR_GET_NAME:      getName,
	unix.PR_CAPBSET_READ:  capbsetRead,
	unix.PR_CAPBSET_DROP:  capbsetDrop,
	unix.PR_GET_SECCOMP:   getSeccomp,
	unix.PR_SET_SECCOMP:   setSeccomp,
	unix.PR_GET_TSC: func(t *task.Task, a *prctlArgs) (uint64, error) {
		return 0, put32(t, user.Addr(a[0]), t.TSC())
	},
	unix.PR_SET_TSC:             setTSC,
	unix.PR_GET_SECUREBITS:      func(t *task.Task, _ *prctlArgs) (uint64, error) { return uint64(t.Creds().Securebits), nil },
	unix.PR_SET_SECUREBITS:      setSecurebits,
	unix.PR_SET_TIMERSLACK:      setTimerslack,
	unix.PR_GET_TIMERSLACK:      func(t *task.Task, _ *prctlArgs) (uint64, error) { return t.TimerSlack(), nil },
	unix.PR_MCE_KILL_GET:        mceKillGet,
	unix.PR_SET_MM:              setMM,
	unix.PR_GET_AUXV:            getAuxv,
	unix.PR_MCE_KILL:            mceKill,
	unix.PR_SET_CHILD_SUBREAPER: setSubreaper,
	unix.PR_GET_CHILD_SUBREAPER: getSubreaper,
	unix.PR_SET_NO_NEW_PRIVS:    setNoNewPrivs,
	unix.PR_GET_NO_NEW_PRIVS:    getNoNewPrivs,
	unix.PR_GET_TID_ADDRESS: func(t *task.Task, a *prctlArgs) (uint64, error) {
		return 0, put64(t, user.Addr(a[0]), uint64(t.ClearChildTID()))
	},
	unix.PR_SET_THP_DISABLE: setTHPDisable,
	unix.PR_GET_THP_DISABLE: getTHPDisable,
	unix.PR_SET_MDWE:        setMDWE,
	unix.PR_GET_MDWE:        getMDWE,

	unix.PR_GET_SPECULATION_CTRL: getSpeculation,
	unix.PR_SET_SPECULATION_CTRL: setSpeculation,

	unix.PR_CAP_AMBIENT:    capAmbient,
	unix.PR_SET_IO_FLUSHER: setIOFlusher,
	unix.PR_GET_IO_FLUSHER: getIOFlusher,
	unix.PR_SET_VMA:        setVMA,

	unix.PR_SET_MEMORY_MERGE: setMemoryMerge,
	unix.PR_GET_MEMORY_MERGE: getMemoryMerge,

	unix.PR_SET_SYSCALL_USER_DISPATCH: setUserDispatch,
	prTimerCreateRestoreIDs:           timerRestoreIDs,
	prFutexHash:                       futexHash,

	// There are no events that could be counted.
	unix.PR_TASK_PERF_EVENTS_DISABLE: func(*task.Task, *prctlArgs) (uint64, error) { return 0, nil },
	unix.PR_TASK_PERF_EVENTS_ENABLE:  func(*task.Task, *prctlArgs) (uint64, error) { return 0, nil },
}

const prTimerCreateRestoreIDs = 77 // PR_TIMER_CREATE_RESTORE_IDS, Linux 6.15

const prFutexHash = 78 // PR_FUTEX_HASH, Linux 6.16

//ditto:syscall prctl full
func prctl(t *task.Task, option int32, a2, a3, a4, a5 uint64) (uint64, error) {
	f := prctls[option]
	if f == nil {
		return 0, unix.EINVAL
	}
	return f(t, &prctlArgs{a2, a3, a4, a5})
}

func setPdeathsig(t *task.Task, a *prctlArgs) (uint64, error) {
	if a[0] > task.NSig {
		return 0, unix.EINVAL
	}
	t.SetParentDeathSignal(int32(a[0]))
	return 0, nil
}

func getPdeathsig(t *task.Task, a *prctlArgs) (uint64, error) {
	return 0, put32(t, user.Addr(a[0]), uint32(t.ParentDeathSignal()))
}

func setDumpable(t *task.Task, a *prctlArgs) (uint64, error) {
	if a[0] > 1 {
		return 0, unix.EINVAL
	}
	t.Group().SetDumpable(int32(a[0]))
	return 0, nil
}

func getKeepCaps(t *task.Task, _ *prctlArgs) (uint64, error) {
	if t.Creds().Securebits&task.SecureKeepCaps != 0 {
		return 1, nil
	}
	return 0, nil
}

func setKeepCaps(t *task.Task, a *prctlArgs) (uint64, error) {
	if a[0] > 1 {
		return 0, unix.EINVAL
	}
	return 0, t.ChangeCreds(func(c *cred.Creds) error {
		if c.Securebits&(task.SecureKeepCaps<<1) != 0 {
			return unix.EPERM
		}
		c.Securebits = c.Securebits&^task.SecureKeepCaps | uint32(a[0])*task.SecureKeepCaps
		return nil
	})
}

func setTiming(_ *task.Task, a *prctlArgs) (uint64, error) {
	if a[0] != unix.PR_TIMING_STATISTICAL {
		return 0, unix.EINVAL
	}
	return 0, nil
}

const commLen = 16 // TASK_COMM_LEN

func setName(t *task.Task, a *prctlArgs) (uint64, error) {
	name, err := getName15(t, user.Addr(a[0]))
	if err != nil {
		return 0, err
	}
	t.SetComm(name)
	return 0, nil
}

// getName15 copies in a name up to its end, or 15 bytes of it.
func getName15(t *task.Task, addr user.Addr) (string, error) {
	var b [commLen - 1]byte
	n, err := t.Memory().CopyIn(addr, b[:])
	for i := range n {
		if b[i] == 0 {
			return string(b[:i]), nil
		}
	}
	return string(b[:n]), err
}

func getName(t *task.Task, a *prctlArgs) (uint64, error) {
	var b [commLen]byte
	copy(b[:], t.Comm())
	_, err := t.Memory().CopyOut(user.Addr(a[0]), b[:])
	return 0, err
}

func setTSC(t *task.Task, a *prctlArgs) (uint64, error) {
	if mode := uint32(a[0]); mode == task.TSCEnable || mode == task.TSCFaults {
		return 0, t.SetTSC(mode)
	}
	return 0, unix.EINVAL
}

// futexHash is PR_FUTEX_HASH: the table of the address space's futexes, which are the host's.
func futexHash(t *task.Task, a *prctlArgs) (uint64, error) {
	op := platform.Op{Nr: unix.SYS_PRCTL, Args: [6]uint64{prFutexHash, a[0], a[1], a[2], a[3]}}
	if err := t.Thread().Do(&op); err != nil {
		return 0, err
	}
	return uint64(op.Result), op.Err()
}

func setSecurebits(t *task.Task, a *prctlArgs) (uint64, error) {
	return 0, t.ChangeCreds(func(c *cred.Creds) error { return task.SetSecurebits(c, a[0]) })
}

func setTimerslack(t *task.Task, a *prctlArgs) (uint64, error) {
	t.SetTimerSlack(a[0])
	return 0, nil
}

func mceKillGet(t *task.Task, a *prctlArgs) (uint64, error) {
	if !a.zero(2) {
		return 0, unix.EINVAL
	}
	return t.MemoryFailure(unix.PR_MCE_KILL_GET, 0, 0)
}

// mceKill is PR_MCE_KILL: when a process hears of memory that failed.
func mceKill(t *task.Task, a *prctlArgs) (uint64, error) {
	if !a.zero(4) {
		return 0, unix.EINVAL
	}
	return t.MemoryFailure(unix.PR_MCE_KILL, a[0], a[1])
}

// setIOFlusher marks a task that writes back what others dirtied, for Linux's
// reclaim of memory to go easy on; here none goes by way of a task.
func setIOFlusher(t *task.Task, a *prctlArgs) (uint64, error) {
	switch {
	case !t.Creds().Capable(unix.CAP_SYS_RESOURCE):
		return 0, unix.EPERM
	case !a.zero(3), a[0] > 1:
		return 0, unix.EINVAL
	}
	t.SetIOFlusher(a[0] == 1)
	return 0, nil
}

func getIOFlusher(t *task.Task, a *prctlArgs) (uint64, error) {
	switch {
	case !t.Creds().Capable(unix.CAP_SYS_RESOURCE):
		return 0, unix.EPERM
	case !a.zero(2):
		return 0, unix.EINVAL
	}
	return uint64(boolWord(t.IOFlusher())), nil
}

func setMemoryMerge(t *task.Task, a *prctlArgs) (uint64, error) {
	if !a.zero(3) {
		return 0, unix.EINVAL
	}
	return 0, t.MM().MergeAny(t, a[0] != 0)
}

func getMemoryMerge(t *task.Task, a *prctlArgs) (uint64, error) {
	if !a.zero(2) {
		return 0, unix.EINVAL
	}
	return uint64(boolWord(t.MM().MergesAny())), nil
}

func setSubreaper(t *task.Task, a *prctlArgs) (uint64, error) {
	t.Group().SetSubreaper(a[0] != 0)
	return 0, nil
}

func getSubreaper(t *task.Task, a *prctlArgs) (uint64, error) {
	return 0, put32(t, user.Addr(a[0]), boolWord(t.Group().Subreaper()))
}

func boolWord(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

func setNoNewPrivs(t *task.Task, a *prctlArgs) (uint64, error) {
	if a[0] != 1 || !a.zero(3) {
		return 0, unix.EINVAL
	}
	return 0, t.ChangeCreds(func(c *cred.Creds) error {
		c.NoNewPrivs = true
		return nil
	})
}

func getNoNewPrivs(t *task.Task, a *prctlArgs) (uint64, error) {
	if !a.zero(2) {
		return 0, unix.EINVAL
	}
	return uint64(boolWord(t.Creds().NoNewPrivs)), nil
}

func capbsetRead(t *task.Task, a *prctlArgs) (uint64, error) {
	if a[0] > cred.LastCap {
		return 0, unix.EINVAL
	}
	return uint64(boolWord(t.Creds().Bounding.Has(uint(a[0])))), nil
}

func capbsetDrop(t *task.Task, a *prctlArgs) (uint64, error) {
	return 0, t.ChangeCreds(func(c *cred.Creds) error {
		switch {
		case !c.CapableHere(unix.CAP_SETPCAP):
			return unix.EPERM
		case a[0] > cred.LastCap:
			return unix.EINVAL
		}
		c.Bounding &^= 1 << a[0]
		return nil
	})
}

func capAmbient(t *task.Task, a *prctlArgs) (uint64, error) {
	if a[0] == unix.PR_CAP_AMBIENT_CLEAR_ALL {
		if !a.zero(3) {
			return 0, unix.EINVAL
		}
		return 0, t.ChangeCreds(func(c *cred.Creds) error {
			c.Ambient = 0
			return nil
		})
	}
	if a[1] > cred.LastCap || !a.zero(4) {
		return 0, unix.EINVAL
	}
	which := cred.Caps(1) << a[1]
	switch a[0] {
	case unix.PR_CAP_AMBIENT_IS_SET:
		return uint64(boolWord(t.Creds().Ambient&which != 0)), nil
	case unix.PR_CAP_AMBIENT_LOWER:
		return 0, t.ChangeCreds(func(c *cred.Creds) error {
			c.Ambient &^= which
			return nil
		})
	case unix.PR_CAP_AMBIENT_RAISE:
		return 0, t.ChangeCreds(func(c *cred.Creds) error {
			if c.Permitted&c.Inheritable&which == 0 || c.Securebits&task.SecureNoAmbientRaise != 0 {
				return unix.EPERM
			}
			c.Ambient |= which
			return nil
		})
	}
	return 0, unix.EINVAL
}

const thpExceptAdvised = 2 // PR_THP_DISABLE_EXCEPT_ADVISED, Linux 6.18

func setTHPDisable(t *task.Task, a *prctlArgs) (uint64, error) {
	off := a[0] != 0
	if !a.zero(4) || a[1]&^thpExceptAdvised != 0 || !off && a[1] != 0 {
		return 0, unix.EINVAL
	}
	return 0, t.MM().DisableHugePages(t, off, a[1])
}

func getTHPDisable(t *task.Task, a *prctlArgs) (uint64, error) {
	if !a.zero(2) {
		return 0, unix.EINVAL
	}
	return t.MM().HugePagesDisabled(), nil
}

// setMDWE is "memory deny write execute".
func setMDWE(t *task.Task, a *prctlArgs) (uint64, error) {
	const refuse, noInherit = unix.PR_MDWE_REFUSE_EXEC_GAIN, unix.PR_MDWE_NO_INHERIT
	if !a.zero(3) || a[0]&^(refuse|noInherit) != 0 || a[0]&(refuse|noInherit) == noInherit {
		return 0, unix.EINVAL
	}
	return 0, t.MM().DenyExecGain(a[0])
}

func getMDWE(t *task.Task, a *prctlArgs) (uint64, error) {
	if !a.zero(2) {
		return 0, unix.EINVAL
	}
	return t.MM().ExecGainDenied(), nil
}

func getSpeculation(t *task.Task, a *prctlArgs) (uint64, error) {
	if !a.zero(3) {
		return 0, unix.EINVAL
	}
	return t.Speculation(unix.PR_GET_SPECULATION_CTRL, a[0], 0)
}

func setSpeculation(t *task.Task, a *prctlArgs) (uint64, error) {
	if !a.zero(4) {
		return 0, unix.EINVAL
	}
	return t.Speculation(unix.PR_SET_SPECULATION_CTRL, a[0], a[1])
}

const maxVMAName = 80 // ANON_VMA_NAME_MAX_LEN

// setVMA is PR_SET_VMA_ANON_NAME: it names mappings for /proc/PID/maps.
func setVMA(t *task.Task, a *prctlArgs) (uint64, error) {
	if a[0] != unix.PR_SET_VMA_ANON_NAME {
		return 0, unix.EINVAL
	}
	name := ""
	if a[3] != 0 {
		var err error
		if name, err = vmaName(t, user.Addr(a[3])); err != nil {
			return 0, err
		}
	}
	return 0, t.MM().SetName(a[1], a[2], name)
}

func vmaName(t *task.Task, addr user.Addr) (string, error) {
	var b [maxVMAName]byte
	n, err := t.Memory().CopyIn(addr, b[:])
	for i, c := range b[:n] {
		switch {
		case c == 0:
			return string(b[:i]), nil
		case c < ' ' || c > '~' || c == '\\' || c == '`' || c == '$' || c == '[' || c == ']':
			return "", unix.EINVAL
		}
	}
	if err != nil {
		return "", err
	}
	return "", unix.EINVAL
}
