import type { Patience } from '../../../functions/adapters/backoff.ts';
import type { InvocationResult } from '../../../lib/local/event-sources/event-source.ts';
import { randomLike } from '../draw.ts';
import type { Actor } from '../history.ts';
import type { Scheduler } from '../scheduler.ts';

/** What runs in an execution environment. */
export type Handler = (event: never) => Promise<unknown>;

/** One execution environment of a function: it lives through invocations, and is still between them. */
export interface Environment {
  readonly id: number;
  readonly actor: Actor;
  /** Its clock, epoch ms. */
  readonly now: () => number;
  readonly patience: Patience;
  /** Goes on once the environment runs; never, when it is dead. */
  readonly resume: (go: () => void) => void;
  /** Ends the environment and the invocation in it. */
  readonly die: (why: string) => void;
  readonly isDead: () => boolean;
  /** A number in [0, 1), another each time. */
  readonly random: () => number;
  /** By how much longer the next request takes. */
  readonly lag: () => number;
}

export interface LambdaOptions {
  readonly scheduler: Scheduler;
  readonly seed: number;
  readonly skewMs: number;
  readonly timeoutSeconds: Readonly<Record<Actor, number>>;
  /** Makes a function ready: a cold start. */
  readonly start: (environment: Environment) => Handler;
  /** Told of an error that left a handler, as the runtime logs it. */
  readonly failed: (actor: Actor, error: unknown) => void;
  readonly tell: (what: string) => void;
}

/** Of invocations that find a warm environment, so many get a new one all the same. */
const COLD_SHARE = 0.1;
/** As many tries as the functions' own patience. */
const ATTEMPTS = 9;
const LONGEST_LAG_MS = 50_000;

/** The runtime of functions: invocations, environments that freeze and thaw, time limits, deaths. */
export class Lambda {
  readonly #options: LambdaOptions;
  readonly #warm = new Map<Actor, Runtime[]>();
  #environments = 0;

  constructor(options: LambdaOptions) {
    this.#options = options;
  }

  async invoke(actor: Actor, event: unknown): Promise<InvocationResult> {
    const runtime = this.#runtimeFor(actor);
    const result = await runtime.run(event);
    if (!runtime.isDead) this.#warm.get(actor)?.push(runtime);
    return result;
  }

  /** Invokes a function in an environment of its own, where one of the requests takes long. */
  straggle(actor: Actor, event: unknown): void {
    const id = ++this.#environments;
    const lagMs = Math.floor(randomLike(this.#options.seed, id) * LONGEST_LAG_MS);
    void new Runtime(actor, id, this.#options, lagMs).run(event);
  }

  /** A place for work that is no function, such as an officer's page: it never freezes. */
  outside(actor: Actor): Environment {
    return new Runtime(actor, ++this.#environments, this.#options).awake();
  }

  #runtimeFor(actor: Actor): Runtime {
    const warm = this.#warm.get(actor) ?? [];
    this.#warm.set(actor, warm);
    const known = warm.pop();
    const { seed } = this.#options;
    if (known !== undefined && randomLike(seed, known.runs * 31 + known.id) >= COLD_SHARE) {
      return known;
    }
    return new Runtime(actor, ++this.#environments, this.#options);
  }
}

/** An environment as the service sees it. */
class Runtime {
  readonly id: number;
  readonly #actor: Actor;
  readonly #options: LambdaOptions;
  readonly #environment: Environment;
  #handler: Handler | undefined;
  runs = 0;
  isDead = false;
  #isRunning = false;
  #thawed: (() => void)[] = [];
  #end: ((result: InvocationResult) => void) | undefined;
  #draws = 0;
  #requests = 0;

  constructor(actor: Actor, id: number, options: LambdaOptions, lagMs = 0) {
    this.#actor = actor;
    this.id = id;
    this.#options = options;
    const { scheduler, seed, skewMs } = options;
    const skew = Math.round((randomLike(seed, id) * 2 - 1) * skewMs);
    const lagAt = 2 + Math.floor(randomLike(seed, id + 1) * 3);
    const random = () => randomLike(seed ^ id, this.#draws++);
    this.#environment = {
      id,
      actor,
      now: () => scheduler.now + skew,
      random,
      patience: {
        attempts: ATTEMPTS,
        random,
        delay: (ms) =>
          new Promise<void>((resolve) => scheduler.after(ms, () => this.#resume(resolve))),
      },
      resume: (go) => this.#resume(go),
      die: (why) => this.#die(why),
      isDead: () => this.isDead,
      // It falls behind once, after it has read what it works on.
      lag: () => (++this.#requests === lagAt ? lagMs : 0),
    };
  }

  awake(): Environment {
    this.#isRunning = true;
    return this.#environment;
  }

  run(event: unknown): Promise<InvocationResult> {
    const { scheduler, start, tell, timeoutSeconds } = this.#options;
    return new Promise((resolve) => {
      const run = ++this.runs;
      this.#isRunning = true;
      this.#end = resolve;
      // What was left undone by an invocation that failed goes on first.
      for (const go of this.#thawed.splice(0)) go();
      scheduler.after(timeoutSeconds[this.#actor] * 1000, () => {
        if (this.runs === run && this.#isRunning) this.#die('its time was over');
      });
      if (this.#handler === undefined) {
        tell(`${this.#actor} starts cold (${this.id})`);
        this.#handler = start(this.#environment);
      }
      const handled = this.#handler(event as never);
      handled.then(
        (payload) => this.#finish(run, { payload: payload ?? null }),
        (error) => {
          if (this.isDead) return;
          this.#options.failed(this.#actor, error);
          this.#finish(run, { payload: { errorType: 'Error' }, functionError: 'Unhandled' });
        },
      );
    });
  }

  #finish(run: number, result: InvocationResult): void {
    if (this.isDead || run !== this.runs || !this.#isRunning) return;
    this.#isRunning = false;
    this.#end?.(result);
  }

  #resume(go: () => void): void {
    if (this.isDead) return;
    if (this.#isRunning) go();
    else this.#thawed.push(go);
  }

  #die(why: string): void {
    if (this.isDead) return;
    this.isDead = true;
    this.#options.tell(`${this.#actor} (${this.id}) dies: ${why}`);
    this.#thawed = [];
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#end?.({ payload: { errorType: 'Runtime.ExitError' }, functionError: 'Unhandled' });
  }
}
