// SPDX-License-Identifier: Apache-2.0

// This file is /proc/PID/loginuid and sessionid: PAM writes there who logged in.

package proc

import (
	"errors"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/fs/kernfs"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// unsetID is what both show, and what is written to forget a login.
const unsetID = 1<<32 - 1

func loginUID() *kernfs.Entry {
	e := ofTask("loginuid", 0o644, func(ctx vfs.Ctx, t *task.Task) ([]byte, error) {
		id, ok := ctx.Creds().NS().FromUID(t.Login().UID)
		if !ok {
			id = unsetID
		}
		return strconv.AppendUint(nil, uint64(id), 10), alive(t)
	})
	e.AtStart, e.Store = true, storeLoginUID
	return e
}

// storeLoginUID is proc_loginuid_write: a task says it of itself.
func storeLoginUID(ctx vfs.Ctx, of any, data []byte) error {
	t := of.(subject).task
	if c := caller(ctx); c != t {
		return unix.EPERM
	}
	text := strings.TrimPrefix(strings.TrimSuffix(string(data), "\n"), "+")
	n, err := strconv.ParseUint(text, 10, 32)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return unix.ERANGE
	case err != nil:
		return unix.EINVAL
	}
	uid := cred.NoUID
	if n != unsetID {
		if uid = ctx.Creds().NS().ToUID(uint32(n)); uid == cred.NoUID {
			return unix.EINVAL
		}
	}
	return t.SetLogin(uid)
}

func sessionID(_ vfs.Ctx, t *task.Task) ([]byte, error) {
	return strconv.AppendUint(nil, uint64(t.Login().Session), 10), alive(t)
}
