// SPDX-License-Identifier: Apache-2.0
// Replaced by the generator.
static const struct capture capture_table[1];
