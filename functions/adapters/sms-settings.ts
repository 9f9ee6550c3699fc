import { optionalSetting } from './environment.ts';
import type { SmsSettings } from './sms-sender.ts';

/** How the stage sends texts, from the function's environment. */
export function smsSettings(): SmsSettings {
  return {
    senderId: optionalSetting('SMS_SENDER_ID'),
    originationNumber: optionalSetting('SMS_ORIGINATION_NUMBER'),
    maxPriceUsd: optionalSetting('SMS_MAX_PRICE_USD'),
    entityId: optionalSetting('SMS_ENTITY_ID'),
    templateId: optionalSetting('SMS_TEMPLATE_ID'),
  };
}
