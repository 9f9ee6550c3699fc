/** The groups of the user pool. Who is in none may call nothing but what is open to anybody. */
export const OFFICER_GROUPS = ['call-desk', 'station', 'analyst', 'supervisor', 'auditor'] as const;
export type OfficerGroup = (typeof OFFICER_GROUPS)[number];

/** Who calls, by the claims of a verified ID token. */
export interface Officer {
  /** The user's name in the pool, which stands on timelines and in the audit. */
  readonly name: string;
  readonly groups: readonly OfficerGroup[];
  /** Of an officer of a police station: its id in the register of stations. */
  readonly station?: string;
  /** Six-digit division codes (GB/T 2260) of that station. */
  readonly districts: readonly string[];
}

/** Claims of an ID token as API Gateway hands them on: everything is text. */
export type TokenClaims = Readonly<Record<string, string | undefined>>;

/** The claims that the pool adds for officers of police stations. */
export const STATION_CLAIM = 'custom:station';
export const DISTRICTS_CLAIM = 'custom:districts';

const STATION = /^[a-z0-9-]{1,32}$/;
const DISTRICT = /^\d{6}$/;

function isOfficerGroup(text: string): text is OfficerGroup {
  return (OFFICER_GROUPS as readonly string[]).includes(text);
}

/** API Gateway writes a claim that is a list as `[one two]`. */
function listOf(claim: string | undefined): string[] {
  return (claim ?? '')
    .replace(/^\[|\]$/g, '')
    .split(/[\s,]+/)
    .filter((text) => text !== '');
}

/**
 * The officer that a verified token names.
 *
 * @returns undefined where it names nobody: an access token, say, which carries no claims of ours
 */
export function officerOf(claims: TokenClaims): Officer | undefined {
  const name = claims['cognito:username'];
  if (claims.token_use !== 'id' || name === undefined || name === '') return undefined;
  const station = claims[STATION_CLAIM];
  return {
    name,
    groups: listOf(claims['cognito:groups']).filter(isOfficerGroup),
    ...(station !== undefined && STATION.test(station) && { station }),
    districts: (claims[DISTRICTS_CLAIM] ?? '').split(';').filter((code) => DISTRICT.test(code)),
  };
}

/** Whether an officer sees the whole city; one of a police station sees its own districts. */
export function seesAllDistricts({ groups }: Officer): boolean {
  return groups.some((group) => group !== 'station');
}
