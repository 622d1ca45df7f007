// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	specs "github.com/opencontainers/runtime-spec/specs-go"
	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/boot"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/task"
)

func TestParseErrorsNameThePlace(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", ": the file is empty"},
		{"cut off", "{\n \"ociVersion\": \"1.0.2\",\n", ":3:1: the file ends in the middle"},
		{"a stray character", "{\n \"ociVersion\": 1.0.2\n}", ":2:19: invalid character"},
		{"wrong kind", "{\n \"ociVersion\": \"1.0.2\",\n \"process\": {\"args\": \"sh\"}\n}", ": process.args must be []string, and is a string"},
		{"more behind it", "{\"ociVersion\": \"1.0.2\"} {", ":1:25: something follows"},
		{"no version", "{}", ": ociVersion is missing"},
		{"future version", "{\"ociVersion\": \"2.0.0\"}", ": ociVersion \"2.0.0\": only versions 1.x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseSpec([]byte(c.text))
			assert.ErrorContains(t, err, c.want)
			assert.Assert(t, strings.HasPrefix(err.Error(), ":"), err.Error())
		})
	}
}

// bundle is a directory with a root.
func bundle(t testing.TB) string {
	dir := t.TempDir()
	assert.NilError(t, os.Mkdir(filepath.Join(dir, "rootfs"), 0o755))
	return dir
}

func TestExampleIsAccepted(t *testing.T) {
	b, err := json.Marshal(Example())
	assert.NilError(t, err)
	s, err := ParseSpec(b)
	assert.NilError(t, err)
	dir := bundle(t)
	p, err := NewPlan(dir, s)
	assert.NilError(t, err)
	assert.Equal(t, len(p.Notes), 0, "%v", p.Notes)
	d := p.Description
	assert.Equal(t, d.Root, filepath.Join(dir, "rootfs"))
	assert.Equal(t, d.Caps.Bounding, uint64(1<<unix.CAP_AUDIT_WRITE|1<<unix.CAP_KILL|1<<unix.CAP_NET_BIND_SERVICE))
	assert.Equal(t, d.Limits[unix.RLIMIT_NOFILE].Cur, uint64(1024))
	assert.Equal(t, p.HostNetwork, false)
	assert.Equal(t, len(d.Container.Mounts), 5)
	assert.DeepEqual(t, d.Container.Mounts[2], boot.Mount{
		Type: "devpts", Target: "/dev/pts", Source: "devpts", Flags: unix.MS_NOSUID | unix.MS_NOEXEC, Mode: 0o620, GID: 5})
}

