/** A thread that writes what happens in a city into a file. It builds the city anew: sending it takes longer. */
import { on } from 'node:events';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { City } from './city.ts';
import { CityLines } from './city-lines.ts';
import type { WritingMessage, WritingTask } from './city-writer.ts';
import { HappeningBatch } from './happening-batch.ts';
import { packLines } from './pack-lines.ts';

const { scenario, seed, path }: WritingTask = workerData;
const main = parentPort as MessagePort;

async function* chunks(): AsyncGenerator<Buffer> {
  const lines = new CityLines(new City(scenario, seed));
  for await (const [message] of on(main, 'message') as AsyncIterable<[WritingMessage]>) {
    if (message.buffer === undefined) break;
    const { buffer, length } = message;
    new HappeningBatch(buffer, length).read((moment, call) => lines.write(moment, call));
    main.postMessage(buffer, [buffer]);
    if (lines.ready) yield lines.take();
  }
  yield lines.close();
}

await packLines(chunks(), path);
main.close();
