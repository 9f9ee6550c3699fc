import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { setInterval } from 'node:timers';
import { Worker } from 'node:worker_threads';
import Table from 'cli-table3';
import { Command, CommanderError } from 'commander';
import { EXIT } from '../../bin/exit-codes.ts';
import { positiveInteger, positiveNumber, wholeNumber } from '../../bin/option-values.ts';
import { quoted } from '../../lib/domain/plain-text.ts';
import { DECODERS } from './all-decoders.ts';
import { checkInput } from './check-input.ts';
import { keepInput } from './corpus.ts';
import type { Decoder } from './decoder.ts';
import type { Found } from './fuzz-decoder.ts';
import { type FuzzProgress, UnderWay } from './fuzz-share.ts';

interface Options {
  readonly decoder?: readonly string[];
  readonly inputs: number;
  readonly seconds: number;
  readonly seed: number;
  readonly jobs: number;
  readonly keep?: string;
  readonly list?: true;
  readonly json?: true;
}

const HELP = `
Every part of the product that reads what comes from outside is given good inputs that were broken: cut, flipped,
spliced, with keys twice or named __proto__, numbers beyond all bounds, controls, formulas, markup, deep nesting,
bombs. Each must be taken, or refused in the product's own words, soon, and with nothing left behind. What is
looked for, and how to keep an input: docs/hostile-input.md.

Examples:
  $ npm run fuzz
  $ npm run fuzz -- --decoder mapping,policy --inputs 1000000
  $ npm run fuzz -- --seed 7 --seconds 60
  $ npm run fuzz -- --decoder call-record --keep strange.json
  $ npm run fuzz -- --list

Exit codes:
  0  nothing was found             2  wrong usage
  1  an input broke a promise      130  interrupted; what was read so far is printed
`;

/** An input that takes longer is a hang. Far beyond any machine's slowness: it is no measure of speed. */
const DEADLINE_MS = 20_000;
const LOOK_MS = 500;
const MOST_MEMORY_MB = 1_024;

interface Result {
  readonly decoder: Decoder;
  inputs: number;
  accepted: number;
  seconds: number;
  found?: Found;
}

interface Run {
  readonly options: Options;
  readonly stopping: AbortSignal;
  readonly results: Result[];
}

/** Has one decoder read its inputs in a thread, and watches it. */
async function fuzzInThread(result: Result, { options, stopping }: Run): Promise<void> {
  const underWay = UnderWay.create();
  const { inputs, seconds, seed } = options;
  const started = performance.now();
  const worker = new Worker(new URL('./fuzz-worker.ts', import.meta.url), {
    workerData: { decoder: result.decoder.name, inputs, seed, seconds, shared: underWay.shared },
    resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB },
  });
  const stop = () => void worker.terminate();
  stopping.addEventListener('abort', stop, { once: true });
  worker.on('message', ({ accepted, found, inputs: more }: FuzzProgress) => {
    result.inputs += more;
    result.accepted += accepted;
    result.seconds = (performance.now() - started) / 1000;
    if (found !== undefined) result.found = found;
  });
  let begun = 0;
  let movedAt = performance.now();
  const watch = setInterval(() => {
    const now = performance.now();
    if (underWay.begun !== begun) {
      begun = underWay.begun;
      movedAt = now;
    } else if (begun > 0 && now - movedAt > DEADLINE_MS) {
      const what = `it was not read within ${DEADLINE_MS / 1000} s (not shrunk)`;
      result.found ??= { input: underWay.input, what };
      stop();
    }
  }, LOOK_MS);
  await new Promise<void>((resolve) => {
    worker.once('error', (error) => {
      const what = `the thread ended: ${error.message}`;
      result.found ??= { input: underWay.input, what };
    });
    worker.once('exit', () => resolve());
  });
  clearInterval(watch);
  stopping.removeEventListener('abort', stop);
}

function progressLine(results: readonly Result[], of: number): string {
  const inputs = results.reduce((sum, result) => sum + result.inputs, 0);
  const found = results.filter((result) => result.found !== undefined).length;
  const last = results.at(-1)?.decoder.name ?? '';
  return `${results.length}/${of} decoders, ${inputs} inputs, ${found} findings, at ${last}`;
}

async function fuzzAll(decoders: readonly Decoder[], run: Run): Promise<void> {
  const { options, results, stopping } = run;
  let next = 0;
  const tell = process.stderr.isTTY
    ? setInterval(
        () => process.stderr.write(`\r\x1b[K${progressLine(results, decoders.length)}`),
        LOOK_MS,
      )
    : undefined;
  const worker = async () => {
    for (let decoder = decoders[next++]; decoder !== undefined; decoder = decoders[next++]) {
      if (stopping.aborted) return;
      const result: Result = { decoder, inputs: 0, accepted: 0, seconds: 0 };
      results.push(result);
      await fuzzInThread(result, run);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, worker));
  clearInterval(tell);
  if (tell !== undefined) process.stderr.write('\r\x1b[K');
}

