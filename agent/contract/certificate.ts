// The certificate of the terminal's line: told that it expires, asked for with a request that was made here,
// offered by the platform, told when the line has gone over to it.

import * as z from 'zod';
import { certificateLimits } from '../core/certificate.ts';
import * as part from './parts.ts';

const name = z.string().describe('Common name of the certificate');
const untilWallMs = part.wallMs('When the certificate in use expires');
const told = {
  name,
  fingerprint: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('SHA-256 of the certificate (DER), hex'),
  fromWallMs: part.wallMs('Since when it is valid'),
  untilWallMs: part.wallMs('When it expires'),
};

/** Payload of the verb, with what every command has. */
export const certificatePayloads = <E extends z.ZodRawShape>(envelope: E) => ({
  'certificate.offer': z
    .strictObject({
      ...envelope,
      request: part.idWord.describe('As `certificate.request` named it'),
      chain: z
        .string()
        .min(1)
        .max(certificateLimits.chainChars)
        .describe('PEM: the certificate, then what leads from it to the authority'),
    })
    .meta({
      title: 'Offer a certificate',
      description:
        'The certificate for a request. Held against key, authority, clock, purpose and name, no shorter ' +
        'than the one in use; the answer says which of them is wrong. The line goes over to it at a quiet ' +
        'moment, and back where the broker does not take it (fault `certificate.refused`); ' +
        '`certificate.renewed` tells that it has.',
    }),
});

/** `result` of the obeyed verb. */
export const certificateResults = {
  'certificate.offer': z.object({
    fingerprint: told.fingerprint,
    untilWallMs: told.untilWallMs,
  }),
} as const;

/** With what every event has. */
export const certificateEvents = <E extends z.ZodRawShape>(envelope: E) =>
  [
    z.object({ ...envelope, kind: z.literal('certificate.expiring'), ...told }).meta({
      title: 'The certificate expires',
      description: 'The certificate of the line will expire soon. Once for each certificate.',
    }),
    z
      .object({
        ...envelope,
        kind: z.literal('certificate.request'),
        request: z.string().describe('`certificate.offer` names it'),
        name,
        csr: z
          .string()
          .max(certificateLimits.csrChars)
          .describe('PKCS#10 for a new key that was made at the terminal, PEM'),
        untilWallMs,
      })
      .meta({
        title: 'A new certificate is asked for',
        description:
          'Sign the request and send it back as `certificate.offer`. Told again after a week, in the last ' +
          'week each day, under the same id, until one has been taken.',
      }),
    z.object({ ...envelope, kind: z.literal('certificate.renewed'), ...told }).meta({
      title: 'The certificate has been changed',
      description: 'The line shows another certificate from now on, and the broker has taken it.',
    }),
  ] as const;
