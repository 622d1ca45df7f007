// SPDX-License-Identifier: Apache-2.0

// This file has keyctl: a command each of package keys.

package syscalls

import (
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

//ditto:syscall keyctl partial public keys, Diffie-Hellman and watching keys answer EOPNOTSUPP, as from a kernel built without; /proc/keys and /proc/key-users are missing
func keyctl(t *task.Task, command int32, a2, a3, a4, a5 uint64) (int, error) {
	c, id := keyCaller(t), int32(a2)
	switch command {
	case unix.KEYCTL_GET_KEYRING_ID:
		return serial(c.ID(id, int32(a3) != 0))
	case unix.KEYCTL_JOIN_SESSION_KEYRING:
		return keyctlJoin(t, user.Addr(a2))
	case unix.KEYCTL_UPDATE:
		return 0, keyctlUpdate(t, id, user.Addr(a3), a4)
	case unix.KEYCTL_REVOKE:
		return 0, c.Revoke(id)
	case unix.KEYCTL_CHOWN:
		return 0, c.Chown(id, uint32(a3), uint32(a4))
	case unix.KEYCTL_SETPERM:
		return 0, c.SetPerm(id, uint32(a3))
	case unix.KEYCTL_DESCRIBE:
		text, err := c.Describe(id)
		return keyctlOut(t, append([]byte(text), 0), err, user.Addr(a3), a4)
	case unix.KEYCTL_CLEAR:
		return 0, c.Clear(id)
	case unix.KEYCTL_LINK:
		return 0, c.Link(id, int32(a3))
	case unix.KEYCTL_UNLINK:
		return 0, c.Unlink(id, int32(a3))
	case unix.KEYCTL_SEARCH:
		return keyctlSearch(t, id, user.Addr(a3), user.Addr(a4), int32(a5))
	case unix.KEYCTL_READ:
		if a3 == 0 {
			a4 = 0
		}
		data, err := c.Read(id, a4)
		return keyctlOut(t, data, err, user.Addr(a3), a4)
	case unix.KEYCTL_SET_REQKEY_KEYRING:
		return serial(c.SetRequested(id))
	case unix.KEYCTL_SET_TIMEOUT:
		return 0, c.SetTimeout(id, uint32(a3))
	case unix.KEYCTL_GET_SECURITY:
		return keyctlOut(t, []byte{0}, c.Visible(id), user.Addr(a3), a4)
	case unix.KEYCTL_SESSION_TO_PARENT:
		return 0, keyctlToParent(t)
	case unix.KEYCTL_INVALIDATE:
		return 0, c.Invalidate(id)
	case unix.KEYCTL_GET_PERSISTENT:
		return serial(c.Persistent(uint32(a2), int32(a3)))
	case unix.KEYCTL_RESTRICT_KEYRING:
		return 0, keyctlRestrict(t, id, user.Addr(a3), user.Addr(a4))
	case unix.KEYCTL_MOVE:
		return 0, c.Move(id, int32(a3), int32(a4), uint32(a5))
	case unix.KEYCTL_CAPABILITIES:
		return keyctlCapabilities(t, user.Addr(a2), a3)
	}
	return 0, keyctlRefused(t, command, a2, a3, a4, a5)
}

func serial(id int32, err error) (int, error) { return int(id), err }

// keyctlOut is how data come back: whole, or only their size if they don't fit.
func keyctlOut(t *task.Task, data []byte, err error, addr user.Addr, size uint64) (int, error) {
	if err == nil && addr != 0 && size >= uint64(len(data)) {
		_, err = t.Memory().CopyOut(addr, data)
	}
	if err != nil {
		return 0, err
	}
	return len(data), nil
}

func keyctlJoin(t *task.Task, addr user.Addr) (int, error) {
	if addr == 0 {
		return serial(keyCaller(t).Join("", false))
	}
	name, err := dupString(t, addr, keyTextMax)
	switch {
	case err != nil:
		return 0, err
	case name != "" && name[0] == '.':
		return 0, unix.EPERM
	}
	return serial(keyCaller(t).Join(name, true))
}

func keyctlUpdate(t *task.Task, id int32, addr user.Addr, size uint64) error {
	if size > 4096 {
		return unix.EINVAL
	}
	data, err := keyPayload(t, addr, size)
	if err != nil {
		return err
	}
	return keyCaller(t).Update(id, data)
}

func keyctlSearch(t *task.Task, ring int32, kind, description user.Addr, into int32) (int, error) {
	name, err := keyType(t, kind)
	if err != nil {
		return 0, err
	}
	text, err := dupString(t, description, keyTextMax)
	if err != nil {
		return 0, err
	}
	return serial(keyCaller(t).Search(ring, name, text, into))
}

func keyctlRestrict(t *task.Task, id int32, kind, restriction user.Addr) error {
	if err := keyCaller(t).Settable(id); err != nil {
		return err
	}
	if (kind == 0) != (restriction == 0) {
		return unix.EINVAL
	}
	name := ""
	if kind != 0 {
		var err error
		if name, err = keyType(t, kind); err != nil {
			return err
		}
		if _, err := dupString(t, restriction, 4096); err != nil {
			return err
		}
	}
	return keyCaller(t).Restrict(id, name, kind != 0)
}

// keyctlToParent gives the parent the caller's session, if it has no threads and is of the same user.
func keyctlToParent(t *task.Task) error {
	parent := t.Lookup(t.ShowPid(t.Group().ParentID()))
	if parent == nil || len(parent.Group().Threads()) > 1 {
		return unix.EPERM
	}
	session, err := keyCaller(t).Session(parent.Creds())
	if err == nil && session != nil {
		parent.Later(func(t *task.Task) { keyCaller(t).Take(session) })
	}
	return err
}

// keyctlCapabilities says what there is: persistent keyrings, invalidation, restriction, moving; and that names of
// keyrings belong to user namespaces.
func keyctlCapabilities(t *task.Task, addr user.Addr, size uint64) (int, error) {
	have := [2]byte{
		unix.KEYCTL_CAPS0_CAPABILITIES | unix.KEYCTL_CAPS0_PERSISTENT_KEYRINGS | unix.KEYCTL_CAPS0_INVALIDATE |
			unix.KEYCTL_CAPS0_RESTRICT_KEYRING | unix.KEYCTL_CAPS0_MOVE,
		unix.KEYCTL_CAPS1_NS_KEYRING_NAME,
	}
	n := min(size, uint64(len(have)))
	if _, err := t.Memory().CopyOut(addr, have[:n]); err != nil {
		return 0, err
	}
	zeros := make([]byte, 4096)
	for at := n; at < size; at += uint64(len(zeros)) {
		if _, err := t.Memory().CopyOut(addr+user.Addr(at), zeros[:min(size-at, uint64(len(zeros)))]); err != nil {
			return 0, err
		}
	}
	return len(have), nil
}

// keyctlRefused is the commands that no key of ours is good for, with what Linux finds wrong with their arguments first.
func keyctlRefused(t *task.Task, command int32, a2, a3, a4, a5 uint64) error {
	switch command {
	case unix.KEYCTL_INSTANTIATE, unix.KEYCTL_INSTANTIATE_IOV, unix.KEYCTL_NEGATE, unix.KEYCTL_REJECT:
		return keyctlInstantiate(t, command, user.Addr(a3), a4)
	case unix.KEYCTL_ASSUME_AUTHORITY:
		switch id := int32(a2); {
		case id < 0:
			return unix.EINVAL
		case id > 0:
			return unix.ENOKEY
		}
		return nil
	case unix.KEYCTL_PKEY_QUERY:
		if a3 != 0 {
			return unix.EINVAL
		}
		return keyctlPublic(t, int32(a2), user.Addr(a4))
	case unix.KEYCTL_PKEY_ENCRYPT, unix.KEYCTL_PKEY_DECRYPT, unix.KEYCTL_PKEY_SIGN, unix.KEYCTL_PKEY_VERIFY:
		var p struct {
			ID   int32
			Rest [9]uint32
		}
		if err := get(t, user.Addr(a2), &p); err != nil {
			return err
		}
		return keyctlPublic(t, p.ID, user.Addr(a3))
	}
	return unix.EOPNOTSUPP
}

// keyctlPublic is for a command that public keys have, and none of ours is one. The words say how it is to be done.
func keyctlPublic(t *task.Task, id int32, words user.Addr) error {
	text, err := dupString(t, words, 4096)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ' ' || r == '\t' }) {
		name, value, _ := strings.Cut(word, "=")
		if (name != "enc" && name != "hash") || value == "" || seen[name] {
			return unix.EINVAL
		}
		seen[name] = true
	}
	if err := keyCaller(t).Found(id); err != nil {
		return err
	}
	return unix.EOPNOTSUPP
}

// keyctlInstantiate is for those whom a key's maker asked for its value, and nobody is asked.
func keyctlInstantiate(t *task.Task, command int32, addr user.Addr, n uint64) error {
	switch {
	case command == unix.KEYCTL_REJECT && badErrno(uint32(n)):
		return unix.EINVAL
	case command == unix.KEYCTL_INSTANTIATE && addr != 0 && n > 0: // import_ubuf
		if _, err := user.NewBuf(t.Memory(), user.Bytes{Addr: addr, Len: min(n, user.MaxRW)}); err != nil {
			return err
		}
		if n > keyPayloadMax {
			return unix.EINVAL
		}
	case command == unix.KEYCTL_INSTANTIATE_IOV && addr != 0:
		b, err := user.NewIovBuf(t.Memory(), addr, uint64(uint32(n)))
		if err != nil {
			return err
		}
		if b.Len() > keyPayloadMax {
			return unix.EINVAL
		}
	}
	return unix.EPERM
}

// badErrno tells whether a key can't be rejected with it: no errno, or one of the kernel's own.
func badErrno(e uint32) bool { return e == 0 || e >= 4095 || e >= 512 && e <= 516 }
