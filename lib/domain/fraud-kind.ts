/** The kinds of phone fraud that texts, policies and reports tell apart (design, section 6). */
export const FRAUD_KINDS = [
  'loan',
  'fake-orders',
  'impersonating-police',
  'romance-investment',
  'impersonating-customer-service',
  'impersonating-acquaintance',
  'credit-repair',
  'gaming-trade',
  'other',
] as const;

export type FraudKind = (typeof FRAUD_KINDS)[number];
