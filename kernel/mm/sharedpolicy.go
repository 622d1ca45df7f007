// SPDX-License-Identifier: Apache-2.0

// This file is policies of shared memory (struct shared_policy): what mbind(2) gives
// to a part of an object is the object's, and all who map it see it.

package mm

import (
	"slices"
	"sync"
)

// Policies are the memory policies of the parts of an object. The zero Policies
// has none. Its lock is a leaf, below MM.mu.
type Policies struct {
	mu   sync.Mutex
	list []policyRange // in order; no two overlap
}

// policyRange is bytes of the object that have a policy.
type policyRange struct {
	start, end uint64
	policy     *Policy
}

// at is the policy of the byte at off; nil: the task's.
func (s *Policies) at(off uint64) *Policy {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.list {
		if r.start <= off && off < r.end {
			return r.policy
		}
	}
	return nil
}

// set gives [start, end) a policy; nil takes away what it has.
func (s *Policies) set(start, end uint64, p *Policy) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []policyRange
	for _, r := range s.list {
		if r.start < start {
			list = append(list, policyRange{r.start, min(r.end, start), r.policy})
		}
		if r.end > end {
			list = append(list, policyRange{max(r.start, end), r.end, r.policy})
		}
	}
	if p != nil {
		list = append(list, policyRange{start, end, p})
	}
	slices.SortFunc(list, func(a, b policyRange) int {
		if a.start < b.start {
			return -1
		}
		return 1
	})
	s.list = list
}

// sharedPolicies is what the key of a Backing has whose memory keeps its policies
// (vm_operations_struct's set_policy): memory in files, but not files on disks. nil: this one does not.
type sharedPolicies interface{ Policies() *Policies }

// policies are those of the object that v maps, nil if they are v's own.
func (v *VMA) policies() *Policies {
	if v.File == nil {
		return nil
	}
	if o, ok := v.File.Key().(sharedPolicies); ok {
		return o.Policies()
	}
	return nil
}

// policyAt is the policy of the byte at addr, which v has.
func (v *VMA) policyAt(addr uint64) *Policy {
	if s := v.policies(); s != nil {
		return s.at(v.offset(addr))
	}
	return v.Policy
}

// setPolicy gives all of v a policy: vma_replace_policy.
func (v *VMA) setPolicy(p *Policy) {
	if s := v.policies(); s != nil {
		s.set(v.Off, v.Off+(v.End-v.Start), p)
	}
	v.Policy = p
}
