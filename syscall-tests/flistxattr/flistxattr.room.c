// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// flistxattr: what if there are more names than a list may have?
#include "../harness/xattrroom.h"

CASE(more_names_than_a_list_takes, "root cap:21 kernel>=6.6") { observe_long_lists(BY_FD); }
