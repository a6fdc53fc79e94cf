// G.711: 16-bit samples to bytes and back, mu-law (PCMU) and A-law (PCMA). Tables made once from the
// decoders of ITU-T G.191; the encoder takes the nearest of what can be decoded.

export const g711Names = ['PCMU', 'PCMA'] as const;
export type G711 = (typeof g711Names)[number];

function fromMuLaw(byte: number): number {
  const bits = ~byte & 0xff;
  const magnitude = (((bits & 0x0f) << 3) + 0x84) << ((bits & 0x70) >> 4);
  return bits & 0x80 ? 0x84 - magnitude : magnitude - 0x84;
}

function fromALaw(byte: number): number {
  const bits = byte ^ 0x55;
  const segment = (bits & 0x70) >> 4;
  const low = (bits & 0x0f) << 4;
  const magnitude = segment === 0 ? low + 8 : (low + 0x108) << (segment - 1);
  return bits & 0x80 ? magnitude : -magnitude;
}

interface Tables {
  readonly decode: Int16Array;
  /** By the sample shifted to 0..65535. */
  readonly encode: Uint8Array;
}

function tables(one: (byte: number) => number): Tables {
  const decode = Int16Array.from({ length: 256 }, (_, byte) => one(byte));
  const known = Array.from(decode, (value, byte) => ({ value, byte })).sort(
    (a, b) => a.value - b.value,
  );
  const encode = new Uint8Array(65_536);
  let at = 0;
  for (let sample = -32_768; sample <= 32_767; sample++) {
    while (distance(known[at + 1]?.value, sample) <= distance(known[at]?.value, sample)) at++;
    encode[sample + 32_768] = known[at]?.byte ?? 0;
  }
  return { decode, encode };
}

const distance = (value: number | undefined, sample: number): number =>
  value === undefined ? Number.POSITIVE_INFINITY : Math.abs(value - sample);

const laws: { readonly [C in G711]: Tables } = {
  PCMU: tables(fromMuLaw),
  PCMA: tables(fromALaw),
};

export function encodeG711(codec: G711, samples: Int16Array): Buffer {
  const { encode } = laws[codec];
  return Buffer.from(Uint8Array.from(samples, (sample) => encode[sample + 32_768] ?? 0));
}

export function decodeG711(codec: G711, bytes: Uint8Array): Int16Array {
  const { decode } = laws[codec];
  return Int16Array.from(bytes, (byte) => decode[byte] ?? 0);
}
