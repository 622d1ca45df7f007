// SPDX-License-Identifier: Apache-2.0

package vfs

import "github.com/ditto-kernel/ditto/kernel/user"

// CopyData moves n bytes from one file to another (sendfile, copy_file_range):
// from *inPos, which it advances, to *outPos, or as write(2) would if that is
// nil. It returns how many the other took; an error only if none.
func CopyData(ctx Ctx, in *File, inPos *int64, out *File, outPos *int64, n int64) (int, error) {
	buf := GetBuffer(int(min(n, smallBuffer)))
	defer buf.Free()
	done := 0
	for n > 0 {
		p := buf.B[:min(int64(len(buf.B)), n)]
		dst := user.KernelBuf(p)
		got, err := in.Pread(ctx, &dst, *inPos)
		if err != nil || got == 0 {
			return partly(done, err)
		}
		if in.Inode == out.Inode {
			followCopy(p[:got], whereTo(out, outPos)-*inPos)
		}
		put, err := copyTo(ctx, out, outPos, p[:got])
		*inPos += int64(put)
		done += put
		n -= int64(put)
		if err != nil || put < got {
			return partly(done, err)
		}
	}
	return done, nil
}

// followCopy is for a file that is copied into itself, to distance bytes ahead. Linux's sendfile(2) carries pages of the
// file, and by the time the later ones are read the earlier have been written: the bytes between repeat.
func followCopy(p []byte, distance int64) {
	if distance <= 0 {
		return
	}
	for at := distance; at < int64(len(p)); {
		at += int64(copy(p[at:], p[:at]))
	}
}

// whereTo is where a copy to a file goes.
func whereTo(out *File, pos *int64) int64 {
	if pos == nil {
		return out.Pos()
	}
	return *pos
}

func copyTo(ctx Ctx, out *File, pos *int64, p []byte) (int, error) {
	src := user.KernelBuf(p)
	if pos == nil {
		// iter_file_splice_write: what a write left over is tried again, so
		// that one that stopped at RLIMIT_FSIZE raises its signal.
		n, err := out.Write(ctx, &src)
		for err == nil && n > 0 && n < len(p) {
			var more int
			rest := user.KernelBuf(p[n:])
			if more, err = out.Write(ctx, &rest); more <= 0 {
				break
			}
			n += more
		}
		return n, err
	}
	n, err := out.Pwrite(ctx, &src, *pos)
	*pos += int64(n)
	return n, err
}

// partly is the answer of a call that stopped early: an error counts only if
// nothing was done.
func partly(done int, err error) (int, error) {
	if done > 0 {
		return done, nil
	}
	return 0, err
}
