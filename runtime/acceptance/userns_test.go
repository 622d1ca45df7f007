// SPDX-License-Identifier: Apache-2.0

// This file is about containers in user namespaces: who is who in them and on the host, as it is with runc.

package acceptance

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gotest.tools/v3/assert"
)

// firstID is who a container's root is on the host; nobody has such an id.
const firstID = 700000

// maps puts the container into a user namespace, and gives it its root file system.
func (b *bundle) maps() {
	b.t.Helper()
	ids := []any{map[string]any{"containerID": 0, "hostID": firstID, "size": 65536}}
	l := b.part("linux")
	l["uidMappings"], l["gidMappings"] = ids, ids
	l["namespaces"] = append(l["namespaces"].([]any), map[string]any{"type": "user"})
	b.gives(firstID, filepath.Join(b.dir, "rootfs"))
	// The engine's directories are there to be passed through.
	for _, dir := range []string{b.dir, filepath.Dir(b.dir)} {
		assert.NilError(b.t, os.Chmod(dir, 0o755))
	}
}

// gives makes someone the owner of all below a directory.
func (b *bundle) gives(id int, dir string) {
	b.t.Helper()
	assert.NilError(b.t, filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(name, id, id)
	}))
}

// underBoth runs the bundle with runc and with ditto, and wants the same.
func (b *bundle) underBoth() {
	b.t.Helper()
	need(b.t, "runc")
	var seen [2]outcome
	for i, runtime := range []string{"runc", ditto} {
		cmd := exec.Command(runtime, "--root", filepath.Join(b.root, fmt.Sprint(i)), "run", "--bundle", b.dir, "ditto-test-both")
		seen[i] = run(b.t, b.user(cmd))
	}
	if diff := cmp.Diff(seen[0], seen[1]); diff != "" {
		b.t.Errorf("ditto (+) differs from runc (-):\n%s", diff)
	}
	assert.Equal(b.t, seen[0].Status, "exit status 0", seen[0].Stderr)
	b.t.Log(seen[0].Stdout)
}

func TestUserNamespace(t *testing.T) {
	b := newBundle(t)
	b.maps()
	host := t.TempDir()
	for _, dir := range []string{host, filepath.Dir(host)} {
		assert.NilError(t, os.Chmod(dir, 0o755))
	}
	for _, f := range []struct {
		name  string
		mode  os.FileMode
		owner int
	}{{"secret", 0o600, 0}, {"public", 0o644, 0}, {"theirs", 0o600, firstID + 7}} {
		name := filepath.Join(host, f.name)
		assert.NilError(t, os.WriteFile(name, []byte(f.name+"\n"), f.mode))
		assert.NilError(t, os.Chown(name, f.owner, f.owner))
	}
	bind := func(from, to string) map[string]any {
		return map[string]any{"destination": to, "type": "bind", "source": from, "options": []string{"rbind", "rw"}}
	}
	b.config["mounts"] = append(b.config["mounts"].([]any), bind(host, "/host"), bind(filepath.Join(host, "public"), "/file"),
		bind(filepath.Join(host, "theirs"), "/theirs"))
	caps := []string{"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_MKNOD", "CAP_SETUID", "CAP_SETGID", "CAP_SYS_RESOURCE", "CAP_SYS_NICE", "CAP_SYS_ADMIN"}
	b.part("process")["capabilities"] = map[string]any{"bounding": caps, "permitted": caps, "effective": caps}
	b.part("process")["noNewPrivileges"] = false
	b.runs("sh", "-c", `exec 2>&1
cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups; id
rm -f /made; echo x > /made; chown 5:6 /made; stat -c '%u %g %n' /made /host/* /proc/1
chown 70000 /made || echo no such owner
echo theirs > /host/theirs; cat /host/secret; cat /host/public /host/theirs; touch /host/new; echo x > /host/public; echo more >> /host/theirs
cat /file /theirs; echo x > /file; echo last >> /theirs; tail -1 /host/theirs
chown 0 /host/public; chmod 600 /host/public; rm /host/public
mknod /node c 1 3; mknod /fifo p && rm /fifo && echo fifo
ulimit -Hn 4096 && echo raised; nice -n -5 true && echo nicer
mkdir -p /mnt; mount -t tmpfs tmpfs /mnt && umount /mnt && echo mounted
hostname other && hostname
true`)
	b.underBoth()
	info, err := os.Stat(filepath.Join(b.dir, "rootfs/made"))
	assert.NilError(t, err)
	st := info.Sys().(*syscall.Stat_t)
	assert.Equal(t, st.Uid, uint32(firstID+5))
	assert.Equal(t, st.Gid, uint32(firstID+6))
	text, err := os.ReadFile(filepath.Join(host, "theirs"))
	assert.NilError(t, err)
	assert.Equal(t, string(text), "theirs\nmore\nlast\n")
}

