// SPDX-License-Identifier: MIT
// The demonstration firmware of gangflash: a production test that says which unit it runs on.
//
//   PC13        LED, lit at 0 V: blinks slowly (unit OK), fast (BLANK) or flickers (BAD)
//   PA2, PA3    console (USART2 TX, RX), 115200 8N1, one line a command; "help" lists them
//   PA4         test signal out of the DAC, 32000 samples a second
//
// STM32F405 on its internal 16 MHz oscillator, no crystal is needed. It has run in QEMU (machine netduinoplus2: console,
// interrupts and the values for the DAC), and on no physical board yet.

#include "waves.h"

#define REG(address) (*(volatile uint32_t *)(address))
#define RCC_CR REG(0x40023800)
#define RCC_CFGR REG(0x40023808)
#define RCC_CIR REG(0x4002380C)
#define RCC_AHB1RSTR REG(0x40023810)
#define RCC_APB1RSTR REG(0x40023820)
#define RCC_AHB1ENR REG(0x40023830)
#define RCC_APB1ENR REG(0x40023840)
#define GPIOA_MODER REG(0x40020000)
#define GPIOA_AFRL REG(0x40020020)
#define GPIOC_MODER REG(0x40020800)
#define GPIOC_BSRR REG(0x40020818)
#define USART2_SR REG(0x40004400)
#define USART2_DR REG(0x40004404)
#define USART2_BRR REG(0x40004408)
#define USART2_CR1 REG(0x4000440C)
#define TIM2_CR1 REG(0x40000000)
#define TIM2_CR2 REG(0x40000004)
#define TIM2_DIER REG(0x4000000C)
#define TIM2_SR REG(0x40000010)
#define TIM2_ARR REG(0x4000002C)
#define DAC_CR REG(0x40007400)
#define DAC_DHR12L1 REG(0x4000740C)
#define SYSTICK_CTRL REG(0xE000E010)
#define SYSTICK_LOAD REG(0xE000E014)
#define SYSTICK_VAL REG(0xE000E018)
#define NVIC_ISER0 REG(0xE000E100)
#define NVIC_ICER(n) REG(0xE000E180 + 4 * (n))
#define SCB_ICSR REG(0xE000ED04)
#define SCB_VTOR REG(0xE000ED08)

enum { CLOCK = 16000000, SAMPLE_RATE = 32000, BAUD = 115200 };

// What gangflash writes for each unit: the "data" of profiles/demo.yaml. Erased flash is all ones.
struct unit {
  uint8_t serial[16]; // ASCII, padded with zeros
  uint32_t built;     // Unix time
  uint32_t check;     // CRC-32 over the 20 bytes before it
};

extern const volatile struct unit unit_block;    // its place is in link.ld
extern const uint8_t image_start[], image_end[]; // this program
static const volatile uint8_t *const chip_uid = (const volatile uint8_t *)0x1FFF7A10;

enum verdict { OK, BLANK, BAD };
static const char *const verdict_words[] = {"OK", "BLANK", "BAD"};
static const uint16_t blink_ms[] = {500, 100, 30};
static enum verdict verdict;

// --- checks ---

// CRC-32 as in zip: reflected, polynomial 0x04C11DB7, all ones before, inverted after.
static uint32_t crc32(const volatile uint8_t *bytes, uint32_t length) {
  uint32_t crc = 0xFFFFFFFF;
  while (length-- > 0) {
    crc ^= *bytes++;
    for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
  }
  return ~crc;
}

static uint32_t unit_crc(void) { return crc32(unit_block.serial, 20); }

static enum verdict check_unit(void) {
  const volatile uint8_t *byte = unit_block.serial;
  uint32_t at = 0;
  while (at < sizeof(struct unit) && byte[at] == 0xFF) at++;
  if (at == sizeof(struct unit)) return BLANK;
  return unit_crc() == unit_block.check ? OK : BAD;
}

// --- test signal: direct digital synthesis ---

static const struct wave {
  const char *name;
  const int16_t *samples;
  uint32_t hertz; // periods a second when it is chosen
  uint32_t most;  // periods a second that keep its highest tone below half the sample rate
} waves[] = {{"sine", wave_sine, 1000, 15000}, {"multi", wave_multi, 16, 31}, {"sweep", wave_sweep, 4, 15}};

