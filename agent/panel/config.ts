// What the panel's process is told: a small file of its own, all of it optional. The daemon's configuration,
// with its secrets, is not for this process to read.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Findings, judge } from '../config/judge.ts';
import { absolute, group, list, path, text, whole, yesNo } from '../config/words.ts';
import { bytesMax, readYaml } from '../config/yaml.ts';
import { Refusal } from '../refusal.ts';

export const defaultFile = '/etc/gate-agent-panel/panel.yaml';

export interface PanelConfig {
  readonly listen: { readonly host: string; readonly port: number };
  /** Names beside the machine's own and those of the certificate, by which it may be called. */
  readonly names: readonly string[];
  /** Null: one of its own making. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly pinFile: string;
  readonly socket: string;
  /** Figures for Prometheus at /metrics, to whoever asks. */
  readonly metrics: boolean;
  /** Where its own certificate is kept. */
  readonly stateDir: string;
}

const host = text('an address or 0.0.0.0', 64, (value) => /^[0-9A-Fa-f.:]+$/.test(value));
const name = text('a host name', 253, (value) =>
  /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(value),
);

const schema = group({
  listen: group({
    host: host.default('0.0.0.0'),
    port: whole('port', 0, 65_535).default(8443),
  }).prefault({}),
  names: list(name, 0, 8).default([]),
  tls: group({ cert: path, key: path }).nullable().default(null),
  pinFile: path.default('pin.json'),
  metrics: yesNo.default(false),
  socket: absolute('the daemon’s control socket', 96).default('/run/gate-agent/control.sock'),
  stateDir: absolute('a directory of its own').optional(),
});

/** Throws a `Refusal` naming every wrong field; without a file all is as by default. */
export function loadPanelConfig(file: string, env: NodeJS.ProcessEnv = process.env): PanelConfig {
  const tree = readYaml(existsSync(file) ? textOf(file) : '{}');
  const findings = new Findings(tree);
  const fields = judge(schema, tree, findings);
  if (findings.bad.length > 0 || fields === null) throw new Refusal(findings.bad, file);
  const base = dirname(resolve(file));
  const { tls, pinFile, stateDir, ...rest } = fields;
  return {
    ...rest,
    tls: tls && { cert: resolve(base, tls.cert), key: resolve(base, tls.key) },
    pinFile: resolve(base, pinFile),
    stateDir: stateDir ?? (env.STATE_DIRECTORY?.split(':')[0] || '/var/lib/gate-agent-panel'),
  };
}

function textOf(file: string): string {
  if (statSync(file).size > bytesMax)
    throw new Refusal([{ field: '(file)', value: file, hint: 'too large' }], file);
  return readFileSync(file, 'utf8');
}
