interface Bench {
  readonly summary: string;
  readonly load: () => Promise<{ run: () => Promise<void> }>;
}

/** Every benchmark by its name. Loaded when asked for: one must not pay for what another imports. */
const BENCHES: Readonly<Record<string, Bench>> = {
  handlers: {
    summary: 'intake and score-numbers with stores in memory, beside a floor and the naive way',
    load: () => import('./handlers.ts'),
  },
  backtest: {
    summary: 'a policy over the calls of some mornings, beside a floor',
    load: () => import('./backtest.ts'),
  },
  simulate: {
    summary: 'forewarn simulate, beside packing bytes that are made already',
    load: () => import('./simulate.ts'),
  },
  study: {
    summary: 'a study of a day of 5 million calls, beside plain loops in memory (--calls, --days)',
    load: () => import('./study.ts'),
  },
  'study-found': {
    summary: 'what the daily study finds of planted fraud (--scenario FILE, --seed N)',
    load: () => import('./study-found.ts'),
  },
  contacts: {
    summary:
      'the contacts of one number in 30 days of a million calls, beside the same unpruned and by loops (--calls, --days)',
    load: () => import('./contacts.ts'),
  },
  score: {
    summary: 'scores of callers with and without their reasons, beside a floor',
    load: () => import('./score.ts'),
  },
  'clue-import': {
    summary: 'forewarn clue import of a hotline’s export on the local cloud, twice (--clues)',
    load: () => import('./clue-import.ts'),
  },
  'officers-api': {
    summary:
      'officers at their pages: 1,000 open cases, 10,000 tasks, beside a call that does nothing',
    load: () => import('./officers-api.ts'),
  },
  overload: {
    summary:
      'ten times the sustainable rate for a minute, or a store that is down (--seconds, --times, --store-down)',
    load: () => import('./overload.ts'),
  },
  e2e: {
    summary: 'the whole pipeline on the local cloud: fastest, and paced, beside a floor',
    load: () => import('./e2e.ts'),
  },
};

function help(): string {
  const width = Math.max(...Object.keys(BENCHES).map((name) => name.length));
  const list = Object.entries(BENCHES).map(
    ([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`,
  );
  return ['Usage: npm run bench NAME', '', 'Benchmarks:', ...list].join('\n');
}

const name = process.argv[2] ?? '--help';
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
if (bench !== undefined) {
  await (await bench.load()).run();
} else if (name === '--help' || name === '-h') {
  console.log(help());
} else {
  console.error(`There is no benchmark "${name}".\n\n${help()}`);
  process.exitCode = 2;
}
