// SPDX-License-Identifier: Apache-2.0

package vfstest

// someFiles is a tree that most scripts start with.
const someFiles = `
	mkdir d 0755
	mkdir d/sub 0755
	mkdir empty 0755
	open x f CREAT|WRONLY 0644
	write x content
	close x
	open x d/g CREAT|WRONLY 0600
	write x inner
	close x
	open x d/sub/deep CREAT|WRONLY 0644
	write x deepest
	close x
	symlink f link
	symlink d dirlink
	symlink nowhere dangling
	symlink loop2 loop1
	symlink loop1 loop2
	symlink d/ slashlink
	symlink ../f d/up
`

// Scripts are what every writable file system must answer as the host does.
var Scripts = []Script{
	{Name: "names", Before: someFiles, Do: `
		stat f
		stat f/
		stat f/.
		stat f/x
		stat d/
		stat d//sub/./deep
		stat d/../f
		stat d/up
		stat link
		lstat link
		stat link/
		stat dirlink/g
		lstat dirlink
		lstat dirlink/
		lstat slashlink/.
		stat dangling
		lstat dangling
		stat loop1
		lstat loop1
		stat loop1/x
		stat missing
		stat missing/x
		stat missing/
		stat ''
		stat @255
		stat @256
		stat @300/x
		stat @4095
		stat @4096
		readlink link
		readlink f
		readlink missing
		readlink slashlink
		ls .
		ls d
		ls f
		ls dirlink
	`},
	{Name: "open", Before: someFiles, Do: `
		open a f RDONLY 0
		read a 100
		read a 100
		write a x
		open b f WRONLY 0
		read b 1
		open c f/ RDONLY 0
		open c d WRONLY 0
		open c d RDWR 0
		open c d RDONLY 0
		read c 10
		open e d CREAT 0644
		open e d/ CREAT|RDWR 0644
		open e new/ CREAT|RDWR 0644
		open e f/ CREAT|RDWR 0644
		open e f CREAT|EXCL|RDWR 0644
		open e dangling CREAT|EXCL|RDWR 0644
		open e link CREAT|EXCL|RDWR 0644
		open e link NOFOLLOW 0
		open e link NOFOLLOW|PATH 0
		fstat e
		open e link NOFOLLOW|DIRECTORY 0
		open e f DIRECTORY 0
		open e link DIRECTORY 0
		open e dirlink DIRECTORY 0
		open e dirlink NOFOLLOW|DIRECTORY 0
		open e loop1 RDONLY 0
		open e loop1 CREAT|RDWR 0644
		open g dangling CREAT|RDWR 0640
		stat nowhere
		open h missing/x CREAT|RDWR 0644
		open h @256 CREAT|RDWR 0644
		open h . CREAT|RDWR 0644
		open h .. RDONLY|DIRECTORY 0
		open i nocontent CREAT|RDONLY 0
		fstat i
		open j noaccess CREAT|RDWR 0
		write j data
		open k f TRUNC|WRONLY 0
		stat f
		open l d TRUNC 0
		open m f PATH 0
		read m 1
		fstat m
		open n f PATH|DIRECTORY 0
		open o f CREAT|DIRECTORY 0644
	`},
	{Name: "data", Before: someFiles, Do: `
		open a f RDWR 0
		pwrite a XX 2
		pread a 100 0
		write a ab
		read a 3
		seek a 0 CUR
		seek a 2 END
		write a end
		pread a 100 0
		seek a -1 SET
		seek a -100 CUR
		seek a 0 99
		seek a 0 END
		truncate a 4
		fstat a
		pread a 100 0
		truncate a 10
		pread a 100 0
		truncate a -1
		open b f APPEND|WRONLY 0
		write b tail
		seek b 0 CUR
		seek b 0 SET
		write b more
		pwrite b Z 0
		pread a 100 0
		stat f
		open c f RDONLY 0
		truncate c 0
		unlink f
		fstat a
		pread a 5 0
		write b after
		fstat a
		open d d/g RDONLY 0
		open e d/g RDWR|TRUNC 0
		pread d 10 0
		write e changed
		pread d 10 0
		pread d 0 0
	`},
	{Name: "holes", Before: someFiles, Do: `
		open a sparse CREAT|RDWR 0644
		pwrite a data 20000
		seek a 0 DATA
		seek a 0 HOLE
		seek a 16384 HOLE
		seek a 20004 DATA
		seek a 20003 DATA
		seek a 30000 HOLE
		pread a 6 19999
		pread a 3 5
		pwrite a head 0
		seek a 0 HOLE
		seek a 4 DATA
		seek a 4096 DATA
		fallocate a KEEP|PUNCH 0 2
		pread a 6 0
		fallocate a KEEP|PUNCH 0 4096
		pread a 6 0
		seek a 0 DATA
		fallocate a 0 0 4096
		seek a 0 DATA
		fallocate a KEEP 30000 5000
		fstat a
		fallocate a 0 30000 5000
		fstat a
		pwrite a far 10000000
		fstat a
		pread a 6 9999998
		pread a 6 19999
		truncate a 5000000
		fstat a
		seek a 5000001 DATA
		pwrite a veryfar 5000000000
		fstat a
		seek a 4294967296 DATA
		truncate a 3
		fallocate a KEEP|PUNCH 0 2
		pread a 9 0
		fallocate a KEEP|PUNCH 0 4096
		fstat a
	`},
	{Name: "a hole without end", Do: `
		open a sparse CREAT|RDWR 0644
		truncate a 4611686018427387904
		seek a 0 DATA
		seek a 5 HOLE
		pwrite a head 0
		seek a 0 DATA
		seek a 0 HOLE
		seek a 5000 DATA
		seek a 4611686018427387903 HOLE
		seek a 4611686018427387904 HOLE
		pwrite a second 4096
		truncate a 4097
		seek a 4096 HOLE
		seek a 4096 DATA
	`},
	{Name: "mkdir and rmdir", Before: someFiles, Do: `
		mkdir d 0755
		mkdir f 0755
		mkdir link 0755
		mkdir dangling 0755
		mkdir dangling/ 0755
		mkdir new/ 0700
		mkdir new/a/b 0700
		mkdir . 0755
		mkdir d/.. 0755
		mkdir f/x 0755
		mkdir ''  0755
		mkdir sticky 01777
		mkdir setgid 02775
		stat sticky
		stat setgid
		rmdir d
		rmdir f
		rmdir link
		rmdir dirlink
		rmdir dirlink/
		rmdir .
		rmdir empty/.
		rmdir empty/..
		rmdir missing
		rmdir empty/
		stat empty
		rmdir new
		ls .
		mkdir empty 0755
		open e empty RDONLY|DIRECTORY 0
		rmdir empty
		fstat e
		mkdir empty 0711
		stat empty
		unlink d/sub/deep
		rmdir d/sub
		ls d
	`},
	{Name: "unlink", Before: someFiles, Do: `
		unlink d
		unlink d/
		unlink f/
		unlink link/
		unlink dirlink/
		unlink missing
		unlink missing/
		unlink .
		unlink ..
		unlink f/x
		unlink dangling
		unlink loop1
		unlink link
		stat f
		link f hard
		stat hard
		unlink f
		stat hard
		stat f
		unlink hard
		unlink hard
		ls .
	`},
	{Name: "link", Before: someFiles, Do: `
		link f hard
		stat f
		link f hard
		link f d
		link f link
		link f dangling
		link d dhard
		link missing x
		link f missing/x
		link f new/
		link link linkhard
		lstat linkhard
		open a hard WRONLY 0
		write a CHANGED
		open b f RDONLY 0
		read b 10
		symlink '' x
		symlink target f
		symlink target new
		symlink target newdir/
		mknod fifo FIFO|0644 0
		stat fifo
		mknod sock SOCK|0644 0
		lstat sock
		mknod reg REG|0600 0
		stat reg
		mknod plain 0640 0
		stat plain
		mknod dir DIR|0755 0
		mknod f FIFO|0644 0
		open s sock RDONLY 0
	`},
	{Name: "rename", Before: someFiles, Do: `
		rename f f 0
		rename f g 0
		ls .
		rename g d 0
		rename d g 0
		rename missing x 0
		rename g missing/x 0
		rename d d/sub/x 0
		rename d d/sub 0
		rename d/sub d 0
		rename empty d 0
		rename d empty 0
		ls .
		ls empty
		ls empty/sub
		rename empty/g empty/sub/deep 0
		open a empty/sub/deep RDONLY 0
		read a 10
		rename g/ h 0
		rename g h/ 0
		rename empty/ moved/ 0
		ls moved
		rename . x 0
		rename moved/.. x 0
		rename g . 0
		rename link moved/link 0
		readlink moved/link
		rename g dirlink NOREPLACE
		rename g other NOREPLACE
		rename other moved EXCHANGE
		ls other
		stat moved
		rename other missing EXCHANGE
		rename other/sub moved EXCHANGE
		ls other
		ls moved
		stat other/sub
		rename other moved NOREPLACE|EXCHANGE
		rename other other/x EXCHANGE
		rename moved/deep @256 0
		rename dangling other/dangling 0
		ls other
		ls .
	`},
	{Name: "hard links and rename", Before: someFiles, Do: `
		link f hard
		rename f hard 0
		ls .
		stat f
		rename hard f 0
		open a f RDONLY 0
		rename d/g f 0
		fstat a
		stat f
		read a 10
		ls d
	`},
	{Name: "a removed directory", Before: someFiles, Do: `
		open e empty RDONLY|DIRECTORY 0
		rename d empty 0
		fstat e
		open g empty/sub RDONLY|DIRECTORY 0
		unlink empty/sub/deep
		rmdir empty/sub
		ls empty
		mkdir empty/sub 0700
		ls empty/sub
		stat empty/sub
		open x empty/sub/deep CREAT|EXCL|WRONLY 0600
		ls empty/sub
	`},
	{Name: "attributes", Before: someFiles, Do: `
		chmod f 04755
		stat f
		chown f 5 6
		stat f
		chmod f 02755
		chown f -1 7
		stat f
		chmod f 02745
		chown f 8 -1
		stat f
		chmod link 0600
		stat f
		lstat link
		chmod dangling 0600
		chmod d 02777
		mkdir d/inherit 0755
		stat d/inherit
		chown d 0 9
		mkdir d/inherit2 0755
		stat d/inherit2
		open a d/file CREAT|WRONLY 02755
		fstat a
		access f 0
		access f 7
		access f 1
		access missing 0
		access link 4
	`},
	{Name: "extended attributes", Before: someFiles, Do: `
		open a f RDWR 0
		getxattr a trusted.x
		setxattr a trusted.x one 0
		getxattr a trusted.x
		setxattr a trusted.x two XCREATE
		setxattr a trusted.y two XREPLACE
		setxattr a trusted.x three XREPLACE
		getxattr a trusted.x
		removexattr a trusted.x
		removexattr a trusted.x
		getxattr a nothing.x
		setxattr a nothing.x v 0
		setxattr a trusted. v 0
	`},
	{Name: "access control lists", Before: someFiles, Do: `
		open a f RDWR 0
		getacl a access
		setacl a access u:rw,u1000:r,g:r,m:rw,o:r
		getacl a access
		fstat a
		setacl a default u:rw,g:r,o:r
		getacl a default
		chmod f 04751
		getacl a access
		chown f 5 6
		getacl a access
		fstat a
		setacl a access u:rw,u1000:r,g:r,o:r
		setacl a access u:rw,g:r,o:
		fstat a
		getacl a access
		setacl a access u:rw,g:,g7:rwx,m:x,o:
		removexattr a system.posix_acl_access
		fstat a
		open b d RDONLY 0
		setacl b default u:rwx,u1000:rwx,g:rx,m:rwx,o:r
		getacl b default
		getacl b access
		open c d/new CREAT|EXCL|RDWR 0660
		getacl c access
		fstat c
		mkdir d/below 02777
		open e d/below RDONLY 0
		getacl e access
		getacl e default
		mknod d/fifo FIFO|0666 0
		lstat d/fifo
		symlink target d/link
		lstat d/link
		open g d TMPFILE|RDWR 0666
		getacl g access
		fstat g
		chmod d 02777
		open h d/group CREAT|EXCL|RDWR 02777
		fstat h
		getacl h access
	`},
	{Name: "what access control lists permit", User: true, Before: someFiles + `
		open a f RDWR 0
		setacl a access u:rw,u1000:rw,g:,m:rx,o:rwx
		open b d RDONLY 0
		setacl b access u:rwx,g:rx,g1000:r,m:rwx,o:rwx
		mkdir open 0700
		open c open RDONLY 0
		setacl c access u:rwx,u1000:rwx,g:,m:rwx,o:
		setacl c default u:rwx,u1000:rx,g:,m:rwx,o:
	`, Do: `
		access f 4
		access f 2
		access f 1
		open a f RDONLY 0
		getacl a access
		setacl a access u:rw,g:rw,o:rw
		open b f RDWR 0
		ls d
		stat d/g
		mkdir d/x 0777
		open c open/mine CREAT|RDWR 0666
		getacl c access
		fstat c
		setacl c access u:rw,u0:rw,g:r,m:rw,o:
		fstat c
		mkdir open/dir 0755
		stat open/dir
	`},
	{Name: "files without a name", Before: someFiles, Do: `
		open a d TMPFILE|RDWR 0640
		fstat a
		write a data
		flink a named
		stat named
		fstat a
		open b d TMPFILE|RDONLY 0640
		open b f TMPFILE|RDWR 0640
		open b missing TMPFILE|RDWR 0640
		open c d TMPFILE|EXCL|RDWR 0640
		flink c never
	`},
	{Name: "openat2", Before: someFiles, Do: `
		openat2 a d/../f RDONLY 0 BENEATH
		openat2 a ../x RDONLY 0 BENEATH
		openat2 a /f RDONLY 0 BENEATH
		openat2 a d/up RDONLY 0 BENEATH
		openat2 a /f RDONLY 0 IN_ROOT
		openat2 a ../../f RDONLY 0 IN_ROOT
		openat2 a d/../../f RDONLY 0 IN_ROOT
		openat2 a link RDONLY 0 NO_SYMLINKS
		openat2 a link NOFOLLOW|PATH 0 NO_SYMLINKS
		openat2 a dirlink/g RDONLY 0 NO_SYMLINKS
		openat2 a link RDONLY 0 NO_MAGICLINKS
		openat2 a d/g RDONLY 0 NO_XDEV
	`},
	{Name: "permissions", User: true, Before: someFiles + `
		mkdir mine 0755
		chown mine 1000 1000
		open x mine/f CREAT 0644
		chown mine/f 1000 1000
		open x mine/theirs CREAT 0644
		mkdir shut 0700
		open x shut/f CREAT 0666
		mkdir search 0711
		open x search/f CREAT 0666
		mkdir list 0744
		open x list/f CREAT 0666
		mkdir sticky 01777
		open x sticky/theirs CREAT 0666
		open x sticky/mine CREAT 0666
		chown sticky/mine 1000 1000
		mkdir group 02770
		chown group 0 1000
		open x secret CREAT 0600
		open x suid CREAT 0666
		chown suid 1000 1000
		chmod suid 06777
	`, Do: `
		open a f WRONLY 0
		open a secret RDONLY 0
		open a secret PATH 0
		stat shut/f
		stat search/f
		ls search
		ls list
		stat list/f
		mkdir x 0755
		mkdir mine/x 0755
		stat mine/x
		unlink f
		unlink mine/theirs
		unlink sticky/theirs
		rename sticky/theirs sticky/t2 0
		rename mine/f sticky/theirs 0
		unlink sticky/mine
		chmod f 0777
		chmod mine/f 02755
		stat mine/f
		chown mine/f 0 -1
		chown mine/f -1 1000
		chown mine/f -1 5
		chown mine/f 1000 -1
		mkdir group/sub 0755
		stat group/sub
		open b group/exec CREAT|RDWR 02755
		fstat b
		open c suid WRONLY 0
		write c data
		fstat c
		link f mine/hard
		link secret mine/hard
		link suid mine/hard
		link mine/f mine/hard
		access f 2
		access f 4
		access shut/f 0
		rmdir empty
		mknod mine/dev CHR|0644 259
		mknod mine/fifo FIFO|0644 0
		open d f NOATIME 0
		open d mine/f NOATIME 0
		open e sticky/theirs CREAT|RDWR 0644
		rename mine/x group/sub 0
		rename d mine/d 0
		open g mine/noaccess CREAT|RDWR 0
		open h mine/noaccess RDONLY 0
		open k f TRUNC 0
		fstat g
		chmod mine 0
		stat mine/missing
		open l mine/missing RDONLY 0
		chmod mine 0755
		stat mine/missing
	`},
}
