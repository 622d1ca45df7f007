// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// personality: is each of the domains of other systems kept, and shown again?
#include "../harness/harness.h"

#include <sys/personality.h>

CASE(domains_of_other_systems) {
	static const unsigned long domains[] = {PER_LINUX_32BIT, PER_LINUX_FDPIC, PER_SVR4, PER_SVR3, PER_SCOSVR3, PER_OSR5, PER_WYSEV386, PER_ISCR4, PER_BSD,
		PER_SUNOS, PER_XENIX, PER_LINUX32, PER_LINUX32_3GB, PER_IRIX32, PER_IRIXN32, PER_IRIX64, PER_RISCOS, PER_SOLARIS, PER_UW7, PER_OSF4, PER_HPUX};
	IN_CHILD(NULL) {
		for (size_t i = 0; i < sizeof domains / sizeof *domains; i++) {
			OBSERVE_RET(name("set %#lx", domains[i]), syscall(SYS_personality, domains[i]));
			OBSERVE_RET(name("then %#lx", domains[i]), syscall(SYS_personality, 0xffffffff));
		}
	}
}
