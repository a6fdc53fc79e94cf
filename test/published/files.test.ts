// config/contract as it lies there: fresh, accepted by AsyncAPI's own parser, each example valid for an
// independent validator and for the schemas the daemon uses, roles as the daemon grants them.

import { spawnSync } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Parser } from '@asyncapi/parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  birthMessage,
  chainHead,
  commandVerbs,
  rights,
  roles,
  topicsOf,
  verbs,
} from '#agent/contract.ts';
import { isMoveVerb } from '#agent/core/command.ts';
import { asyncapiFile, contractDir, Published } from '#test/support/published.ts';
import { kinds } from '../../scripts/contract-kinds.ts';

const published = new Published();
const exampleOf = (kind: string): unknown =>
  JSON.parse(readFileSync(join(contractDir, 'example', `${kind}.json`), 'utf8'));

const generator = join(import.meta.dirname, '../../scripts/contract.ts');
function generate(...args: string[]) {
  const { status, stderr } = spawnSync(process.execPath, [generator, ...args], { timeout: 15_000 });
  return { status, said: stderr.toString() };
}

describe('scripts/contract', () => {
  let copy = '';
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'gate-contract-'));
    cpSync(contractDir, copy, { recursive: true });
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it('config/contract is fresh', () => {
    expect(generate('--check')).toEqual({ status: 0, said: '' });
  });

  it('tells a stale, a missing and a left-over file, and mends them', () => {
    appendFileSync(join(copy, 'asyncapi.yaml'), '\n');
    rmSync(join(copy, 'schema/health.json'));
    writeFileSync(join(copy, 'schema/health2.json'), '{}');
    const { status, said } = generate('--check', copy);
    expect(status).toBe(1);
    for (const file of ['asyncapi.yaml', 'schema/health.json', 'schema/health2.json'])
      expect(said).toContain(`stale: ${file}\n`);
    expect(generate(copy).status).toBe(0);
    expect(generate('--check', copy).status).toBe(0);
  });
});

describe('asyncapi.yaml', () => {
  it('is accepted by the official parser, without an error or a warning', async () => {
    const { document, diagnostics } = await new Parser().parse(readFileSync(asyncapiFile, 'utf8'));
    const graver = diagnostics.filter(({ severity }) => severity <= 1);
    expect(graver.map(({ message, path }) => `${path.join('.')}: ${message}`)).toEqual([]);
    const names = document
      ?.allMessages()
      .all()
      .map((message) => message.name());
    expect(new Set(names)).toEqual(new Set(kinds.map(({ name }) => name)));
    const asked = document
      ?.operations()
      .all()
      .filter((operation) => operation.reply());
    expect(asked?.length, 'each verb is a request with a reply').toBe(commandVerbs.length);
  });

  it('names something wrong when something is wrong', async () => {
    const text = readFileSync(asyncapiFile, 'utf8').replace('action: send', 'action: shout');
    const { diagnostics } = await new Parser().parse(text);
    expect(diagnostics.filter(({ severity }) => severity === 0)).not.toEqual([]);
  });

  it('lets each role send what the daemon lets it send', () => {
    const topics = topicsOf('t');
    for (const role of roles)
      for (const verb of verbs) {
        const topic = topics.command(role, 'u', verb);
        const payload = JSON.stringify(exampleOf(`cmd.${verb}`));
        const wire = isMoveVerb(verb)
          ? { qos: 0 }
          : { qos: 1, properties: { messageExpiryInterval: 30 } };
        const { problems } = published.judge({ topic, payload, retain: false, ...wire });
        expect(problems.length === 0, topic).toBe(rights[role].includes(verb));
      }
  });
});

describe('examples', () => {
  it('there is one for each message kind, and a schema', () => {
    const names = kinds.map(({ name }) => name).sort();
    expect([...published.kinds.keys()].sort()).toEqual(names);
  });

  it.each(kinds.map(({ name, schema }) => [name, schema] as const))('%s', (name, schema) => {
    const example = exampleOf(name);
    expect(published.wrongWith(name, example)).toEqual([]);
    expect(schema.safeParse(example).error).toBeUndefined();
  });

  it('chain heads are signed with the key of the example of birth, as the document says', () => {
    const { evidenceKey } = birthMessage.parse(exampleOf('birth'));
    const spki = Buffer.from(evidenceKey.publicKey, 'base64');
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    const withHead = z.object({ terminal: z.string(), chain: chainHead });
    const signed = kinds.filter(({ place }) => place === 'alarm').map(({ name }) => name);
    for (const name of [...signed, 'chain.head']) {
      const { terminal, chain } = withHead.parse(exampleOf(name));
      const text = `gate-chain:v1:${terminal}:${chain.seq}:${chain.hash}`;
      const sig = Buffer.from(chain.sig, 'base64');
      expect(chain.keyId).toBe(evidenceKey.keyId);
      expect(verify(null, Buffer.from(text), key, sig), name).toBe(true);
    }
  });
});
