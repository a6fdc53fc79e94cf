// As much of a DNS server as a terminal asks: one question, one address; or none, or silence.

export type Names =
  | 'answers'
  /** No such name. */
  | 'unknown'
  /** Queries get no answer. */
  | 'silent';

const headBytes = 12;
const typeA = 1;

/** The answer to a query: `address` for whatever name is asked; null where nothing is said. */
export function answerTo(query: Buffer, names: Names, address: string): Buffer | null {
  if (names === 'silent' || query.length < headBytes) return null;
  let end = headBytes;
  while (query[end]) end += 1 + (query[end] ?? 0);
  const question = query.subarray(headBytes, end + 5);
  const isA = query.readUInt16BE(end + 1) === typeA;
  const head = Buffer.from(query.subarray(0, headBytes));
  head.writeUInt16BE(names === 'unknown' ? 0x8183 : 0x8180, 2);
  const hasAnswer = names === 'answers' && isA;
  // One question; no authorities, nothing additional.
  for (const [at, count] of [1, hasAnswer ? 1 : 0, 0, 0].entries())
    head.writeUInt16BE(count, 4 + 2 * at);
  if (!hasAnswer) return Buffer.concat([head, question]);
  // The name is the question's; A, IN, a lifetime of 0 s, four bytes.
  const record = [0xc0, headBytes, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)];
  return Buffer.concat([head, question, Buffer.from(record)]);
}
