import { Type } from 'typebox';
import { LONGEST_CALL_SECONDS, LONGEST_TEXT } from './call-record.ts';

const optionalText = (description: string) =>
  Type.Optional(
    Type.Union([Type.String({ maxLength: LONGEST_TEXT }), Type.Null()], { description }),
  );
const optionalFlag = (description: string) =>
  Type.Optional(Type.Union([Type.Boolean(), Type.Null()], { description }));
const number = (description: string) =>
  Type.String({
    minLength: 3,
    maxLength: 32,
    description,
    examples: ['13800138000', '+86 138 0013 8000'],
  });
const district = (description: string) =>
  Type.Optional(Type.Union([Type.String({ pattern: '^\\d{6}$' }), Type.Null()], { description }));

/**
 * The record that operators push, as JSON Schema. It ships as docs/schemas/call-record.schema.json; intake
 * itself judges by `parseCallRecord`, which is faster and gives one reason: a test holds the two together.
 * What a schema cannot say (a possible number, a plausible time) only intake can.
 */
export const CallRecordSchema = Type.Object(
  {
    event: Type.Optional(
      Type.Union([Type.Literal('call.started'), Type.Literal('call.ended'), Type.Null()], {
        description: 'One moment of a call; absent for a whole call in one record',
      }),
    ),
    callId: optionalText('The same for every record of one call; best unique per operator'),
    caller: number('The calling number, in any national or international notation'),
    callee: number('The called number'),
    start: Type.Union([Type.String({ maxLength: 40 }), Type.Integer({ minimum: 0 })], {
      description: 'When the call started: ISO 8601 with an offset, or epoch milliseconds',
      examples: ['2026-11-23T09:14:03+08:00', 1795396443120],
    }),
    duration: Type.Optional(
      Type.Union([Type.Number({ minimum: 0, maximum: LONGEST_CALL_SECONDS }), Type.Null()], {
        description: 'Seconds; absent while the call goes on, 0 for a missed call',
      }),
    ),
    answered: optionalFlag('Whether the callee picked up; default: the duration is above 0'),
    endReason: optionalText('Why the call ended, in the operator’s own words'),
    callerDistrict: district('Six-digit division code (GB/T 2260) of the caller'),
    calleeDistrict: district('Six-digit division code of the callee'),
    imei: Type.Optional(
      Type.Union([Type.String({ pattern: '^\\d{14,16}$' }), Type.Null()], {
        description: 'Handset of the caller',
      }),
    ),
    international: optionalFlag('Whether the call came in from abroad'),
    network: optionalText('The operator’s network'),
  },
  {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:forewarn:call-record',
    title: 'Forewarn call record',
    description: 'One call, or one moment of a call. Unknown fields are kept out, not refused.',
  },
);
