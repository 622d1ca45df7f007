// SPDX-License-Identifier: Apache-2.0

// This file has add_key and request_key, and what they and keyctl have in common.

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/keys"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

const (
	keyTypeMax    = 32   // of a type's name, with its NUL
	keyTextMax    = 4096 // of a description (KEY_MAX_DESC_SIZE)
	keyPayloadMax = 1<<20 - 1
)

// keyCaller is a task as its keys see it.
func keyCaller(t *task.Task) *keys.Caller {
	return keys.System.NewCaller(t.Creds(), func(s *keys.Set) {
		_ = t.ChangeCreds(func(c *cred.Creds) error {
			c.Keyrings = s
			return nil
		})
	})
}

// keyType is key_get_type_from_user.
func keyType(t *task.Task, addr user.Addr) (string, error) {
	name, err := dupString(t, addr, keyTypeMax)
	switch {
	case err != nil:
		return "", err
	case name == "":
		return "", unix.EINVAL
	case name[0] == '.':
		return "", unix.EPERM
	}
	return name, nil
}

//ditto:syscall add_key full
func addKey(t *task.Task, kind, description user.Addr, payload user.Bytes, ring int32) (int32, error) {
	if payload.Len > keyPayloadMax {
		return 0, unix.EINVAL
	}
	name, err := keyType(t, kind)
	if err != nil {
		return 0, err
	}
	text := ""
	if description != 0 {
		if text, err = dupString(t, description, keyTextMax); err != nil {
			return 0, err
		}
		if text != "" && text[0] == '.' && name == "keyring" {
			return 0, unix.EPERM
		}
	}
	data, err := keyPayload(t, payload.Addr, uint64(payload.Len))
	if err != nil {
		return 0, err
	}
	return keyCaller(t).Add(name, text, data, ring)
}

func keyPayload(t *task.Task, addr user.Addr, size uint64) ([]byte, error) {
	if size == 0 {
		return nil, nil
	}
	data := make([]byte, size)
	_, err := t.Memory().CopyIn(addr, data)
	return data, err
}

//ditto:syscall request_key partial nobody is asked for a key that is not there (/sbin/request-key): it is as if they knew none
func requestKey(t *task.Task, kind, description, information user.Addr, ring int32) (int32, error) {
	name, err := keyType(t, kind)
	if err != nil {
		return 0, err
	}
	text, err := dupString(t, description, keyTextMax)
	if err != nil {
		return 0, err
	}
	if information != 0 {
		if _, err := dupString(t, information, keyTextMax); err != nil {
			return 0, err
		}
	}
	return keyCaller(t).Request(name, text, information != 0, ring)
}
