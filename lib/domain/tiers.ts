/** Tiers in rising order (预警等级). */
export const TIERS = ['low', 'medium', 'high', 'urgent'] as const;
export type Tier = (typeof TIERS)[number];
