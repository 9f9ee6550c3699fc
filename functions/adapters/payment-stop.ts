import { PublishCommand } from '@aws-sdk/client-sns';
import type { CaseHead } from '../../lib/domain/ladder/case-head.ts';
import { createSNSClient } from './aws-clients.ts';
import { type CaseStore, changeCase } from './cases-table.ts';
import { requiredSetting } from './environment.ts';

/** What a bank is told: enough to ask the centre by the case's name, and nothing about a person. */
export interface PaymentStopNotice {
  readonly notice: 'payment-stop';
  readonly caseId: string;
  readonly kind: string;
  readonly district: string;
  /** ISO 8601. */
  readonly at: string;
}

export type TellBanks = (notice: PaymentStopNotice) => Promise<void>;

/** Publishes notices to the topic that banks subscribe to. */
export function bankNotices(): TellBanks {
  const client = createSNSClient();
  const topic = requiredSetting('PAYMENT_STOP_TOPIC_ARN');
  return async (notice) => {
    await client.send(new PublishCommand({ TopicArn: topic, Message: JSON.stringify(notice) }));
  };
}

/**
 * Tells the banks of a case whose payments are to be stopped, if they have not been told. A crash before that is
 * written tells them once more: the case's name tells repeats.
 */
export async function stopPayments(
  head: CaseHead,
  { cases, tellBanks }: { readonly cases: CaseStore; readonly tellBanks: TellBanks },
  now: number,
): Promise<void> {
  const { banksToldAt, caseId, district, kind, paymentStopAt } = head;
  if (paymentStopAt === undefined || banksToldAt !== undefined) return;
  await tellBanks({
    notice: 'payment-stop',
    caseId,
    kind,
    district,
    at: new Date(paymentStopAt).toISOString(),
  });
  await changeCase(cases, caseId, (before) => ({
    changed: { ...before, banksToldAt: now },
    events: [],
  }));
}
