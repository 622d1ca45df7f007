// SPDX-License-Identifier: Apache-2.0

package fanotify_mark

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("scanner", "root cap:21", scanner)
	harness.Child("fanotify_mark.cat", cat)
}

// cat reads its files, and ends with how many it could not.
func cat(args []string) int {
	failed := 0
	for _, path := range args {
		if _, err := os.ReadFile(path); err != nil {
			failed++
		}
	}
	return failed
}

// scanner looks into each file that is about to be opened, as a virus scanner does, while several processes read.
func scanner(t *harness.T) {
	t.Must("mkdir", os.Mkdir("d", 0o755))
	var files []string
	for i := range 8 {
		path, text := fmt.Sprintf("d/%d", i), "good"
		if i%4 == 3 {
			text = "evil"
		}
		t.Must("write", os.WriteFile(path, []byte(text), 0o644))
		files = append(files, path)
	}
	fd, err := unix.FanotifyInit(unix.FAN_CLASS_CONTENT|unix.FAN_CLOEXEC, unix.O_RDONLY|unix.O_CLOEXEC)
	t.Must("init", err)
	t.Must("mark", unix.FanotifyMark(fd, unix.FAN_MARK_ADD, unix.FAN_OPEN_PERM|unix.FAN_EVENT_ON_CHILD, unix.AT_FDCWD, "d"))
	var asked, denied int
	var wg sync.WaitGroup
	const readers = 4
	wg.Go(func() {
		for asked < readers*len(files) {
			asked++
			if !judge(t, fd) {
				denied++
			}
		}
	})
	results := make([]string, readers)
	var readersDone sync.WaitGroup
	for i := range results {
		readersDone.Go(func() {
			cmd := harness.Command("fanotify_mark.cat", files...)
			_ = cmd.Run()
			results[i] = harness.Status(cmd)
		})
	}
	readersDone.Wait()
	wg.Wait()
	t.Observe("readers", "%v", results)
	t.Observe("asked", "%d, denied %d", asked, denied)
	t.Must("close", unix.Close(fd))
}

// judge takes one event and answers it.
func judge(t *harness.T, group int) bool {
	var b [unix.FAN_EVENT_METADATA_LEN]byte
	n, err := unix.Read(group, b[:])
	t.Must("event", err)
	t.Equal("size", n, len(b))
	fd := int32(binary.LittleEndian.Uint32(b[16:]))
	var text [16]byte
	n, err = unix.Read(int(fd), text[:])
	t.Must("look", err)
	answer := uint32(unix.FAN_ALLOW)
	if bytes.Equal(text[:n], []byte("evil")) {
		answer = unix.FAN_DENY
	}
	_, err = unix.Write(group, binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, uint32(fd)), answer))
	t.Must("answer", err)
	t.Must("close", unix.Close(int(fd)))
	return answer == unix.FAN_ALLOW
}
