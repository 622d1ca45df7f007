// SPDX-License-Identifier: Apache-2.0

// Package io_submit tests io_submit from Go: a file is copied by many requests, and an event loop serves pipes.
package io_submit

import (
	"bytes"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("copies_a_file", "", copies)
	harness.Case("serves_pipes", "", serves)
}

// copies reads blocks in batches and writes each where it came from, as soon as its event is there.
func copies(t *harness.T) {
	const block, blocks = 4096, 64
	data := make([]byte, block*blocks-100)
	for i := range data {
		data[i] = byte(i * i / 7)
	}
	t.Must("write", os.WriteFile("from", data, 0o644))
	from, err := unix.Open("from", unix.O_RDONLY, 0)
	t.Must("open", err)
	to, err := unix.Open("to", unix.O_WRONLY|unix.O_CREAT, 0o644)
	t.Must("create", err)
	ctx, err := harness.AioSetup(2 * blocks)
	t.Must("setup", err)
	buffers := new([blocks][block]byte)
	defer runtime.KeepAlive(buffers)
	reads, writes := make([]*harness.Iocb, blocks), make([]*harness.Iocb, blocks)
	for i := range reads {
		reads[i] = &harness.Iocb{Data: uint64(i), Opcode: harness.IOCB_PREAD, FD: uint32(from), Buf: uintptr(unsafe.Pointer(&buffers[i][0])), Nbytes: block, Offset: int64(i) * block}
	}
	n, err := harness.AioSubmit(ctx, reads...)
	t.Must("submit", err)
	t.Equal("submitted", n, blocks)
	events := make([]harness.AioEvent, 8)
	for read, written := 0, 0; written < blocks; {
		n, err := harness.AioEvents(ctx, 1, events)
		t.Must("events", err)
		for _, e := range events[:n] {
			if e.Data >= blocks {
				written++
				t.Equal("whole write", e.Res, int64(writes[e.Data-blocks].Nbytes))
				continue
			}
			w := *reads[e.Data]
			w.Opcode, w.FD, w.Nbytes, w.Data = harness.IOCB_PWRITE, uint32(to), uint64(e.Res), e.Data+blocks
			writes[e.Data] = &w
			_, err := harness.AioSubmit(ctx, &w)
			t.Must("submit a write", err)
			read++
		}
		t.Equal("in order", read >= written, true)
	}
	got, err := os.ReadFile("to")
	t.Must("read", err)
	t.Equal("the same", bytes.Equal(got, data), true)
}

// serves has a poll on each of some pipes, and answers what comes.
func serves(t *harness.T) {
	const pipes, rounds = 8, 20
	ctx, err := harness.AioSetup(pipes)
	t.Must("setup", err)
	var in, back [pipes][2]int
	polls := make([]*harness.Iocb, pipes)
	for i := range in {
		t.Must("pipe", unix.Pipe2(in[i][:], 0))
		t.Must("pipe", unix.Pipe2(back[i][:], 0))
		polls[i] = &harness.Iocb{Data: uint64(i), Opcode: harness.IOCB_POLL, FD: uint32(in[i][0]), Buf: unix.POLLIN}
	}
	_, err = harness.AioSubmit(ctx, polls...)
	t.Must("submit", err)
	sums := make(chan int)
	for i := range in {
		go func() {
			sum := 0
			for r := range rounds {
				b := []byte{byte(i + r)}
				_, _ = unix.Write(in[i][1], b)
				if n, _ := unix.Read(back[i][0], b); n == 1 {
					sum += int(b[0]) - i - r
				}
			}
			sums <- sum
		}()
	}
	events := make([]harness.AioEvent, pipes)
	for served := 0; served < pipes*rounds; {
		n, err := harness.AioEvents(ctx, 1, events)
		t.Must("events", err)
		for _, e := range events[:n] {
			var b [1]byte
			_, err := unix.Read(in[e.Data][0], b[:])
			t.Must("read", err)
			b[0]++
			_, err = unix.Write(back[e.Data][1], b[:])
			t.Must("write", err)
			served++
			_, err = harness.AioSubmit(ctx, polls[e.Data])
			t.Must("submit again", err)
		}
	}
	for range in {
		t.Equal("each answer is one more", <-sums, rounds)
	}
}
