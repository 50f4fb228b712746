#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the demonstration firmware: sh build.sh [FILE], FILE being demo.hex beside this folder by default.
#
# The same compiler makes the same bytes, anywhere and at any time: no dates, no paths, no debug information.
# The committed ../demo.hex was built with (arm-none-eabi-gcc -dumpfullversion):
# compiler: 12.2.1
# This is Debian 12's package gcc-arm-none-eabi (12.2.rel1-1), with binutils 2.40.
set -eu

out=${1:-"$(dirname "$0")/../demo.hex"}
case $out in /*) ;; *) out=$PWD/$out ;; esac
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

LC_ALL=C arm-none-eabi-gcc \
  -mcpu=cortex-m4 -mthumb -mfloat-abi=soft -std=gnu11 -Os -g0 -Wall -Wextra -Werror \
  -ffreestanding -fno-common -fno-tree-loop-distribute-patterns -fno-ident \
  -nostdlib -static -Wl,-T,link.ld -Wl,--build-id=none -Wl,--fatal-warnings \
  startup.c main.c waves.c -o "$work/demo.elf"
arm-none-eabi-objcopy -O ihex "$work/demo.elf" "$work/demo.hex"
tr -d '\r' <"$work/demo.hex" >"$out"
