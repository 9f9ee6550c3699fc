import { isJsonObject, type JsonObject, type JsonValue } from '../json-value.ts';
import { arnOf } from '../services/aws-names.ts';
import { type AttributeDefinition, standardAttributes } from '../user-pools/attribute-schema.ts';
import { defaultPasswordPolicy, type PasswordPolicy } from '../user-pools/password-policy.ts';
import type { AuthFlow } from '../user-pools/user-pool.ts';
import type { DeployResource } from './deployment.ts';
import { invalidResource, madeUpId, refuseOtherProperties } from './read-properties.ts';

const lowerCase = 'abcdefghijklmnopqrstuvwxyz0123456789';
const mixedCase = `ABCDEFGHIJKLMNOPQRSTUVWXYZ${lowerCase}`;

/** Beside those with effect: what concerns mails, texts, pages and second factors, which nobody sends or asks for here. */
const poolProperties = [
  'AccountRecoverySetting',
  'AdminCreateUserConfig',
  'AliasAttributes',
  'AutoVerifiedAttributes',
  'DeletionProtection',
  'DeviceConfiguration',
  'EmailConfiguration',
  'EmailVerificationMessage',
  'EmailVerificationSubject',
  'EnabledMfas',
  'MfaConfiguration',
  'Policies',
  'Schema',
  'SmsAuthenticationMessage',
  'SmsConfiguration',
  'SmsVerificationMessage',
  'UserAttributeUpdateSettings',
  'UserPoolAddOns',
  'UserPoolName',
  'UserPoolTags',
  'UserPoolTier',
  'UsernameAttributes',
  'UsernameConfiguration',
  'VerificationMessageTemplate',
];

function texts(value: JsonValue | undefined): string[] {
  return [value ?? []].flat().map(String);
}

function passwordPolicy(properties: JsonObject): PasswordPolicy {
  const given = isJsonObject(properties.Policies) ? properties.Policies.PasswordPolicy : undefined;
  if (!isJsonObject(given)) return defaultPasswordPolicy;
  return {
    minimumLength: Number(given.MinimumLength ?? defaultPasswordPolicy.minimumLength),
    lowercase: given.RequireLowercase === true,
    uppercase: given.RequireUppercase === true,
    numbers: given.RequireNumbers === true,
    symbols: given.RequireSymbols === true,
    temporaryValidityDays: Number(
      given.TemporaryPasswordValidityDays ?? defaultPasswordPolicy.temporaryValidityDays,
    ),
  };
}

function limit<Name extends string>(
  name: Name,
  constraints: JsonValue | undefined,
  key: string,
): { [name in Name]?: number } {
  const value = isJsonObject(constraints) ? constraints[key] : undefined;
  return value === undefined ? {} : ({ [name]: Number(value) } as { [name in Name]: number });
}

function attributeDefinition(given: JsonObject): AttributeDefinition {
  const name = String(given.Name);
  const { StringAttributeConstraints: text, NumberAttributeConstraints: number } = given;
  return {
    name: standardAttributes.has(name) ? name : `custom:${name}`,
    type: String(given.AttributeDataType ?? 'String') as AttributeDefinition['type'],
    required: given.Required === true,
    ...limit('minLength', text, 'MinLength'),
    ...limit('maxLength', text, 'MaxLength'),
    ...limit('minValue', number, 'MinValue'),
    ...limit('maxValue', number, 'MaxValue'),
  };
}

export const deployUserPool: DeployResource = async (deployment, logicalId, properties) => {
  refuseOtherProperties(logicalId, properties, poolProperties);
  const { cloud, stackName } = deployment;
  const usernames = texts(properties.UsernameAttributes);
  const aliases = texts(properties.AliasAttributes);
  if ([...usernames, ...aliases].some((name) => name !== 'email')) {
    throw invalidResource(logicalId, 'users can sign in by name or email only');
  }
  const { UsernameConfiguration } = properties;
  const id = `${cloud.region}_${madeUpId(stackName, logicalId, mixedCase, 9)}`;
  const arn = arnOf(cloud, 'cognito-idp', `userpool/${id}`);
  const providerName = `cognito-idp.${cloud.region}.${cloud.urlSuffix}/${id}`;
  const issuer = `https://${providerName}`;
  await deployment.cognito.addPool({
    id,
    issuer,
    schema: [properties.Schema ?? []].flat().filter(isJsonObject).map(attributeDefinition),
    passwordPolicy: passwordPolicy(properties),
    caseSensitive:
      isJsonObject(UsernameConfiguration) && UsernameConfiguration.CaseSensitive === true,
    emailIsUsername: usernames.length > 0,
    emailIsAlias: aliases.length > 0,
  });
  return {
    ref: id,
    attributes: { Arn: arn, ProviderName: providerName, ProviderURL: issuer, UserPoolId: id },
  };
};