static const struct wave *volatile wave = waves;
static volatile uint32_t step; // share of a period between two samples, 2^32 is a whole one
static volatile int32_t gain;  // 32768 is full scale

// 2^32 / 32000 is 2^24 / 125: exact enough in 32 bits, and never wrong by more than 0.00001 Hz.
static void set_hertz(uint32_t hertz) { step = (hertz / 125 << 24) + (hertz % 125 << 24) / 125; }

static void set_percent(uint32_t percent) { gain = (int32_t)(percent * 32768 / 100); }

// Each overflow of TIM2 hands the last value to the output by itself, so the interrupt may be late without a jitter.
void sample_handler(void) {
  static uint32_t phase;
  TIM2_SR = 0;
  DAC_DHR12L1 = (uint32_t)(0x8000 + (wave->samples[phase >> 20] * gain >> 15));
  phase += step;
}

void tick_handler(void) { // each millisecond
  static uint32_t ms, lit;
  if (++ms < blink_ms[verdict]) return;
  ms = 0;
  lit = !lit;
  GPIOC_BSRR = lit ? 1u << (13 + 16) : 1u << 13;
}

// --- console ---

static void put(char c) {
  while (!(USART2_SR & 1u << 7)) {} // TXE
  USART2_DR = (uint8_t)c;
}

static void print(const char *text) {
  while (*text) put(*text++);
}

static void print_hex(uint32_t value, int digits) {
  while (digits-- > 0) put("0123456789abcdef"[value >> 4 * digits & 15]);
}

static void print_decimal(uint32_t value, uint32_t digits) { // at least so many digits
  if (value >= 10 || digits > 1) print_decimal(value / 10, digits > 1 ? digits - 1 : 1);
  put((char)('0' + value % 10));
}

