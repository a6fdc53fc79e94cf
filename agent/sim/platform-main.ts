// The platform as a process of its own: prints what it sees as JSON lines, takes commands as JSON
// lines on stdin. `node agent/sim/platform-main.ts --broker mqtt://.. --file .. [--terminal id]`
// In: {"verb":"take","args":{"incident":".."}} · {"resolve":"<incident>"} · {"set":{"holdReceipts":true}}
// Out: {"open":true} · {"seen":"alarm",..} · {"answer":..,"to":..} · {"error":..}

import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { Platform } from './platform.ts';

const { values } = parseArgs({
  options: {
    broker: { type: 'string' },
    file: { type: 'string' },
    terminal: { type: 'string' },
    username: { type: 'string' },
    password: { type: 'string' },
    role: { type: 'string' },
    user: { type: 'string' },
  },
});
const { broker, file, terminal, username, password, role, user } = values;
if (!broker || (!file && !role)) {
  process.stderr.write(
    'usage: platform-main --broker mqtt://host:port --file ledger [--terminal id]\n',
  );
  process.exit(64);
}

const order = z.union([
  z.strictObject({
    verb: z.string(),
    args: z.record(z.string(), z.unknown()).default({}),
    terminal: z.string().optional(),
    withinMs: z.number().optional(),
    to: z.unknown().optional(),
  }),
  z.strictObject({
    resolve: z.string(),
    reason: z.string().optional(),
    terminal: z.string().optional(),
    to: z.unknown().optional(),
  }),
  z.strictObject({
    set: z.strictObject({
      holdReceipts: z.boolean().optional(),
      receiptDelayMs: z.number().optional(),
    }),
  }),
]);

const print = (what: object): void => {
  process.stdout.write(`${JSON.stringify(what)}\n`);
};
const platform = new Platform({
  broker,
  ...(file ? { file } : {}),
  ...(username ? { username } : {}),
  ...(password ? { password } : {}),
  ...(role && user ? { as: { role, user } } : {}),
});

platform.watch(({ what, ...seen }) => {
  if (!terminal || seen.topic.split('/')[2] === terminal) print({ seen: what, ...seen });
});

async function obey(text: string): Promise<void> {
  const told = order.parse(JSON.parse(text));
  if ('set' in told) {
    const { holdReceipts, receiptDelayMs } = told.set;
    if (receiptDelayMs !== undefined) platform.receiptDelayMs = receiptDelayMs;
    if (holdReceipts === true) platform.holdReceipts = true;
    if (holdReceipts === false) platform.releaseReceipts();
    return print({ set: told.set });
  }
  const to = told.terminal ?? terminal;
  if (!to) throw new Error('no terminal named');
  if ('resolve' in told) {
    const reason = told.reason ?? 'handled';
    const answer = await platform.desk.resolve(to, told.resolve, { reason });
    return print({ answer, to: told.to ?? null });
  }
  const withinMs = told.withinMs ?? 5_000;
  const answer = await platform.desk.command(to, told.verb, told.args, { withinMs });
  print({ answer, to: told.to ?? null });
}

const lines = createInterface({ input: process.stdin });
lines.on('line', (text) => {
  obey(text).catch((error: unknown) => {
    print({ error: error instanceof Error ? error.message : String(error), line: text });
  });
});
const stop = async () => {
  await platform.close();
  process.exit(0);
};
lines.once('close', stop);
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
await platform.open();
print({ open: true, stored: platform.stored });
