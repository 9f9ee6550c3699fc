/** One attribute of a pool's schema. */
export interface AttributeDefinition {
  /** As users have it: `email`, `custom:district`. */
  name: string;
  type: 'String' | 'Number' | 'Boolean' | 'DateTime';
  required: boolean;
  minLength?: number;
  maxLength?: number;
  minValue?: number;
  maxValue?: number;
}

/** The attributes of OpenID Connect, which every pool has. */
export const standardAttributes: ReadonlySet<string> = new Set([
  'address',
  'birthdate',
  'email',
  'email_verified',
  'family_name',
  'gender',
  'given_name',
  'locale',
  'middle_name',
  'name',
  'nickname',
  'phone_number',
  'phone_number_verified',
  'picture',
  'preferred_username',
  'profile',
  'updated_at',
  'website',
  'zoneinfo',
]);

function valueProblem(definition: AttributeDefinition, value: string): string | undefined {
  const { type, minLength = 0, maxLength = 2_048 } = definition;
  if (type === 'Boolean' && value !== 'true' && value !== 'false') return 'is not a boolean';
  if (type === 'Number') {
    const number = Number(value);
    if (!/^-?\d+$/.test(value)) return 'is not a number';
    if (number < (definition.minValue ?? -Infinity)) return 'is too small';
    if (number > (definition.maxValue ?? Infinity)) return 'is too large';
  }
  if (type === 'String' && value.length < minLength) return 'is too short';
  if (type === 'String' && value.length > maxLength) return 'is too long';
  return undefined;
}

/** Why a new user's attributes do not fit the schema, in Cognito's words; undefined when they do. */
export function attributesProblem(
  schema: readonly AttributeDefinition[],
  attributes: Readonly<Record<string, string>>,
): string | undefined {
  const problem = (name: string, what: string): string =>
    `Attributes did not conform to the schema: ${name}: ${what}\n`;
  const defined = new Map(schema.map((definition) => [definition.name, definition]));
  for (const [name, value] of Object.entries(attributes)) {
    const definition = defined.get(name);
    if (definition === undefined && !standardAttributes.has(name)) {
      return problem(name, 'Attribute does not exist in the schema.');
    }
    const wrong = definition && valueProblem(definition, value);
    if (wrong !== undefined) return problem(name, `The attribute ${wrong}`);
  }
  const missing = schema.find(({ name, required }) => required && attributes[name] === undefined);
  return missing && problem(missing.name, 'The attribute is required');
}
