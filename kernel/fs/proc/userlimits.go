// SPDX-License-Identifier: Apache-2.0

// This file is /proc/sys/user: how much the users of the user namespace of who looks may have.

package proc

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/fs/kernfs"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

func userLimit(name string, k cred.Count) *kernfs.Entry {
	e := file(name, 0o644, func(ctx vfs.Ctx, _ any) ([]byte, error) { return fmt.Appendln(nil, ctx.Creds().NS().Limit(k)), nil })
	e.Store = func(ctx vfs.Ctx, _ any, data []byte) error {
		if !ctx.Creds().CapableHere(unix.CAP_SYS_RESOURCE) {
			return unix.EPERM
		}
		n, err := strconv.ParseInt(strings.TrimSpace(string(data)), 0, 64)
		if err != nil || n < 0 || n > math.MaxInt32 {
			return unix.EINVAL
		}
		ctx.Creds().NS().SetLimit(k, int(n))
		return nil
	}
	return e
}
