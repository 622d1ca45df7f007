// SPDX-License-Identifier: Apache-2.0

package oci

import specs "github.com/opencontainers/runtime-spec/specs-go"

// Cgroup is where a container is among the host's control groups; nil: where
// its creator is.
type Cgroup struct{}

func (c *Cgroup) frozen() bool { return false }

func (c *Cgroup) thaw() {}

func (c *Cgroup) destroy() error { return nil }

func (r *Runtime) placeCgroup(id string, pid int, spec *specs.Spec) (*Cgroup, error) { return nil, nil }
