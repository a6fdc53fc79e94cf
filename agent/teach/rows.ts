// What is on the screen of a teach-in, in words: a row a line, port and contact, in English and Chinese, and
// what was found. Pure.

import type { Found } from './found.ts';
import { type Suggestion, yamlOf } from './suggest.ts';
import type { LineView, PortView, Signal, TeachView } from './view.ts';

export interface Row {
  readonly key: string;
  readonly name: string;
  readonly level: string;
  readonly edges: string;
  readonly note: string;
  /** It has changed, or is worth a place on a small screen. */
  readonly isActive: boolean;
}

export function rowsOf({ lines, ports }: TeachView): Row[] {
  return [...lines.map(lineRow), ...ports.flatMap(portRows)];
}

export const lineName = ({ chip, label, offset, name }: LineView): string =>
  [chip, offset, name, label === chip ? '' : `(${label})`].filter((part) => part !== '').join(' ');

function lineRow(line: LineView): Row {
  const { chip, offset, signal, isPolled } = line;
  const notes = [lineState(line), isPolled ? 'polled 轮询' : '', signal ? doneText(signal) : ''];
  return {
    ...{ key: `${chip}:${offset}`, name: lineName(line), ...numbersOf(signal) },
    note: notes.filter(Boolean).join('  '),
    isActive: (signal?.edges ?? 0) > 0,
  };
}

function lineState({ state, by, label }: LineView): string {
  switch (state) {
    case 'watched':
      return '';
    case 'configured':
      return `configured as 已配置为 ${by}`;
    case 'busy':
      return `busy 占用: ${by || '?'}`;
    case 'output':
      return 'output, not touched 输出,不触碰';
    case 'spared':
      return `the processor's own pin, not opened 处理器引脚,未打开; --chip ${label}`;
    case 'waiting':
      return 'waiting 等待';
    case 'refused':
      return `${by}`;
  }
}

function portRows(port: PortView): Row[] {
  const { path, device, state, by, baud, bytes, frames } = port;
  const heard = frames > 0 ? `button box 按钮盒 ${baud}` : `listening 监听 ${baud ?? '-'}`;
  const amount = bytes > 0 ? `  ${bytes} bytes 字节` : '';
  const notes = {
    configured: `configured as 已配置为 ${by}`,
    busy: `busy 占用: ${by}`,
    waiting: 'waiting 等待',
    refused: `${by}`,
    watched: `${heard}${amount}`,
  };
  const name = path === device ? path : `${path} (${device})`;
  const head = { key: path, name, level: '', edges: '', note: notes[state], isActive: true };
  const contacts = port.contacts.map(({ on, name: contact, signal }): Row => {
    const label = on === 'box' ? `input 输入 ${contact}` : contact.toUpperCase();
    return {
      ...{ key: `${path}:${on}:${contact}`, name: `  ${on === 'input' ? contact : label}` },
      ...numbersOf(signal),
      ...{ note: doneText(signal), isActive: true },
    };
  });
  return [head, ...contacts];
}

const numbersOf = (signal: Signal | null): { level: string; edges: string } => ({
  level: String(signal?.level ?? '-'),
  edges: signal ? String(signal.edges) : '',
});

function doneText({ isNoise, presses, press }: Signal): string {
  if (isNoise) return 'noise: never at rest 干扰:不停变化';
  return press ? `pressed 按下 ${presses}x  ${press.ms} ms` : '';
}

/** Where a press was found, in words. */
export function placeText(found: Found): string {
  if (found.what === 'pair')
    return `${lineName(found.line)} + ${lineName(found.other)}: both contacts of one button 一个按钮的两个触点`;
  if (found.what === 'line') return lineName(found.line);
  if (found.what === 'box') return `${found.port.path}: a button box 按钮盒`;
  const { on, name } = found.contact;
  return `${found.port.path} ${on === 'modem' ? name.toUpperCase() : name}`;
}

/** A found place and, unless the configuration has it, what to paste. */
export function foundText(found: Found, suggestion: Suggestion | null, rank: number): string[] {
  const { signal } = found;
  const pressed = signal?.press ? `  ${doneText(signal)}` : '';
  const head = `${rank}. ${placeText(found)}${pressed}`;
  if (!suggestion) return [`${head}  already configured 已在配置中`];
  const remarks = suggestion.remarks.map((remark) => `# ${remark}`);
  return [head, ...remarks, ...yamlOf(suggestion).trimEnd().split('\n')];
}
