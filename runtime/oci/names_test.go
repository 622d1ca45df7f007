// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"fmt"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

func TestSignals(t *testing.T) {
	for n := 1; n < 32; n++ {
		name := unix.SignalName(unix.Signal(n))
		for _, s := range []string{name, name[3:], fmt.Sprint(n)} {
			got, err := ParseSignal(s)
			assert.NilError(t, err)
			assert.Equal(t, got, n, s)
		}
	}
	for s, want := range map[string]int{"rtmin+1": 35, "SIGRTMAX": 64, "RTMAX-2": 62, "64": 64, "sigkill": 9} {
		got, err := ParseSignal(s)
		assert.NilError(t, err)
		assert.Equal(t, got, want, s)
	}
	for _, s := range []string{"", "0", "65", "-1", "SIGNOTHING", "RTMIN+31", "RTMAX--1"} {
		_, err := ParseSignal(s)
		assert.Assert(t, err != nil, "%q is no signal", s)
	}
}

func TestCapabilityNumbers(t *testing.T) {
	for name, want := range map[string]uint{
		"CAP_CHOWN": unix.CAP_CHOWN, "CAP_SYS_ADMIN": unix.CAP_SYS_ADMIN, "setfcap": unix.CAP_SETFCAP, "CAP_CHECKPOINT_RESTORE": unix.CAP_CHECKPOINT_RESTORE,
		"CAP_MKNOD": unix.CAP_MKNOD, "CAP_BPF": unix.CAP_BPF, "CAP_NET_RAW": unix.CAP_NET_RAW,
	} {
		got, ok := capability(name)
		assert.Assert(t, ok, name)
		assert.Equal(t, got, want, name)
	}
	assert.Equal(t, len(capabilities), unix.CAP_LAST_CAP+1)
}

func TestLimitNumbers(t *testing.T) {
	for name, want := range map[string]int{
		"RLIMIT_CPU": unix.RLIMIT_CPU, "RLIMIT_NOFILE": unix.RLIMIT_NOFILE, "RLIMIT_AS": unix.RLIMIT_AS, "RLIMIT_RTTIME": unix.RLIMIT_RTTIME,
		"RLIMIT_NPROC": unix.RLIMIT_NPROC, "RLIMIT_MEMLOCK": unix.RLIMIT_MEMLOCK, "RLIMIT_NICE": unix.RLIMIT_NICE,
	} {
		got, ok := limit(name)
		assert.Assert(t, ok, name)
		assert.Equal(t, got, want, name)
	}
}

func TestSizes(t *testing.T) {
	for s, want := range map[string]int64{"4096": 4096, "64k": 64 << 10, "65536K": 64 << 20, "2m": 2 << 20, "1g": 1 << 30} {
		got, err := parseSize(s)
		assert.NilError(t, err)
		assert.Equal(t, got, want, s)
	}
	for _, s := range []string{"", "k", "-1", "1x", "99999999999g", "x%"} {
		_, err := parseSize(s)
		assert.Assert(t, err != nil, "%q is no size", s)
	}
}
