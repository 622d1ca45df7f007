// SPDX-License-Identifier: Apache-2.0

// This file is about ids: those of a container's user namespace, and those that a mount shows.

package oci

import (
	"errors"
	"fmt"
	"os"
	"strings"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/ditto-kernel/ditto/kernel/boot"
	"github.com/ditto-kernel/ditto/kernel/cred"
)

// userNamespace takes the ids of a user namespace of the container's own. An error begins with the field.
func (c *conversion) userNamespace(l *specs.Linux) error {
	d := c.d.Container
	for _, m := range []struct {
		field string
		from  []specs.LinuxIDMapping
		into  *[]cred.Extent
	}{{"uidMappings", l.UIDMappings, &d.UIDMap}, {"gidMappings", l.GIDMappings, &d.GIDMap}} {
		var err error
		if *m.into, err = extents(m.from); err != nil {
			return fmt.Errorf("%s%w", m.field, err)
		}
		if !has(*m.into, 0) {
			return fmt.Errorf("%s: the container's root (0) is not in them", m.field)
		}
	}
	return nil
}

// extents converts mappings. An error begins with the index, or with ": ".
func extents(list []specs.LinuxIDMapping) (result []cred.Extent, err error) {
	if len(list) == 0 {
		return nil, errors.New(": there are none")
	}
	for i, m := range list {
		e := cred.Extent{First: m.ContainerID, Lower: m.HostID, Count: m.Size}
		if e.Count == 0 || e.First+e.Count < e.First || e.Lower+e.Count < e.Lower {
			return nil, fmt.Errorf("[%d]: %d ids from %d and %d on are no ids", i, m.Size, m.ContainerID, m.HostID)
		}
		for j, o := range result {
			if overlap(e.First, o.First, e.Count, o.Count) || overlap(e.Lower, o.Lower, e.Count, o.Count) {
				return nil, fmt.Errorf("[%d]: some of its ids are in [%d] as well", i, j)
			}
		}
		result = append(result, e)
	}
	return result, nil
}

// readMap is the map of a user namespace, as this process sees it.
func readMap(name string) (list []cred.Extent, err error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		var e cred.Extent
		if _, err := fmt.Sscan(line, &e.First, &e.Lower, &e.Count); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		list = append(list, e)
	}
	return list, nil
}

func overlap(a, b, na, nb uint32) bool { return a <= b && b-a < na || b < a && a-b < nb }

func has(list []cred.Extent, id uint32) bool {
	for _, e := range list {
		if id >= e.First && id-e.First < e.Count {
			return true
		}
	}
	return false
}

// mountIDs is how the ids of a mount's files are shown; nil: as they are. Without mappings of its own a mount
// with the option has those of the container's user namespace.
func (c *conversion) mountIDs(m *specs.Mount, o *options) (*boot.IDMap, error) {
	if len(m.UIDMappings)+len(m.GIDMappings) == 0 && !o.idmap {
		return nil, nil
	}
	ids := &boot.IDMap{Below: o.idmapBelow}
	uids, gids := m.UIDMappings, m.GIDMappings
	if len(uids)+len(gids) == 0 && c.spec.Linux != nil {
		uids, gids = c.spec.Linux.UIDMappings, c.spec.Linux.GIDMappings
	}
	var err error
	if ids.UIDs, err = extents(uids); err != nil {
		return nil, fmt.Errorf("uidMappings%w", err)
	}
	if ids.GIDs, err = extents(gids); err != nil {
		return nil, fmt.Errorf("gidMappings%w", err)
	}
	return ids, nil
}
