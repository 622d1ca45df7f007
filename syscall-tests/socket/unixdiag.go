// SPDX-License-Identifier: Apache-2.0

// This file is what netlink's SOCK_DIAG tells of sockets of AF_UNIX, of all of them and of one.

package socket

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("unix_diag", "", unixDiag)
	harness.Case("unix_diag_errors", "", unixDiagErrors)
}

const diagByFamily, everyState, everything = 20, 0xffffffff, 0x7f

// diagRequest is a request with a struct unix_diag_req.
func diagRequest(flags uint16, states, ino, show uint32, cookie uint64) []byte {
	p := binary.NativeEndian.AppendUint32(nil, unix.SizeofNlMsghdr+24)
	p = binary.NativeEndian.AppendUint16(p, diagByFamily)
	p = binary.NativeEndian.AppendUint16(p, unix.NLM_F_REQUEST|flags)
	p = append(binary.NativeEndian.AppendUint32(p, 5), 0, 0, 0, 0)
	p = append(p, unix.AF_UNIX, 0, 0, 0)
	for _, v := range []uint32{states, ino, show} {
		p = binary.NativeEndian.AppendUint32(p, v)
	}
	return binary.NativeEndian.AppendUint64(p, cookie)
}

// diagAnswers are the messages that answer a request, up to an error, the end, or the one that there is of one socket.
func diagAnswers(t *harness.T, request []byte) (bodies [][]byte, err error) {
	fd, e := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	t.Must("socket", e)
	defer unix.Close(fd)
	t.Must("send", unix.Sendto(fd, request, 0, &unix.SockaddrNetlink{}))
	buf := make([]byte, 1<<16)
	for {
		n, _, e := unix.Recvfrom(fd, buf, unix.MSG_DONTWAIT)
		if errors.Is(e, unix.EAGAIN) {
			return bodies, err
		}
		t.Must("recv", e)
		for p := buf[:n]; len(p) >= unix.SizeofNlMsghdr; {
			size, kind := int(binary.NativeEndian.Uint32(p)), binary.NativeEndian.Uint16(p[4:])
			switch kind {
			case unix.NLMSG_DONE:
				return bodies, nil
			case unix.NLMSG_ERROR:
				err = unix.Errno(-int32(binary.NativeEndian.Uint32(p[16:])))
				if err == unix.Errno(0) {
					err = errors.New("acknowledged")
				}
			default:
				bodies = append(bodies, slices.Clone(p[unix.SizeofNlMsghdr:size]))
			}
			p = p[min(len(p), (size+3)&^3):]
		}
	}
}

// inodes tells which of our sockets an inode is.
type inodes map[uint32]string

func (i inodes) add(t *harness.T, what string, fd int) {
	var st unix.Stat_t
	t.Must("fstat", unix.Fstat(fd, &st))
	i[uint32(st.Ino)] = what
}

func (i inodes) name(ino uint32) string {
	if ino == 0 {
		return "0"
	}
	return i[ino]
}

func (i inodes) of(what string) uint32 {
	for ino, name := range i {
		if name == what {
			return ino
		}
	}
	return 0
}

// words is a struct unix_diag_msg and its attributes in words.
func (i inodes) words(m []byte) string {
	text := fmt.Sprintf("family %d type %d state %d pad %d", m[0], m[1], m[2], m[3])
	for at := m[16:]; len(at) >= 4; {
		size, kind := int(binary.NativeEndian.Uint16(at)), binary.NativeEndian.Uint16(at[2:])
		v := at[4:size]
		word := func(n int) uint32 { return binary.NativeEndian.Uint32(v[4*n:]) }
		switch kind {
		case 0:
			text += fmt.Sprintf(", name %q", strings.ReplaceAll(string(v), strconv.Itoa(os.Getpid()), "PID"))
		case 1:
			var st unix.Stat_t
			_ = unix.Stat("path", &st)
			text += fmt.Sprintf(", vfs: the inode %v, the device %v", word(0) == uint32(st.Ino), word(1) == unix.Major(st.Dev)<<20|unix.Minor(st.Dev))
		case 2:
			text += ", peer " + i.name(word(0))
		case 3:
			text += ", waiting:"
			for n := range len(v) / 4 {
				text += " " + i.name(word(n))
			}
		case 4: // what the sender's is counted in memory, not in bytes
			text += fmt.Sprintf(", queues %d, some %v", word(0), word(1) > 0)
			if m[2] == 10 {
				text += fmt.Sprintf(" %d", word(1))
			}
		case 5:
			text += fmt.Sprintf(", memory of %d bytes: %d %d, some %v", len(v), word(1), word(3), word(2) > 0)
		case 6:
			text += fmt.Sprintf(", shutdown %d", v[0])
		case 7:
			text += fmt.Sprintf(", ours %v", word(0) == uint32(os.Geteuid()))
		default:
			text += fmt.Sprintf(", attribute %d of %d bytes", kind, len(v))
		}
		at = at[min(len(at), (size+3)&^3):]
	}
	return text
}