// The life of such a container, and what is said of ids that it has no names for.
func TestUserNamespaceLife(t *testing.T) {
	b := newBundle(t)
	b.maps()
	const id = "ditto-test-userns"
	b.runs("sleep", "1000")
	b.do("create", "--bundle", b.dir, id)
	b.do("start", id)
	assert.Equal(t, b.do("exec", "--user", "9:8", id, "sh", "-c", "id -u; id -g; cat /proc/1/comm"), "9\n8\nsleep\n")
	o := b.run("exec", "--user", "70000", id, "true")
	assert.Equal(t, o.Status, "exit status 126")
	assert.Equal(t, o.Stderr, "ditto: process.user.uid: 70000 is not in linux.uidMappings\n")
	// Whoever looks from outside sees its kernel process as one of the namespace's root.
	o = run(t, exec.Command("sh", "-c", "stat -c %u /proc/$1", "sh", fmt.Sprint(b.pid(id))))
	assert.Equal(t, o.Stdout, fmt.Sprintln(firstID))
	b.do("delete", "--force", id)
	b.nothingLeft(id)
	b.part("process")["user"] = map[string]any{"uid": 1, "gid": 70000}
	b.runs("true")
	o = b.run("create", "--bundle", b.dir, id)
	assert.Equal(t, o.Stderr, "ditto: process.user: the group 70000 is not in linux.gidMappings\n")
	b.nothingLeft(id)
}

// A mount's ids can be mapped, for its files alone.
func TestMappedMount(t *testing.T) {
	b := newBundle(t)
	host := t.TempDir()
	for _, dir := range []string{host, filepath.Dir(host)} {
		assert.NilError(t, os.Chmod(dir, 0o755))
	}
	assert.NilError(t, os.WriteFile(filepath.Join(host, "file"), []byte("x\n"), 0o600))
	assert.NilError(t, os.Chown(filepath.Join(host, "file"), 1001, 1001))
	assert.NilError(t, os.Chown(host, 1000, 1000))
	ids := []any{map[string]any{"containerID": 1000, "hostID": 0, "size": 1}, map[string]any{"containerID": 1001, "hostID": 3001, "size": 9}}
	b.config["mounts"] = append(b.config["mounts"].([]any), map[string]any{
		"destination": "/data", "type": "bind", "source": host, "options": []string{"rbind"}, "uidMappings": ids, "gidMappings": ids})
	caps := []string{"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"}
	b.part("process")["capabilities"] = map[string]any{"bounding": caps, "permitted": caps, "effective": caps}
	b.runs("sh", "-c", "stat -c '%u %g' /data/file; cat /data/file; echo y > /data/new; chown 3005:3006 /data/new; stat -c '%u %g' /data/new; chown 1 /data/new; touch /data/made; stat -c '%u %g' /data/made")
	o := b.run("run", "--bundle", b.dir, "ditto-test-mapped")
	assert.Equal(t, o.Stdout, "3001 3001\nx\n3005 3006\n0 0\n", o.Stderr)
	info, err := os.Stat(filepath.Join(host, "new"))
	assert.NilError(t, err)
	st := info.Sys().(*syscall.Stat_t)
	assert.Equal(t, st.Uid, uint32(1005))
	assert.Equal(t, st.Gid, uint32(1006))
}