func TestErrorsNameTheField(t *testing.T) {
	negative, high := -1, 2000
	mount := func(m specs.Mount) func(*specs.Spec) {
		return func(s *specs.Spec) { s.Mounts = []specs.Mount{m} }
	}
	maps := func(ids ...specs.LinuxIDMapping) func(*specs.Spec) {
		return func(s *specs.Spec) {
			s.Linux.Namespaces = append(s.Linux.Namespaces, specs.LinuxNamespace{Type: specs.UserNamespace})
			s.Linux.UIDMappings, s.Linux.GIDMappings = ids, ids
		}
	}
	memory := func(mode specs.MemoryPolicyModeType, nodes string, flags ...specs.MemoryPolicyFlagType) func(*specs.Spec) {
		return func(s *specs.Spec) {
			s.Linux.MemoryPolicy = &specs.LinuxMemoryPolicy{Mode: mode, Nodes: nodes, Flags: flags}
		}
	}
	for _, c := range []struct {
		want   string
		change func(*specs.Spec)
	}{
		{"root.path is missing", func(s *specs.Spec) { s.Root = nil }},
		{"root.path: stat", func(s *specs.Spec) { s.Root.Path = "/no/such" }},
		{"root.path: /etc/passwd: not a directory", func(s *specs.Spec) { s.Root.Path = "/etc/passwd" }},
		{"process is missing", func(s *specs.Spec) { s.Process = nil }},
		{"process.args is missing", func(s *specs.Spec) { s.Process.Args = nil }},
		{"process.cwd: \"here\"", func(s *specs.Spec) { s.Process.Cwd = "here" }},
		{"process.env: \"x\"", func(s *specs.Spec) { s.Process.Env = []string{"x"} }},
		{"unknown capability \"CAP_FLY\"", func(s *specs.Spec) { s.Process.Capabilities.Bounding = []string{"CAP_FLY"} }},
		{"process.capabilities.effective: more than permitted", func(s *specs.Spec) { s.Process.Capabilities.Permitted = nil }},
		{"unknown limit \"RLIMIT_X\"", func(s *specs.Spec) { s.Process.Rlimits[0].Type = "RLIMIT_X" }},
		{"RLIMIT_NOFILE: soft limit 2000 above", func(s *specs.Spec) { s.Process.Rlimits[0].Soft = 2000 }},
		{"RLIMIT_NOFILE is there twice", func(s *specs.Spec) { s.Process.Rlimits = append(s.Process.Rlimits, s.Process.Rlimits[0]) }},
		{"process.oomScoreAdj: 2000", func(s *specs.Spec) { s.Process.OOMScoreAdj = &high }},
		{"process.scheduler.policy: \"\"", func(s *specs.Spec) { s.Process.Scheduler = &specs.Scheduler{} }},
		{"process.scheduler.policy: \"SCHED_DEADLINE\"", func(s *specs.Spec) { s.Process.Scheduler = &specs.Scheduler{Policy: specs.SchedDeadline} }},
		{"process.scheduler.nice: 20", func(s *specs.Spec) { s.Process.Scheduler = &specs.Scheduler{Policy: specs.SchedOther, Nice: 20} }},
		{"process.scheduler.priority: 0", func(s *specs.Spec) { s.Process.Scheduler = &specs.Scheduler{Policy: specs.SchedRR} }},
		{"process.scheduler.priority: 5", func(s *specs.Spec) { s.Process.Scheduler = &specs.Scheduler{Policy: specs.SchedBatch, Priority: 5} }},
		{"process.scheduler.flags: \"SCHED_FLAG_RECLAIM\"", func(s *specs.Spec) {
			s.Process.Scheduler = &specs.Scheduler{Policy: specs.SchedOther, Flags: []specs.LinuxSchedulerFlag{specs.SchedFlagReclaim}}
		}},
		{"process.ioPriority.class: unknown: \"\"", func(s *specs.Spec) { s.Process.IOPriority = &specs.LinuxIOPriority{} }},
		{"process.ioPriority.priority: 8", func(s *specs.Spec) {
			s.Process.IOPriority = &specs.LinuxIOPriority{Class: specs.IOPRIO_CLASS_BE, Priority: 8}
		}},
		{"process.execCPUAffinity.initial: \"x\"", func(s *specs.Spec) { s.Process.ExecCPUAffinity = &specs.CPUAffinity{Initial: "x"} }},
		{"process.execCPUAffinity.final: \"0,3-1\"", func(s *specs.Spec) { s.Process.ExecCPUAffinity = &specs.CPUAffinity{Final: "0,3-1"} }},
		{"process.execCPUAffinity.final: \"0,\"", func(s *specs.Spec) { s.Process.ExecCPUAffinity = &specs.CPUAffinity{Final: "0,"} }},
		{"process.execCPUAffinity.final: \"8192\"", func(s *specs.Spec) { s.Process.ExecCPUAffinity = &specs.CPUAffinity{Final: "8192"} }},
		{"linux.memoryPolicy: mode: unknown: \"MPOL_X\"", memory("MPOL_X", "0")},
		{"linux.memoryPolicy: flags: unknown: \"MPOL_F_X\"", memory(specs.MpolBind, "0", "MPOL_F_X")},
		{"linux.memoryPolicy: nodes: \"0;1\"", memory(specs.MpolBind, "0;1")},
		{"linux.memoryPolicy: mode MPOL_BIND with nodes \"1\"", memory(specs.MpolBind, "1")},
		{"linux.memoryPolicy: mode MPOL_DEFAULT with nodes \"0\"", memory(specs.MpolDefault, "0")},
		{"linux.memoryPolicy: mode MPOL_INTERLEAVE with nodes \"0\" and flags", memory(specs.MpolInterleave, "0", specs.MpolFNumaBalancing)},
		{"linux.netDevices is not supported", func(s *specs.Spec) { s.Linux.NetDevices = map[string]specs.LinuxNetDevice{"eth0": {}} }},
		{"linux.personality.domain: unknown: \"X\"", func(s *specs.Spec) { s.Linux.Personality = &specs.LinuxPersonality{Domain: "X"} }},
		{"hostname: 65 characters", func(s *specs.Spec) { s.Hostname = strings.Repeat("h", 65) }},
		{"mounts[0] (/x): type \"ext4\"", mount(specs.Mount{Destination: "/x", Type: "ext4"})},
		{"mounts[0] (/x): option \"magic\"", mount(specs.Mount{Destination: "/x", Type: "tmpfs", Options: []string{"magic"}})},
		{"mounts[0] (/x): option \"hidepid=9\": unknown value", mount(specs.Mount{Destination: "/x", Type: "proc", Options: []string{"hidepid=9"}})},
		{"mounts[0] (/x): option \"subset=all\": unknown value", mount(specs.Mount{Destination: "/x", Type: "proc", Options: []string{"subset=all"}})},
		{"mounts[0] (/x): option \"gid=me\"", mount(specs.Mount{Destination: "/x", Type: "proc", Options: []string{"gid=me"}})},
		{"mounts[0] (/x): option \"size=y\"", mount(specs.Mount{Destination: "/x", Type: "tmpfs", Options: []string{"size=y"}})},
		{"mounts[0] (/x): option \"tmpcopyup\"", mount(specs.Mount{Destination: "/x", Type: "bind", Source: "/", Options: []string{"bind", "tmpcopyup"}})},
		{"mounts[0] (/x): uidMappings: there are none", mount(specs.Mount{Destination: "/x", Type: "bind", Source: "/", Options: []string{"bind", "ridmap"}})},
		{"mounts[0] (/x): option \"remount\"", mount(specs.Mount{Destination: "/x", Type: "tmpfs", Options: []string{"remount"}})},
		{"mounts[0] (/x): source is missing", mount(specs.Mount{Destination: "/x", Type: "bind"})},
		{"mounts[0] (/..): destination", mount(specs.Mount{Destination: "/..", Type: "tmpfs"})},
		{"uidMappings: only a bind mount", mount(specs.Mount{Destination: "/x", Type: "tmpfs",
			UIDMappings: []specs.LinuxIDMapping{{Size: 1}}, GIDMappings: []specs.LinuxIDMapping{{Size: 1}}})},
		{"gidMappings: there are none", mount(specs.Mount{Destination: "/x", Type: "bind", Source: "/", UIDMappings: []specs.LinuxIDMapping{{Size: 1}}})},
		{"without type \"pid\"", func(s *specs.Spec) { s.Linux.Namespaces = s.Linux.Namespaces[1:] }},
		{"type \"pid\" is there twice", func(s *specs.Spec) { s.Linux.Namespaces = append(s.Linux.Namespaces, s.Linux.Namespaces[0]) }},
		{"joining a mount namespace", func(s *specs.Spec) { s.Linux.Namespaces[4].Path = "/proc/1/ns/mnt" }},
		{"unknown type \"odd\"", func(s *specs.Spec) { s.Linux.Namespaces[0].Type = "odd" }},
		{"linux.uidMappings: there are none", maps()},
		{"linux.uidMappings[0]: 0 ids from 0 and 0 on are no ids", maps(specs.LinuxIDMapping{})},
		{"linux.uidMappings[0]: 2 ids from 4294967295", maps(specs.LinuxIDMapping{ContainerID: 1<<32 - 1, Size: 2})},
		{"linux.uidMappings[1]: some of its ids are in [0]", maps(specs.LinuxIDMapping{HostID: 10, Size: 10}, specs.LinuxIDMapping{ContainerID: 9, HostID: 100, Size: 1})},
		{"linux.uidMappings[1]: some of its ids are in [0]", maps(specs.LinuxIDMapping{HostID: 10, Size: 10}, specs.LinuxIDMapping{ContainerID: 90, HostID: 5, Size: 6})},
		{"linux.uidMappings: the container's root", maps(specs.LinuxIDMapping{ContainerID: 1, HostID: 10, Size: 10})},
		{"linux.gidMappings: there are none", func(s *specs.Spec) {
			maps(specs.LinuxIDMapping{Size: 1})(s)
			s.Linux.GIDMappings = nil
		}},
		{"linux.uidMappings: there is no namespace", func(s *specs.Spec) { s.Linux.UIDMappings = []specs.LinuxIDMapping{{Size: 1}} }},
		{"joining a time namespace", func(s *specs.Spec) {
			s.Linux.Namespaces = append(s.Linux.Namespaces, specs.LinuxNamespace{Type: specs.TimeNamespace, Path: "/proc/1/ns/time"})
		}},
		{"linux.timeOffsets: no clock \"realtime\"", clocks("realtime", specs.LinuxTimeOffset{Secs: 1})},
		{"linux.timeOffsets.boottime: 1000000000 nanoseconds", clocks("boottime", specs.LinuxTimeOffset{Nanosecs: 1e9})},
		{"linux.timeOffsets: there is no namespace", func(s *specs.Spec) { s.Linux.TimeOffsets = map[string]specs.LinuxTimeOffset{"boottime": {}} }},
		{"linux.devices[0]: Ditto has no device c 10:229", func(s *specs.Spec) {
			s.Linux.Devices = []specs.LinuxDevice{{Path: "/dev/fuse", Type: "c", Major: 10, Minor: 229}}
		}},
		{"linux.maskedPaths: \"proc\"", func(s *specs.Spec) { s.Linux.MaskedPaths = []string{"proc"} }},
		{"linux.seccomp: listenerPath", func(s *specs.Spec) { s.Linux.Seccomp = &specs.LinuxSeccomp{ListenerPath: "/x"} }},
		{"linux.seccomp: ", func(s *specs.Spec) { s.Linux.Seccomp = &specs.LinuxSeccomp{DefaultAction: "SCMP_ACT_NONE"} }},
		{"linux.rootfsPropagation \"odd\"", func(s *specs.Spec) { s.Linux.RootfsPropagation = "odd" }},
		{"linux.sysctl: net.*: not allowed", func(s *specs.Spec) {
			s.Linux.Sysctl = map[string]string{"net.core.somaxconn": "1"}
			s.Linux.Namespaces = append(s.Linux.Namespaces[:1:1], s.Linux.Namespaces[2:]...)
		}},
		{"hooks.createRuntime[0].path: \"x\"", func(s *specs.Spec) { s.Hooks = &specs.Hooks{CreateRuntime: []specs.Hook{{Path: "x"}}} }},
		{"hooks.poststop[0].timeout: -1", func(s *specs.Spec) { s.Hooks = &specs.Hooks{Poststop: []specs.Hook{{Path: "/x", Timeout: &negative}}} }},
		{"hooks.createContainer[0].path: \"x\"", func(s *specs.Spec) { s.Hooks = &specs.Hooks{CreateContainer: []specs.Hook{{Path: "x"}}} }},
		{"windows", func(s *specs.Spec) { s.Windows = &specs.Windows{} }},
	} {
		t.Run(c.want, func(t *testing.T) {
			s := Example()
			c.change(s)
			_, err := NewPlan(bundle(t), s)
			assert.ErrorContains(t, err, c.want)
		})
	}
}

