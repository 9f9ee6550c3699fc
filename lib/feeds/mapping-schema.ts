import Type from 'typebox';

const strict = { additionalProperties: false } as const;

const Column = Type.Union([Type.String({ minLength: 1 }), Type.Integer({ minimum: 1 })], {
  description:
    'The column: its name in the header (CSV) or the property, with dots for nesting (JSON Lines); or its position from 1 (CSV).',
});

const NumberField = Type.Object(
  {
    column: Column,
    strip: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        description: 'Prefixes that are cut off: the first that fits. Put the longest first.',
      }),
    ),
    padTo: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 20,
        description: 'Zeros are put in front up to this many digits.',
      }),
    ),
    prefix: Type.Optional(
      Type.String({ description: 'Put in front, after strip and padTo: +86, an area code, …' }),
    ),
  },
  { ...strict, description: 'A phone number. Applied in this order: strip, padTo, prefix.' },
);

const TextField = Type.Object(
  {
    column: Column,
    codes: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        ...strict,
        description: 'Your code → the value it means.',
      }),
    ),
    otherwise: Type.Optional(
      Type.String({
        description: 'The value for cells that codes does not list. Without it they are refused.',
      }),
    ),
    padTo: Type.Optional(Type.Integer({ minimum: 1, maximum: 64 })),
    prefix: Type.Optional(Type.String()),
  },
  { ...strict, description: 'A text. Applied in this order: codes, padTo, prefix.' },
);

const FlagField = Type.Object(
  {
    column: Column,
    codes: Type.Optional(
      Type.Record(Type.String(), Type.Boolean(), {
        ...strict,
        description: 'Your code → true or false. Default: true/false, 1/0, yes/no, y/n, t/f.',
      }),
    ),
    otherwise: Type.Optional(
      Type.Boolean({ description: 'The value for cells that codes does not list.' }),
    ),
  },
  { ...strict, description: 'Yes or no.' },
);

const StartField = Type.Object(
  {
    column: Type.Optional(Column),
    date: Type.Optional(Column),
    time: Type.Optional(Column),
    format: Type.String({
      minLength: 1,
      description:
        'iso; seconds, milliseconds or microseconds (counted from epoch); record (ISO or epoch milliseconds, as in a call record); or a pattern of yyyy MM dd HH hh mm ss SSS a XXX with literal characters between, for example yyyyMMddHHmmss. With date and time: the pattern of both, joined by one space.',
    }),
    zone: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Zone of times that carry no offset: an IANA name (Asia/Shanghai) or a fixed offset (+08:00).',
      }),
    ),
    epoch: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'The moment that 0 stands for, ISO 8601 with offset. Default 1970-01-01T00:00:00Z.',
      }),
    ),
  },
  { ...strict, description: 'When the call began: column, or date and time.' },
);

const Constants = Type.Object(
  {
    event: Type.Optional(Type.Union([Type.Literal('call.started'), Type.Literal('call.ended')])),
    duration: Type.Optional(Type.Number({ minimum: 0 })),
    answered: Type.Optional(Type.Boolean()),
    endReason: Type.Optional(Type.String()),
    callerDistrict: Type.Optional(Type.String({ pattern: '^[0-9]{6}$' })),
    calleeDistrict: Type.Optional(Type.String({ pattern: '^[0-9]{6}$' })),
    international: Type.Optional(Type.Boolean()),
    network: Type.Optional(Type.String()),
  },
  { ...strict, description: 'Fields of a call record with fixed values.' },
);

const DurationField = Type.Object(
  {
    column: Column,
    unit: Type.Optional(
      Type.Union(
        [
          Type.Literal('seconds'),
          Type.Literal('milliseconds'),
          Type.Literal('minutes'),
          Type.Literal('hh:mm:ss'),
        ],
        { description: 'Default seconds.' },
      ),
    ),
    special: Type.Optional(
      Type.Record(Type.String(), Constants, {
        ...strict,
        description:
          'Cells that are no duration → the fields they mean, for example {"-1": {"duration": 0, "answered": false}} where -1 marks a missed call.',
      }),
    ),
  },
  strict,
);

const CallTypeField = Type.Object(
  {
    column: Column,
    codes: Type.Record(
      Type.String(),
      Type.Union([Type.Literal('made'), Type.Literal('received'), Type.Literal('skip')]),
      {
        ...strict,
        description:
          'Your code → made (the owner called), received (the counterpart called), or skip (leave the row out).',
      },
    ),
  },
  {
    ...strict,
    description: 'Who called whom, where a row names an owner and a counterpart.',
  },
);

/** The schema of a mapping file; published as docs/schemas/mapping.schema.json. */
export const MappingSchema = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    description: Type.Optional(Type.String()),
    input: Type.Object(
      {
        format: Type.Union([Type.Literal('csv'), Type.Literal('jsonl')]),
        delimiter: Type.Optional(
          Type.String({ minLength: 1, maxLength: 4, description: 'CSV. Default: a comma.' }),
        ),
        quote: Type.Optional(
          Type.String({
            maxLength: 1,
            description: 'CSV. Default: ". Empty: cells are never quoted.',
          }),
        ),
        header: Type.Optional(
          Type.Boolean({
            description: 'CSV: whether the first line names the columns. Default true.',
          }),
        ),
        skipLines: Type.Optional(
          Type.Integer({ minimum: 0, description: 'CSV: lines before the header. Default 0.' }),
        ),
        encoding: Type.Optional(
          Type.String({
            minLength: 1,
            description:
              'Any encoding that the WHATWG Encoding Standard names, for example gb18030. Default utf-8.',
          }),
        ),
        emptyCells: Type.Optional(
          Type.Array(Type.String(), {
            description: 'Texts that mean "no value", besides the empty one: NULL, \\N, …',
          }),
        ),
      },
      strict,
    ),
    fields: Type.Object(
      {
        caller: Type.Optional(NumberField),
        callee: Type.Optional(NumberField),
        owner: Type.Optional(NumberField),
        counterpart: Type.Optional(NumberField),
        callType: Type.Optional(CallTypeField),
        start: StartField,
        duration: Type.Optional(DurationField),
        event: Type.Optional(TextField),
        callId: Type.Optional(TextField),
        answered: Type.Optional(FlagField),
        endReason: Type.Optional(TextField),
        callerDistrict: Type.Optional(TextField),
        calleeDistrict: Type.Optional(TextField),
        ownerDistrict: Type.Optional(TextField),
        counterpartDistrict: Type.Optional(TextField),
        imei: Type.Optional(TextField),
        ownerImei: Type.Optional(TextField),
        international: Type.Optional(FlagField),
        network: Type.Optional(TextField),
      },
      { ...strict, description: 'Field of the call record → where it comes from.' },
    ),
    constants: Type.Optional(Constants),
  },
  {
    ...strict,
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Forewarn mapping',
    description: "How the rows of an operator's export become call records: docs/importing.md.",
  },
);

export type Mapping = Type.Static<typeof MappingSchema>;
export type NumberSpec = Type.Static<typeof NumberField>;
export type TextSpec = Type.Static<typeof TextField>;
export type FlagSpec = Type.Static<typeof FlagField>;
export type StartSpec = Type.Static<typeof StartField>;
export type DurationSpec = Type.Static<typeof DurationField>;
export type CallTypeSpec = Type.Static<typeof CallTypeField>;
export type ConstantFields = Type.Static<typeof Constants>;
