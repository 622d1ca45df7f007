// SPDX-License-Identifier: Apache-2.0

// This file is about a whole Debian tree: walked, copied and compared, the same as natively. DITTO_IMAGES (`make images`)
// has debootstrap make one; DITTO_TREE names one that is there.

package acceptance

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gotest.tools/v3/assert"
)

// The script works on $TREE, and leaves nothing.
const treeScript = `
list() { (cd "$1" && find . -printf '%P %y %m %U %G %n %l %T@' \( -type d -o -printf ' %s' \) -printf '\n' | sort); }
list "$TREE" >listed; wc -l <listed; md5sum <listed
(cd "$TREE" && find . -type f -print0 | sort -z | xargs -0 md5sum) | md5sum
cp -a "$TREE" copy && list copy | cmp - listed && diff -r --no-dereference -x dev "$TREE" copy && echo cp -a: the same
rsync -aHSX "$TREE/" synced/ && list synced | cmp - listed && diff -r --no-dereference -x dev "$TREE" synced && echo rsync: the same
rm synced/etc/passwd synced/usr/bin/[a-c]*; echo changed >>synced/etc/group; mv synced/usr/share synced/share
rsync -aHSXc --delete --itemize-changes copy/ synced/ | sort | md5sum; list synced | cmp - listed && echo rsync: the same again
tar -C copy --xattrs -cf - . | tar -C synced --xattrs -xpf - && list synced | cmp - listed && echo tar: the same
chroot copy dpkg --verify; chroot copy /bin/sh -c 'dpkg -l | wc -l'
rm -r copy synced listed; ls`

func TestDebianTree(t *testing.T) {
	tree := os.Getenv("DITTO_TREE")
	if tree == "" {
		if os.Getenv("DITTO_IMAGES") == "" {
			t.Skip("makes a Debian tree from a mirror: make images")
		}
		need(t, "debootstrap")
		tree = filepath.Join(t.TempDir(), "tree")
		out, err := exec.Command("debootstrap", "--variant=minbase", "bookworm", tree).CombinedOutput()
		assert.NilError(t, err, "%s", out)
	}
	need(t, "rsync", "tar")
	t.Run("overlay", func(t *testing.T) { sameWithTree(t, tree, t.TempDir()) })
	// A volume of the host's has no devices.
	plain := filepath.Join(t.TempDir(), "plain")
	out, err := exec.Command("rsync", "-aHSX", "--no-devices", tree+"/", plain).CombinedOutput()
	assert.NilError(t, err, "%s", out)
	dir := t.TempDir()
	t.Run("volume", func(t *testing.T) { sameWithTree(t, plain, dir, "--volume", dir+":"+dir) })
}

func sameWithTree(t *testing.T, tree, dir string, flags ...string) {
	once := func(cmd *exec.Cmd) outcome {
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC", "TREE="+tree)
		start := time.Now()
		o := run(t, cmd)
		t.Logf("%s: %v", cmd.Args[0], time.Since(start).Round(time.Millisecond))
		return o
	}
	native := once(exec.Command("bash", "-c", treeScript))
	assert.Equal(t, native.Status, "exit status 0", native.Stderr)
	for _, same := range []string{"cp -a: the same\n", "rsync: the same\n", "rsync: the same again\n", "tar: the same\n"} {
		assert.Assert(t, strings.Contains(native.Stdout, same), "natively no %q:\n%s%s", same, native.Stdout, native.Stderr)
	}
	assert.DeepEqual(t, once(do(append(flags, "bash", "-c", treeScript)...)), native)
}