func TestBits(t *testing.T) {
	for _, c := range []struct {
		list string
		want []uint64
	}{
		{"", nil}, {"0", []uint64{1, 0}}, {"1-3,5", []uint64{0b101110, 0}}, {"62-65", []uint64{3 << 62, 3}}, {"127,0", []uint64{1, 1 << 63}},
	} {
		got, err := bits("f", c.list, 128)
		assert.NilError(t, err)
		assert.DeepEqual(t, got, c.want)
	}
	for _, list := range []string{"x", ",", "-1", "1-", "2-1", "128", "0-128", "1 ", "99999999999"} {
		_, err := bits("f", list, 128)
		assert.ErrorContains(t, err, "f: ", list)
	}
}

// Where executed processes run is theirs alone.
func TestExecCPUAffinity(t *testing.T) {
	s := Example()
	s.Process.ExecCPUAffinity = &specs.CPUAffinity{Initial: "0", Final: "1,64"}
	p, err := NewPlan(bundle(t), s)
	assert.NilError(t, err)
	assert.Assert(t, p.Description.CPUs == nil)
	d, notes, err := NewProcess(s.Process)
	assert.NilError(t, err)
	assert.DeepEqual(t, d.CPUs[:2], []uint64{2, 1})
	assert.Equal(t, len(notes), 1)
	s.Process.ExecCPUAffinity = &specs.CPUAffinity{}
	d, notes, err = NewProcess(s.Process)
	assert.NilError(t, err)
	assert.Assert(t, d.CPUs == nil && len(notes) == 0)
}

