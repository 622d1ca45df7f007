// SPDX-License-Identifier: Apache-2.0

// Package mprotect tests mprotect from Go: protections by table, and Go panics that can be recovered from.
package mprotect

import (
	"fmt"
	"runtime/debug"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

const page = 4096

func mapped(t *harness.T, pages, prot, flags int) []byte {
	b, err := unix.Mmap(-1, 0, pages*page, prot, flags|unix.MAP_ANONYMOUS)
	t.Must("mmap", err)
	return b
}

func init() {
	harness.Case("faults_recovered", "", faults)
	harness.Case("table", "", table)
}

func try(f func()) (text string) {
	defer func() {
		if r := recover(); r != nil {
			text = "fault"
		}
	}()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	f()
	return "ok"
}

// sink keeps a read from being left out.
var sink atomic.Uint32

func faults(t *harness.T) {
	b := mapped(t, 2, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE)
	for _, prot := range []int{unix.PROT_NONE, unix.PROT_READ, unix.PROT_READ | unix.PROT_WRITE} {
		t.Must("mprotect", unix.Mprotect(b, prot))
		t.Observe(fmt.Sprintf("read with %d", prot), "%s", try(func() { sink.Store(uint32(b[page])) }))
		t.Observe(fmt.Sprintf("write with %d", prot), "%s", try(func() { b[page] = 1 }))
	}
}

func table(t *harness.T) {
	b := mapped(t, 4, unix.PROT_READ, unix.MAP_SHARED)
	for prot := range 16 {
		t.ObserveErr(fmt.Sprintf("prot %d", prot), unix.Mprotect(b[page:3*page], prot))
	}
	t.ObserveErr("crooked", unix.Mprotect(b[1:page], unix.PROT_READ))
	t.ObserveErr("grows", unix.Mprotect(b, unix.PROT_GROWSDOWN|unix.PROT_GROWSUP))
}
