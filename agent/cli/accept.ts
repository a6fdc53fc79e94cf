// `gate-agent accept`: proves an installation, and signs the certificate.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Asked,
  asking,
  type Command,
  exits,
  interrupted,
  jsonFlag,
  socketFlags,
  text,
} from './command.ts';

/** A look takes a moment, and signing writes files. */
const askMs = 15_000;
const failed = 1;

export const accept: Command = {
  name: 'accept',
  flags: {
    ...{ ...socketFlags, ...jsonFlag, by: { type: 'string' }, out: { type: 'string' } },
    ...{ simulate: { type: 'boolean' }, waive: { type: 'string', multiple: true } },
  },
  usage: `
gate-agent accept        --by NAME [--simulate] [--waive CHECK=WHY ..] [--out DIR] [--json]
                         [--config FILE] [--socket PATH]
    Proves the whole in service mode, which dispatches nobody: presses and their times, light, picture, talk,
    a cut line, a lost dome, a restart. Signs a certificate (JSON and pages, at the terminal and in DIR), and
    tells the platform. Exit 0: accepted, 1: failed, 64: refused, and why; 69, 73 and 77 as above.`,
  notes: `
--by NAME      who accepts: in the certificate, and in the records
--simulate     nobody is there: presses are simulated, and the certificate says so
--waive C=WHY  check C is not tried, and the certificate says why: clock, store, space, key, chain,
               certificate, broker, press, lamp, dome, live, strobe, siren, range, talk, cut, pulled,
               restart`,
  async run(asked) {
    const { flags, err } = asked;
    const { isCheckName } = await import('../install/accept/command.ts');
    const by = text(flags.by);
    const waived = [flags.waive ?? []].flat().map((one) => {
      const [name = '', ...why] = String(one).split('=');
      return [name, why.join('=').trim()] as const;
    });
    const wrong = waived.find(([name, why]) => !isCheckName(name) || why === '');
    if (by !== null && !wrong) return await run(asked, by, new Map(waived));
    err(
      `gate-agent: accept: ${wrong ? `--waive ${wrong[0]}=${wrong[1]}: CHECK=WHY` : '--by: who?'}\n`,
    );
    return exits.usage;
  },
};

function run(asked: Asked, by: string, waived: ReadonlyMap<string, string>): Promise<number> {
  const { flags, clock, out, err, cli } = asked;
  return asking(
    asked,
    async (ask) => {
      const {
        accept: begin,
        personAt,
        standardTimes,
      } = await import('../install/accept/command.ts');
      const stopped = cli.ended?.() ?? interrupted();
      const isJson = flags.json === true;
      const say = isJson ? err : out;
      const person = flags.simulate === true ? null : personAt(cli.input ?? process.stdin, say);
      try {
        const user = by.slice(0, 64);
        const accepting = begin({
          ...{ ask, clock, person, user, times: standardTimes, out: say, waived },
          wallMs: () => Math.round(clock.now().wallMs),
        });
        const accepted = await Promise.race([accepting, stopped.then(() => null)]);
        if (accepted === null) {
          await ask('accept.end', { user });
          err('gate-agent: given up; service mode is over, and presses are real\n');
          return failed;
        }
        const { record, file, isAccepted } = accepted;
        const written = await write(text(flags.out), file, record);
        const told = written ?? file ?? '(the disk of the terminal did not take it)';
        out(isJson ? `${JSON.stringify({ file, record })}\n` : `${told}\n`);
        return isAccepted ? exits.ok : failed;
      } catch (error) {
        if (!(error instanceof Error && 'syscall' in error)) throw error;
        err(`gate-agent: ${error.message}\n`);
        return exits.cannotWrite;
      } finally {
        person?.close();
      }
    },
    askMs,
  );
}

type Signed = Awaited<
  ReturnType<typeof import('../install/accept/command.ts')['accept']>
>['record'];

async function write(
  dir: string | null,
  file: string | null,
  record: Signed,
): Promise<string | null> {
  if (dir === null) return null;
  const { pagesOf, recordBytes } = await import('../install/accept/command.ts');
  const stem = join(dir, (file ?? 'acceptance.json').replace(/\.json$/, ''));
  mkdirSync(dir, { recursive: true });
  writeFileSync(`${stem}.json`, recordBytes(record));
  for (const [suffix, page] of Object.entries(pagesOf(record)))
    writeFileSync(`${stem}.${suffix}`, page);
  return `${stem}.json`;
}