// diagSockets makes one socket of each sort.
func diagSockets(t *harness.T) (fds map[string]int, known inodes) {
	fds, known = map[string]int{}, inodes{}
	make := func(what string, kind int) int {
		fd, err := unix.Socket(unix.AF_UNIX, kind|unix.SOCK_NONBLOCK, 0)
		t.Must(what, err)
		fds[what] = fd
		known.add(t, what, fd)
		return fd
	}
	pair := func(what string, kind int) (int, int) {
		p, err := unix.Socketpair(unix.AF_UNIX, kind, 0)
		t.Must(what, err)
		for n, name := range []string{what + "'s one", what + "'s other"} {
			fds[name] = p[n]
			known.add(t, name, p[n])
		}
		return p[0], p[1]
	}
	make("unconnected stream", unix.SOCK_STREAM)
	l := make("listener", unix.SOCK_STREAM)
	t.Must("bind", unix.Bind(l, &unix.SockaddrUnix{Name: "path"}))
	t.Must("listen", unix.Listen(l, 3))
	c := make("accepted client", unix.SOCK_STREAM)
	t.Must("connect", unix.Connect(c, &unix.SockaddrUnix{Name: "path"}))
	s, _, err := unix.Accept(l)
	t.Must("accept", err)
	fds["accepted"] = s
	known.add(t, "accepted", s)
	t.Must("connect", unix.Connect(make("waiting client", unix.SOCK_STREAM), &unix.SockaddrUnix{Name: "path"}))
	d := make("datagram", unix.SOCK_DGRAM)
	t.Must("bind", unix.Bind(d, &unix.SockaddrUnix{Name: fmt.Sprintf("@diag-%d", os.Getpid())}))
	t.Must("connect", unix.Connect(make("datagram client", unix.SOCK_DGRAM), &unix.SockaddrUnix{Name: fmt.Sprintf("@diag-%d", os.Getpid())}))
	a, _ := pair("stream", unix.SOCK_STREAM)
	unix.Write(a, []byte("seven b"))
	a, b := pair("seqpacket", unix.SOCK_SEQPACKET)
	unix.Write(a, []byte("abc"))
	unix.Write(a, []byte("defgh"))
	unix.Shutdown(b, unix.SHUT_WR)
	_, b = pair("left", unix.SOCK_STREAM)
	delete(known, known.of("left's other"))
	unix.Close(b)
	return fds, known
}

// unixDiag asks for all, then for each alone.
func unixDiag(t *harness.T) {
	_, known := diagSockets(t)
	all, err := diagAnswers(t, diagRequest(unix.NLM_F_DUMP, everyState, 0, everything, 0))
	t.Must("dump", err)
	seen := inodes{}
	cookies := map[uint32]uint64{}
	for _, m := range all {
		ino := binary.NativeEndian.Uint32(m[4:])
		if what := known[ino]; what != "" {
			seen[ino] = what
			cookies[ino] = binary.NativeEndian.Uint64(m[8:])
			text := known.words(m)
			t.Observe(what, "%s", text)
		}
	}
	t.Equal("all of them", len(seen), len(known))
	for ino, what := range known {
		one, err := diagAnswers(t, diagRequest(0, 0, ino, 0, ^uint64(0)))
		t.Must(what, err)
		t.Equal(what+": number of answers", len(one), 1)
		t.Observe(what+", alone", "%s", known.words(one[0]))
		t.Equal(what+": cookie", binary.NativeEndian.Uint64(one[0][8:]), cookies[ino])
		one, err = diagAnswers(t, diagRequest(0, 0, ino, everything, cookies[ino]))
		t.Must(what, err)
		t.Equal(what+": by its cookie", len(one), 1)
		_, err = diagAnswers(t, diagRequest(0, 0, ino, everything, cookies[ino]+1))
		t.ObserveErr(what+", another's cookie", err)
	}
	const listening, established = 1 << 10, 1 << 1
	for _, states := range []uint32{0, listening, established, listening | established, 1 << 7} {
		list, err := diagAnswers(t, diagRequest(unix.NLM_F_DUMP, states, 0, 0, 0))
		t.Must("dump", err)
		count := 0
		for _, m := range list {
			if known[binary.NativeEndian.Uint32(m[4:])] != "" {
				count++
			}
		}
		t.Observe(fmt.Sprintf("states %#x", states), "%d", count)
	}
}

func unixDiagErrors(t *harness.T) {
	ask := func(what string, request []byte) {
		answers, err := diagAnswers(t, request)
		t.Observe(what, "%d answers, %v", len(answers), err)
	}
	fds, known := diagSockets(t)
	ask("no inode", diagRequest(0, everyState, 0, 0, ^uint64(0)))
	ask("acknowledged", diagRequest(unix.NLM_F_ACK, everyState, known.of("datagram"), 0, ^uint64(0)))
	ask("no such inode", diagRequest(0, everyState, 0xfffffff0, 0, ^uint64(0)))
	ino := known.of("datagram")
	t.Must("close", unix.Close(fds["datagram"]))
	ask("one that is gone", diagRequest(0, everyState, ino, 0, ^uint64(0)))
	short := diagRequest(unix.NLM_F_DUMP, everyState, 0, 0, 0)
	for _, size := range []int{unix.SizeofNlMsghdr, unix.SizeofNlMsghdr + 1, unix.SizeofNlMsghdr + 2, unix.SizeofNlMsghdr + 20} {
		binary.NativeEndian.PutUint32(short, uint32(size))
		ask(fmt.Sprintf("%d bytes", size), short[:size])
	}
}
