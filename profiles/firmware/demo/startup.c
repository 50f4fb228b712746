// SPDX-License-Identifier: MIT
// From reset to main(): the vector table, .data and .bss.

#include <stdint.h>

// Set by link.ld.
extern uint32_t stack_top[], data_load[], data_start[], data_end[], bss_start[], bss_end[];

int main(void);
void tick_handler(void);   // main.c
void sample_handler(void); // main.c

// What nobody expects stops here: the LED keeps its state and the console is silent, which a tester notices.
static void stuck_handler(void) {
  for (;;)
    __asm volatile("wfi");
}

static void __attribute__((used, noreturn)) start(void) {
  const uint32_t *from = data_load;
  for (uint32_t *to = data_start; to < data_end;) *to++ = *from++;
  for (uint32_t *to = bss_start; to < bss_end;) *to++ = 0;
  main();
  stuck_handler();
  __builtin_unreachable();
}

// The ROM loader may have come here by its Go command instead of a reset: nothing it left behind is trusted.
void __attribute__((naked, noreturn)) reset_handler(void) {
  __asm volatile("cpsid i\n"
                 "ldr r0, =stack_top\n"
                 "msr msp, r0\n"
                 "b start\n");
}

typedef void (*vector)(void);

// 16 vectors of the core and 82 of the STM32F405.
struct vectors {
  uint32_t *stack;
  vector core[15], device[82];
};

const struct vectors __attribute__((section(".vectors"), used)) vectors = {
    .stack = stack_top,
    .core = {
        reset_handler, // 1
        stuck_handler, // 2 NMI
        stuck_handler, // 3 hard fault
        stuck_handler, // 4 memory management
        stuck_handler, // 5 bus fault
        stuck_handler, // 6 usage fault
        0, 0, 0, 0,    // 7 to 10, reserved
        stuck_handler, // 11 SVCall
        stuck_handler, // 12 debug monitor
        0,             // 13, reserved
        stuck_handler, // 14 PendSV
        tick_handler,  // 15 SysTick
    },
    .device = {
        [0 ... 27] = stuck_handler,
        [28] = sample_handler, // TIM2
        [29 ... 81] = stuck_handler,
    },
};