const rateOf = ({ inputs, seconds }: Result) => Math.round(inputs / Math.max(seconds, 0.001));
const shareOf = ({ accepted, inputs }: Result) => accepted / Math.max(inputs, 1);

function print(results: readonly Result[], isJson: boolean): void {
  if (isJson) {
    const rows = results.map((result) => ({
      decoder: result.decoder.name,
      inputs: result.inputs,
      perSecond: rateOf(result),
      acceptedShare: shareOf(result),
      finding: result.found?.what ?? null,
    }));
    console.log(JSON.stringify(rows, undefined, 2));
    return;
  }
  const table = new Table({
    head: ['decoder', 'inputs', 'inputs/s', 'accepted', 'findings'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const result of results) {
    const share = `${Math.round(100 * shareOf(result))} %`;
    const found = result.found === undefined ? 0 : 1;
    table.push([result.decoder.name, result.inputs, rateOf(result), share, found]);
  }
  console.log(table.toString());
}

function printFindings(results: readonly Result[]): number {
  let count = 0;
  for (const { decoder, found } of results) {
    if (found === undefined) continue;
    count++;
    const file = keepInput(decoder.name, 'found', found.input);
    const shown = quoted(JSON.stringify(Buffer.from(found.input).toString('latin1')));
    console.log(`\n${decoder.name} (${decoder.reads}): ${found.what}\n  ${shown}`);
    console.log(`  kept as ${relative(process.cwd(), file)}: it is read by npm test from now on`);
  }
  return count;
}

function decodersOf(names: readonly string[] | undefined): readonly Decoder[] {
  if (names === undefined) return DECODERS;
  return names.map((name) => {
    const decoder = DECODERS.find((one) => one.name === name);
    if (decoder !== undefined) return decoder;
    const known = DECODERS.map((one) => one.name).join(', ');
    throw new CommanderError(
      EXIT.usage,
      'usage',
      `There is no decoder ${quoted(name)}; there are ${known}.`,
    );
  });
}

/** Puts a file into the corpus, whether or not it breaks anything today. */
async function keep(decoders: readonly Decoder[], file: string): Promise<number> {
  const [decoder, ...others] = decoders;
  if (decoder === undefined || others.length > 0) {
    throw new CommanderError(EXIT.usage, 'usage', 'Name with --decoder the one whose input it is.');
  }
  const input = readFileSync(file);
  console.log(`kept as ${relative(process.cwd(), keepInput(decoder.name, 'kept', input))}`);
  try {
    const isAccepted = await checkInput(decoder, input);
    console.log(isAccepted ? 'It is accepted.' : 'It is refused, as it should be.');
    return EXIT.ok;
  } catch (error) {
    console.log(`It breaks a promise: ${error instanceof Error ? error.message : String(error)}`);
    return EXIT.rejected;
  }
}

async function run(options: Options): Promise<number> {
  const decoders = decodersOf(options.decoder);
  if (options.list) {
    const width = Math.max(...decoders.map(({ name }) => name.length));
    for (const { name, reads } of decoders) console.log(`${name.padEnd(width)}  ${reads}`);
    return EXIT.ok;
  }
  if (options.keep !== undefined) return keep(decoders, options.keep);
  const stopping = new AbortController();
  const interrupt = () => stopping.abort();
  process.once('SIGINT', interrupt);
  const results: Result[] = [];
  await fuzzAll(decoders, { options, stopping: stopping.signal, results });
  process.off('SIGINT', interrupt);
  print(results, options.json === true);
  const found = options.json
    ? results.filter((one) => one.found !== undefined).length
    : printFindings(results);
  if (stopping.signal.aborted) return EXIT.interrupted;
  return found > 0 ? EXIT.rejected : EXIT.ok;
}

const program = new Command('npm run fuzz --')
  .description(
    'Give every decoder of outside input what nobody should send, and look at what comes of it',
  )
  .option('--decoder <names>', 'these only, with commas between', (text: string) => text.split(','))
  .option('--inputs <n>', 'how many for each', positiveInteger, 20_000)
  .option('--seed <n>', 'of the first thousand; the others follow', wholeNumber, 1)
  .option('--seconds <t>', 'so long for each at the most', positiveNumber, 86_400)
  .option('--jobs <n>', 'decoders at once', positiveInteger, 2)
  .option('--keep <file>', 'put a file into the corpus of the decoder that is named')
  .option('--list', 'tell which decoders there are')
  .option('--json', 'print the result as JSON, and keep nothing')
  .addHelpText('after', HELP)
  .exitOverride();
try {
  await program.parseAsync();
  process.exitCode = await run(program.opts<Options>());
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  if (error.code === 'usage') console.error(error.message);
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}