// Who isn't root makes and runs a container with no other right than to a user namespace of one id.
func TestOrdinaryUser(t *testing.T) {
	b := newBundle(t)
	for _, dir := range []string{filepath.Dir(b.dir), filepath.Dir(b.root)} {
		assert.NilError(t, os.Chmod(dir, 0o755))
	}
	b.runs("true")
	b.gives(firstID, b.dir)
	b.gives(firstID, b.root)
	b.as = &syscall.Credential{Uid: firstID, Gid: firstID}
	b.refuses(`needs one of type "user" \(ditto spec --rootless`, "run", "--bundle", b.dir, "ditto-test-ordinary")
	assert.NilError(t, os.Remove(filepath.Join(b.dir, "config.json")))
	b.do("spec", "--rootless", "--bundle", b.dir)
	b.read()
	b.part("process")["terminal"] = false
	b.part("root")["readonly"] = false
	// runc may not mount sysfs without a network of the container's.
	b.config["mounts"] = slices.DeleteFunc(b.config["mounts"].([]any), func(m any) bool { return m.(map[string]any)["type"] == "sysfs" })
	b.runs("sh", "-c", `exec 2>&1; cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups; id -u; id -g
rm -f /made; echo x > /made; stat -c '%u %g' /made; chown 1 /made; cat /proc/1/comm`)
	b.underBoth()
	const id = "ditto-test-ordinary"
	b.runs("sh", "-c", "trap 'exit 3' TERM; while :; do sleep 0.1; done")
	b.do("create", "--bundle", b.dir, id)
	b.do("start", id)
	assert.Equal(t, b.do("exec", id, "id", "-u"), "0\n")
	b.do("kill", id, "TERM")
	for b.status(id) != "stopped" {
		assert.NilError(t, t.Context().Err())
	}
	b.do("delete", id)
	info, err := os.Stat(filepath.Join(b.dir, "rootfs/made"))
	assert.NilError(t, err)
	assert.Equal(t, info.Sys().(*syscall.Stat_t).Uid, uint32(firstID))
}

// Docker can have every container's ids mapped.
func TestDockerRemapped(t *testing.T) {
	need(t, "useradd:passwd")
	const user = "ditto-test-remap"
	out, err := exec.Command("useradd", "--no-create-home", user).CombinedOutput() // with a range of ids
	assert.NilError(t, err, string(out))
	t.Cleanup(func() {
		out, err := exec.Command("userdel", user).CombinedOutput()
		assert.Check(t, err == nil, string(out))
	})
	d := startDocker(t, "--userns-remap", user)
	dir := t.TempDir()
	assert.NilError(t, os.WriteFile(filepath.Join(dir, "seen"), []byte("from the host\n"), 0o644))
	for parent := dir; parent != os.TempDir(); parent = filepath.Dir(parent) {
		assert.NilError(t, os.Chmod(parent, 0o755))
	}
	for _, c := range []struct {
		name string
		args []string
	}{
		{"ids", []string{image, "sh", "-c", "cat /proc/self/uid_map /proc/self/gid_map; id; stat -c '%u %g %n' /etc/passwd /proc/1 /etc/hosts"}},
		{"files", []string{image, "sh", "-c", "echo x > /made; chown 5:6 /made; stat -c '%u %g' /made; chown 70000 /made; mknod /node c 1 3; echo 127.0.0.9 more >> /etc/hosts; tail -1 /etc/hosts"}},
		{"another user", []string{"--user", "ann", image, "sh", "-c", "id; touch /made; touch /tmp/made && stat -c %u /tmp/made"}},
		{"volume", []string{"-v", dir + ":/data", image, "sh", "-c", "stat -c %u /data/seen; cat /data/seen; echo x > /data/made; echo x > /data/seen"}},
		{"volume of a name", []string{"-v", "volume:/data", image, "sh", "-c", "echo x > /data/x; stat -c %u /data /data/x; cat /data/x; rm /data/x"}},
		{"network", []string{"--network", "bridge", image, "sh", "-c", "ping -c 1 127.0.0.1 | grep transmitted; ip route | wc -l; ip link set lo mtu 1300"}},
		{"network to rule", []string{"--network", "bridge", "--cap-add", "NET_ADMIN", image, "sh", "-c", "ip link set lo mtu 1300 && ip addr show lo | head -1"}},
		{"capabilities", []string{"--cap-add", "ALL", "--security-opt", "seccomp=unconfined", image, "sh", "-c", "mkdir /m; mount -t tmpfs none /m && umount /m && echo mounted; hostname x && hostname; ulimit -Hn 9999999; date -s 2001-01-01; nice -n -1 echo nice"}},
		{"host's ids", []string{"--userns", "host", image, "cat", "/proc/self/uid_map"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			want, got := d.run(t, "runc", c.args...), d.run(t, "ditto", c.args...)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("ditto (+) differs from runc (-):\n%s", diff)
			}
		})
	}
}
