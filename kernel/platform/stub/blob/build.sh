#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Rebuilds stub.bin, the stub blob that package stub embeds.
set -eu
cd "$(dirname "$0")"
out=${1:-../stub.bin}
${CC:-gcc} -std=gnu11 -O2 -Wall -Werror -ffreestanding -fPIE -mgeneral-regs-only -mno-red-zone \
	-fno-stack-protector -fcf-protection=none -fno-asynchronous-unwind-tables -fno-builtin -fno-strict-aliasing \
	-fno-tree-loop-distribute-patterns -nostdlib -static -no-pie -Wl,-T,stub.ld -Wl,--build-id=none -Wl,-z,noexecstack -Wl,-z,max-page-size=4096 \
	-o "$out" entry.S stub.c futex.c
strip --strip-all "$out"
${CC:-gcc} --version | head -n 1 >"$out.compiler"
