// SPDX-License-Identifier: Apache-2.0

package vfs

import "sync"

// Buffer is memory that file data passes through on its way between a file
// and the application. It comes from a pool.
type Buffer struct {
	B    []byte // as long as was asked for, or shorter
	pool *sync.Pool
}

const (
	smallBuffer = 64 << 10
	largeBuffer = 1 << 20
)

var smallBuffers, largeBuffers sync.Pool

// GetBuffer is a buffer of n bytes, or of the most that there is.
func GetBuffer(n int) *Buffer {
	pool, size := &smallBuffers, smallBuffer
	if n > smallBuffer {
		pool, size = &largeBuffers, largeBuffer
	}
	b, _ := pool.Get().(*Buffer)
	if b == nil {
		b = &Buffer{B: make([]byte, size), pool: pool}
	}
	b.B = b.B[:min(n, size)]
	return b
}

// Free gives the buffer back.
func (b *Buffer) Free() {
	b.B = b.B[:cap(b.B)]
	b.pool.Put(b)
}
