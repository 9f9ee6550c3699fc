import type { City } from './city.ts';
import type { SimulatedCall } from './exchange.ts';

/** The operator's id of a call; undefined where the operator sends none. */
export function callIdOf(call: SimulatedCall, city: City): string | undefined {
  const feed = city.feedAt(call.feed);
  return feed.callIds ? `${feed.network}-${city.seed.toString(36)}-${call.index}` : undefined;
}
