// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// socket: what does each family say to types that there are none of, and which families are there?
#include "../harness/ready.h"

// The type is looked at before the family.
CASE(a_type_that_is_none) {
	for (int family = -1; family < AF_MAX; family++)
		for (int type = 11; type < 16; type += 2)
			OBSERVE_RET(name("family %d, type %d", family, type), syscall(SYS_socket, family, type, 0));
}

CASE(families_of_other_networks) {
	static const int families[] = {AF_AX25, AF_IPX, AF_APPLETALK, AF_NETROM, AF_X25, AF_ROSE, AF_ALG, AF_RDS, AF_TIPC, AF_CAN, AF_BLUETOOTH,
				       AF_IUCV, AF_NFC, AF_VSOCK, AF_KCM, AF_QIPCRTR, AF_SMC, AF_XDP, 45 /* AF_MCTP */};
	for (size_t i = 0; i < COUNT(families); i++) {
		long fd = OBSERVE_OK(name("family %d", families[i]), syscall(SYS_socket, families[i], families[i] == AF_ALG ? SOCK_SEQPACKET : SOCK_DGRAM, 0));
		if (fd >= 0)
			close((int)fd);
	}
}
