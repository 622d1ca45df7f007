// SPDX-License-Identifier: Apache-2.0

// Package policy is the repository's own rules as tests: what a reviewer would otherwise have to look for in every
// change. It has no code of its own besides them.
package policy
