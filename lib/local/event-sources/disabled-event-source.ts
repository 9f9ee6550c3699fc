import type { EventSource, EventSourceActivity } from './event-source.ts';

/** A mapping with `Enabled: false`: reads nothing, so it has nothing new whenever it is asked. */
export class DisabledEventSource implements EventSource {
  #passes = 0;

  start(): void {}

  async stop(): Promise<void> {}

  wake(): void {}

  activity(): EventSourceActivity {
    return { inFlight: 0, emptyPasses: ++this.#passes, batches: 0 };
  }
}
