import type { Decoder } from './decoder.ts';
import { DOCUMENT_DECODERS } from './decoders/documents.ts';
import { REQUEST_DECODERS } from './decoders/requests.ts';
import { TABLE_DECODERS } from './decoders/tables.ts';
import { TEXT_DECODERS } from './decoders/texts.ts';
import { WIRE_DECODERS } from './decoders/wire.ts';

/** Every part of the product that reads what comes from outside. */
export const DECODERS: readonly Decoder[] = [
  ...WIRE_DECODERS,
  ...DOCUMENT_DECODERS,
  ...TABLE_DECODERS,
  ...REQUEST_DECODERS,
  ...TEXT_DECODERS,
];
