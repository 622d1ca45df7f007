// SPDX-License-Identifier: Apache-2.0

// Package loader puts programs into address spaces: ELF files with their
// interpreters, #! scripts, the stack that a program starts with, and the
// credentials that it runs with (fs/exec.c, fs/binfmt_elf.c,
// fs/binfmt_script.c). Whatever a file says is checked before it is used.
package loader

import (
	"path"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Request is what is to be run, by whom.
type Request struct {
	Platform platform.Platform
	Ctx      vfs.Ctx
	At       vfs.At // where the paths of interpreters start
	// File is the program, opened by OpenExec; Load keeps the caller's
	// reference as it is. Filename is the path as the caller named it.
	File       *vfs.File
	Filename   string
	Argv, Envp [][]byte // without NULs; Argv has at least one string
	// Inaccessible says that the path will not lead to a script once the
	// program runs (a descriptor that closes on exec).
	Inaccessible bool
	// SamePlaces leaves addresses as they are without randomisation
	// (ADDR_NO_RANDOMIZE).
	SamePlaces bool
	// FromTheBottom lets mappings go upwards (ADDR_COMPAT_LAYOUT).
	FromTheBottom bool
	Comm          string // the task's name to be; "": the last part of Filename
}

// Release drops an image that was not used.
func Release(img *task.Image) {
	img.Thread.Exit()
	img.MM.AddressSpace().Kill()
	img.MM.DecRef()
	img.Exe.DecRef()
}

// Fatal wraps an error behind the point where Linux has thrown the old
// program away: the caller gets SIGSEGV, since there is nothing to go back to.
type Fatal struct{ Err error }

func (f Fatal) Error() string { return f.Err.Error() }

// Unwrap is the cause.
func (f Fatal) Unwrap() error { return f.Err }

const maxInterpreters = 5 // of scripts that name scripts, before ELOOP

// loading is one exec in progress.
type loading struct {
	*Request
	file   *vfs.File // what is loaded: the file, or its script's interpreter
	interp *vfs.File
	argv   [][]byte
	head   []byte
	prog   *program
	ld     *program
	creds  *cred.Creds
	secure bool
}

// Load builds the address space of a program. Errors are errnos, or Fatal.
func Load(r *Request) (*task.Image, error) {
	l := &loading{Request: r, argv: r.Argv, file: r.File.IncRef()}
	defer l.close()
	if err := l.resolve(); err != nil {
		return nil, err
	}
	if err := l.checkSize(); err != nil {
		return nil, err
	}
	if err := l.credentials(); err != nil {
		return nil, err
	}
	if l.secure {
		l.SamePlaces, l.FromTheBottom = false, false
	}
	if err := l.interpreter(); err != nil {
		return nil, err
	}
	as, th, err := r.Platform.NewAddressSpace()
	if err != nil {
		return nil, err
	}
	space := mm.New(as, r.Platform.Layout())
	if l.FromTheBottom {
		space.FromTheBottom()
	}
	img := &task.Image{Thread: th, MM: space, Exe: l.file.IncRef(), Creds: l.creds, SecureExec: l.secure, Comm: r.Comm}
	if img.Comm == "" {
		img.Comm = path.Base(r.Filename)
	}
	if err := l.build(img); err != nil {
		Release(img)
		return nil, Fatal{err}
	}
	return img, nil
}

func (l *loading) close() {
	l.file.DecRef()
	if l.interp != nil {
		l.interp.AllowWrite() // only the program itself stays busy
		l.interp.DecRef()
	}
}

// resolve follows scripts to the program that runs them.
func (l *loading) resolve() error {
	script := l.Filename
	for depth := 0; ; depth++ {
		if depth > maxInterpreters {
			return unix.ELOOP
		}
		var err error
		if l.head, err = readHead(l.Ctx, l.file); err != nil {
			return err
		}
		l.prog, err = parse(l.head, l.reader(l.file))
		if err == nil || len(l.head) < 2 || string(l.head[:2]) != "#!" {
			return err
		}
		interp, arg, hasArg, err := parseScript(l.head)
		if err != nil {
			return err
		}
		if l.Inaccessible {
			return unix.ENOENT
		}
		f, err := l.openInterpreter(interp)
		if err != nil {
			return err
		}
		l.file.DecRef()
		l.file = f
		argv := [][]byte{[]byte(interp)}
		if hasArg {
			argv = append(argv, []byte(arg))
		}
		l.argv = append(append(argv, []byte(script)), l.argv[1:]...)
		script = interp
	}
}

// openInterpreter opens what a script or program names. Unlike execve(2)
// itself Linux takes an empty name for the working directory here.
func (l *loading) openInterpreter(name string) (*vfs.File, error) {
	if name == "" {
		return nil, unix.EACCES
	}
	return OpenExec(l.Ctx, l.At, name, true)
}

// checkSize is the limit on the strings, which a script's may have passed.
func (l *loading) checkSize() error {
	b, err := NewBudget(l.Ctx.RLimit(unix.RLIMIT_STACK), len(l.Argv), len(l.Envp))
	if err != nil {
		return err
	}
	for _, list := range [][][]byte{{[]byte(l.Filename)}, l.Envp, l.argv} {
		for _, s := range list {
			if err := b.Take(len(s)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *loading) credentials() error {
	a, err := l.file.Inode.Attr(l.Ctx)
	if err != nil {
		return err
	}
	var fc *fileCaps
	nosuid := l.file.Path.Mount != nil && !l.file.Path.Mount.MaySuid(l.Ctx.Creds())
	if !nosuid {
		switch raw, err := l.file.Inode.Getxattr(l.Ctx, "security.capability"); err {
		case nil:
			if fc, err = parseCaps(raw, l.Ctx.Creds().NS()); err != nil {
				return err
			}
		case unix.ENODATA, unix.EOPNOTSUPP:
		default:
			return err
		}
	}
	tracee, ok := l.Ctx.(interface{ TracerIsWeak() bool })
	traced := ok && tracee.TracerIsWeak()
	l.creds, l.secure, err = execCreds(l.Ctx.Creds(), &a, fc, nosuid, traced)
	return err
}

// interpreter opens and parses what PT_INTERP names.
func (l *loading) interpreter() error {
	if l.prog.interp == "" {
		return nil
	}
	f, err := l.openInterpreter(l.prog.interp)
	if err != nil {
		return err
	}
	l.interp = f
	head, err := readHead(l.Ctx, f)
	if err != nil {
		return err
	}
	if len(head) < ehdrSize {
		return unix.EIO
	}
	if l.ld, err = parse(head, l.reader(f)); err != nil {
		return unix.ELIBBAD
	}
	return nil
}

func readHead(ctx vfs.Ctx, f *vfs.File) ([]byte, error) {
	head := make([]byte, headSize)
	n, err := readAt(ctx, f, head, 0)
	return head[:n], err
}

func (l *loading) reader(f *vfs.File) reader {
	return func(p []byte, off uint64) (int, error) { return readAt(l.Ctx, f, p, off) }
}

// readAt reads a file that need not be open for reading: exec may.
func readAt(ctx vfs.Ctx, f *vfs.File, p []byte, off uint64) (int, error) {
	pos, done := int64(off), 0
	for done < len(p) {
		b := user.KernelBuf(p[done:])
		n, err := f.Ops.Read(ctx, f, &b, &pos)
		if n <= 0 || err != nil {
			return done, err
		}
		done += n
	}
	return done, nil
}
