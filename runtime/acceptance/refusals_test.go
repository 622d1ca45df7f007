// SPDX-License-Identifier: Apache-2.0

// This file is about what keeps a container from being made that is not in its configuration: no right.

package acceptance

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"gotest.tools/v3/assert"
)

// What its user may not read is told by its name.
func TestUnreadable(t *testing.T) {
	b := newBundle(t)
	b.runs("true")
	for _, dir := range []string{filepath.Dir(b.dir), filepath.Dir(b.root)} {
		assert.NilError(t, os.Chmod(dir, 0o755))
	}
	b.gives(firstID, b.root)
	b.as = &syscall.Credential{Uid: firstID, Gid: firstID}
	const id = "ditto-test-unreadable"
	config := filepath.Join(b.dir, "config.json")
	for _, c := range []struct{ name, want string }{
		{config, "open " + config + ": permission denied"},
		{b.dir, "open " + config + ": permission denied"},
		{b.root, "mkdir " + filepath.Join(b.root, id) + ": permission denied"},
	} {
		info, err := os.Stat(c.name)
		assert.NilError(t, err)
		assert.NilError(t, os.Chmod(c.name, 0))
		if c.name == b.root {
			b.part("linux")["namespaces"] = append(b.part("linux")["namespaces"].([]any), map[string]any{"type": "user"})
			one := []any{map[string]any{"containerID": 0, "hostID": firstID, "size": 1}}
			b.part("linux")["uidMappings"], b.part("linux")["gidMappings"] = one, one
			b.runs("true")
		}
		o := b.run("create", "--bundle", b.dir, id)
		assert.NilError(t, os.Chmod(c.name, info.Mode().Perm()))
		assert.Equal(t, o.Status, "exit status 1")
		assert.Assert(t, strings.Contains(o.Stderr, c.want), o.Stderr)
		b.as = nil
		b.nothingLeft(id)
		b.as = &syscall.Credential{Uid: firstID, Gid: firstID}
	}
}