static void print_time(uint32_t unix) { // as 2026-01-31T12:34:56Z
  uint32_t day = unix / 86400, second = unix % 86400, year = 1970, month = 0;
  for (uint32_t length; day >= (length = year % 4 == 0 && year != 2100 ? 366 : 365); day -= length) year++;
  const uint8_t february = year % 4 == 0 && year != 2100 ? 29 : 28;
  const uint8_t lengths[] = {31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  while (day >= lengths[month]) day -= lengths[month++];
  print_decimal(year, 4), put('-'), print_decimal(month + 1, 2), put('-'), print_decimal(day + 1, 2);
  put('T'), print_decimal(second / 3600, 2), put(':'), print_decimal(second / 60 % 60, 2);
  put(':'), print_decimal(second % 60, 2), put('Z');
}

static void say_id(void) {
  if (verdict != BLANK) {
    print("serial ");
    for (int i = 0; i < 16 && unit_block.serial[i] != 0; i++) {
      const char c = (char)unit_block.serial[i];
      put(c >= ' ' && c <= '~' ? c : '?');
    }
    print("\r\nbuilt "), print_time(unit_block.built);
    print("\r\ncrc "), print_hex(unit_block.check, 8);
    print(" computed "), print_hex(unit_crc(), 8), print("\r\n");
  }
  print("unit "), print(verdict_words[verdict]), print("\r\n");
}

static void say_uid(void) { // the 12 bytes in order of memory, as gangflash records them
  for (int i = 0; i < 12; i++) print_hex(chip_uid[i], 2);
  print("\r\n");
}

static void say_image(void) {
  const uint32_t bytes = (uint32_t)(image_end - image_start);
  print("image "), print_decimal(bytes, 1);
  print(" bytes crc "), print_hex(crc32(image_start, bytes), 8), print("\r\n");
}

static int same(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return *a == *b;
}

// The rest of a line that begins with the word and a space, otherwise a null pointer.
static const char *after(const char *line, const char *word) {
  while (*word && *line == *word) line++, word++;
  return *word == 0 && *line == ' ' ? line + 1 : 0;
}

static int number(const char *text, uint32_t least, uint32_t most, uint32_t *value) {
  *value = 0;
  for (const char *digit = text; *digit; digit++) {
    if (*digit < '0' || *digit > '9' || digit - text >= 6) return 0;
    *value = *value * 10 + (uint32_t)(*digit - '0');
  }
  return *text && *value >= least && *value <= most;
}

static int choose_wave(const char *name) {
  for (uint32_t i = 0; i < sizeof waves / sizeof *waves; i++)
    if (same(name, waves[i].name)) {
      wave = &waves[i];
      set_hertz(waves[i].hertz);
      return 1;
    }
  return 0;
}

static void obey(const char *line) {
  const char *rest;
  uint32_t value;
  if (same(line, "id")) return say_id();
  if (same(line, "uid")) return say_uid();
  if (same(line, "image")) return say_image();
  if (same(line, "help"))
    return print("id, uid, image, wave sine|multi|sweep, hertz N, level 0..100 (percent)\r\n");
  int done = 0;
  if ((rest = after(line, "wave"))) done = choose_wave(rest);
  if ((rest = after(line, "hertz")) && (done = number(rest, 1, wave->most, &value))) set_hertz(value);
  if ((rest = after(line, "level")) && (done = number(rest, 0, 100, &value))) set_percent(value);
  print(done ? "done\r\n" : "what? try help\r\n");
}

// --- start ---

// As after a reset, also when the ROM loader jumped here with its own clock, interrupts and peripherals.
static void set_up_core(void) {
  SYSTICK_CTRL = 0;
  SCB_ICSR = 1 << 25; // none pending
  for (int i = 0; i < 3; i++) NVIC_ICER(i) = 0xFFFFFFFF;
  SCB_VTOR = (uint32_t)image_start;
  RCC_CR |= 1; // HSI on; a bounded wait, for a tester that hangs says nothing
  for (int wait = 10000; wait > 0 && !(RCC_CR & 2); wait--) {}
  RCC_CFGR = 0; // HSI is the clock of everything
  for (int wait = 10000; wait > 0 && RCC_CFGR & 3 << 2; wait--) {}
  RCC_CIR = 0;
}

static void set_up_peripherals(void) {
  const uint32_t ports = 1 << 0 | 1 << 2, devices = 1 << 0 | 1 << 17 | 1 << 29; // A, C; TIM2, USART2, DAC
  RCC_AHB1ENR |= ports, RCC_AHB1RSTR = ports, RCC_AHB1RSTR = 0;
  RCC_APB1ENR |= devices, RCC_APB1RSTR = devices, RCC_APB1RSTR = 0;
  (void)RCC_APB1ENR; // a peripheral listens two cycles after its clock came

  GPIOA_AFRL = 7 << 8 | 7 << 12;           // PA2, PA3: USART2
  GPIOA_MODER |= 2 << 4 | 2 << 6 | 3 << 8; // PA4: analog; PA13 to PA15 stay the debugger's
  GPIOC_MODER = 1 << 26;                   // PC13: output

  USART2_BRR = (CLOCK + BAUD / 2) / BAUD;
  USART2_CR1 = 1 << 13 | 1 << 3 | 1 << 2; // on, transmit, receive

  DAC_CR = 4 << 3 | 1 << 2 | 1; // TIM2 hands over each value; channel 1 on
  TIM2_ARR = CLOCK / SAMPLE_RATE - 1;
  TIM2_CR2 = 2 << 4; // its overflow is the trigger
  TIM2_DIER = 1;
  TIM2_SR = 0;
  TIM2_CR1 = 1;
  NVIC_ISER0 = 1 << 28;

  SYSTICK_LOAD = CLOCK / 1000 - 1;
  SYSTICK_VAL = 0;
  SYSTICK_CTRL = 7; // the core's clock, with interrupt
}

int main(void) {
  set_up_core();
  verdict = check_unit();
  choose_wave("sine");
  set_percent(50);
  set_up_peripherals();
  __asm volatile("cpsie i" ::: "memory");
  print("gangflash demo\r\n");
  say_id();

  static char line[32];
  for (uint32_t length = 0;;) {
    if (!(USART2_SR & 1 << 5)) continue; // RXNE
    const char c = (char)(USART2_DR & 0x7F);
    if (c == '\r' || c == '\n') {
      line[length] = 0;
      if (length > 0) obey(line);
      length = 0;
    } else if (length < sizeof line - 1) {
      line[length++] = c;
    }
  }
}