// What engines always send, and means nothing in a sandbox.
func TestMeaninglessIsNoted(t *testing.T) {
	s := Example()
	s.Process.ApparmorProfile, s.Process.SelinuxLabel = "docker-default", "label"
	s.Linux.MountLabel, s.Linux.RootfsPropagation = "label", "rshared"
	p, err := NewPlan(bundle(t), s)
	assert.NilError(t, err)
	all := strings.Join(p.Notes, "\n")
	for _, field := range []string{"process.apparmorProfile", "process.selinuxLabel", "linux.mountLabel", "linux.rootfsPropagation"} {
		assert.Assert(t, strings.Contains(all, field), "%s is not noted in:\n%s", field, all)
	}
}

// Mappings are taken as they are, for the container and for a mount that names none of its own.
func TestMappings(t *testing.T) {
	s := Example()
	ids := []specs.LinuxIDMapping{{HostID: 1, Size: 1000}, {ContainerID: 1000, HostID: 0, Size: 1}}
	s.Linux.Namespaces = append(s.Linux.Namespaces, specs.LinuxNamespace{Type: specs.UserNamespace})
	s.Linux.UIDMappings, s.Linux.GIDMappings = ids, ids[:1]
	s.Mounts = []specs.Mount{{Destination: "/x", Type: "bind", Source: "/", Options: []string{"bind", "ridmap"}}}
	p, err := NewPlan(bundle(t), s)
	assert.NilError(t, err)
	uids, gids := []cred.Extent{{Lower: 1, Count: 1000}, {First: 1000, Count: 1}}, []cred.Extent{{Lower: 1, Count: 1000}}
	assert.DeepEqual(t, p.Description.Container.UIDMap, uids)
	assert.DeepEqual(t, p.Description.Container.GIDMap, gids)
	assert.DeepEqual(t, p.Description.Volumes[0].IDs, &boot.IDMap{UIDs: uids, GIDs: gids, Below: true})
}

