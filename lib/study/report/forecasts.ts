import { type Forecast, forecastNextDay } from '../measures/forecast.ts';
import type { StudyResult } from '../study-result.ts';

/** What is forecast of the day after the studied one; absent of too few days. */
export interface Forecasts {
  readonly calls?: Forecast | undefined;
  readonly riskyCalls?: Forecast | undefined;
  readonly found?: Forecast | undefined;
}

/** The forecasts that the days of a result allow. */
export function forecastsOf({ volume }: StudyResult): Forecasts {
  const forecast = (key: 'calls' | 'riskyCalls' | 'found') =>
    forecastNextDay(volume.days.map((each) => ({ day: each.day, value: each[key] })));
  return { calls: forecast('calls'), riskyCalls: forecast('riskyCalls'), found: forecast('found') };
}
