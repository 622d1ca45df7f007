// SPDX-License-Identifier: Apache-2.0

package tty

import "testing"

// FuzzDiscipline feeds bytes, reads and settings in any order. What must hold
// whatever comes: the indices stay in order, a full buffer still lets a line
// be ended, and reading comes to an end.
func FuzzDiscipline(f *testing.F) {
	f.Add([]byte("hello\n"), uint32(0), uint32(0), uint32(0))
	f.Add([]byte("a\tb\x7f\x15\x16\x03\x04\xff\x00c\r\n"), uint32(0x4000), uint32(0), uint32(0x400))
	f.Add([]byte("\x00\x01\x02\x03"), uint32(0x8), uint32(0x1800), ^uint32(0))
	f.Fuzz(func(t *testing.T, data []byte, iflag, oflag, lflag uint32) {
		tio := ptyTermios()
		d := newDiscipline(tio)
		for i, c := range data {
			switch {
			case c == 0xf0: // a change of settings
				tio.Iflag ^= iflag
				tio.Oflag ^= oflag
				tio.Lflag ^= lflag
				d.setTermios(tio)
			case c == 0xf1:
				n, _ := d.read(make([]byte, i%7))
				if n > i%7 {
					t.Fatalf("read %d of %d", n, i%7)
				}
			case c == 0xf2:
				big := make([]byte, bufSize+10)
				for k := range big {
					big[k] = data[(i+k)%len(data)]
				}
				d.receive(big)
			case d.receive([]byte{c}) == 0 && d.room() > 0:
				t.Fatal("there was room")
			}
			check(t, d)
			d.echo = d.echo[:0]
		}
		for n := 0; d.available(false); n++ {
			if _, done := d.read(make([]byte, 64)); !done || n > 2*bufSize {
				t.Fatal("a read found nothing though there was something")
			}
			check(t, d)
		}
	})
}

func check(t *testing.T, d *discipline) {
	t.Helper()
	if d.buffered() < 0 || d.buffered() > bufSize {
		t.Fatalf("%d bytes buffered", d.buffered())
	}
	if d.canonical() && (d.canonHead-d.tail > bufSize || d.head-d.canonHead > bufSize) {
		t.Fatalf("tail %d, lines to %d, head %d", d.tail, d.canonHead, d.head)
	}
	if d.canonical() && !d.available(false) && d.room() == 0 {
		t.Fatal("the line can't be ended")
	}
}
