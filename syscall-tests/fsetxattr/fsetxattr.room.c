// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fsetxattr: when is there no room for another attribute?
#include "../harness/xattrroom.h"

CASE(as_many_as_there_is_room_for, "root cap:21 kernel>=6.6") { observe_xattr_room(BY_FD); }
