// SPDX-License-Identifier: Apache-2.0

// Package boot wires a sandbox together: from its description to a running
// init and its first command, and on to that command's end.
package boot

import (
	"encoding/json"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/fs/cgroupfs"
	"github.com/ditto-kernel/ditto/kernel/fs/proc"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/task"
)

// Description says what a sandbox shall be. It travels from the command to the
// kernel process as JSON. Paths named Source are the host's.
type Description struct {
	Process // the first command

	Hostname string
	Root     string // directory of the host: under an in-memory overlay, or a container's own
	Volumes  []Volume

	FreshNetwork  bool `json:",omitempty"` // the kernel process shall be alone in its network namespace
	JoinedNetwork bool `json:",omitempty"` // it is in one that was made for the container

	Strace bool
	Counts bool // count what the calls carry: Sandbox.Counts

	Container *Container `json:",omitempty"` // nil: for one command ("ditto do")
}

// Process says what a process shall be.
type Process struct {
	Args []string // the command; Args[0] is looked up in PATH
	Path string   `json:",omitempty"` // if not empty: what is executed instead of Args[0]
	Env  []string
	// Cwd is where the command starts. If it isn't there the command starts
	// in "/", unless CwdMust says that this is an error.
	Cwd     string
	CwdMust bool

	// User is who the command runs as: "UID[:GID]" or a name of the sandbox's
	// /etc/passwd. Empty: UID, GID and Groups, the caller's.
	User     string
	UID, GID uint32
	Groups   []uint32
	// Caps are the capabilities; nil: root has all of them, others none.
	Caps       *Caps `json:",omitempty"`
	NoNewPrivs bool  `json:",omitempty"`

	Umask    uint32
	Limits   []task.Limit // by RLIMIT_*
	Ignored  []int        // signals that the caller ignores
	OOMScore int          `json:",omitempty"` // oom_score_adj
	Sched    *task.Sched  `json:",omitempty"` // nil: as every process
	IOPrio   uint16       `json:",omitempty"` // as ioprio_set(2) has it; 0: none
	CPUs     []uint64     `json:",omitempty"` // a mask of those that it runs on; nil: all

	// Extra is how many descriptors it gets behind the standard streams.
	Extra int `json:",omitempty"`

	// Terminal: standard input is a terminal, which the command has put into raw
	// mode; the sandbox does the line discipline.
	Terminal bool
	Winsize  Winsize
}

// command is what is executed.
func (p *Process) command() string {
	if p.Path != "" {
		return p.Path
	}
	return p.Args[0]
}

// Caps are a process's capabilities, bit n being capability n.
type Caps struct{ Bounding, Permitted, Effective, Inheritable, Ambient uint64 }

// Volume is a directory or file of the host that the sandbox sees.
type Volume struct {
	Source, Target string
	ReadOnly       bool
	Shallow        bool `json:",omitempty"` // without what is mounted below Source
	Follow         bool `json:",omitempty"` // what is mounted there later on is seen too

	// IDs maps the ids of its files to others; nil: they are what they are.
	IDs *IDMap `json:",omitempty"`
}

// IDMap is what ids of files become: Lower of an extent is what an id First in the file system is shown as.
type IDMap struct {
	UIDs, GIDs []cred.Extent
	Below      bool `json:",omitempty"` // also in what is mounted below
}

// Winsize is struct winsize.
type Winsize struct{ Row, Col, Xpixel, Ypixel uint16 }

// Container is what makes a sandbox a container: the root is its own and
// writable, its mounts are listed, and its first command is pid 1.
type Container struct {
	ReadOnlyRoot bool
	Domainname   string
	Mounts       []Mount // in the order in which they are made
	Devices      []Device
	Masked       []string // paths that shall show nothing
	ReadOnly     []string // paths that shall not be changed
	Sysctl       map[string]string
	MaxTasks     int64               // processes and threads; 0: no limit
	Limits       cgroupfs.Limits     // that the host keeps, for it to see
	Seccomp      *specs.LinuxSeccomp // the profile that every process starts with; nil: none
	Personality  uint32              // that every process starts with (personality(2))
	Memory       *MemoryPolicy       `json:",omitempty"` // that every process starts with; nil: the default

	Clocks []task.ClockOffset `json:",omitempty"` // of a time namespace of its own; nil: the sandbox's

	// UIDMap and GIDMap are the user namespace of the host's in which the kernel process is; nil: in none of the container's.
	UIDMap, GIDMap []cred.Extent `json:",omitempty"`
	DenySetgroups  bool          `json:",omitempty"`
}

// MarshalJSON is what encoding/json does by itself, but only if there is a container: else it would look at all of these types
// before the first message, which is a part of the time that a short command takes that one can measure.
func (c *Container) MarshalJSON() ([]byte, error) {
	type plain Container
	return json.Marshal((*plain)(c))
}

// UnmarshalJSON is as MarshalJSON.
func (c *Container) UnmarshalJSON(b []byte) error {
	type plain Container
	return json.Unmarshal(b, (*plain)(c))
}

// MemoryPolicy is where memory is to be, as set_mempolicy(2) takes it.
type MemoryPolicy struct {
	Mode  uint32 // with flags
	Nodes mm.NodeMask
}

// Mount is a file system in a container's tree.
type Mount struct {
	Type   string // bind, or one of those that fileSystem knows
	Target string
	Source string // as /proc/mounts tells it; empty: the type's name
	Volume int    // of Description.Volumes, for bind
	Flags  uint32 // MS_*
	Size   int64  // of a tmpfs, in bytes; 0: unlimited
	Mode   uint32 // of a tmpfs's root; 0: as usual
	UID    uint32 // of a tmpfs's root
	GID    uint32 // of a tmpfs's root, or of a devpts's terminals
	CopyUp bool   // a tmpfs has what it covers
	Proc   proc.Options
}

// Device is a device node in a container's tree.
type Device struct {
	Path         string
	Mode         uint32 // S_IFCHR, S_IFBLK or S_IFIFO, and permissions
	Major, Minor uint32
	UID, GID     uint32
}
