// The certificates in a certs-only PKCS#7 (RFC 5652, SignedData), as an EST server answers. Walks lengths and
// tags, looks into nothing else; what does not fit gives none. Whether they are right is for X.509 to say.

const tags = { sequence: 0x30, explicit0: 0xa0 } as const;
const certificatesMax = 16;

interface Part {
  readonly tag: number;
  readonly body: Buffer;
  /** With tag and length. */
  readonly whole: Buffer;
}

/** DER of each, in the order in which they stand. */
export function certificatesIn(der: Buffer): Buffer[] {
  // ContentInfo { type, [0] SignedData { version, digests, content, [0] certificates .. } }
  const content = partsOf(inside(der, tags.sequence)).find(({ tag }) => tag === tags.explicit0);
  const signed = inside(content?.body ?? null, tags.sequence);
  const found = partsOf(signed).find(({ tag }) => tag === tags.explicit0);
  return partsOf(found?.body ?? null)
    .filter(({ tag }) => tag === tags.sequence)
    .slice(0, certificatesMax)
    .map(({ whole }) => whole);
}

function inside(der: Buffer | null, tag: number): Buffer | null {
  const [first] = partsOf(der);
  return first?.tag === tag ? first.body : null;
}

/** Up to the first that does not fit. */
function partsOf(der: Buffer | null): Part[] {
  const parts: Part[] = [];
  let rest = der ?? Buffer.alloc(0);
  while (rest.length >= 2) {
    const head = headOf(rest);
    if (head === null) break;
    const whole = rest.subarray(0, head.from + head.length);
    parts.push({ tag: rest.readUInt8(0), body: whole.subarray(head.from), whole });
    rest = rest.subarray(whole.length);
  }
  return parts;
}

/** Definite lengths of up to four bytes, as DER has them. */
function headOf(bytes: Buffer): { readonly from: number; readonly length: number } | null {
  const first = bytes.readUInt8(1);
  const count = first < 0x80 ? 0 : first & 0x7f;
  if (count > 4 || (first >= 0x80 && count === 0) || bytes.length < 2 + count) return null;
  const length = count === 0 ? first : bytes.readUIntBE(2, count);
  return 2 + count + length <= bytes.length ? { from: 2 + count, length } : null;
}
