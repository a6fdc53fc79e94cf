// Every message kind of the contract: its name, its zod schema, the topic it goes by; and JSON Schema
// made of it. What crosses MQTT is described as it is sent, so a default is no required field.

import * as z from 'zod';
import {
  alarmMessage,
  birthMessage,
  commandPayloads,
  commandVerbs,
  eventMessage,
  healthMessage,
  obeyedMessage,
  payloads,
  receiptMessage,
  refusedMessage,
  sessionNotice,
  stickNotice,
  verbs,
  willMessage,
} from '../agent/contract.ts';
import { isMoveVerb } from '../agent/core/command.ts';

export type Place = 'alarm' | 'event' | 'state' | 'health' | 'receipt' | 'cmd' | 'move' | 'reply';

export interface Kind {
  /** As in the file's name. */
  readonly name: string;
  readonly place: Place;
  readonly schema: z.ZodType;
}

type Json = z.core.JSONSchema.BaseSchema;

const titled = (schema: z.ZodType) => schema.meta()?.title ?? '';

const obeyed = commandVerbs.map((verb): Kind => {
  const title = `Answer to: ${titled(commandPayloads[verb])}`;
  const schema = obeyedMessage(verb).meta({ title, description: 'It was obeyed.' });
  return { name: `reply.${verb}`, place: 'reply', schema };
});

export const kinds: readonly Kind[] = [
  ...alarmMessage.options.map((schema): Kind => {
    return { name: schema.shape.kind.value, place: 'alarm', schema };
  }),
  ...eventMessage.options.map((schema): Kind => {
    return { name: schema.shape.kind.value, place: 'event', schema };
  }),
  { name: 'birth', place: 'state', schema: birthMessage },
  { name: 'will', place: 'state', schema: willMessage },
  { name: 'health', place: 'health', schema: healthMessage },
  { name: 'receipt', place: 'receipt', schema: receiptMessage },
  ...verbs.map((verb): Kind => {
    const place = isMoveVerb(verb) ? 'move' : 'cmd';
    return { name: `cmd.${verb}`, place, schema: payloads[verb] };
  }),
  ...obeyed,
  { name: 'reply.refused', place: 'reply', schema: refusedMessage },
  ...[...sessionNotice.options, ...stickNotice.options].map((schema): Kind => {
    return { name: `notice.${schema.shape.kind.value}`, place: 'reply', schema };
  }),
];

/** JSON Schema 2020-12, title and description first; what is shared stands in `$defs`. */
export function schemaOf({ schema, name }: Kind): Json {
  const { $schema, title, description, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    // zod says it of `readonly` types; in JSON Schema it means that a sender must leave the field out.
    override: ({ jsonSchema }) => {
      delete jsonSchema.readOnly;
    },
  });
  if (!$schema || !title || !description) throw new Error(`${name} has no title or description`);
  return { $schema, title, description, ...rest };
}
