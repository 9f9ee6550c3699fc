import { parentPort, workerData } from 'node:worker_threads';
import { DECODERS } from './all-decoders.ts';
import { type FuzzShare, fuzzShare } from './fuzz-share.ts';

/** One decoder's inputs, in a thread of their own: a hang does not take the watchman with it. */
const { port, share } = { port: parentPort, share: workerData as FuzzShare };
if (port === null) throw new Error('this is a thread of run-fuzz.ts, and nothing else');
const decoder = DECODERS.find(({ name }) => name === share.decoder);
if (decoder === undefined) throw new Error(`there is no decoder ${share.decoder}`);
await fuzzShare(decoder, share, (progress) => port.postMessage(progress));
