import type { SFNClient } from '@aws-sdk/client-sfn';
import {
  answerTask,
  callOffTask,
  NEWS,
  type TaskResult,
} from '../../functions/adapters/report-outcome.ts';
import { tellCase } from '../../functions/adapters/tell-case.ts';
import { awaitNews } from '../../functions/await-news/await-news.ts';
import { type OfferTaskPorts, offerTask } from '../../functions/offer-task/offer-task.ts';
import { planMove, type StepToTake } from '../../functions/plan-move/plan-move.ts';
import { settleTask } from '../../functions/settle-task/settle-task.ts';
import type { CaseProgress } from '../../lib/domain/ladder/case-news.ts';
import { InMemoryCases, InMemoryTasks } from './in-memory-ladder-stores.ts';
import type { VirtualTime } from './virtual-time.ts';

/** How calls between the parts go wrong: asked before each. */
export interface Trouble {
  /** The function's work is done, and its answer lost: Step Functions calls it again. */
  readonly losesAnswer: () => boolean;
  /** An answer for a token does not reach Step Functions. */
  readonly losesToken: () => boolean;
  /** An invocation fails for good, and the execution with it: ms until somebody redrives it. */
  readonly breaksDown?: () => number | undefined;
}

const RETRY_MS = 5_000;

/** How a wait ends without an answer: its time passed, or the execution broke down meanwhile. */
type Passed = 'timed out' | 'aborted';

/** Runs a case as the deployed definition does, on the functions themselves, in virtual time. */
export class WorkflowInMemory {
  readonly cases = new InMemoryCases();
  readonly tasks = new InMemoryTasks();
  readonly bankNotices: string[] = [];
  private readonly waiting = new Map<string, (result: TaskResult | Passed) => void>();
  private tokens = 0;
  private breakdowns = 0;
  private redriven: Promise<void> = Promise.resolve();
  private readonly time: VirtualTime;
  private readonly trouble: Trouble;
  private readonly relatives: OfferTaskPorts['relativesOf'];

  constructor(time: VirtualTime, trouble: Trouble, hasRelatives: boolean) {
    this.time = time;
    this.trouble = trouble;
    this.relatives = async () => (hasRelatives ? ['relative'] : []);
  }

  /** Step Functions, as far as answering tokens goes. */
  readonly client = {
    send: async ({ input }: { input: { taskToken: string; output: string } }) => {
      const resolve = this.waiting.get(input.taskToken);
      if (resolve === undefined) {
        throw Object.assign(new Error('nobody waits'), { name: 'TaskTimedOut' });
      }
      if (this.trouble.losesToken()) throw new Error('connection reset');
      this.waiting.delete(input.taskToken);
      resolve(JSON.parse(input.output) as TaskResult);
    },
  } as unknown as Pick<SFNClient, 'send'>;

  async run(caseId: string): Promise<void> {
    for (;;) {
      const plan = await this.invoke(() => planMove(caseId, this.ports, this.time.now));
      if (plan.kind === 'close') return;
      if (plan.kind === 'watch') await this.watch(caseId, plan.seconds);
      else await Promise.all(plan.steps.map((step) => this.takeStep(step)));
    }
  }

  /** Tells a case news as the stream does, whatever becomes of the execution: until it was heard. */
  async tell(caseId: string, progress: CaseProgress): Promise<void> {
    for (;;) {
      try {
        await tellCase(
          caseId,
          progress,
          { ...this.ports, tellNews: (token) => answerTask(this.client, token, NEWS) },
          this.time.now,
        );
        if (!this.trouble.losesAnswer()) return;
      } catch {
        // Told again below, like after a lost answer.
      }
      await this.pause();
    }
  }

  private readonly ports = {
    cases: this.cases,
    tasks: this.tasks,
    callOff: (taskId: string) => callOffTask(this.tasks, this.client, taskId, this.time.now),
    tellBanks: async ({ caseId }: { caseId: string }) => void this.bankNotices.push(caseId),
  };

  private async takeStep(first: StepToTake): Promise<void> {
    for (let step = first; ; ) {
      const { caseId, dueSeconds, taskId } = step;
      const result = await this.waitForToken(dueSeconds, (taskToken) =>
        offerTask(
          { caseId, taskId, taskToken },
          {
            ...this.ports,
            answer: (token, answer) => answerTask(this.client, token, answer),
            relativesOf: this.relatives,
            stationOf: async () => undefined,
          },
          this.time.now,
        ),
      );
      const settled = await this.invoke(() =>
        settleTask(
          { caseId, taskId, result: { outcome: 'overdue', ...result } as never },
          this.ports,
          this.time.now,
        ),
      );
      if (!settled.step.dialAgain) return;
      step = settled.step.again as StepToTake;
    }
  }

  private async watch(caseId: string, seconds: number): Promise<void> {
    await this.waitForToken(seconds, (taskToken) =>
      awaitNews(
        { caseId, taskToken },
        {
          ...this.ports,
          answer: (token, answer) => answerTask(this.client, token, answer),
        },
        this.time.now,
      ),
    );
  }

  /** @returns undefined when the time passed */
  private async waitForToken(
    seconds: number,
    begin: (token: string) => Promise<unknown>,
  ): Promise<TaskResult | undefined> {
    for (;;) {
      await this.redriven;
      const token = `token-${++this.tokens}`;
      const answered = new Promise<TaskResult | Passed>((resolve) => {
        this.waiting.set(token, resolve);
        // A state that is tried again, or redriven, has all of its time anew.
        this.time.at(this.time.now + seconds * 1000, () => {
          if (this.waiting.delete(token)) resolve('timed out');
        });
      });
      if (await this.succeeds(() => begin(token))) {
        const answer = await answered;
        if (answer === 'timed out') return undefined;
        if (answer !== 'aborted') return answer;
      }
      // A retried task waits on a token of its own.
      this.waiting.delete(token);
    }
  }

  private async invoke<Result>(call: () => Promise<Result>): Promise<Result> {
    for (;;) {
      await this.redriven;
      const results: Result[] = [];
      const succeeded = await this.succeeds(async () => {
        results.push(await call());
      });
      if (succeeded) return results[0] as Result;
    }
  }

  /** Invokes a function once. What it answers counts only in an execution that did not break down meanwhile. */
  private async succeeds(call: () => Promise<unknown>): Promise<boolean> {
    const { breakdowns } = this;
    try {
      await call();
      const redrivenAfter = this.trouble.breaksDown?.();
      if (redrivenAfter !== undefined) this.breakDown(redrivenAfter);
      else if (breakdowns === this.breakdowns && !this.trouble.losesAnswer()) return true;
    } catch {
      // Retried below, like a lost answer.
    }
    if (breakdowns === this.breakdowns) await this.pause();
    return false;
  }

  /** Aborts everything that waits; each begins again with the input that it had, when the execution is redriven. */
  private breakDown(redrivenAfter: number): void {
    this.breakdowns++;
    const aborted = [...this.waiting.values()];
    this.waiting.clear();
    for (const abort of aborted) abort('aborted');
    const at = this.time.now + redrivenAfter;
    const before = this.redriven;
    const now = new Promise<void>((resolve) => this.time.at(at, resolve));
    this.redriven = Promise.all([before, now]).then(() => undefined);
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => this.time.at(this.time.now + RETRY_MS, resolve));
  }
}
