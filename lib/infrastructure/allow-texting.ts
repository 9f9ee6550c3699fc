import { Aws } from 'aws-cdk-lib';
import { Effect, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { acknowledgeWildcard } from './acknowledged-findings.ts';
import type { StageConfig } from './stage-config.ts';

/** Lets a function text phone numbers, and nothing that has an ARN. */
export function allowTexting(role: Role): void {
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ['sns:CheckIfPhoneNumberIsOptedOut', 'sns:Publish'],
      resources: ['*'],
    }),
  );
  // A phone number has no ARN, so publishing to one can only be allowed on "*": take away all
  // that has one, and phone numbers are what is left.
  role.addToPrincipalPolicy(
    new PolicyStatement({
      effect: Effect.DENY,
      actions: ['sns:Publish'],
      resources: [`arn:${Aws.PARTITION}:sns:*:*:*`],
    }),
  );
  acknowledgeWildcard(
    role,
    '*',
    'X-Ray takes no resource for the traces of active tracing. A phone number has no ARN, so ' +
      'publishing to one and asking whether it opted out can only be allowed on all resources; a ' +
      'deny takes topics and endpoints away again.',
  );
}

/** How a stage sends texts, for the environment of a function that does. */
export function textSettings({
  sms,
  textLanguage,
}: StageConfig): Record<string, string | undefined> {
  return {
    SMS_SENDER_ID: sms.senderId,
    SMS_ORIGINATION_NUMBER: sms.originationNumber,
    SMS_MAX_PRICE_USD: String(sms.maxPriceUsd),
    SMS_ENTITY_ID: sms.entityId,
    SMS_TEMPLATE_ID: sms.templateId,
    TEXT_LANGUAGE: textLanguage,
  };
}
