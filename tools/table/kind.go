// SPDX-License-Identifier: Apache-2.0

// This file holds what an argument is beyond its C type: a descriptor, a path, a structure that goes in or out, flags
// of a set.

package table

// Dir says which way the memory behind a pointer travels.
type Dir int

const (
	NoDir Dir = iota
	In
	Out
	InOut
)

// Kind is what one argument is.
type Kind struct {
	Name string // fd, path, flags, struct, buf, ...: the keys of kindNames
	Dir  Dir    // for pointers
	Of   string // the set of flags or commands, or the structure pointed to

	// How much memory a pointer covers, where one structure is not the answer. Each is an argument's index, or -1.
	Count   int // elements
	Bytes   int // bytes
	BytesAt int // bytes, at the int or size_t that this argument points to
}

// Set is a set of flags or commands.
type Set struct {
	Name string
}

// Struct is a structure that travels between the application and the kernel.
type Struct struct {
	Name string
	Size int
}
