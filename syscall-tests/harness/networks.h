// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of network namespaces: fresh ones, their devices, and echoes of ICMP.
#ifndef DITTO_HARNESS_NETWORKS_H
#define DITTO_HARNESS_NETWORKS_H

#include "inets.h"
#include "namespaces.h"

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <sys/ioctl.h>

// The flags of a device, as far as they don't depend on time: -1 and errno if there is none.
static inline long device_flags(const char *device) {
	struct ifreq r = {0};
	int s = REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0));
	strncpy(r.ifr_name, device, IFNAMSIZ - 1);
	long ret = ioctl(s, SIOCGIFFLAGS, &r);
	int err = errno;
	close(s);
	errno = err;
	return ret < 0 ? ret : r.ifr_flags & (IFF_UP | IFF_LOOPBACK | IFF_BROADCAST | IFF_POINTOPOINT | IFF_NOARP | IFF_PROMISC);
}

static inline long device_up(const char *device) {
	struct ifreq r = {.ifr_flags = IFF_UP};
	int s = REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0));
	strncpy(r.ifr_name, device, IFNAMSIZ - 1);
	long ret = ioctl(s, SIOCSIFFLAGS, &r);
	int err = errno;
	close(s);
	errno = err;
	return ret;
}

// Puts the caller into a network namespace of its own, whose loopback device is up.
static inline void fresh_network(void) {
	REQUIRE_OK(syscall(SYS_unshare, CLONE_NEWNET));
	REQUIRE_OK(device_up("lo"));
}

static inline uint16_t in_checksum(const void *data, size_t n) {
	const uint8_t *p = data;
	uint32_t sum = 0;
	for (size_t i = 0; i + 1 < n; i += 2)
		sum += p[i] << 8 | p[i + 1];
	if (n & 1)
		sum += p[n - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

// An echo request of either family with a number: its length.
static inline size_t echo_request(int family, int seq, uint8_t *p) {
	struct icmphdr h = {.type = family == AF_INET ? ICMP_ECHO : ICMP6_ECHO_REQUEST, .un.echo = {.id = htons(77), .sequence = htons(seq)}};
	memcpy(p, &h, sizeof h);
	memcpy(p + sizeof h, "abcdefgh", 8);
	if (family == AF_INET) {
		h.checksum = in_checksum(p, sizeof h + 8);
		memcpy(p, &h, sizeof h);
	}
	return sizeof h + 8;
}

#endif
