// Our bytes against the kernel's own header: a C program writes the same structures, field by field.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  chipInfoOf,
  eventBytes,
  eventsOf,
  inputRequest,
  levelOf,
  lineFdOf,
  lineInfoOf,
  lineInfoRequest,
  outputRequest,
  requests,
  valuesRequest,
} from '#agent/gpio/abi.ts';

const source = `
#include <linux/gpio.h>
#include <stdio.h>
#include <string.h>
#define OUT(name, x) do { printf("%s ", name); for (size_t i = 0; i < sizeof x; i++) \\
  printf("%02x", ((unsigned char *)&x)[i]); printf("\\n"); } while (0)
int main(void) {
  unsigned int ioctls[] = {GPIO_GET_CHIPINFO_IOCTL, GPIO_V2_GET_LINEINFO_IOCTL, GPIO_V2_GET_LINE_IOCTL,
    GPIO_V2_LINE_GET_VALUES_IOCTL, GPIO_V2_LINE_SET_VALUES_IOCTL};
  OUT("ioctls", ioctls);
  struct gpiochip_info chip = {.name = "gpiochip7", .label = "it87_gpio", .lines = 64};
  OUT("chip", chip);
  struct gpio_v2_line_info asked = {.offset = 9};
  OUT("asked", asked);
  struct gpio_v2_line_info info = {.name = "panic", .consumer = "sysfs", .offset = 9,
    .flags = GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_USED};
  OUT("info", info);
  info.flags = GPIO_V2_LINE_FLAG_OUTPUT;
  OUT("set", info);
  struct gpio_v2_line_request in = {.offsets = {5}, .consumer = "gate-agent", .num_lines = 1,
    .event_buffer_size = 1024, .config = {.flags = GPIO_V2_LINE_FLAG_INPUT |
    GPIO_V2_LINE_FLAG_EDGE_RISING | GPIO_V2_LINE_FLAG_EDGE_FALLING | GPIO_V2_LINE_FLAG_BIAS_PULL_UP}};
  OUT("edges", in);
  in.config.flags = GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_BIAS_DISABLED;
  in.event_buffer_size = 0;
  OUT("deaf", in);
  struct gpio_v2_line_request out = {.offsets = {6}, .consumer = "gate-agent", .num_lines = 1, .fd = 0,
    .config = {.flags = GPIO_V2_LINE_FLAG_OUTPUT, .num_attrs = 1, .attrs = {{.mask = 1, .attr = {
    .id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES, .values = 1}}}}};
  OUT("output", out);
  out.fd = 42;
  OUT("answered", out);
  struct gpio_v2_line_values values = {.bits = 1, .mask = 1};
  OUT("values", values);
  struct gpio_v2_line_event events[2] = {
    {.timestamp_ns = 123456789012345ULL, .id = GPIO_V2_LINE_EVENT_RISING_EDGE, .offset = 5, .seqno = 8,
     .line_seqno = 7}, {.timestamp_ns = 123456790012345ULL, .id = GPIO_V2_LINE_EVENT_FALLING_EDGE,
     .offset = 5, .seqno = 9, .line_seqno = 8}};
  OUT("events", events);
  return 0;
}
`;

const dir = mkdtempSync(join(tmpdir(), 'gate-abi-'));
const kernel: Record<string, Buffer> = {};
afterAll(() => rmSync(dir, { recursive: true, force: true }));
beforeAll(() => {
  const program = join(dir, 'abi');
  writeFileSync(`${program}.c`, source);
  execFileSync('gcc', ['-o', program, `${program}.c`]);
  for (const line of execFileSync(program, { encoding: 'utf8' }).trim().split('\n')) {
    const [name = '', hex = ''] = line.split(' ');
    kernel[name] = Buffer.from(hex, 'hex');
  }
});

const theirs = (name: string): Buffer => kernel[name] ?? Buffer.alloc(0);

test('the numbers of the requests', () => {
  const numbers = Object.values(requests).map((_, n) => theirs('ioctls').readUInt32LE(4 * n));
  expect(Object.values(requests)).toEqual(numbers);
});

test.each([
  ['asked', () => lineInfoRequest(9)],
  ['edges', () => inputRequest(5, 'pull-up', true)],
  ['deaf', () => inputRequest(5, 'none', false)],
  ['output', () => outputRequest(6, 1)],
  ['values', () => valuesRequest(1)],
])('what we ask: %s', (name, ours) => {
  expect(ours().toString('hex')).toBe(theirs(name).toString('hex'));
});

test('what we are told', () => {
  expect(chipInfoOf(theirs('chip'))).toEqual({ name: 'gpiochip7', label: 'it87_gpio', lines: 64 });
  expect(lineInfoOf(theirs('info'))).toEqual({
    ...{ name: 'panic', offset: 9, usedBy: 'sysfs', isOutput: false },
  });
  expect(lineInfoOf(theirs('set'))).toMatchObject({ usedBy: null, isOutput: true });
  expect(lineInfoOf(theirs('asked')).usedBy).toBeNull();
  expect(lineFdOf(theirs('answered'))).toBe(42);
  expect([levelOf(theirs('values')), levelOf(valuesRequest(0))]).toEqual([1, 0]);
});

test('events, and half of one', () => {
  const events = theirs('events');
  expect(events.length).toBe(2 * eventBytes);
  const [first, second] = [
    { level: 1, atMs: 123_456_789.012345, seq: 7 },
    { level: 0, atMs: 123_456_790.012345, seq: 8 },
  ];
  expect(eventsOf(events, events.length)).toEqual([first, second]);
  expect(eventsOf(events, events.length - 1)).toEqual([first]);
});