func FuzzSpec(f *testing.F) {
	b, err := json.Marshal(Example())
	assert.NilError(f, err)
	f.Add(b)
	f.Add([]byte(`{"ociVersion":"1.0.2","root":{"path":"rootfs"},"process":{"args":["x"],"cwd":"/"},"mounts":[{"destination":"//a/../..","type":"tmpfs","options":["size=9g","mode=777"]}]}`))
	dir := bundle(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ParseSpec(b)
		if err != nil {
			assert.Assert(t, strings.HasPrefix(err.Error(), ":"), "%v", err)
			return
		}
		p, err := NewPlan(dir, s)
		if err != nil {
			return
		}
		for _, m := range p.Description.Container.Mounts {
			assert.Assert(t, filepath.IsAbs(m.Target) && m.Target == filepath.Clean(m.Target) && m.Target != "/", "mount on %q", m.Target)
			assert.Assert(t, m.Type != "bind" || m.Volume < len(p.Description.Volumes))
		}
		assert.Assert(t, p.Description.Caps.Effective&^p.Description.Caps.Permitted == 0)
	})
}

// Every option of config.md, "Linux mount options", is known: it is applied, means
// nothing, or is an error that names it.
func TestEveryMountOption(t *testing.T) {
	const applied = `async atime bind defaults dev diratime dirsync exec noatime nodev nodiratime noexec norelatime nostrictatime
		nosuid nosymfollow private ratime rbind rdev rdiratime relatime rexec rnoatime rnodev rnodiratime rnoexec rnorelatime
		rnostrictatime rnosuid rnosymfollow ro rprivate rrelatime rro rrw rshared rslave rstrictatime rsuid rsymfollow runbindable
		rw shared slave strictatime suid symfollow sync unbindable idmap ridmap iversion noiversion lazytime nolazytime mand nomand silent loud`
	for _, option := range strings.Fields(applied) {
		_, err := readOptions(&specs.Mount{Type: "bind", Options: []string{option}})
		assert.Check(t, err == nil, "%s: %v", option, err)
	}
	for _, c := range []struct {
		options []string
		flags   uint32
	}{
		{[]string{"ro", "rw"}, 0}, {[]string{"rro"}, unix.MS_RDONLY}, {[]string{"rnosuid", "rnodev"}, unix.MS_NOSUID | unix.MS_NODEV},
		{[]string{"nosymfollow"}, unix.MS_NOSYMFOLLOW}, {[]string{"strictatime", "rnostrictatime"}, 0},
	} {
		o, err := readOptions(&specs.Mount{Type: "bind", Options: c.options})
		assert.NilError(t, err)
		assert.Equal(t, o.Flags, c.flags, "%v", c.options)
	}
	for _, option := range []string{"remount"} {
		_, err := readOptions(&specs.Mount{Type: "bind", Options: []string{option}})
		assert.ErrorContains(t, err, option)
	}
}

