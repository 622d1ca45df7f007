// SPDX-License-Identifier: Apache-2.0

// This file is about files at their limits, and about programs that live by them: databases, copies of trees, packages.

package acceptance

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"gotest.tools/v3/assert"
)

// TestFilesAtTheirLimits works as natively, or fails as natively: what the limits of descriptors and of the file system are is the machine's.
func TestFilesAtTheirLimits(t *testing.T) {
	need(t, "python3")
	script, err := filepath.Abs("testdata/limits.py")
	assert.NilError(t, err)
	for _, l := range []struct {
		what string
		n    int
	}{
		{"entries", often(20_000, 1_000_000)},
		{"sparse", 10_000_000_000_000},
		{"path", 4096},
		{"descriptors", 100_000},
	} {
		t.Run(l.what, func(t *testing.T) { sameBothSides(t, fmt.Sprintf("python3 %s %s %d", script, l.what, l.n)) })
	}
}

var fileWork = []work{
	{name: "sqlite", needs: []string{"python3"}, script: `python3 -c '
import multiprocessing, sqlite3

def work(n):
    db = sqlite3.connect("db", timeout=60, isolation_level=None)
    for i in range(40):
        db.execute("begin immediate")
        (was,) = db.execute("select count(*) from t").fetchone()
        db.execute("insert into t values (?, ?, ?)", (n, i, was))
        db.execute("rollback" if i % 10 == 9 else "commit")
    db.close()

db = sqlite3.connect("db", isolation_level=None)
print(db.execute("pragma journal_mode=wal").fetchone())
db.execute("create table t (who, what, was unique)")
children = [multiprocessing.Process(target=work, args=(n,)) for n in range(8)]
reader = sqlite3.connect("db", isolation_level=None)
reader.execute("begin")
print("before", reader.execute("select count(*) from t").fetchone())
for c in children: c.start()
for c in children: c.join()
print([c.exitcode for c in children])
print("the same moment", reader.execute("select count(*) from t").fetchone())
reader.execute("commit")
print("after", reader.execute("select count(*), sum(was), count(distinct who) from t").fetchone())
print(db.execute("pragma integrity_check").fetchone(), db.execute("pragma wal_checkpoint(truncate)").fetchone())
reader.close()
db.close()
import os
print(sorted(os.listdir(".")))
'`},
	{name: "copied tree", needs: []string{"rsync", "tar"}, script: `
list() { (cd "$1" && find . -printf '%P %y %m %U %G %n %l %T@' \( -type d -o -printf ' %s' \) -printf '\n' | sort); }
mkdir tree
cp -a /etc/alternatives /usr/include/linux /usr/share/perl5 tree/
mkdir -m 1777 tree/sticky && mkdir -m 2755 tree/setgid && mkfifo -m 600 tree/fifo && install -m 4755 /bin/true tree/setuid
echo one >tree/one && ln tree/one tree/two && ln -s nowhere tree/dangling && chown 1:2 tree/one && touch -d '2001-02-03 04:05:06.789' tree/one
truncate -s 100M tree/sparse && printf x | dd of=tree/sparse bs=1 seek=50000000 conv=notrunc 2>/dev/null
setfattr -n user.note -v hello tree/one 2>/dev/null
touch -h -d '2002-02-02 02:02:02' tree/dangling; touch -d '2003-03-03 03:03:03' tree/sticky tree/setgid tree/fifo tree/setuid tree/sparse tree
list tree >listed; wc -l <listed; grep -v '^linux\|^perl5\|^alternatives' listed
cp -a tree copy && list copy | cmp - listed && diff -r --no-dereference tree copy && echo cp -a: the same
[ $(du -k copy/sparse | cut -f1) -lt 1000 ] && echo sparse
rsync -aHSX tree/ synced/ && list synced | cmp - listed && diff -r --no-dereference tree synced && echo rsync: the same
rsync -aHSX --itemize-changes tree/ synced/; echo changed >>synced/one; rm -r synced/linux/if.h; rsync -aHSXc --delete --itemize-changes tree/ synced/
mkdir untarred && tar -C tree --xattrs -Scf - . | tar -C untarred --xattrs -xpf - && list untarred | cmp - listed && diff -r --no-dereference tree untarred && echo tar: the same
rm -r tree copy synced untarred && ls`},
	// Access control lists here, on a file system in memory, and on an overlay.
	{name: "access control lists", needs: []string{"setfacl:acl", "rsync", "tar", "setpriv:util-linux", "unshare:util-linux"}, script: `
cat >lists <<'END'
seen() { (cd "$1" && find . | sort | xargs getfacl -np --); }
umask 022; mkdir "$1/t" && cd "$1/t" || exit 1
mkdir a; echo x >a/f; ln -s f a/l
setfacl -m u:1000:rwx,g:2000:r a/f && setfacl -d -m u:1000:rwx,g:2000:rx a && setfacl -R -m u:1001:rX a && seen a
umask 077; mkdir a/b; echo y >a/b/g; mkfifo a/b/p; seen a/b
chmod 640 a/f; getfacl -n a/f; ls a/f | xargs stat -c %A; ls -ld a/f a/b | cut -c11
seen a >was
cp -a a copy && seen copy | cmp - was && echo cp -a: the same
rsync -aA a/ synced && seen synced | cmp - was && echo rsync: the same; rsync -aA --itemize-changes a/ synced
mkdir untarred && tar -C a --acls -cf - . | tar -C untarred --acls -xpf - && seen untarred | cmp - was && echo tar: the same
mv a moved && seen moved | cmp - was && mv moved a && echo mv: the same
setfacl -m u:5:rwx,m::rx a/b/g && setfacl -n -m g:6:rwx a/b/g && setfacl -x u:1000 a/b/g && getfacl -n a/b/g
for u in 0:0 1001:9 1000:9 5:9 9:2000 9:6 9:9; do for f in f b b/g; do
  setpriv --reuid ${u%:*} --regid ${u#*:} --clear-groups sh -c 'for m in r w x; do [ -$m "$1" ] && printf $m || printf -; done' - a/$f; printf ' '; done; echo $u; done
getfacl -nR a >saved && setfacl -R -b a && seen a && setfacl --restore=saved && seen a
setfacl -k a/b; setfacl -b a/f; seen a; setfacl -d -m u:1:r a/f; setfacl -m u:nobodyknows:r a/f; setfacl -m m::r a/l && getfacl -n a/f
cd .. && rm -r t
END
bash lists . 2>&1
unshare -m bash -c '
mkdir top && mount -t tmpfs -o mode=755 top top && bash lists top 2>&1
mkdir top/lower top/lower/d top/upper top/work top/root && setfacl -d -m u:7:rwx top/lower/d && setfacl -m u:7:rwx top/lower
mount -t overlay -o lowerdir=top/lower,upperdir=top/upper,workdir=top/work root top/root && bash lists top/root 2>&1
getfacl -n top/root/d; touch top/root/d/new; chmod 700 top/root/d; getfacl -n top/root/d top/root/d/new top/upper top/upper/d/new top/lower/d'
rm -r lists top`},
	// A package with scripts and a configuration file, in a root that is the machine's own below, and new above: nothing of it stays.
	{name: "packages", needs: []string{"unshare:util-linux", "dpkg-deb:dpkg", "apt-get:apt"}, script: `
mkdir -p pkg/DEBIAN pkg/etc pkg/usr/bin top
cat >pkg/DEBIAN/control <<END
Package: ditto-probe
Version: 1.0
Architecture: all
Maintainer: nobody <nobody@localhost>
Description: a probe
END
echo /etc/ditto-probe.conf >pkg/DEBIAN/conffiles; echo first >pkg/etc/ditto-probe.conf
for s in preinst postinst prerm postrm; do printf '#!/bin/sh\necho %s "$1"\n' $s >pkg/DEBIAN/$s; chmod 755 pkg/DEBIAN/$s; done
printf '#!/bin/sh\necho it runs\n' >pkg/usr/bin/ditto-probe; chmod 755 pkg/usr/bin/ditto-probe
SOURCE_DATE_EPOCH=1 dpkg-deb --root-owner-group -b pkg probe.deb >/dev/null
sed -i s/1.0/1.1/ pkg/DEBIAN/control; SOURCE_DATE_EPOCH=1 dpkg-deb --root-owner-group -b pkg newer.deb >/dev/null
cat >inside <<'END'
export DEBIAN_FRONTEND=noninteractive
seen() { dpkg -s ditto-probe 2>/dev/null | grep -E '^(Status|Version)'; ls /etc/ditto-probe.conf /usr/bin/ditto-probe 2>/dev/null; }
cd /packages
dpkg -i probe.deb 2>&1 | grep -v database; seen; ditto-probe
echo changed >/etc/ditto-probe.conf
apt-get -q -o APT::Sandbox::User=root install -y ./newer.deb 2>&1 | grep -E 'inst|postrm|prerm|upgraded,' | tr -d '\r'; seen; cat /etc/ditto-probe.conf
apt-get -q remove -y ditto-probe 2>&1 | grep -E 'prerm|postrm|remove' | tr -d '\r'; seen
dpkg -P ditto-probe 2>&1 | grep -v database; seen; echo end
END
unshare -m bash -c '
mount -t tmpfs top top && mkdir top/upper top/work top/root && mount -t overlay -o lowerdir=/,upperdir=top/upper,workdir=top/work root top/root || exit 1
mkdir top/root/packages && cp *.deb inside top/root/packages/
for d in proc dev sys; do mount --rbind /$d top/root/$d || exit 1; done
chroot top/root bash /packages/inside'
rm -r pkg top inside *.deb; dpkg -s ditto-probe 2>&1 | head -1`},
}

// TestFileWork wants of programs that work with files what they do natively, where that may give files to others and mount.
func TestFileWork(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("changes owners and mounts natively, as root")
	}
	for _, p := range fileWork {
		t.Run(p.name, func(t *testing.T) {
			need(t, p.needs...)
			sameBothSides(t, p.script, p.env...)
		})
	}
}
