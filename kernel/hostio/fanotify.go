// SPDX-License-Identifier: Apache-2.0

// This file hears of what others on the host do to files, by the host's fanotify(7).

package hostio

import (
	"bytes"
	"encoding/binary"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// Watch is a group of fanotify, as any process may have one: it tells of files by their handles, and of no process but this one
// who did something. Its methods are safe for concurrent use, but for Read.
type Watch struct{ fd int }

// What x/sys/unix has no names for.
const (
	fanReportTarget = 0x1000 // FAN_REPORT_TARGET_FID
	fanRename       = 0x10000000
	fanOldDirName   = 10 // FAN_EVENT_INFO_TYPE_OLD_DFID_NAME
	fanNewDirName   = 12 // FAN_EVENT_INFO_TYPE_NEW_DFID_NAME
	atHandleFID     = 0x200
)

// WatchedEvents is what a Watch tells of: all that changes a file, and nothing of those who only read it.
const WatchedEvents = unix.FAN_MODIFY | unix.FAN_ATTRIB | unix.FAN_CLOSE_WRITE | unix.FAN_CREATE | unix.FAN_DELETE | unix.FAN_DELETE_SELF |
	unix.FAN_MOVE_SELF | fanRename

// FileID names a file on the host, as events do.
type FileID string

// NewWatch is a group that watches nothing yet. EINVAL and ENOSYS are of a host that has none for us, EMFILE of one that has no more.
func NewWatch() (*Watch, error) {
	fd, err := unix.FanotifyInit(unix.FAN_CLASS_NOTIF|unix.FAN_CLOEXEC|unix.FAN_NONBLOCK|unix.FAN_REPORT_FID|unix.FAN_REPORT_DFID_NAME|fanReportTarget, unix.O_RDONLY)
	if err != nil {
		return nil, os.NewSyscallError("fanotify_init", err)
	}
	return &Watch{fd}, nil
}

// FD is to be waited for with hostpoll.
func (w *Watch) FD() int { return w.fd }

// Close ends it.
func (w *Watch) Close() error { return unix.Close(w.fd) }

// marks is what is marked of a file: of a directory what happens to its entries as well.
func marks(dir bool) uint64 {
	if dir {
		return WatchedEvents | unix.FAN_ONDIR | unix.FAN_EVENT_ON_CHILD
	}
	return WatchedEvents &^ (unix.FAN_CREATE | unix.FAN_DELETE | fanRename)
}

// Add watches the file that fd has open, and tells by which name events have it.
func (w *Watch) Add(fd int, dir bool) (FileID, error) {
	id, err := fileID(fd)
	if err != nil {
		return "", err
	}
	return id, unix.FanotifyMark(w.fd, unix.FAN_MARK_ADD, marks(dir), fd, "")
}

// Remove ends that.
func (w *Watch) Remove(fd int, dir bool) error {
	return unix.FanotifyMark(w.fd, unix.FAN_MARK_REMOVE, marks(dir), fd, "")
}

// fileID is the FileID of what fd has open.
func fileID(fd int) (FileID, error) {
	var fs unix.Statfs_t
	if err := unix.Fstatfs(fd, &fs); err != nil {
		return "", err
	}
	h, _, err := unix.NameToHandleAt(fd, "", unix.AT_EMPTY_PATH|atHandleFID)
	if err == unix.EINVAL { // before Linux 6.5
		h, _, err = unix.NameToHandleAt(fd, "", unix.AT_EMPTY_PATH)
	}
	if err != nil {
		return "", err
	}
	b := binary.NativeEndian.AppendUint32(nil, uint32(fs.Fsid.Val[0]))
	b = binary.NativeEndian.AppendUint32(b, uint32(fs.Fsid.Val[1]))
	return joinID(b, h.Type(), h.Bytes()), nil
}

func joinID(fsid []byte, kind int32, handle []byte) FileID {
	return FileID(string(fsid) + strconv.Itoa(int(kind)) + ":" + string(handle))
}

// WatchEvent is something that happened. What is not known, or not to the matter, is empty.
type WatchEvent struct {
	Mask uint64 // FAN_*
	PID  int    // of who did it, if it was this process
	File FileID
	Dir  FileID // where the file stands, or from where it was moved
	Name string // there; ".": it is the directory itself that it happened to
	// NewDir and NewName are where it was moved.
	NewDir  FileID
	NewName string
}

// Moved tells whether the event is of a rename.
func (e *WatchEvent) Moved() bool { return e.Mask&fanRename != 0 }

// Read appends what happened since to list; buf is for its use. EAGAIN: nothing.
func (w *Watch) Read(list []WatchEvent, buf []byte) ([]WatchEvent, error) {
	n, err := unix.Read(w.fd, buf)
	if err != nil {
		return list, err
	}
	return parseWatchEvents(list, buf[:n]), nil
}

// parseWatchEvents reads what the host wrote: struct fanotify_event_metadata, and the records behind each.
func parseWatchEvents(list []WatchEvent, b []byte) []WatchEvent {
	const head = 24
	for len(b) >= head {
		size := int(binary.NativeEndian.Uint32(b))
		infos := int(binary.NativeEndian.Uint16(b[6:]))
		if size < head || size > len(b) || infos < head || infos > size {
			break
		}
		e := WatchEvent{Mask: binary.NativeEndian.Uint64(b[8:]), PID: int(int32(binary.NativeEndian.Uint32(b[20:])))}
		e.parseInfos(b[infos:size])
		list, b = append(list, e), b[size:]
	}
	return list
}

// parseInfos reads records of struct fanotify_event_info_fid.
func (e *WatchEvent) parseInfos(b []byte) {
	const head, handleHead = 4, 8 // and the file system's id, of 8 bytes, between them
	for len(b) >= head {
		kind, size := b[0], int(binary.NativeEndian.Uint16(b[2:]))
		if size < head || size > len(b) {
			return
		}
		info := b[head:size]
		b = b[size:]
		if len(info) < 8+handleHead {
			continue
		}
		length := int(binary.NativeEndian.Uint32(info[8:]))
		rest := info[8+handleHead:]
		if length > len(rest) {
			continue
		}
		id := joinID(info[:8], int32(binary.NativeEndian.Uint32(info[12:])), rest[:length])
		name, _, _ := bytes.Cut(rest[length:], []byte{0})
		switch kind {
		case unix.FAN_EVENT_INFO_TYPE_FID:
			e.File = id
		case unix.FAN_EVENT_INFO_TYPE_DFID_NAME, fanOldDirName:
			e.Dir, e.Name = id, string(name)
		case fanNewDirName:
			e.NewDir, e.NewName = id, string(name)
		}
	}
}
