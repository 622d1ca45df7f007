// SPDX-License-Identifier: Apache-2.0

// Prints the memory policy of the calling thread, and the first of its nodes, as get_mempolicy(2) tells them.
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	int mode = -1;
	unsigned long nodes[16] = {0};

	if (syscall(SYS_get_mempolicy, &mode, nodes, 8 * sizeof nodes, 0, 0) != 0) {
		perror("get_mempolicy");
		return 1;
	}
	printf("policy %#x nodes %#lx\n", mode, nodes[0]);
	return 0;
}