/** Beside those with effect: what concerns the hosted pages, which do not exist here. */
const clientProperties = [
  'AccessTokenValidity',
  'AllowedOAuthFlows',
  'AllowedOAuthFlowsUserPoolClient',
  'AllowedOAuthScopes',
  'AuthSessionValidity',
  'CallbackURLs',
  'ClientName',
  'DefaultRedirectURI',
  'EnablePropagateAdditionalUserContextData',
  'EnableTokenRevocation',
  'ExplicitAuthFlows',
  'GenerateSecret',
  'IdTokenValidity',
  'LogoutURLs',
  'PreventUserExistenceErrors',
  'ReadAttributes',
  'RefreshTokenValidity',
  'SupportedIdentityProviders',
  'TokenValidityUnits',
  'UserPoolId',
  'WriteAttributes',
];

const secondsOf: Record<string, number> = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 };

function lifetime(
  properties: JsonObject,
  name: 'IdToken' | 'AccessToken' | 'RefreshToken',
  usual: { unit: 'hours' | 'days'; seconds: number },
): number {
  const given = Number(properties[`${name}Validity`] ?? 0);
  if (given === 0) return usual.seconds;
  const units = isJsonObject(properties.TokenValidityUnits) ? properties.TokenValidityUnits : {};
  return given * (secondsOf[String(units[name] ?? usual.unit)] ?? Number.NaN);
}

/** The flows that run here, of those that a client allows; without a list Cognito allows these. */
function authFlows(properties: JsonObject): Set<AuthFlow> {
  const allowed =
    properties.ExplicitAuthFlows === undefined
      ? ['ALLOW_REFRESH_TOKEN_AUTH']
      : texts(properties.ExplicitAuthFlows);
  const flows: AuthFlow[] = ['USER_PASSWORD_AUTH', 'REFRESH_TOKEN_AUTH'];
  return new Set(flows.filter((flow) => allowed.includes(`ALLOW_${flow}`)));
}

export const deployUserPoolClient: DeployResource = (deployment, logicalId, properties) => {
  refuseOtherProperties(logicalId, properties, clientProperties);
  if (properties.GenerateSecret === true) {
    throw invalidResource(logicalId, 'app clients with a secret are not emulated');
  }
  const id = madeUpId(deployment.stackName, logicalId, lowerCase, 26);
  const { ReadAttributes } = properties;
  deployment.cognito.addClient(String(properties.UserPoolId), {
    id,
    flows: authFlows(properties),
    idTokenSeconds: lifetime(properties, 'IdToken', { unit: 'hours', seconds: 3_600 }),
    accessTokenSeconds: lifetime(properties, 'AccessToken', { unit: 'hours', seconds: 3_600 }),
    refreshTokenSeconds: lifetime(properties, 'RefreshToken', {
      unit: 'days',
      seconds: 30 * 86_400,
    }),
    hidesUnknownUsers: properties.PreventUserExistenceErrors === 'ENABLED',
    ...(ReadAttributes === undefined ? {} : { readAttributes: new Set(texts(ReadAttributes)) }),
  });
  return { ref: id, attributes: { ClientId: id } };
};

export const deployUserPoolGroup: DeployResource = (deployment, logicalId, properties) => {
  refuseOtherProperties(logicalId, properties, [
    'Description',
    'GroupName',
    'Precedence',
    'UserPoolId',
  ]);
  const { GroupName, Precedence } = properties;
  const name = typeof GroupName === 'string' ? GroupName : `${deployment.stackName}-${logicalId}`;
  deployment.cognito.addGroup(String(properties.UserPoolId), {
    name,
    ...(Precedence === undefined ? {} : { precedence: Number(Precedence) }),
  });
  return { ref: name, attributes: {} };
};
