// SPDX-License-Identifier: Apache-2.0

// This file is the calls of Landlock (landlock(7)): a process makes a ruleset, adds what it will need, and restricts itself to that.

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/landlock"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const (
	landlockVersion = 1 // LANDLOCK_CREATE_RULESET_VERSION
	landlockErrata  = 2 // LANDLOCK_CREATE_RULESET_ERRATA
)

//ditto:syscall landlock_create_ruleset full
func landlockCreateRuleset(t *task.Task, uattr user.Addr, size uint64, flags uint32) (int, error) {
	if flags != 0 {
		switch {
		case uattr != 0 || size != 0:
			return 0, unix.EINVAL
		case flags == landlockVersion:
			return landlock.ABI, nil
		case flags == landlockErrata:
			return landlock.Errata, nil
		}
		return 0, unix.EINVAL
	}
	const first = 8 // with the rights of files alone
	switch {
	case uattr == 0:
		return 0, unix.EFAULT
	case size < first:
		return 0, unix.EINVAL
	case size > 4096:
		return 0, unix.E2BIG
	}
	var attr struct{ Files, Ports, Scopes uint64 } // struct landlock_ruleset_attr
	if err := getStruct(t, uattr, size, &attr); err != nil {
		return 0, err
	}
	if attr.Files&^uint64(vfs.RightsAll) != 0 {
		return 0, unix.EINVAL
	}
	rules, err := landlock.NewRuleset(landlock.Handled{
		Files: vfs.Rights(attr.Files), Ports: landlock.Ports(attr.Ports), Scopes: landlock.Scopes(attr.Scopes)})
	if err != nil {
		return 0, err
	}
	return install(t, landlock.NewFile(rules), 0, true)
}

// rulesetAt is the ruleset of a descriptor: EBADF, EBADFD.
func rulesetAt(t *task.Task, fd vfs.FD) (*landlock.Ruleset, error) {
	f, err := t.Files().Get(fd)
	if err != nil {
		return nil, err
	}
	defer f.DecRef()
	return landlock.InFile(f)
}

//ditto:syscall landlock_add_rule full
func landlockAddRule(t *task.Task, fd vfs.FD, kind int32, uattr user.Addr, flags uint32) error {
	if flags != 0 {
		return unix.EINVAL
	}
	rules, err := rulesetAt(t, fd)
	if err != nil {
		return err
	}
	switch kind {
	case unix.LANDLOCK_RULE_PATH_BENEATH:
		return addPathRule(t, rules, uattr)
	case 2: // LANDLOCK_RULE_NET_PORT
		return addPortRule(t, rules, uattr)
	}
	return unix.EINVAL
}

func addPathRule(t *task.Task, rules *landlock.Ruleset, uattr user.Addr) error {
	var attr struct { // struct landlock_path_beneath_attr
		Rights uint64
		FD     int32
	}
	if err := get(t, uattr, &attr); err != nil {
		return err
	}
	if attr.Rights&^uint64(vfs.RightsAll) != 0 {
		return unix.EINVAL
	}
	if err := rules.Handles(vfs.Rights(attr.Rights)); err != nil {
		return err
	}
	f, err := t.Files().GetPath(vfs.FD(attr.FD))
	if err != nil {
		return err
	}
	defer f.DecRef()
	if f.Path.Dentry == nil || f.Path.InternalPlace() {
		return unix.EBADFD
	}
	return rules.AllowBeneath(f.Path.Dentry, vfs.Rights(attr.Rights))
}

func addPortRule(t *task.Task, rules *landlock.Ruleset, uattr user.Addr) error {
	var attr struct{ Rights, Port uint64 } // struct landlock_net_port_attr
	if err := get(t, uattr, &attr); err != nil {
		return err
	}
	if err := rules.HandlesPorts(landlock.Ports(attr.Rights)); err != nil {
		return err
	}
	return rules.AllowPort(attr.Port, landlock.Ports(attr.Rights))
}

// Flags of landlock_restrict_self(2): which denials are logged, of which this kernel logs none.
const (
	landlockLogSameExecOff   = 1
	landlockLogNewExecOn     = 2
	landlockLogSubdomainsOff = 4
)

//ditto:syscall landlock_restrict_self full
func landlockRestrictSelf(t *task.Task, fd vfs.FD, flags uint32) error {
	if c := t.Creds(); !c.NoNewPrivs && !c.CapableHere(unix.CAP_SYS_ADMIN) {
		return unix.EPERM
	}
	if flags&^(landlockLogSameExecOff|landlockLogNewExecOn|landlockLogSubdomainsOff) != 0 {
		return unix.EINVAL
	}
	if fd == -1 && flags == landlockLogSubdomainsOff {
		return nil // that, and no ruleset
	}
	rules, err := rulesetAt(t, fd)
	if err != nil {
		return err
	}
	return t.ChangeCreds(func(c *cred.Creds) error {
		d, err := landlock.Of(c).Restrict(rules)
		if err == nil {
			c.Domain = d
		}
		return err
	})
}