func TestSchedulerAndIOPriority(t *testing.T) {
	s := Example()
	s.Process.Scheduler = &specs.Scheduler{Policy: specs.SchedBatch, Nice: 5, Flags: []specs.LinuxSchedulerFlag{specs.SchedFlagResetOnFork}}
	s.Process.IOPriority = &specs.LinuxIOPriority{Class: specs.IOPRIO_CLASS_IDLE, Priority: 7}
	s.Linux.Personality = &specs.LinuxPersonality{Domain: specs.PerLinux32}
	p, err := NewPlan(bundle(t), s)
	assert.NilError(t, err)
	assert.DeepEqual(t, p.Description.Sched, &task.Sched{Policy: 3, Nice: 5, ResetOnFork: true})
	assert.Equal(t, p.Description.IOPrio, uint16(3<<13|7))
	assert.Equal(t, p.Description.Container.Personality, uint32(8))
}

// clocks gives a time namespace one offset.
func clocks(name string, o specs.LinuxTimeOffset) func(*specs.Spec) {
	return func(s *specs.Spec) {
		s.Linux.Namespaces = append(s.Linux.Namespaces, specs.LinuxNamespace{Type: specs.TimeNamespace})
		s.Linux.TimeOffsets = map[string]specs.LinuxTimeOffset{name: o}
	}
}

func TestTimeOffsets(t *testing.T) {
	s := Example()
	clocks("monotonic", specs.LinuxTimeOffset{Secs: -3, Nanosecs: 7})(s)
	p, err := NewPlan(bundle(t), s)
	assert.NilError(t, err)
	assert.DeepEqual(t, p.Description.Container.Clocks, []task.ClockOffset{{Clock: unix.CLOCK_MONOTONIC, By: unix.Timespec{Sec: -3, Nsec: 7}}})
}

// What a privileged container can't have of the host's devices is left out and noted; others must do without knowing.
func TestDevicesOfAPrivilegedContainer(t *testing.T) {
	ten, fuse := int64(10), int64(229)
	for _, c := range []struct {
		rules []specs.LinuxDeviceCgroup
		want  bool
	}{
		{nil, false},
		{[]specs.LinuxDeviceCgroup{{Allow: true, Access: "rwm"}}, true},
		{[]specs.LinuxDeviceCgroup{{Type: "a"}, {Allow: true, Type: "a", Access: "rwm"}}, true},
		{[]specs.LinuxDeviceCgroup{{Access: "rwm"}, {Allow: true, Type: "c", Major: &ten, Minor: &fuse, Access: "rwm"}}, false},
		{[]specs.LinuxDeviceCgroup{{Allow: true, Access: "rwm"}, {Access: "rwm"}}, false},
	} {
		s := Example()
		s.Linux.Devices = []specs.LinuxDevice{{Path: "/dev/fuse", Type: "c", Major: 10, Minor: 229}, {Path: "/dev/vda", Type: "b", Major: 254},
			{Path: "/dev/ptmx", Type: "c", Major: 5, Minor: 2}, {Path: "/dev/full", Type: "c", Major: 1, Minor: 7}}
		s.Linux.Resources = &specs.LinuxResources{Devices: c.rules}
		p, err := NewPlan(bundle(t), s)
		if !c.want {
			assert.ErrorContains(t, err, "linux.devices[0]: Ditto has no device c 10:229 (/dev/fuse)", "%v", c.rules)
			continue
		}
		assert.NilError(t, err, "%v", c.rules)
		assert.DeepEqual(t, p.Notes, []string{"linux.devices: of the host's devices, which a privileged container gets, Ditto has none of /dev/fuse /dev/vda"})
		assert.Equal(t, len(p.Description.Container.Devices), 1)
		assert.Equal(t, p.Description.Container.Devices[0].Path, "/dev/full")
	}
}
