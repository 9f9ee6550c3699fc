import { parentPort, workerData } from 'node:worker_threads';
import { type RunShare, runSeeds } from './run-seeds.ts';

/** One thread of a run: its share of the seeds. */
const { port, share } = { port: parentPort, share: workerData as RunShare };
if (port === null) throw new Error('this is a thread of run-faults.ts, and nothing else');
await runSeeds(share, (result) => port.postMessage(result));
